// Vedettes and redis-sentinels in one group, in both majorities. To make one process lead for certain, all others are given
// a down-after so long that they never find the master down themselves (they still vote), and the quorum is one.

import { expect } from 'chai';

import { groupForEachTest } from '../support/fixture.js';
import { type Group, MASTER_NAME } from '../support/group.js';
import type { SentinelKind, SentinelProcess } from '../support/sentinel-process.js';
import { waitFor } from '../support/wait.js';

const LIMIT = 15_000;
const NEVER = 3_600_000;

const COMPOSITIONS: readonly (readonly SentinelKind[])[] = [
  ['vedette', 'vedette', 'redis-sentinel'],
  ['vedette', 'redis-sentinel', 'redis-sentinel'],
];

for (const supervisors of COMPOSITIONS) {
  describe(`A group of ${supervisors.join(', ')}`, function () {
    this.timeout(90_000);

    describe('in which everybody watches alike', () => {
      const group = groupForEachTest({ supervisors });

      it('fails over, and every member publishes +switch-master and ends with the same configuration', async () => {
        const old = group().firstMaster;
        await old.kill();
        const promoted = await group().waitForNewMaster(old, LIMIT);
        const payload = `${MASTER_NAME} 127.0.0.1 ${old.port} 127.0.0.1 ${promoted.port}`;
        const epochs = await Promise.all(group().supervisors.map((member) => settledEpoch(member, payload)));
        expect(new Set(epochs).size, `configuration epochs ${epochs}`).to.equal(1);
      });

      it('makes a returning master a replica', async () => {
        const old = group().firstMaster;
        await old.kill();
        const promoted = await group().waitForNewMaster(old, LIMIT);
        await old.start();
        await group().waitForReplica(old, promoted, 20_000);
        await group().waitUntilComplete();
      });

      it('serves a planned failover from either kind', async () => {
        let master = group().firstMaster;
        for (const kind of ['vedette', 'redis-sentinel'] as const) {
          expect(await firstOf(group(), kind).command('SENTINEL', 'FAILOVER', MASTER_NAME)).to.equal('OK');
          const promoted = await group().waitForNewMaster(master, LIMIT);
          await group().waitForReplica(master, promoted, 20_000);
          await group().waitUntilComplete();
          master = promoted;
        }
      });
    });

    describe('in which one member leads', () => {
      const group = groupForEachTest({ supervisors, quorum: 1 });

      it('elects the Vedette with the vote of a redis-sentinel, which follows it', async () => {
        await expectLeadership(group(), firstOf(group(), 'vedette'), firstOf(group(), 'redis-sentinel'));
      });

      it('elects the redis-sentinel with the vote of a Vedette, which follows it', async () => {
        await expectLeadership(group(), firstOf(group(), 'redis-sentinel'), firstOf(group(), 'vedette'));
      });
    });
  });
}

/** Kills the master and the third member, so that `leader` can be elected by the vote of `voter` alone. */
async function expectLeadership(group: Group, leader: SentinelProcess, voter: SentinelProcess): Promise<void> {
  await voter.command('SENTINEL', 'SET', MASTER_NAME, 'down-after-milliseconds', NEVER);
  for (const member of group.supervisors) if (member !== leader && member !== voter) await member.kill();
  await group.firstMaster.kill();
  await group.waitForNewMaster(group.firstMaster, LIMIT);
  const runId = await leader.runId();
  // Events come over another connection than the answers that say the failover is over, and may come later.
  await waitFor('one is elected, and the other votes for it and follows it', LIMIT, () => {
    expect(leader.recorder.on('+elected-leader')).to.have.length(1);
    const named = (channel: string, word: number) =>
      voter.recorder.on(channel).map(({ payload }) => payload.split(' ')[word]);
    expect(named('+vote-for-leader', 0)).to.deep.equal([runId]);
    expect(named('+config-update-from', 1)).to.deep.equal([runId]);
  });
}

/** The configuration epoch of `member` once it has published +switch-master with `payload`. */
async function settledEpoch(member: SentinelProcess, payload: string): Promise<string | undefined> {
  return await waitFor(`${member.name} publishes +switch-master`, LIMIT, async () => {
    expect(member.recorder.on('+switch-master').map((event) => event.payload)).to.deep.equal([payload]);
    const { 'config-epoch': epoch } = await member.master(MASTER_NAME);
    return epoch;
  });
}

function firstOf(group: Group, kind: SentinelKind): SentinelProcess {
  const member = group.supervisors.find((supervisor) => supervisor.kind === kind);
  if (member === undefined) throw new Error(`the group has no ${kind}`);
  return member;
}
