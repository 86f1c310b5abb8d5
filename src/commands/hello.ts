// HELLO: agree on the protocol version, and authenticate and name the connection in the same round trip.

import { ErrorReply, MapReply } from '../protocol/reply.js';
import { error, parseInteger } from './arguments.js';
import { authenticate } from './auth.js';
import { INVALID_CLIENT_NAME, isValidClientText } from './client/name.js';
import { type Context, defineCommand } from './command.js';
import { COMPATIBLE_VERSION } from './versions.js';

const NOT_A_VERSION = new ErrorReply('ERR Protocol version is not an integer or out of range');
const UNSUPPORTED = new ErrorReply('NOPROTO unsupported protocol version');
const NOT_AUTHENTICATED = new ErrorReply(
  'NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO <proto> AUTH <user> <pass> option can be used to authenticate the client and select the RESP protocol version at the same time',
);

interface Options {
  readonly credentials: readonly [user: string, password: string] | null;
  readonly clientName: string | null;
}

export const hello = defineCommand('connection', {
  name: 'hello',
  arity: -1,
  since: '6.0.0',
  summary: 'Choose the protocol version, and authenticate and name the connection with it.',
  complexity: 'O(1)',
  flags: ['noscript', 'loading', 'stale', 'fast', 'no_auth', 'allow_busy'],
  categories: ['connection'],
  arguments: [
    {
      name: 'arguments',
      type: 'block',
      isOptional: true,
      arguments: [
        { name: 'protover', type: 'integer' },
        {
          name: 'auth',
          type: 'block',
          token: 'AUTH',
          isOptional: true,
          arguments: [
            { name: 'username', type: 'string' },
            { name: 'password', type: 'string' },
          ],
        },
        { name: 'clientname', type: 'string', token: 'SETNAME', isOptional: true },
      ],
    },
  ],
  run(context, words) {
    const version = parseVersion(words[1]);
    if (version instanceof ErrorReply) return version;
    const options = parseOptions(words);
    if (options instanceof ErrorReply) return options;
    const { client } = context;
    if (options.credentials !== null) {
      const refusal = authenticate(context, words[0] ?? '', ...options.credentials);
      if (refusal !== null) return refusal;
    }
    if (!client.isAuthenticated) return NOT_AUTHENTICATED;
    if (options.clientName !== null) client.name = options.clientName;
    if (version !== null) client.protocol = version;
    return greeting(context);
  },
});

function parseVersion(word: string | undefined): 2 | 3 | null | ErrorReply {
  if (word === undefined) return null;
  const version = parseInteger(word);
  if (version === null) return NOT_A_VERSION;
  return version === 2 || version === 3 ? version : UNSUPPORTED;
}

function parseOptions(words: readonly string[]): Options | ErrorReply {
  let credentials: Options['credentials'] = null;
  let clientName: string | null = null;
  for (let at = 2; at < words.length; at++) {
    const option = words[at] ?? '';
    const [first, second] = [words[at + 1], words[at + 2]];
    if (option.toLowerCase() === 'auth' && first !== undefined && second !== undefined) {
      credentials = [first, second];
      at += 2;
    } else if (option.toLowerCase() === 'setname' && first !== undefined) {
      if (!isValidClientText(first)) return INVALID_CLIENT_NAME;
      clientName = first;
      at += 1;
    } else {
      return error(`Syntax error in HELLO option '${option}'`);
    }
  }
  return { credentials, clientName };
}

function greeting({ client }: Context): MapReply {
  return new MapReply([
    ['server', 'redis'],
    ['version', COMPATIBLE_VERSION],
    ['proto', client.protocol],
    ['id', client.id],
    ['mode', 'sentinel'],
    ['modules', []],
  ]);
}
