// Row 12 of the fault table: a slow network, on which packets overtake each other and arrive twice. Nobody may be found down while what
// is asked is answered within down-after, and a master that dies is failed over.

import { expect } from 'chai';

import { faultLab, IS_LONG } from '../../support/fault-lab.js';
import { failOverThrough } from '../../support/impaired-network.js';
import type { Slowness } from '../../support/slow-cables.js';

const DOWN_AFTER = 2000;
const FAILOVER_TIMEOUT = 1000;
const WATCHED_FOR = IS_LONG ? 600_000 : 3 * (DOWN_AFTER + FAILOVER_TIMEOUT);
/** Beyond the table's 2 s, for a dozen messages one after the other on the slowest of these networks. */
const LIMIT = DOWN_AFTER + 12_000;

const NETWORKS: readonly (readonly [string, Slowness])[] = [
  ['whose packets overtake each other and arrive twice', { delayMillis: 5, jitterMillis: 50, duplicatePercent: 10 }],
  ['that takes 300 ms each way', { delayMillis: 300, jitterMillis: 20 }],
];

describe('A network', function () {
  this.timeout(IS_LONG ? 700_000 : 90_000);
  const lab = faultLab({ downAfterMillis: DOWN_AFTER, failoverTimeoutMillis: FAILOVER_TIMEOUT, hasSlowCables: true });

  for (const [what, slowness] of NETWORKS) {
    it(`${what} makes nobody find a live master down, and a dead one is failed over through it`, async () => {
      const { network, group, invariants } = lab();
      const old = await failOverThrough(lab(), {
        downAfterMillis: DOWN_AFTER,
        watchedForMillis: WATCHED_FOR,
        limitMillis: LIMIT,
        begin: () => network.slowDown(slowness),
      });
      await old.start();
      await invariants.settle({ withinMillis: LIMIT });
      expect(group.events.filter(({ channel }) => channel === '+tilt')).to.deep.equal([]);
      network.heal();
      await invariants.settle();
    });
  }
});
