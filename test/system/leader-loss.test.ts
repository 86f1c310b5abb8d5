// A leader that dies in the middle of its failover, by SENTINEL SIMULATE-FAILURE: another member must finish the job. One
// member is made the leader by giving the others, for the moment, a down-after so long that they never stand themselves.

import { expect } from 'chai';

import { groupForEachTest } from '../support/fixture.js';
import { MASTER_NAME } from '../support/group.js';
import type { SentinelProcess } from '../support/sentinel-process.js';
import { waitFor } from '../support/wait.js';

const LIMIT = 30_000;
const NEVER = 3_600_000;
const DOWN_AFTER = 1000;
/** The exit status of a process that was told to simulate a failure. */
const SIMULATED = { code: 99, signal: null };

describe('The death of a leader', function () {
  this.timeout(90_000);
  const group = groupForEachTest({ quorum: 1, downAfterMillis: DOWN_AFTER });

  for (const moment of ['crash-after-election', 'crash-after-promotion'] as const) {
    it(`(${moment}) leaves the failover to another member, and it ends with one master`, async () => {
      const [leader, ...others] = group().supervisors;
      if (leader === undefined) throw new Error('three are running');
      for (const other of others) await setDownAfter(other, NEVER);
      expect(await leader.command('SENTINEL', 'SIMULATE-FAILURE', moment)).to.equal('OK');
      await group().firstMaster.kill();
      expect(await waitFor('the leader dies', LIMIT, () => leader.program.ended)).to.deep.equal(SIMULATED);
      for (const other of others) await setDownAfter(other, DOWN_AFTER);
      const promoted = await group().waitForNewMaster(group().firstMaster, LIMIT);
      for (const replica of group().firstReplicas.filter((node) => node !== promoted)) {
        await group().waitForReplica(replica, promoted, LIMIT);
      }
    });
  }
});

async function setDownAfter(supervisor: SentinelProcess, millis: number): Promise<void> {
  await supervisor.command('SENTINEL', 'SET', MASTER_NAME, 'down-after-milliseconds', millis);
}
