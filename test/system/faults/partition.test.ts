// Row 5 of the fault table. A partition cuts the master and one replica off from the three other hosts of five, each with a
// Redis and a Sentinel; clients write on both sides and remember every acknowledgement.

import { expect } from 'chai';

import { now } from '../../support/clock.js';
import { type FaultLab, faultLab, IS_LONG, report, supervisors } from '../../support/fault-lab.js';
import { MASTER_NAME } from '../../support/group.js';
import type { RedisServer } from '../../support/redis-server.js';
import { holdsFor, waitFor } from '../../support/wait.js';
import { Writer } from '../../support/writer.js';

const DOWN_AFTER = 500;
const FAILOVER_TIMEOUT = 1000;
/** All three of the larger side have to vote alike; one lost election is part of the limit, and the promises given in it. */
const PROMOTION_LIMIT = 9000;
const PARTITION = IS_LONG ? 20_000 : 6000;
const MAX_LAG = 1;
/** The server counts the lag in whole seconds and looks at it once a second; on a busy machine it does so a little late. */
const LOSS_WINDOW = (MAX_LAG + 1) * 1000 + 1000 + 500;
/** The table's figure for the end of a partition is 2 s. */
const CONVERGENCE = 30_000;
/** Without a lag limit writes go on being lost until the old master is one no more. */
const LOSS_AFTER_HEALING = 10_000;

const JEPSEN = {
  supervisors: supervisors(5),
  replicas: 4,
  quorum: 2,
  isColocated: true,
  downAfterMillis: DOWN_AFTER,
  failoverTimeoutMillis: FAILOVER_TIMEOUT,
} as const;

describe('A partition with the master and one replica on the smaller side', function () {
  this.timeout(120_000);

  describe('with min-replicas-to-write above what that side holds', () => {
    const lab = faultLab({
      ...JEPSEN,
      nodeDirectives: ['min-replicas-to-write 2', `min-replicas-max-lag ${MAX_LAG}`],
    });

    it('promotes on the larger side only, and loses no write acknowledged later than the lag limit', async () => {
      const { lost, cutAt } = await partition(lab());
      const latest = lost.reduce((last, at) => Math.max(last, at - cutAt), 0);
      report('lost writes span', `${latest.toFixed(0)} ms after the cut (limit ${LOSS_WINDOW} ms)`);
      expect(latest, 'I8').to.be.below(LOSS_WINDOW);
    });
  });

  describe('without min-replicas-to-write', () => {
    const lab = faultLab(JEPSEN);

    it('promotes on the larger side only, and loses nothing any more soon after it is over', async () => {
      const { lost, healedAt } = await partition(lab());
      const latest = lost.reduce((last, at) => Math.max(last, at - healedAt), 0);
      report('the last lost write', `${latest.toFixed(0)} ms after healing`);
      expect(latest, 'I8').to.be.below(LOSS_AFTER_HEALING);
    });
  });
});

interface Outcome {
  readonly cutAt: number;
  readonly healedAt: number;
  /** When each lost write was acknowledged. */
  readonly lost: readonly number[];
}

async function partition({ group, network, invariants }: FaultLab): Promise<Outcome> {
  const old = await invariants.settle();
  const minority = [0, 1];
  const majority = [2, 3, 4];
  const writers = await Promise.all(
    [minority, majority].map((side) =>
      Writer.start(
        side.map((index) => group.supervisor(index)),
        MASTER_NAME,
      ),
    ),
  );
  const hosts = (side: readonly number[]) => network.hosts.filter((_, index) => side.includes(index));
  try {
    const cutAt = now();
    network.separate(hosts(minority), hosts(majority));
    const promoted = await waitFor('the larger side promotes', DOWN_AFTER + PROMOTION_LIMIT, () =>
      masterAmong(group.nodes.slice(2)),
    );
    report('promoted', `${(now() - cutAt - DOWN_AFTER).toFixed(0)} ms after down-after`);
    await holdsFor('I6: the smaller side promotes nobody', PARTITION - (now() - cutAt), async () => {
      expect((await group.node(1).role()).role).to.equal('replica');
      for (const index of minority) expect(await group.supervisor(index).masterPort(MASTER_NAME)).to.equal(old.port);
    });
    const healedAt = now();
    network.heal();
    expect(await invariants.settle({ withinMillis: CONVERGENCE })).to.equal(promoted);
    report('converged', `${(now() - healedAt).toFixed(0)} ms after healing`);
    await Promise.all(writers.map((writer) => writer.stop()));
    const lost = (await Promise.all(writers.map((writer) => writer.lostAt(promoted)))).flat();
    const acknowledged = writers.reduce((sum, writer) => sum + writer.acknowledged, 0);
    report('lost', `${lost.length} of ${acknowledged} acknowledged writes`);
    return { cutAt, healedAt, lost };
  } finally {
    await Promise.all(writers.map((writer) => writer.stop()));
  }
}

async function masterAmong(nodes: readonly RedisServer[]): Promise<RedisServer> {
  for (const node of nodes) if ((await node.role()).role === 'master') return node;
  throw new Error('none is a master');
}
