// CLIENT LIST, INFO and ID: who is connected.

import { ErrorReply, VerbatimReply } from '../../protocol/reply.js';
import { error, parseInteger, SYNTAX_ERROR } from '../arguments.js';
import type { Client } from '../client.js';
import type { Context, Description } from '../command.js';
import { clientType, describeClient, parseClientType } from './description.js';

const INVALID_ID = new ErrorReply('ERR Invalid client ID');

export function unknownClientType(word: string): ErrorReply {
  return error(`Unknown client type '${word}'`);
}

export const id: Description = {
  name: 'id',
  arity: 2,
  since: '5.0.0',
  summary: 'The number of this connection.',
  complexity: 'O(1)',
  flags: ['noscript', 'loading', 'stale'],
  categories: ['connection'],
  run: ({ client }) => client.id,
};

export const clientInfo: Description = {
  name: 'info',
  arity: 2,
  since: '6.2.0',
  summary: 'Facts about this connection.',
  complexity: 'O(1)',
  flags: ['noscript', 'loading', 'stale'],
  categories: ['connection'],
  tips: ['nondeterministic_output'],
  run: ({ client, now }) => new VerbatimReply(`${describeClient(client, now)}\n`),
};

export const list: Description = {
  name: 'list',
  arity: -2,
  since: '2.4.0',
  summary: 'Facts about all connections, those of a kind, or some by number.',
  complexity: 'O(N) where N is the number of client connections',
  flags: ['admin', 'noscript', 'loading', 'stale'],
  categories: ['connection'],
  tips: ['nondeterministic_output'],
  arguments: [
    {
      name: 'client-type',
      type: 'oneof',
      token: 'TYPE',
      isOptional: true,
      arguments: [
        { name: 'normal', type: 'pure-token', token: 'NORMAL' },
        { name: 'master', type: 'pure-token', token: 'MASTER' },
        { name: 'replica', type: 'pure-token', token: 'REPLICA' },
        { name: 'pubsub', type: 'pure-token', token: 'PUBSUB' },
      ],
    },
    { name: 'client-id', type: 'integer', token: 'ID', isOptional: true, isMultiple: true },
  ],
  run(context, words) {
    const selected = select(context, words);
    if (selected instanceof ErrorReply) return selected;
    return new VerbatimReply(selected.map((client) => `${describeClient(client, context.now)}\n`).join(''));
  },
};

function select({ host }: Context, words: readonly string[]): Client[] | ErrorReply {
  const all = [...host.clients()];
  if (words.length === 2) return all;
  const option = (words[2] ?? '').toLowerCase();
  if (option === 'type' && words.length === 4) {
    const word = words[3] ?? '';
    const type = parseClientType(word);
    return type === null ? unknownClientType(word) : all.filter((client) => clientType(client) === type);
  }
  if (option !== 'id' || words.length < 4) return SYNTAX_ERROR;
  const selected: Client[] = [];
  for (const word of words.slice(3)) {
    const wanted = parseInteger(word);
    if (wanted === null) return INVALID_ID;
    selected.push(...all.filter((client) => client.id === wanted));
  }
  return selected;
}
