// A minority must not fail over, whatever its quorum says: the majority that authorises a failover counts every Sentinel
// that is known, dead or alive.

import { expect } from 'chai';

import { groupForEachTest } from '../support/fixture.js';
import { type Group, MASTER_NAME } from '../support/group.js';
import { holdsFor, waitFor } from '../support/wait.js';

const DOWN_AFTER = 500;
const FAILOVER_TIMEOUT = 1000;
const WATCHED_FOR = 3 * (DOWN_AFTER + FAILOVER_TIMEOUT);
const LIMIT = 30_000;

describe('A minority of Sentinels', function () {
  this.timeout(120_000);

  describe('with a quorum it can reach alone', () => {
    const group = groupForEachTest({ quorum: 1, downAfterMillis: DOWN_AFTER, failoverTimeoutMillis: FAILOVER_TIMEOUT });

    it('finds the master objectively down and still promotes nobody, until a majority is back', async () => {
      await killTwoSentinelsAndTheMaster(group());
      await waitForEvent(group(), '+odown');
      await expectNoPromotion(group());
      expect(await unauthorised(group())).to.match(/^NOQUORUM 1 usable Sentinels\..*majority/);
      await group().supervisor(1).start();
      await group().waitForNewMaster(group().firstMaster, LIMIT);
    });
  });

  describe('with a quorum it cannot reach', () => {
    const group = groupForEachTest({ quorum: 2, downAfterMillis: DOWN_AFTER, failoverTimeoutMillis: FAILOVER_TIMEOUT });

    it('finds the master subjectively down only and does not even try, until the quorum is back', async () => {
      await killTwoSentinelsAndTheMaster(group());
      await waitForEvent(group(), '+sdown');
      await expectNoPromotion(group());
      expect(group().events.filter(({ channel }) => channel === '+odown' || channel === '+try-failover')).to.deep.equal(
        [],
      );
      await group().supervisor(1).start();
      await group().waitForNewMaster(group().firstMaster, LIMIT);
    });
  });
});

/** Leaves Sentinel 0 alone with the two replicas. */
async function killTwoSentinelsAndTheMaster(group: Group): Promise<void> {
  await Promise.all([group.supervisor(1).kill(), group.supervisor(2).kill()]);
  await group.firstMaster.kill();
}

async function waitForEvent(group: Group, channel: string): Promise<void> {
  const subject = `master ${MASTER_NAME} `;
  await waitFor(`the survivor publishes ${channel}`, LIMIT, () => {
    const found = group
      .supervisor(0)
      .recorder.on(channel)
      .some(({ payload }) => payload.startsWith(subject));
    if (!found) throw new Error(`it published ${group.supervisor(0).recorder.events.map((event) => event.channel)}`);
  });
}

async function expectNoPromotion(group: Group): Promise<void> {
  await holdsFor('both replicas stay replicas and the address stays', WATCHED_FOR, async () => {
    const roles = await Promise.all(group.firstReplicas.map((node) => node.role()));
    expect(roles.map(({ role }) => role)).to.deep.equal(['replica', 'replica']);
    expect(await group.supervisor(0).masterPort(MASTER_NAME)).to.equal(group.firstMaster.port);
    expect(group.supervisor(0).recorder.on('+elected-leader')).to.deep.equal([]);
  });
}

/** The error with which the survivor answers CKQUORUM. */
async function unauthorised(group: Group): Promise<string> {
  try {
    return String(await group.supervisor(0).command('SENTINEL', 'CKQUORUM', MASTER_NAME));
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
