// Everything dies at once, as in a power failure, and is started again at once: data nodes and Sentinels, before and after a failover.
// With data that is on the disks no acknowledged write is lost, and the group finds the master that it had.

import { expect } from 'chai';

import { now } from '../../support/clock.js';
import { type FaultLab, faultLab, IS_LONG, report } from '../../support/fault-lab.js';
import { MASTER_NAME } from '../../support/group.js';
import { Writer } from '../../support/writer.js';

const DOWN_AFTER = 1000;
const LIMIT = 20_000;
/** What the master had acknowledged and sent to no replica, should a replica be promoted. */
const LOSS_WINDOW = 1000;
const ROUNDS = IS_LONG ? 20 : 1;

describe('A group of which every process is killed at once', function () {
  this.timeout(60_000);
  const lab = faultLab({
    downAfterMillis: DOWN_AFTER,
    failoverTimeoutMillis: 3000,
    nodeDirectives: ['appendonly yes', 'appendfsync everysec'],
  });

  for (let round = 1; round <= ROUNDS; round++) {
    it(`(${round}) has one master and its data when all are started again, also after a failover`, async () => {
      await expectRestart(lab());
      const { group, invariants } = lab();
      const old = await invariants.settle();
      await group.waitUntilComplete();
      await old.kill();
      const promoted = await invariants.settle({ withinMillis: LIMIT, absent: [old] });
      expect(promoted).not.to.equal(old);
      await expectRestart(lab());
    });
  }
});

async function expectRestart({ group, invariants }: FaultLab): Promise<void> {
  const writer = await Writer.start(group.supervisors, MASTER_NAME);
  const everybody = [...group.nodes, ...group.supervisors];
  const diedAt = now();
  await Promise.all(everybody.map((one) => one.kill()));
  await writer.stop();
  await Promise.all(everybody.map((one) => one.start()));
  const startedAt = now();
  const master = await invariants.settle({ withinMillis: LIMIT });
  report('one master for all', `${(now() - startedAt).toFixed(0)} ms after the start`);
  const lost = await writer.lostAt(master);
  report('lost', `${lost.length} of ${writer.acknowledged} acknowledged writes`);
  expect(
    lost.filter((at) => at < diedAt - LOSS_WINDOW),
    'I8',
  ).to.deep.equal([]);
}
