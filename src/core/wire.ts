// The words of every request the core sends. One place, so that who performs effects needs no knowledge of them,
// and so that renamed commands are looked up everywhere.

import { formatHello, type Hello } from '../protocol/hello.js';
import { formatVote } from '../protocol/vote.js';
import type { Core } from './core.js';
import type { DataNode } from './data-node.js';
import type { Request } from './effect.js';
import type { Link } from './link.js';
import type { Master } from './master.js';
import type { Peer } from './peer.js';
import {
  type Address,
  type Channel,
  type Epoch,
  type Forgotten,
  type GreetingWords,
  HELLO_CHANNEL,
  type Millis,
  type RunId,
  VOTE_CHANNEL,
} from './types.js';

export const ASK_ID: Request = { purpose: { kind: 'ask-id' }, commands: [['SENTINEL', 'MYID']] };

export function askAcquaintance(master: Master, newcomer: RunId): Request {
  return {
    purpose: { kind: 'ask-acquaintance', master: master.name, peer: newcomer },
    commands: [['SENTINEL', 'MASTER', master.name]],
  };
}

export function tellHold(master: Master, peer: Peer, stamp: number, remaining: Millis): Request {
  return {
    purpose: { kind: 'tell-hold', master: master.name, peer: peer.runId },
    commands: [['SENTINEL', 'HOLD', master.name, String(stamp), String(remaining)]],
  };
}

/** `LOCAL`: to forget here, and to pass it on to nobody. */
export function tellForget(master: Master, peer: Peer, what: Forgotten): Request {
  const words =
    what.kind === 'replica' ? ['REPLICA', what.address.host, String(what.address.port)] : ['SENTINEL', what.runId];
  return {
    purpose: { kind: 'tell-forget', master: master.name, peer: peer.runId },
    commands: [['SENTINEL', 'FORGET', master.name, ...words, 'LOCAL']],
  };
}

export function askSentinels(master: Master, peer: Peer): Request {
  return {
    purpose: { kind: 'ask-sentinels', master: master.name, peer: peer.runId },
    commands: [['SENTINEL', 'SENTINELS', master.name]],
  };
}

/** A command's name on this master's data nodes (`rename-command`). */
export function commandName(master: Master, standard: string): string {
  return master.settings.renamedCommands.get(standard) ?? standard;
}

export function greetingWords(master: Master): GreetingWords {
  return {
    auth: commandName(master, 'AUTH'),
    hello: commandName(master, 'HELLO'),
    client: commandName(master, 'CLIENT'),
  };
}

/** To a data node of `master`, or, without one, to another Sentinel, whose commands are never renamed. */
export function ping(master: Master | null): Request {
  const word = master === null ? 'PING' : commandName(master, 'PING');
  return word === 'PING' ? PING : { purpose: { kind: 'ping' }, commands: [[word]] };
}
/** The request there is most of: made once. */
const PING: Request = { purpose: { kind: 'ping' }, commands: [['PING']] };

export function info(master: Master, now: Millis): Request {
  return { purpose: { kind: 'info', askedAt: now }, commands: [[commandName(master, 'INFO')]] };
}

export function killScript(master: Master): Request {
  return { purpose: { kind: 'kill-script' }, commands: [[commandName(master, 'SCRIPT'), 'KILL']] };
}

/** Two channels, two commands: an access rule that refuses one channel would refuse a joint SUBSCRIBE whole. */
export function subscribe(master: Master, channel: Channel): Request {
  return { purpose: { kind: 'subscribe', channel }, commands: [[commandName(master, 'SUBSCRIBE'), channel]] };
}

/**
 * Which word for a role change does this node take? With a port that is no number neither changes anything: every version
 * refuses it, but one that lacks the word or the permission refuses it differently.
 */
export function probeRoleCommand(master: Master): Request {
  const commands = ROLE_COMMANDS.map((word) => [commandName(master, word), '127.0.0.1', 'not-a-port']);
  return { purpose: { kind: 'probe-role-command' }, commands };
}
export const ROLE_COMMANDS = ['REPLICAOF', 'SLAVEOF'] as const;

export function helloFor(core: Core, master: Master, link: Link): Hello {
  const { address } = master.node;
  return {
    host: core.settings.announceHost ?? link.localHost,
    port: core.settings.announcePort ?? core.settings.port,
    runId: core.myId,
    currentEpoch: core.savedEpoch,
    masterName: master.name,
    masterHost: core.topology.announced(address),
    masterPort: address.port,
    configEpoch: master.configEpoch,
  };
}

/** `toNode` is false towards other Sentinels, whose PUBLISH is never renamed. */
export function hello(core: Core, master: Master, link: Link, toNode: boolean): Request {
  return publish(master, HELLO_CHANNEL, formatHello(helloFor(core, master, link)), toNode);
}

