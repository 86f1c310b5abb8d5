// CLIENT KILL: close connections, by address in the old form, by any combination of filters in the new one.

import { ErrorReply, OK } from '../../protocol/reply.js';
import { parseYesNo } from '../../protocol/yes-no.js';
import { error, parseInteger, SYNTAX_ERROR } from '../arguments.js';
import type { Client } from '../client.js';
import type { Context, Description } from '../command.js';
import { type ClientType, clientType, parseClientType } from './description.js';
import { unknownClientType } from './list.js';

const NO_SUCH_CLIENT = new ErrorReply('ERR No such client');
const INVALID_ID = new ErrorReply('ERR client-id should be greater than 0');
const INVALID_AGE = new ErrorReply('ERR maxage is not an integer or out of range');
const AGE_TOO_LOW = new ErrorReply('ERR maxage should be greater than 0');
const MILLIS_PER_SECOND = 1000;

/** What a connection must be to be killed; null does not care. */
interface Filter {
  id: number | null;
  type: ClientType | null;
  user: string | null;
  remoteAddress: string | null;
  localAddress: string | null;
  /** In seconds. */
  minAge: number | null;
  sparesCaller: boolean;
}

const EVERYBODY: Filter = {
  id: null,
  type: null,
  user: null,
  remoteAddress: null,
  localAddress: null,
  minAge: null,
  sparesCaller: true,
};

export const kill: Description = {
  name: 'kill',
  arity: -3,
  since: '2.4.0',
  summary:
    'Close connections. MAXAGE closes those that are at least that many seconds old; SKIPME spares this one (yes).',
  complexity: 'O(N) where N is the number of client connections',
  flags: ['admin', 'noscript', 'loading', 'stale'],
  categories: ['connection'],
  arguments: [
    {
      name: 'filter',
      type: 'oneof',
      arguments: [
        { name: 'ip:port', type: 'string' },
        {
          name: 'new-format',
          type: 'block',
          arguments: [
            { name: 'client-id', type: 'integer', token: 'ID', isOptional: true },
            { name: 'client-type', type: 'string', token: 'TYPE', isOptional: true },
            { name: 'username', type: 'string', token: 'USER', isOptional: true },
            { name: 'addr', type: 'string', token: 'ADDR', isOptional: true },
            { name: 'laddr', type: 'string', token: 'LADDR', isOptional: true },
            { name: 'yes-or-no', type: 'string', token: 'SKIPME', isOptional: true },
            { name: 'maxage', type: 'integer', token: 'MAXAGE', isOptional: true },
          ],
        },
      ],
    },
  ],
  run(context, words) {
    if (words.length === 3) {
      const killed = killMatching(context, { ...EVERYBODY, remoteAddress: words[2] ?? '', sparesCaller: false });
      return killed === 0 ? NO_SUCH_CLIENT : OK;
    }
    const filter = parseFilter(context, words.slice(2));
    return filter instanceof ErrorReply ? filter : killMatching(context, filter);
  },
};

function parseFilter(context: Context, words: readonly string[]): Filter | ErrorReply {
  const filter = { ...EVERYBODY };
  for (let at = 0; at < words.length; at += 2) {
    const value = words[at + 1];
    if (value === undefined) return SYNTAX_ERROR;
    const refusal = addCondition(context, filter, (words[at] ?? '').toLowerCase(), value);
    if (refusal !== null) return refusal;
  }
  return filter;
}

/** Narrows the filter; the error reply if the condition makes no sense. */
function addCondition({ access }: Context, filter: Filter, option: string, value: string): ErrorReply | null {
  switch (option) {
    case 'id':
      filter.id = parseInteger(value);
      return filter.id === null || filter.id < 1 ? INVALID_ID : null;
    case 'maxage':
      filter.minAge = parseInteger(value);
      if (filter.minAge === null) return INVALID_AGE;
      return filter.minAge < 1 ? AGE_TOO_LOW : null;
    case 'type':
      filter.type = parseClientType(value);
      return filter.type === null ? unknownClientType(value) : null;
    case 'user':
      filter.user = value;
      return access.hasUser(value) ? null : error(`No such user '${value}'`);
    case 'addr':
      filter.remoteAddress = value;
      return null;
    case 'laddr':
      filter.localAddress = value;
      return null;
    case 'skipme': {
      const sparesCaller = parseYesNo(value);
      if (sparesCaller === null) return SYNTAX_ERROR;
      filter.sparesCaller = sparesCaller;
      return null;
    }
    default:
      return SYNTAX_ERROR;
  }
}

/** Returns how many matched. The caller itself lives until it has its reply. */
function killMatching({ client: caller, host, now }: Context, filter: Filter): number {
  const victims = [...host.clients()].filter((client) => {
    if (client === caller && filter.sparesCaller) return false;
    return matches(client, filter, (now - client.connectedAt) / MILLIS_PER_SECOND);
  });
  for (const victim of victims) {
    if (victim === caller) victim.closeAfterReplies();
    else host.kill(victim);
  }
  return victims.length;
}

function matches(client: Client, filter: Filter, ageInSeconds: number): boolean {
  return (
    (filter.id === null || client.id === filter.id) &&
    (filter.type === null || clientType(client) === filter.type) &&
    (filter.user === null || (client.isAuthenticated && client.user === filter.user)) &&
    (filter.remoteAddress === null || client.remoteAddress === filter.remoteAddress) &&
    (filter.localAddress === null || client.localAddress === filter.localAddress) &&
    (filter.minAge === null || Math.floor(ageInSeconds) >= filter.minAge)
  );
}
