// The same misfortunes with three redis-sentinels and with three Vedettes, each group on nodes of its own: what they publish must
// be the same but for the differences that are named with a reason.

import { spawnSync } from 'node:child_process';

import { expect } from 'chai';

import { now } from '../support/clock.js';
import { Group, MASTER_NAME } from '../support/group.js';
import type { RedisServer } from '../support/redis-server.js';
import { SENTINEL_KINDS, type SentinelKind } from '../support/sentinel-process.js';
import { Hopeless, waitFor } from '../support/wait.js';
import { type Account, accountOf, unexplainedEvents } from './event-comparison.js';
import { EVENT_DIFFERENCES, type EventDifference } from './event-differences.js';

/** A stock Sentinel turns an old master into a replica after some 10 s, asks for INFO every 10 s, and may lose an election. */
const LIMIT = 60_000;
const ATTEMPTS_OF_ORIGINALS = 3;
const isInstalled = spawnSync('redis-sentinel', ['--version']).status === 0;

if (isInstalled) {
  describe('Parity of events with redis-sentinel', function () {
    this.timeout(240_000);
    const met = new Set<EventDifference>();

    it('holds when the master crashes and returns', async () => {
      await expectSameEvents(async (group) => {
        const { firstMaster } = group;
        await firstMaster.kill();
        const promoted = await followed(group);
        await everySupervisorPublishes(group, /^\+sdown slave /);
        await firstMaster.start();
        await everybodyFollows(group, promoted);
        return namesOf(group, promoted);
      });
    });

    it('holds when an operator asks for a failover', async () => {
      await expectSameEvents(async (group) => {
        await group.supervisor(0).command('SENTINEL', 'FAILOVER', MASTER_NAME);
        const promoted = await followed(group);
        await everybodyFollows(group, promoted);
        return namesOf(group, promoted);
      });
    });

    it('holds when a replica and a Sentinel die and return, and when an operator changes what is watched', async () => {
      await expectSameEvents(async (group) => {
        const [replica, peer, own] = [group.node(1), group.supervisor(2), group.supervisor(0)];
        await replica.kill();
        await everySupervisorPublishes(group, /^\+sdown slave /);
        await replica.start();
        await everySupervisorPublishes(group, /^\+reboot slave /);
        await peer.kill();
        const survivors = [own, group.supervisor(1)].map(({ recorder }) => recorder);
        await waitFor('the Sentinel is missed', LIMIT, () => {
          for (const { events } of survivors) expect(events.map(textOf).join('\n')).to.match(/^\+sdown sentinel /m);
        });
        await peer.start();
        await waitFor('the Sentinel is back', LIMIT, () => {
          for (const { events } of survivors) expect(events.map(textOf).join('\n')).to.match(/^-sdown sentinel /m);
        });
        await own.command('SENTINEL', 'MONITOR', 'other', '127.0.0.1', 1, 2);
        await own.command('SENTINEL', 'SET', 'other', 'quorum', 3, 'parallel-syncs', 2);
        await own.command('SENTINEL', 'REMOVE', 'other');
        await own.command('SENTINEL', 'RESET', MASTER_NAME);
        await group.waitUntilComplete();
        return namesOf(group, replica);
      }, 2);
    });

    it('has no difference in its table that is none any more', () => {
      const needless = EVENT_DIFFERENCES.filter((row) => row.isOccasional !== true && !met.has(row));
      expect(needless.map(({ event, kind }) => `${kind} ${event}`)).to.deep.equal([]);
    });

    /** `undergo` returns what ports and run ids are called. Both groups undergo it at the same time. */
    async function expectSameEvents(
      undergo: (group: Group) => Promise<Map<string, string>>,
      without: number | null = null,
    ): Promise<void> {
      const [ours, theirs] = await Promise.all(SENTINEL_KINDS.map((kind) => account(kind, undergo, without)));
      if (ours === undefined || theirs === undefined) throw new Error('there are two kinds');
      expect(unexplainedEvents(ours, theirs, met)).to.equal('');
    }
  });
}

