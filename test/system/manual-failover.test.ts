// SENTINEL FAILOVER on a healthy group, as an operator uses it before maintenance.

import { expect } from 'chai';

import { now } from '../support/clock.js';
import { groupForEachTest } from '../support/fixture.js';
import { MASTER_NAME } from '../support/group.js';
import type { SentinelProcess } from '../support/sentinel-process.js';
import { waitFor } from '../support/wait.js';
import { Writer } from '../support/writer.js';

const LIMIT = 30_000;

describe('A failover that an operator asks for', function () {
  this.timeout(120_000);

  describe('in a healthy group', () => {
    const group = groupForEachTest();

    it('replaces the living master, which becomes a replica of the new one', async () => {
      const old = group().firstMaster;
      expect(await failover(group().supervisor(0))).to.equal('OK');
      const promoted = await group().waitForNewMaster(old, LIMIT);
      for (const node of group().nodes.filter((candidate) => candidate !== promoted)) {
        await group().waitForReplica(node, promoted, 15_000);
      }
    });

    it('loses no acknowledged write, and demotes the old master with it', async () => {
      const old = group().firstMaster;
      const writer = await Writer.start(
        group().supervisors.map(({ port }) => port),
        MASTER_NAME,
      );
      expect(await failover(group().supervisor(0))).to.equal('OK');
      const promoted = await group().waitForNewMaster(old, LIMIT);
      await group().waitForReplica(old, promoted, LIMIT);
      await writer.resumedAfter(now(), LIMIT);
      await writer.stop();
      expect(writer.acknowledged).to.be.greaterThan(10);
      expect(await writer.countLost(promoted.port)).to.equal(0);
    });

    it('raises the configuration epoch by one on every Sentinel', async () => {
      expect(await failover(group().supervisor(0))).to.equal('OK');
      await group().waitForNewMaster(group().firstMaster, LIMIT);
      for (const supervisor of group().supervisors) {
        await waitFor(`${supervisor.name} reports configuration epoch 1`, LIMIT, async () => {
          expect(await supervisor.master(MASTER_NAME)).to.include({ 'config-epoch': '1' });
        });
      }
    });

    it('is refused while one is under way', async () => {
      const [first, second] = await Promise.all([failover(group().supervisor(0)), failover(group().supervisor(0))]);
      expect([first, second]).to.deep.equal(['OK', 'INPROG Failover already in progress']);
      await group().waitForNewMaster(group().firstMaster, LIMIT);
    });

    it('is refused for a name that nobody monitors', async () => {
      expect(await failover(group().supervisor(0), 'nobody')).to.equal('ERR No such master with that name');
    });
  });

  describe('without a replica', () => {
    const group = groupForEachTest({ replicas: 0 });

    it('is refused, since there is nobody to promote', async () => {
      expect(await failover(group().supervisor(0))).to.equal('NOGOODSLAVE No suitable replica to promote');
    });
  });
});

/** The reply to SENTINEL FAILOVER, or the text of its error. */
async function failover(sentinel: SentinelProcess, name: string = MASTER_NAME): Promise<string> {
  try {
    return String(await sentinel.command('SENTINEL', 'FAILOVER', name));
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
