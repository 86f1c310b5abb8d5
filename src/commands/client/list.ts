// CLIENT LIST, INFO and ID: who is connected. One line a client, `name=value` separated by blanks, with the names of Redis
// 7.2; what has no meaning here (transactions, watched keys, memory by kind of buffer) reads as in an idle client.

import type { Millis } from '../../core/types.js';
import { ErrorReply, VerbatimReply } from '../../protocol/reply.js';
import { error, parseInteger, SYNTAX_ERROR } from '../arguments.js';
import { type Client, subscriptionCount } from '../client.js';
import type { Context, Description } from '../command.js';
import { WIRE_WORDS } from '../views.js';

const INVALID_ID = new ErrorReply('ERR Invalid client ID');
const MILLIS_PER_SECOND = 1000;

/** The kinds of client that exist on servers. On a Sentinel all are `normal` or `pubsub`. */
export type ClientType = 'normal' | 'master' | 'replica' | 'pubsub';

/** Null for a word that names no kind of client. */
export function parseClientType(word: string): ClientType | null {
  const type = word.toLowerCase();
  if (type === WIRE_WORDS.replica) return 'replica';
  return type === 'normal' || type === 'master' || type === 'replica' || type === 'pubsub' ? type : null;
}

export function clientType(client: Client): ClientType {
  return subscriptionCount(client) > 0 ? 'pubsub' : 'normal';
}

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
  run: ({ client, now }) => new VerbatimReply(describeClient(client, now)),
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
    return new VerbatimReply(selected.map((client) => describeClient(client, context.now)).join(''));
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

function describeClient(client: Client, now: Millis): string {
  const seconds = (since: Millis) => Math.max(0, Math.floor((now - since) / MILLIS_PER_SECOND));
  const flags = `${clientType(client) === 'pubsub' ? 'P' : ''}${client.isExemptFromEviction ? 'e' : ''}`;
  const { queryBufferBytes, outputBufferBytes } = client;
  const fields: readonly (readonly [string, string | number])[] = [
    ['id', client.id],
    ['addr', client.remoteAddress],
    ['laddr', client.localAddress],
    ['fd', -1],
    ['name', client.name],
    ['age', seconds(client.connectedAt)],
    ['idle', seconds(client.lastInteractionAt)],
    ['flags', flags === '' ? 'N' : flags],
    ['db', 0],
    ['sub', client.channels.size],
    ['psub', client.patterns.size],
    ['ssub', 0],
    ['multi', -1],
    ['qbuf', queryBufferBytes],
    ['qbuf-free', 0],
    ['argv-mem', 0],
    ['multi-mem', 0],
    ['rbs', 0],
    ['rbp', 0],
    ['obl', outputBufferBytes],
    ['oll', 0],
    ['omem', outputBufferBytes],
    ['tot-mem', queryBufferBytes + outputBufferBytes],
    ['events', outputBufferBytes > 0 ? 'rw' : 'r'],
    ['cmd', client.lastCommand ?? 'NULL'],
    ['user', client.user],
    ['redir', -1],
    ['resp', client.protocol],
    ['lib-name', client.libraryName],
    ['lib-ver', client.libraryVersion],
  ];
  return `${fields.map(([name, value]) => `${name}=${value}`).join(' ')}\n`;
}