export function vote(core: Core, master: Master, link: Link, isDown: boolean, toNode: boolean): Request {
  const message = formatVote({ ...helloFor(core, master, link), verdict: isDown ? 'sdown' : 'up' });
  return publish(master, VOTE_CHANNEL, message, toNode);
}

function publish(master: Master, channel: Channel, payload: string, toNode: boolean): Request {
  const word = toNode ? commandName(master, 'PUBLISH') : 'PUBLISH';
  return { purpose: { kind: 'publish', channel, master: master.name }, commands: [[word, channel, payload]] };
}

export function askMasterDown(
  core: Core,
  master: Master,
  peer: Peer,
  address: Address,
  epoch: Epoch,
  candidate: RunId | null,
): Request {
  const host = core.topology.announced(address);
  return {
    purpose: { kind: 'ask-master-down', master: master.name, peer: peer.runId, address, epoch, candidate },
    commands: [['SENTINEL', 'is-master-down-by-addr', host, String(address.port), String(epoch), candidate ?? '*']],
  };
}

/** Vedettes answer the first command; the others are all that an original Sentinel knows. */
export function askConfiguration(master: Master, peer: Peer, round: number): Request {
  return {
    purpose: { kind: 'ask-configuration', master: master.name, peer: peer.runId, round },
    commands: [
      ['SENTINEL', 'CONFIGURATION', master.name],
      ['SENTINEL', 'GET-MASTER-ADDR-BY-NAME', master.name],
      ['SENTINEL', 'MASTER', master.name],
    ],
  };
}

/** The parts of a role change beside the role itself, by the standard name that a refusal is remembered under. */
const SIDE_PARTS: readonly (readonly string[])[] = [
  ['CLIENT', 'KILL', 'TYPE', 'normal'],
  ['CLIENT', 'KILL', 'TYPE', 'pubsub'],
];
const UNPAUSE: readonly string[] = ['CLIENT', 'UNPAUSE'];
export const ROLE_PART = 'role change';
/** Under this name a refused `CONFIG REWRITE` is remembered among the node's refused parts. */
export const REWRITE_PART = 'CONFIG REWRITE';

/**
 * The role change as one transaction, and INFO in the same write, so that its effect is seen one round trip later.
 * Both kills matter: clients must reconnect and ask who is master, and role changes still queued on older connections of
 * other Sentinels become void with them. A pause of ours ends with the role it protected. Parts the node has refused before
 * are left out; a node that refuses the transaction itself gets the parts alone.
 */
export function changeRole(
  master: Master,
  node: DataNode,
  target: Address | null,
  attempt: number,
  now: Millis,
): Request {
  const word = commandName(master, node.roleCommand === 'SLAVEOF' ? 'SLAVEOF' : 'REPLICAOF');
  const role = target === null ? [word, 'NO', 'ONE'] : [word, target.host, String(target.port)];
  const wanted = node.pause === null ? SIDE_PARTS : [...SIDE_PARTS, UNPAUSE];
  const side = wanted.filter((part) => !node.refusedParts.has(part.join(' ')));
  const parts = [role, ...side.map(([name = '', ...rest]) => [commandName(master, name), ...rest])];
  const isWhole = !node.refusedParts.has('MULTI');
  const commands = isWhole ? [[commandName(master, 'MULTI')], ...parts, [commandName(master, 'EXEC')]] : parts;
  return {
    purpose: {
      kind: 'change-role',
      master: master.name,
      target,
      attempt,
      askedAt: now,
      parts: [ROLE_PART, ...side.map((part) => part.join(' '))],
      whole: isWhole,
    },
    commands: [...commands, [commandName(master, 'INFO')]],
  };
}

/**
 * Makes a new role outlive a restart of the node. Not a part of the role change: the node brings its file to the disk before it
 * answers anything else, and for so long nobody would know about the new master.
 */
export function rewriteConfiguration(master: Master): Request {
  return { purpose: { kind: 'rewrite-configuration' }, commands: [[commandName(master, 'CONFIG'), 'REWRITE']] };
}

/** Pauses writes; the INFO behind it reads the offset that no write can move any more. */
export function pauseWrites(master: Master, lasts: Millis, attempt: number, now: Millis): Request {
  const commands = [[commandName(master, 'CLIENT'), 'PAUSE', String(lasts), 'WRITE'], [commandName(master, 'INFO')]];
  return { purpose: { kind: 'pause', master: master.name, attempt, askedAt: now }, commands };
}

export function unpauseWrites(master: Master): Request {
  return { purpose: { kind: 'unpause' }, commands: [[commandName(master, 'CLIENT'), 'UNPAUSE']] };
}
