// The commands of a simulated Redis server: when each is refused, and what it does. As much as Sentinels, clients and replicas
// use, with Redis 7.0's texts, order of checks and side effects.

import { ErrorReply, OK, type Reply, SimpleString } from '../../src/protocol/reply.js';
import { BUSY, LOADING, MASTERDOWN, MISCONF, NOREPLICAS, READONLY, SYNTAX, WRONG_PASSWORD } from './redis-errors.js';
import { infoText } from './redis-info.js';
import type { RedisNode } from './redis-node.js';
import type { RedisSession } from './redis-session.js';
import type { Command } from './wire.js';

export interface CommandSpec {
  readonly name: string;
  /** Allowed before authentication. */
  readonly isAlwaysAllowed: boolean;
  readonly isAllowedWhileLoading: boolean;
  /** Allowed with `replica-serve-stale-data no` and no link to the master. */
  readonly isAllowedWhileStale: boolean;
  readonly isAllowedWhileBusy: boolean;
  readonly isWrite: boolean;
  /** Reaches replicas: writes and PUBLISH. */
  readonly isReplicated: boolean;
  readonly run: (session: RedisSession, args: Command) => Reply;
}

type Flag = 'always' | 'loading' | 'stale' | 'busy' | 'write' | 'replicated';

const specs = new Map<string, CommandSpec>();

function define(name: string, flags: readonly Flag[], run: CommandSpec['run']): void {
  specs.set(name, {
    name,
    isAlwaysAllowed: flags.includes('always'),
    isAllowedWhileLoading: flags.includes('loading'),
    isAllowedWhileStale: flags.includes('stale'),
    isAllowedWhileBusy: flags.includes('busy'),
    isWrite: flags.includes('write'),
    isReplicated: flags.includes('write') || flags.includes('replicated'),
    run,
  });
}

/** The command that these words name on this server, where commands may have been renamed or withdrawn. */
export function specOf(node: RedisNode, command: Command): CommandSpec | null {
  const word = (command[0] ?? '').toUpperCase();
  const { renamed } = node.options;
  if (renamed.size > 0) {
    if (renamed.has(word)) return null;
    for (const [standard, name] of renamed) if (name.toUpperCase() === word) return specs.get(standard) ?? null;
  }
  if (word === 'HELLO' && node.options.isResp2Only) return null;
  return specs.get(word) ?? null;
}

/** The server's state may forbid a command: null if it is admitted. The order of the checks is Redis's. */
export function admit(session: RedisSession, spec: CommandSpec, command: Command): ErrorReply | null {
  const { node } = session;
  const denied = deniedPart(node, spec, command);
  if (denied !== null) return denied;
  if (node.isMisconfigured && node.isMaster && (spec.isWrite || spec.name === 'PING')) return MISCONF;
  if (spec.isWrite && node.isMaster && !node.hasEnoughReplicas) return NOREPLICAS;
  if (spec.isWrite && !node.isMaster) return READONLY;
  const isStale = node.upstream !== null && !node.upstream.isUp && !node.options.servesStaleData;
  if (isStale && !spec.isAllowedWhileStale) return MASTERDOWN;
  if (node.isLoading && !spec.isAllowedWhileLoading) return LOADING;
  const isScriptKill = spec.name === 'SCRIPT' && command[1]?.toUpperCase() === 'KILL';
  if (node.isBusy && !spec.isAllowedWhileBusy && !isScriptKill) return BUSY;
  return null;
}

export function run(session: RedisSession, command: Command): Reply {
  const spec = specOf(session.node, command);
  if (spec === null) throw new Error(`not a command: ${command.join(' ')}`);
  return spec.run(session, command);
}

/** Access rules: `COMMAND`, `COMMAND|SUB` or a channel's name in `options.denied`. */
function deniedPart(node: RedisNode, spec: CommandSpec, command: Command): ErrorReply | null {
  const { denied } = node.options;
  if (denied.size === 0) return null;
  const whole = `${spec.name}|${(command[1] ?? '').toUpperCase()}`;
  const part = denied.has(spec.name) ? spec.name : denied.has(whole) ? whole : null;
  if (part !== null)
    return new ErrorReply(`NOPERM this user has no permissions to run the '${part.toLowerCase()}' command`);
  if ((spec.name === 'PUBLISH' || spec.name === 'SUBSCRIBE') && denied.has(command[1] ?? '')) {
    return new ErrorReply('NOPERM this user has no permissions to access one of the channels used as arguments');
  }
  return null;
}

