// Row 12 of the fault table: every host loses packets. Below what TCP can repair within down-after nobody may be found down, and a
// master that dies is failed over. Delay and reordering are slowness.test.ts's.

import { expect } from 'chai';

import { faultLab, IS_LONG } from '../../support/fault-lab.js';
import { failOverThrough } from '../../support/impaired-network.js';

const DOWN_AFTER = 2000;
const FAILOVER_TIMEOUT = 500;
const WATCHED_FOR = IS_LONG ? 600_000 : 3 * (DOWN_AFTER + FAILOVER_TIMEOUT);
const LOSS_PERCENT = 5;
/** The table's figure is down-after + 2 s. */
const LIMIT = DOWN_AFTER + 8000;

describe('A network that loses packets', function () {
  this.timeout(IS_LONG ? 700_000 : 60_000);
  const lab = faultLab({ downAfterMillis: DOWN_AFTER, failoverTimeoutMillis: FAILOVER_TIMEOUT });

  it(`(${LOSS_PERCENT} %) makes nobody find a live master down, and a dead one is failed over through it`, async () => {
    const { network, group, invariants } = lab();
    const old = await failOverThrough(lab(), {
      downAfterMillis: DOWN_AFTER,
      watchedForMillis: WATCHED_FOR,
      limitMillis: LIMIT,
      begin: () => {
        for (const host of network.hosts) host.lose(LOSS_PERCENT);
      },
    });
    network.heal();
    await old.start();
    await invariants.settle();
    expect(group.events.filter(({ channel }) => channel === '+tilt')).to.deep.equal([]);
  });
});
