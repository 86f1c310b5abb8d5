// What operators do around maintenance, on real processes: a pause that the whole group keeps, and the dead that are forgotten.

import { expect } from 'chai';

import { groupForEachTest } from '../support/fixture.js';
import { type Group, MASTER_NAME } from '../support/group.js';
import { type SentinelProcess, SUBJECT } from '../support/sentinel-process.js';
import { holdsFor, waitFor } from '../support/wait.js';

const LIMIT = 30_000;
const DOWN_AFTER = 500;
/** Several times as long as a failover would take. */
const PATIENCE = 4_000;

// Commands of Vedette's own: there is nothing to compare them with.
if (SUBJECT === 'vedette') {
  describe('A group that an operator has paused', function () {
    this.timeout(120_000);
    const group = groupForEachTest({ downAfterMillis: DOWN_AFTER });

    it('leaves a dead master alone, restarts included, until another Sentinel is told to resume', async () => {
      const old = group().firstMaster;
      expect(await group().supervisor(0).command('SENTINEL', 'PAUSE', MASTER_NAME, 60)).to.equal('OK');
      await expectPaused(group(), 1);
      await group().supervisor(1).kill();
      await group().supervisor(1).start();
      await group().waitUntilComplete();
      await expectPaused(group(), 1);
      await old.kill();
      await holdsFor('everybody names the dead master', PATIENCE, async () => {
        for (const supervisor of group().supervisors) {
          expect(await supervisor.masterPort(MASTER_NAME), supervisor.name).to.equal(old.port);
        }
      });
      for (const { recorder } of group().supervisors) expect(recorder.on('+odown').length).to.be.greaterThan(0);
      expect(await group().supervisor(2).command('SENTINEL', 'RESUME', MASTER_NAME)).to.equal('OK');
      await group().waitForNewMaster(old, LIMIT);
      await expectPaused(group(), 0);
    });
  });

  describe('What is gone for good', function () {
    this.timeout(120_000);
    const group = groupForEachTest({ downAfterMillis: DOWN_AFTER });

    it('is forgotten by the whole group at one command, and refused as long as it is alive', async () => {
      const [asked, , gone] = group().supervisors;
      const [, replica] = group().nodes;
      if (asked === undefined || gone === undefined || replica === undefined) throw new Error('the group is complete');
      const runId = await gone.runId();
      const forgetSentinel = ['SENTINEL', 'FORGET', MASTER_NAME, 'SENTINEL', runId];
      const forgetReplica = ['SENTINEL', 'FORGET', MASTER_NAME, 'REPLICA', '127.0.0.1', replica.port];
      for (const command of [forgetSentinel, forgetReplica]) {
        const refusal = await asked.command(...command).catch((error: Error) => error.message);
        expect(refusal).to.equal('ERR It cannot be forgotten: it is not subjectively down');
      }
      await gone.kill();
      await replica.kill();
      for (const command of [forgetReplica, forgetSentinel]) {
        await waitFor(
          'it is forgotten',
          20_000,
          async () => expect(await asked.command(...command)).to.equal('OK'),
          200,
        );
      }
      for (const supervisor of group().supervisors.filter(({ isRunning }) => isRunning)) {
        await waitFor(`${supervisor.name} has forgotten both`, LIMIT, async () => {
          // Who is told judges for itself; one that saw a sign of life later than who was asked says so, and is asked itself.
          for (const command of [forgetReplica, forgetSentinel]) {
            if (await hasRefused(asked, supervisor)) await supervisor.command(...command).catch(expectNotKnown);
          }
          expect((await supervisor.peers(MASTER_NAME)).length).to.equal(1);
          expect((await supervisor.replicas(MASTER_NAME)).length).to.equal(1);
          expect(supervisor.configuration).not.to.contain(runId);
        });
      }
      await group().firstMaster.kill();
      await group().waitForNewMaster(group().firstMaster, LIMIT);
    });
  });
}

/** Whether `asked`, who spread the word, says that this one keeps something. */
async function hasRefused(asked: SentinelProcess, keeper: SentinelProcess): Promise<boolean> {
  const keeperId = await keeper.runId();
  return asked.recorder.on('-forget-refused').some(({ payload }) => payload.includes(` by ${keeperId}: `));
}

function expectNotKnown({ message }: Error): void {
  expect(message).to.match(/^ERR No such (replica|Sentinel)/);
}

async function expectPaused(group: Group, masters: number): Promise<void> {
  for (const supervisor of group.supervisors) {
    await waitFor(`${supervisor.name} has ${masters} paused masters`, LIMIT, async () => {
      const { vedette_paused_masters: paused } = await supervisor.info();
      expect(paused).to.equal(String(masters));
    });
  }
}
