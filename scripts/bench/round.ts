// One round of the failover benchmark on loopback: a fresh group of one kind of supervisor, a writer, a fault, and later the return of
// the old master. Every moment is taken by polling or by subscription from outside, in the same way for both kinds.

import { setTimeout as delay } from 'node:timers/promises';

import { now } from '../../test/support/clock.js';
import { Group, MASTER_NAME } from '../../test/support/group.js';
import type { RedisServer } from '../../test/support/redis-server.js';
import type { SentinelKind, SentinelProcess } from '../../test/support/sentinel-process.js';
import { waitFor } from '../../test/support/wait.js';
import { Writer } from '../../test/support/writer.js';
import type { Fault } from './faults.js';
import type { Round } from './figures.js';

export interface RoundOptions {
  readonly kind: SentinelKind;
  readonly fault: Fault;
  readonly downAfterMillis: number;
}

export const LIMIT = 120_000;
export const POLL_PERIOD = 5;
/** Retries of a lost election after twice this time: short, so that one lost election does not cost a round minutes. */
const FAILOVER_TIMEOUT = 10_000;
/** The fault comes at a random phase of the supervisors' one-second periods. */
export const PHASE = 1000;

export async function measureRound({ kind, fault, downAfterMillis }: RoundOptions): Promise<Round> {
  const group = await Group.start({
    supervisors: [kind, kind, kind],
    downAfterMillis,
    failoverTimeoutMillis: FAILOVER_TIMEOUT,
    directives: fault.directives(kind),
  });
  try {
    await group.waitUntilStreaming();
    const ports = group.supervisors.map(({ port }) => port);
    const writer = await Writer.start(ports, MASTER_NAME);
    await delay(PHASE * Math.random());
    const round = await measure(group, writer, fault);
    await writer.stop();
    return round;
  } catch (error) {
    const reason = error instanceof Error ? error.message : error;
    throw new Error(`a round with ${kind} failed: ${reason}\n${group.report()}`, { cause: error });
  } finally {
    await group.dispose();
  }
}

async function measure(group: Group, writer: Writer, fault: Fault): Promise<Round> {
  const old = group.firstMaster;
  const struckAt = now();
  await fault.strike(group);
  const living = group.supervisors.filter(({ isRunning }) => isRunning);
  const [answers, switches] = await Promise.all([
    Promise.all(living.map((supervisor) => whenAnswersAnother(supervisor, old))),
    Promise.all(living.map(whenSwitched)),
  ]);
  const master = await group.waitForNewMaster(old, LIMIT);
  await writer.resumedAfter(now(), LIMIT);
  const writesStopped = writer.longestPauseSince(struckAt);
  await fault.bringBack?.(group);
  const backAt = fault.bringBack === null ? struckAt : now();
  const returned = (await whenReplica(old)) - backAt;
  return {
    writesStopped,
    everybodyAnswers: Math.max(...answers) - struckAt,
    firstSwitch: Math.min(...switches) - struckAt,
    lastSwitch: Math.max(...switches) - struckAt,
    returned,
    acknowledged: writer.acknowledged,
    lost: await writer.countLost(master.port),
  };
}

/** When the supervisor answers another address for the first time. */
export async function whenAnswersAnother(supervisor: SentinelProcess, old: RedisServer): Promise<number> {
  return await waitFor(
    `${supervisor.name} answers another address`,
    LIMIT,
    async () => {
      if ((await supervisor.masterPort(MASTER_NAME)) === old.port) throw new Error('it answers the old one');
      return now();
    },
    POLL_PERIOD,
  );
}

async function whenSwitched(supervisor: SentinelProcess): Promise<number> {
  return await waitFor(
    `${supervisor.name} publishes +switch-master`,
    LIMIT,
    () => {
      const [event] = supervisor.recorder.on('+switch-master');
      if (event === undefined) throw new Error('it has not');
      return event.at;
    },
    POLL_PERIOD,
  );
}

/** When the node says for the first time that it is a replica. Of whom does not matter: an original may fail over once more meanwhile. */
export async function whenReplica(node: RedisServer): Promise<number> {
  return await waitFor(
    `${node.name} is a replica`,
    LIMIT,
    async () => {
      const state = await node.role();
      if (state.role !== 'replica') throw new Error(JSON.stringify(state));
      return now();
    },
    POLL_PERIOD,
  );
}
