// A connection in one line of `name=value` separated by blanks, with the names of Redis 7.2; what has no meaning here
// (transactions, watched keys, memory by kind of buffer) reads as in an idle client.

import type { Millis } from '../../core/types.js';
import { type Client, subscriptionCount } from '../client.js';
import { WIRE_WORDS } from '../views.js';

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

/** The line of CLIENT LIST, without its end. */
export function describeClient(client: Client, now: Millis): string {
  const seconds = (since: Millis) => Math.max(0, Math.floor((now - since) / MILLIS_PER_SECOND));
  const { isExemptFromEviction, queryBufferBytes, outputBufferBytes, tracking } = client;
  const flags = [
    clientType(client) === 'pubsub' ? 'P' : '',
    tracking === null ? '' : 't',
    tracking?.isBroadcast ? 'B' : '',
    client.remoteAddress.startsWith('/') ? 'U' : '',
    isExemptFromEviction ? 'e' : '',
  ].join('');
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
    ['redir', tracking === null ? -1 : tracking.redirect],
    ['resp', client.protocol],
    ['lib-name', client.libraryName],
    ['lib-ver', client.libraryVersion],
  ];
  return fields.map(([name, value]) => `${name}=${value}`).join(' ');
}
