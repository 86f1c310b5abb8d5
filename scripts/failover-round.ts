// One round of the failover benchmark: a fresh group of one kind of supervisor, a writer, a SIGKILL, and later the return of
// the old master. Every moment is taken by polling or by subscription from outside, in the same way for both kinds.

import { setTimeout as delay } from 'node:timers/promises';

import { now } from '../test/support/clock.js';
import { Group, MASTER_NAME } from '../test/support/group.js';
import type { RedisServer } from '../test/support/redis-server.js';
import type { SentinelKind, SentinelProcess } from '../test/support/sentinel-process.js';
import { waitFor } from '../test/support/wait.js';
import { Writer } from '../test/support/writer.js';

export interface RoundOptions {
  readonly kind: SentinelKind;
  readonly downAfterMillis: number;
  /** An operator asks for the failover of a healthy master, instead of a SIGKILL. */
  readonly isPlanned: boolean;
}

export interface Round {
  /** From the last acknowledged write before the kill to the first one after it; planned: the longest pause between two. */
  readonly writesStopped: number;
  /** From the kill until the last supervisor answered the new address. */
  readonly everybodyAnswers: number;
  /** From the kill until the first, and until the last supervisor published `+switch-master`. */
  readonly firstSwitch: number;
  readonly lastSwitch: number;
  /** From the moment the old master answered again (planned: from the order) until it was a replica of the new one. */
  readonly returned: number;
  readonly acknowledged: number;
  /** Acknowledged writes that the new master does not have. */
  readonly lost: number;
}

const LIMIT = 120_000;
const POLL_PERIOD = 5;
/** Retries of a lost election after twice this time: short, so that one lost election does not cost a round minutes. */
const FAILOVER_TIMEOUT = 10_000;
/** The kill comes at a random phase of the supervisors' one-second periods. */
const PHASE = 1000;

export async function measureRound(options: RoundOptions): Promise<Round> {
  const { kind, downAfterMillis, isPlanned } = options;
  const group = await Group.start({
    supervisors: [kind, kind, kind],
    downAfterMillis,
    failoverTimeoutMillis: FAILOVER_TIMEOUT,
  });
  try {
    const ports = group.supervisors.map(({ port }) => port);
    const writer = await Writer.start(ports, MASTER_NAME);
    await delay(PHASE * Math.random());
    const round = await (isPlanned ? measurePlanned(group, writer) : measureFailover(group, writer));
    await writer.stop();
    return round;
  } catch (error) {
    throw new Error(
      `a round with ${kind} failed: ${error instanceof Error ? error.message : error}\n${group.report()}`,
      {
        cause: error,
      },
    );
  } finally {
    await group.dispose();
  }
}

async function measureFailover(group: Group, writer: Writer): Promise<Round> {
  const old = group.firstMaster;
  const killedAt = now();
  await old.kill();
  const [interruption, answers, switches] = await Promise.all([
    writer.resumedAfter(killedAt, LIMIT),
    Promise.all(group.supervisors.map((supervisor) => whenAnswersAnother(supervisor, old))),
    Promise.all(group.supervisors.map(whenSwitched)),
  ]);
  const master = await group.waitForNewMaster(old, LIMIT);
  await old.start();
  const backAt = now();
  await waitFor(`${old.name} is a replica of ${master.name}`, LIMIT, () => expectReplica(old, master), POLL_PERIOD);
  const returned = now() - backAt;
  const acknowledged = writer.acknowledged;
  return {
    writesStopped: interruption.millis,
    everybodyAnswers: Math.max(...answers) - killedAt,
    firstSwitch: Math.min(...switches) - killedAt,
    lastSwitch: Math.max(...switches) - killedAt,
    returned,
    acknowledged,
    lost: await writer.countLost(master.port),
  };
}

async function measurePlanned(group: Group, writer: Writer): Promise<Round> {
  const old = group.firstMaster;
  const [asked] = group.supervisors;
  if (asked === undefined) throw new Error('a group has supervisors');
  const orderedAt = now();
  await asked.command('SENTINEL', 'FAILOVER', MASTER_NAME);
  const [answers, switches] = await Promise.all([
    Promise.all(group.supervisors.map((supervisor) => whenAnswersAnother(supervisor, old))),
    Promise.all(group.supervisors.map(whenSwitched)),
  ]);
  const master = await group.waitForNewMaster(old, LIMIT);
  await waitFor(`${old.name} is a replica of ${master.name}`, LIMIT, () => expectReplica(old, master), POLL_PERIOD);
  const returned = now() - orderedAt;
  await writer.resumedAfter(now(), LIMIT);
  return {
    writesStopped: writer.longestPauseSince(orderedAt),
    everybodyAnswers: Math.max(...answers) - orderedAt,
    firstSwitch: Math.min(...switches) - orderedAt,
    lastSwitch: Math.max(...switches) - orderedAt,
    returned,
    acknowledged: writer.acknowledged,
    lost: await writer.countLost(master.port),
  };
}

async function whenAnswersAnother(supervisor: SentinelProcess, old: RedisServer): Promise<number> {
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

async function expectReplica(node: RedisServer, master: RedisServer): Promise<void> {
  const state = await node.role();
  if (state.role !== 'replica' || state.masterPort !== master.port) throw new Error(JSON.stringify(state));
}