/** The group has replaced the new master as well. */
class FailedOverAgain extends Hopeless {}

/**
 * Of originals one may be late to hear of a failover and begin another one, whose events nothing can be compared with: then a new group
 * undergoes the same. Ours are not given another chance.
 */
async function account(
  kind: SentinelKind,
  undergo: (group: Group) => Promise<Map<string, string>>,
  without: number | null,
): Promise<Account> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await accountOfGroup(kind, undergo, without);
    } catch (error) {
      if (kind === 'vedette' || !(error instanceof FailedOverAgain) || attempt === ATTEMPTS_OF_ORIGINALS) throw error;
    }
  }
}

async function accountOfGroup(
  kind: SentinelKind,
  undergo: (group: Group) => Promise<Map<string, string>>,
  without: number | null,
): Promise<Account> {
  const group = await Group.start({ supervisors: [kind, kind, kind], failoverTimeoutMillis: 10_000 });
  try {
    const start = now();
    const names = await undergo(group);
    // Which of the Sentinels leads, and where the others are, is no difference.
    for (const supervisor of group.supervisors) {
      names.set(await supervisor.runId(), 'SENTINEL');
      names.set(String(supervisor.port), 'SENTINEL');
    }
    const told = group.supervisors.filter((_supervisor, index) => index !== without);
    return accountOf(told, start, names);
  } finally {
    await group.dispose();
  }
}

/** The new master, when the leader has finished and the other replica follows. */
async function followed(group: Group): Promise<RedisServer> {
  const promoted = await group.waitForNewMaster(group.firstMaster, LIMIT);
  for (const node of group.firstReplicas) {
    if (node === promoted) continue;
    await waitFor('the other replica follows', LIMIT, async () => {
      await expectStillMaster(group, promoted);
      expect(await node.role()).to.include({ role: 'replica', masterPort: promoted.port, isLinkUp: true });
    });
  }
  await waitFor('the leader has finished', LIMIT, () =>
    expect(group.events.map(({ channel }) => channel)).to.include('+failover-end'),
  );
  return promoted;
}

/** Waits until every Sentinel has it from the old master itself that it follows the new one. */
async function everybodyFollows(group: Group, promoted: RedisServer): Promise<void> {
  await waitFor('every Sentinel sees the old master follow the new one', LIMIT, async () => {
    await expectStillMaster(group, promoted);
    for (const supervisor of group.supervisors) {
      const replicas = await supervisor.replicas(MASTER_NAME);
      const old = replicas.find(({ port }) => Number(port) === group.firstMaster.port);
      expect(old).to.include({ flags: 'slave', 'master-link-status': 'ok', 'master-port': String(promoted.port) });
    }
  });
}

async function expectStillMaster(group: Group, promoted: RedisServer): Promise<void> {
  for (const supervisor of group.supervisors) {
    const port = await supervisor.masterPort(MASTER_NAME);
    if (port === promoted.port || port === group.firstMaster.port) continue;
    throw new FailedOverAgain(`${supervisor.name} answers ${port} instead of ${promoted.port}`);
  }
}

async function everySupervisorPublishes(group: Group, event: RegExp): Promise<void> {
  await waitFor(`every Sentinel publishes ${event}`, LIMIT, () => {
    for (const { recorder } of group.supervisors)
      expect(recorder.events.filter((one) => event.test(textOf(one)))).not.to.be.empty;
  });
}

function textOf({ channel, payload }: { channel: string; payload: string }): string {
  return `${channel} ${payload}`;
}

function namesOf(group: Group, singled: RedisServer): Map<string, string> {
  return new Map(
    group.nodes.map((node) => {
      if (node === group.firstMaster) return [String(node.port), 'OLD'];
      return [String(node.port), node === singled ? 'NEW' : 'OTHER'];
    }),
  );
}
