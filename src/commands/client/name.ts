// CLIENT SETNAME, GETNAME and SETINFO: what a connection calls itself. Texts are limited to what keeps `CLIENT LIST`
// separable by blanks.

import { ErrorReply, OK } from '../../protocol/reply.js';
import { error } from '../arguments.js';
import type { Description } from '../command.js';

export const INVALID_CLIENT_NAME = new ErrorReply(
  'ERR Client names cannot contain spaces, newlines or special characters.',
);

/** Printable ASCII without blanks; may be empty. */
export function isValidClientText(text: string): boolean {
  return /^[!-~]*$/.test(text);
}

export const setName: Description = {
  name: 'setname',
  arity: 3,
  since: '2.6.9',
  summary: 'Name this connection; an empty name removes it.',
  complexity: 'O(1)',
  flags: ['noscript', 'loading', 'stale'],
  categories: ['connection'],
  tips: ['request_policy:all_nodes', 'response_policy:all_succeeded'],
  arguments: [{ name: 'connection-name', type: 'string' }],
  run({ client }, words) {
    const name = words[2] ?? '';
    if (!isValidClientText(name)) return INVALID_CLIENT_NAME;
    client.name = name;
    return OK;
  },
};

export const getName: Description = {
  name: 'getname',
  arity: 2,
  since: '2.6.9',
  summary: 'The name of this connection.',
  complexity: 'O(1)',
  flags: ['noscript', 'loading', 'stale'],
  categories: ['connection'],
  run: ({ client }) => (client.name === '' ? null : client.name),
};

export const setInfo: Description = {
  name: 'setinfo',
  arity: 4,
  since: '7.2.0',
  summary: 'Tell the name or the version of the client library.',
  complexity: 'O(1)',
  flags: ['noscript', 'loading', 'stale'],
  categories: ['connection'],
  tips: ['request_policy:all_nodes', 'response_policy:all_succeeded'],
  arguments: [
    {
      name: 'attr',
      type: 'oneof',
      arguments: [
        { name: 'libname', type: 'string', token: 'LIB-NAME' },
        { name: 'libver', type: 'string', token: 'LIB-VER' },
      ],
    },
  ],
  run({ client }, words) {
    const [, , attribute = '', value = ''] = words;
    const isName = attribute.toLowerCase() === 'lib-name';
    if (!isName && attribute.toLowerCase() !== 'lib-ver') return error(`Unrecognized option '${attribute}'`);
    if (!isValidClientText(value)) {
      return error(`${attribute} cannot contain spaces, newlines or special characters.`);
    }
    if (isName) client.libraryName = value;
    else client.libraryVersion = value;
    return OK;
  },
};
