// The running Sentinel that a command talks to, ours or a stock one: which it is, and one connection to it.

import { Redis } from 'ioredis';
import type { Argv } from 'yargs';

import { DEFAULT_PORT } from '../core/state.js';
import { CommandFailure } from './failure.js';

export interface Target {
  readonly host: string;
  readonly port: number;
  readonly user?: string | undefined;
  readonly password?: string | undefined;
}

const TIMEOUT_MILLIS = 2_000;
/** The variable that redis-cli reads, so that no password has to stand in a command line. */
const PASSWORD_VARIABLE = 'REDISCLI_AUTH';

/** Adds the options that name a target. */
export function withTarget<Options>(argv: Argv<Options>): Argv<Options & Target> {
  return argv
    .option('host', { type: 'string', default: '127.0.0.1', describe: 'Host of a running Sentinel' })
    .option('port', { type: 'number', default: DEFAULT_PORT, describe: 'Its port' })
    .option('user', { type: 'string', describe: 'ACL user' })
    .option('password', {
      type: 'string',
      describe: `Password; better given as ${PASSWORD_VARIABLE} in the environment`,
    });
}

/** Connects, lets `use` talk, and disconnects. Replies are plain RESP2 values. */
export async function withSentinel<Result>(target: Target, use: (sentinel: Redis) => Promise<Result>): Promise<Result> {
  const sentinel = new Redis({
    host: target.host,
    port: target.port,
    lazyConnect: true,
    protocol: 2,
    enableReadyCheck: false,
    retryStrategy: () => null,
    maxRetriesPerRequest: 0,
    connectTimeout: TIMEOUT_MILLIS,
    commandTimeout: TIMEOUT_MILLIS,
    connectionName: 'vedette-cli',
    disableClientInfo: true,
    ...credentials(target),
  });
  let lastError: Error | null = null;
  sentinel.on('error', (error: Error) => {
    lastError = error;
  });
  try {
    await sentinel.connect();
    return await use(sentinel);
  } catch (error) {
    if (error instanceof CommandFailure) throw error;
    const reason = (lastError ?? (error as Error)).message;
    throw new CommandFailure(`${target.host}:${target.port}: ${reason}`);
  } finally {
    sentinel.disconnect();
  }
}

function credentials({ user, password }: Target): { username?: string; password?: string } {
  const secret = password ?? process.env[PASSWORD_VARIABLE];
  return { ...(user === undefined ? {} : { username: user }), ...(secret === undefined ? {} : { password: secret }) };
}

/** The alternating names and values of a reply as an object. */
export function toRecord(reply: unknown): Record<string, string> {
  const words = reply as readonly string[];
  const record: Record<string, string> = {};
  for (let at = 0; at + 1 < words.length; at += 2) record[words[at] ?? ''] = words[at + 1] ?? '';
  return record;
}

/** `host:port` with brackets around an IPv6 address. */
export function formatAddress(host: string, port: string | number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
