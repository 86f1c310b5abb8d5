// SENTINEL MYID, INFO-CACHE and PENDING-SCRIPTS: what this Sentinel is, has heard and is about to run.

import type { DataNode } from '../../core/data-node.js';
import type { Master } from '../../core/master.js';
import type { Millis } from '../../core/types.js';
import { MapReply, type Reply } from '../../protocol/reply.js';
import type { Description } from '../command.js';
import type { PendingScript } from '../host.js';
import { Deferred } from '../outcome.js';
import { ADMIN } from './common.js';

export const myId: Description = {
  name: 'myid',
  arity: 2,
  since: '6.2.0',
  summary: 'The id of this Sentinel.',
  complexity: 'O(1)',
  flags: ADMIN,
  run({ sentinel }) {
    const { core } = sentinel;
    // An identity that a crash could still lose is told to nobody.
    if (core.isIdentitySaved) return core.myId;
    return new Deferred(core.outbox.deferReply({ saved: core.myId }));
  },
};

export const infoCache: Description = {
  name: 'info-cache',
  arity: -3,
  since: '3.2.0',
  summary: 'The last INFO of these masters and their replicas, each with its age in milliseconds.',
  complexity: 'O(N) where N is the number of instances',
  flags: ADMIN,
  arguments: [{ name: 'nodename', type: 'string', isMultiple: true }],
  run({ sentinel, now }, words) {
    const { masters } = sentinel.core.topology;
    const named = [...new Set(words.slice(2))].flatMap((name) => masters.get(name) ?? []);
    return named.flatMap((master) => [master.name, cachedInfo(master, now)]);
  },
};

function cachedInfo(master: Master, now: Millis): Reply {
  return [...master.nodes()].map((node) => [age(node, now), node.infoAt === null ? null : node.infoText]);
}

function age({ infoAt }: DataNode, now: Millis): number {
  return infoAt === null ? 0 : Math.floor(now - infoAt);
}

export const pendingScripts: Description = {
  name: 'pending-scripts',
  arity: 2,
  since: '2.8.4',
  summary: 'The scripts that run or wait for their turn.',
  flags: ADMIN,
  run: ({ host, now }) => host.pendingScripts().map((script) => describeScript(script, now)),
};

function describeScript({ words, processId, at, attempts }: PendingScript, now: Millis): MapReply {
  const timing: readonly [string, string] =
    processId === null
      ? ['run-delay', String(Math.max(0, Math.floor(at - now)))]
      : ['run-time', String(Math.max(0, Math.floor(now - at)))];
  return new MapReply([
    ['argv', words],
    ['flags', processId === null ? 'scheduled' : 'running'],
    ['pid', String(processId ?? 0)],
    timing,
    ['retry-num', String(attempts)],
  ]);
}
