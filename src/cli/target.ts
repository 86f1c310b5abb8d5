// The running Sentinel that a command talks to, ours or a stock one: which it is, and one connection to it.

import { readFileSync } from 'node:fs';
import type { ConnectionOptions } from 'node:tls';

import type { Argv } from 'yargs';

import { DEFAULT_PORT } from '../core/state.js';
import { Redis } from '../io/ioredis.js';
import { systemReason } from '../io/start-failure.js';
import { CommandFailure } from './failure.js';
import { numberOption, PORTS, textOption } from './option-values.js';

export interface Target {
  readonly host: string;
  readonly port: number;
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  readonly tls?: boolean | undefined;
  readonly cacert?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  readonly insecure?: boolean | undefined;
}

const TIMEOUT_MILLIS = 2_000;
/** The variable that redis-cli reads, so that no password has to stand in a command line. */
const PASSWORD_VARIABLE = 'REDISCLI_AUTH';

/** Adds the options that name a target. */
export function withTarget<Options>(argv: Argv<Options>): Argv<Options & Target> {
  return argv
    .option('host', { ...textOption('host', 'Host of a running Sentinel'), default: '127.0.0.1' })
    .option('port', { ...numberOption('port', PORTS, 'Its port'), default: DEFAULT_PORT })
    .option('user', textOption('user', 'ACL user'))
    .option('password', textOption('password', `Password; better given as ${PASSWORD_VARIABLE} in the environment`))
    .option('tls', { type: 'boolean', describe: 'Connect with TLS' })
    .option('cacert', textOption('cacert', 'File with the certificates of trusted authorities'))
    .option('cert', textOption('cert', 'File with a certificate of our own'))
    .option('key', textOption('key', 'File with its key'))
    .option('insecure', { type: 'boolean', describe: 'Believe whatever certificate the other end shows' })
    .check((options) => findMissing(options) ?? true);
}

/** Which option another one needs, in words; null if none is missing. */
function findMissing({ tls, cacert, cert, key, insecure }: Partial<Target>): string | null {
  const given = Object.entries({ cacert, cert, key, insecure }).filter(([, value]) => value !== undefined);
  const [first] = given;
  if (first !== undefined && tls !== true) return `--${first[0]} needs --tls`;
  if (cert !== undefined && key === undefined) return '--cert needs --key';
  if (key !== undefined && cert === undefined) return '--key needs --cert';
  return null;
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
    // Nothing is under way when we disconnect. ioredis would wait for the end of a socket that has ended long since.
    disconnectTimeout: 0,
    disableClientInfo: true,
    ...encryption(target),
  });
  let lastError: Error | null = null;
  sentinel.on('error', (error: Error) => {
    lastError = error;
  });
  try {
    await sentinel.connect();
    await introduce(sentinel, target);
    return await use(sentinel);
  } catch (error) {
    if (error instanceof CommandFailure) throw error;
    const reason = describeTrouble(lastError ?? (error as Error), target);
    throw new CommandFailure(`${formatAddress(target.host, target.port)}: ${reason}`);
  } finally {
    sentinel.disconnect();
  }
}

/**
 * Says who we are. ioredis would do it, too, but prints a warning of its own where no password is wanted; like redis-cli we go on then:
 * the variable in the environment may be meant for others.
 */
async function introduce(sentinel: Redis, { user, password }: Target): Promise<void> {
  const secret = password ?? process.env[PASSWORD_VARIABLE];
  if (secret !== undefined && secret !== '') {
    try {
      await sentinel.call('AUTH', ...(user === undefined ? [] : [user]), secret);
    } catch (error) {
      if (!NO_PASSWORD_WANTED.test((error as Error).message)) throw error;
    }
  }
  // A courtesy to whoever reads CLIENT LIST, which not every user may pay.
  await sentinel.call('CLIENT', 'SETNAME', 'vedette-cli').catch(() => undefined);
}
/** The words of Redis, and those before version 6. */
const NO_PASSWORD_WANTED =
  /^ERR (AUTH <password> called without any password configured|Client sent AUTH, but no password)/;

/** What went wrong with the connection. What TLS says of an end that does not speak it is for programmers alone. */
function describeTrouble(error: Error, { tls }: Target): string {
  const { code, reason } = error as Error & { readonly code?: unknown; readonly reason?: unknown };
  if (code === 'ERR_SSL_WRONG_VERSION_NUMBER') return 'the other end does not speak TLS; leave out --tls';
  if (typeof code === 'string' && code.startsWith('ERR_SSL_') && typeof reason === 'string') return `TLS: ${reason}`;
  // So an end that waits for TLS takes what is not: it closes, or answers in its own protocol.
  if (tls !== true && /^(Connection is closed\.|Protocol error)/.test(error.message)) {
    return 'the connection has ended without an answer; if the port wants TLS, say --tls';
  }
  return error.message;
}

/** As between Sentinels, a certificate of a trusted authority is believed whatever host it names. */
function encryption({ tls, cacert, cert, key, insecure }: Target): { tls?: ConnectionOptions } {
  if (tls !== true) return {};
  return {
    tls: {
      ...(cacert === undefined ? {} : { ca: readOption('cacert', cacert) }),
      ...(cert === undefined ? {} : { cert: readOption('cert', cert) }),
      ...(key === undefined ? {} : { key: readOption('key', key) }),
      rejectUnauthorized: insecure !== true,
      checkServerIdentity: () => undefined,
    },
  };
}

function readOption(option: string, path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new CommandFailure(`--${option} ${path}: ${systemReason(error)}`);
  }
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