// Connections

define('HELLO', ['always', 'loading', 'stale', 'busy'], (session, args) => session.hello(args));
define('AUTH', ['always', 'loading', 'stale', 'busy'], (session, args) => {
  return session.authenticate(args[args.length - 1] ?? '') ? OK : WRONG_PASSWORD;
});
define('PING', [], (session) => {
  return session.protocol === 2 && session.subscriptions.size > 0 ? ['pong', ''] : new SimpleString('PONG');
});
define('MULTI', ['loading', 'stale', 'busy'], (session) => session.multi());
define('EXEC', ['loading', 'stale'], (session) => session.exec());
define('CLIENT', ['loading', 'stale'], (session, args) => {
  switch (args[1]?.toUpperCase()) {
    case 'SETNAME':
      session.clientName = args[2] ?? '';
      return OK;
    case 'SETINFO':
      return OK;
    case 'KILL':
      return killClients(session, args);
    case 'PAUSE':
      session.node.pauseWrites(Number(args[2]));
      return OK;
    case 'UNPAUSE':
      session.node.endPause();
      return OK;
    default:
      return new ErrorReply(`ERR unknown subcommand '${args[1] ?? ''}'. Try CLIENT HELP.`);
  }
});

/** Ends the connections of one type, the caller's own excepted. What is still in the accept queue survives, as in Redis. */
function killClients(caller: RedisSession, args: Command): Reply {
  if (args[2]?.toUpperCase() !== 'TYPE') return SYNTAX;
  const doomed = [...caller.node.sessions].filter((session) => session !== caller && session.type === args[3]);
  for (const session of doomed) session.kill();
  return doomed.length;
}

// Publish and subscribe

define('SUBSCRIBE', ['loading', 'stale'], (session, args) => {
  const channel = args[1] ?? '';
  session.subscriptions.add(channel);
  return ['subscribe', channel, session.subscriptions.size];
});
define('UNSUBSCRIBE', ['loading', 'stale'], (session, args) => {
  const channel = args[1] ?? '';
  session.subscriptions.delete(channel);
  return ['unsubscribe', channel, session.subscriptions.size];
});
define('PUBLISH', ['loading', 'stale', 'replicated'], (session, args) => {
  return session.node.publish(args[1] ?? '', args[2] ?? '');
});

// Data

define('SET', ['write'], (session, args) => {
  session.node.write(Number(args[2]));
  return OK;
});

// The server

define('INFO', ['loading', 'stale'], (session) => infoText(session.node));
define('ROLE', ['loading', 'stale'], ({ node }) => {
  const { upstream, history } = node;
  if (upstream === null) return ['master', history.offset, []];
  return ['slave', upstream.address.host, upstream.address.port, upstream.state, upstream.isUp ? history.offset : -1];
});
define('CONFIG', ['loading', 'stale'], (session, args) => {
  if (args[1]?.toUpperCase() !== 'REWRITE') return SYNTAX;
  return session.node.rewriteConfiguration()
    ? OK
    : new ErrorReply('ERR Rewriting config file: No space left on device');
});
define('SCRIPT', [], (session) => {
  if (!session.node.isBusy) return new ErrorReply('NOTBUSY No scripts in execution right now.');
  session.node.isBusy = false;
  return OK;
});

// Replication

for (const word of ['REPLICAOF', 'SLAVEOF']) {
  define(word, ['stale'], (session, args) => changeRole(session, args[1] ?? '', args[2] ?? ''));
}

function changeRole(session: RedisSession, host: string, port: string): Reply {
  const { node } = session;
  if (host.toLowerCase() === 'no' && port.toLowerCase() === 'one') {
    node.becomeMaster();
    return OK;
  }
  const number = Number(port);
  if (!/^\d+$/.test(port) || number > 65_535) return new ErrorReply('ERR Invalid master port');
  return node.becomeReplicaOf({ host, port: number })
    ? OK
    : new SimpleString('OK Already connected to specified master');
}

define('REPLCONF', ['loading', 'stale'], (session, args) => {
  if (args[1] === 'listening-port') session.listeningPort = Number(args[2]);
  return OK;
});
define('PSYNC', [], (session, args) => {
  return session.node.synchronise(session, args[1] ?? '?', Number(args[2] ?? -1) - 1);
});
