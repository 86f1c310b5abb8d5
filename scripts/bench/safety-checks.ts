// What the benchmark of safety does to a group of one kind, and what it reads off: no medians, but whether something happens at all.

import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';

import { now } from '../../test/support/clock.js';
import { obstacleToCompiling } from '../../test/support/compiler.js';
import { Forger, helloOf } from '../../test/support/forger.js';
import { Group, type GroupOptions, MASTER_NAME } from '../../test/support/group.js';
import { Mount, obstacleToMounting } from '../../test/support/mount.js';
import { Preload } from '../../test/support/preload.js';
import type { SentinelKind } from '../../test/support/sentinel-process.js';
import { askForVote, untilFreeToVote } from '../../test/support/vote-request.js';
import { waitFor } from '../../test/support/wait.js';
import { Workspace } from '../../test/support/workspace.js';
import { Writer } from '../../test/support/writer.js';

export interface SafetyCheck {
  readonly name: string;
  /** What happens, and what is counted. */
  readonly title: string;
  /** Why it cannot be done on this machine; null if it can. */
  obstacle(): string | null;
  /** @param watchMillis how long a failover is waited for that may never come; returns a cell of the table */
  perform(kind: SentinelKind, watchMillis: number): Promise<string>;
}

const DOWN_AFTER = 1000;
const FAILOVER_TIMEOUT = 10_000;
const HOUR = 3_600_000;
const PAUSE = 3000;
/** What a supervisor that was paused or whose clock was stepped is given to see that it runs again, before the master dies. */
const GRACE = 500;
const CRASHES_ON_FULL_DISK = 5;
const DISK_KILOBYTES = 1024;
/** Far above every epoch of a group that has just begun, and within what gossip may raise it to. */
const FIRST_EPOCH = 1000;
/** How long a lie is given to be believed. */
const TIME_TO_FALL = 2000;
/** A port of loopback on which nobody listens. */
const NOWHERE = 1;

const never = (): null => null;

export const SAFETY_CHECKS: readonly SafetyCheck[] = [
  {
    name: 'paused',
    title: `all supervisors stopped for ${PAUSE / 1000} s, then the master killed: writes stop for`,
    obstacle: never,
    perform: (kind, watchMillis) => outageAfter(kind, watchMillis, pauseAll),
  },
  ...[HOUR, -HOUR].map((step) => ({
    name: step > 0 ? 'clock-forward' : 'clock-back',
    title: `all wall clocks set ${step > 0 ? 'forward' : 'back'} by 1 h, then the master killed: writes stop for`,
    obstacle: obstacleToCompiling,
    perform: (kind: SentinelKind, watchMillis: number) => outageAfterStep(kind, watchMillis, step),
  })),
  {
    name: 'full-disk',
    title:
      'asked for its vote while its disk is full, killed, started, asked for another candidate: two votes in one epoch',
    obstacle: obstacleToMounting,
    perform: votesOnFullDisk,
  },
  {
    name: 'forged-hello',
    title: 'one forged hello published on one replica: supervisors that follow it',
    obstacle: never,
    perform: followersOfForgedHello,
  },
];

async function withGroup<T>(
  options: GroupOptions & { kind: SentinelKind },
  use: (group: Group) => Promise<T>,
): Promise<T> {
  const { kind, ...rest } = options;
  const group = await Group.start({
    supervisors: [kind, kind, kind],
    downAfterMillis: DOWN_AFTER,
    failoverTimeoutMillis: FAILOVER_TIMEOUT,
    ...rest,
  });
  try {
    return await use(group);
  } catch (error) {
    const reason = error instanceof Error ? error.message : error;
    throw new Error(`a check with ${kind} failed: ${reason}\n${group.report()}`, { cause: error });
  } finally {
    await group.dispose();
  }
}

/** How long writes stop when the master dies after `disturb`, or that nobody replaces it. */
async function outageAfter(
  kind: SentinelKind,
  watchMillis: number,
  disturb: (group: Group) => Promise<void>,
  environment: Readonly<Record<string, string>> = {},
): Promise<string> {
  return await withGroup({ kind, environment: () => environment }, async (group) => {
    await group.waitUntilStreaming();
    const ports = group.supervisors.map(({ port }) => port);
    const writer = await Writer.start(ports, MASTER_NAME);
    await disturb(group);
    await delay(GRACE);
    const diedAt = now();
    await group.firstMaster.kill();
    const resumed = await writer.resumedAfter(diedAt + DOWN_AFTER / 2, watchMillis).catch(() => null);
    await writer.stop();
    return resumed === null ? `for good (watched ${watchMillis / 1000} s)` : `${resumed.millis.toFixed(0)} ms`;
  });
}

async function pauseAll(group: Group): Promise<void> {
  for (const supervisor of group.supervisors) supervisor.freeze();
  await delay(PAUSE);
  for (const supervisor of group.supervisors) supervisor.thaw();
}

async function outageAfterStep(kind: SentinelKind, watchMillis: number, step: number): Promise<string> {
  const workspace = new Workspace();
  try {
    const clock = Preload.compile(workspace, 'clock');
    return await outageAfter(kind, watchMillis, async () => clock.set(0, step), clock.environment);
  } finally {
    workspace.remove();
  }
}

async function votesOnFullDisk(kind: SentinelKind): Promise<string> {
  return await withGroup({ kind }, async (group) => {
    const sentinel = group.supervisor(0);
    await sentinel.kill();
    const disk = Mount.tmpfs(sentinel.directory, DISK_KILOBYTES);
    try {
      await sentinel.start();
      await untilFreeToVote(sentinel);
      const candidates = await Promise.all([1, 2].map((index) => group.supervisor(index).runId()));
      let broken = 0;
      for (let epoch = FIRST_EPOCH; epoch < FIRST_EPOCH + CRASHES_ON_FULL_DISK; epoch++) {
        const told = new Set<string>();
        disk.fill();
        for (const candidate of candidates) {
          const vote = await askForVote(sentinel, epoch, candidate);
          if (vote.epoch === epoch && vote.leader !== '*') told.add(vote.leader);
          await sentinel.kill();
          disk.empty();
          await sentinel.start();
        }
        if (told.size > 1) broken++;
      }
      return `in ${broken} of ${CRASHES_ON_FULL_DISK} epochs`;
    } finally {
      await sentinel.kill();
      disk.remove();
    }
  });
}

async function followersOfForgedHello(kind: SentinelKind): Promise<string> {
  return await withGroup({ kind }, async (group) => {
    const forger = await Forger.of(group);
    try {
      const runId = randomBytes(20).toString('hex');
      const lie = {
        ...forger.truth,
        runId,
        port: NOWHERE + 1,
        masterPort: NOWHERE,
        currentEpoch: 900,
        configEpoch: 900,
      };
      const publishedAt = now();
      await group.node(1).command('PUBLISH', '__sentinel__:hello', helloOf(lie));
      const fallen = await Promise.all(
        group.supervisors.map((supervisor) =>
          waitFor(
            `${supervisor.name} follows`,
            TIME_TO_FALL,
            async () => {
              if ((await supervisor.masterPort(MASTER_NAME)) !== NOWHERE) throw new Error('it does not');
              return now() - publishedAt;
            },
            1,
          ).catch(() => null),
        ),
      );
      const times = fallen.filter((millis) => millis !== null);
      const after = times.length === 0 ? '' : `, after ${Math.max(...times).toFixed(0)} ms`;
      return `${times.length} of ${fallen.length}${after}`;
    } finally {
      forger.close();
    }
  });
}
