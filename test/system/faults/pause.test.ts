// Row 7 of the fault table: all Sentinels are stopped for a while, shorter and longer than down-after, and run on. Their own pause is
// nobody's death; and a master that dies in it, or right after it, is failed over as any other.

import { expect } from 'chai';

import { now } from '../../support/clock.js';
import { type FaultLab, faultLab, IS_LONG, report } from '../../support/fault-lab.js';
import { holdsFor } from '../../support/wait.js';

const DOWN_AFTER = 1000;
const FAILOVER_TIMEOUT = 1000;
const WATCHED_FOR = 3 * (DOWN_AFTER + FAILOVER_TIMEOUT);
/** The table's figure is down-after + 3 s from the resume on; redis-sentinel never fails over at this down-after. */
const LIMIT = DOWN_AFTER + 7000;
const SHORT_PAUSES = IS_LONG ? Array.from({ length: 200 }, (_, index) => 500 + 5 * index) : [500, 1500];
const LONG_PAUSES = IS_LONG ? [3000, 10_000, 30_000] : [3000];

describe('Sentinels that were paused', function () {
  this.timeout(IS_LONG ? 900_000 : 60_000);
  const lab = faultLab({ downAfterMillis: DOWN_AFTER, failoverTimeoutMillis: FAILOVER_TIMEOUT });

  it(`find no live master down, all paused for ${SHORT_PAUSES.length <= 3 ? `${SHORT_PAUSES} ms` : '0.5 to 1.5 s'}`, async () => {
    const { group, invariants } = lab();
    const master = await invariants.settle();
    const began = now();
    for (const pause of SHORT_PAUSES) {
      await pauseAll(lab(), pause);
      await holdsFor('nobody finds the master down', DOWN_AFTER, () => expectNoFalseVerdict(lab(), began));
    }
    await holdsFor('nobody finds the master down', WATCHED_FOR, () => expectNoFalseVerdict(lab(), began));
    expect(await invariants.settle()).to.equal(master);
    expect(group.events.filter(({ channel, at }) => channel === '+switch-master' && at >= began)).to.deep.equal([]);
  });

  for (const pause of LONG_PAUSES) {
    it(`fail over a master that dies during a pause of ${pause} ms`, async () => {
      await expectFailoverAfterPause(lab(), pause, true);
    });

    it(`fail over a master that dies half a second after a pause of ${pause} ms`, async () => {
      await expectFailoverAfterPause(lab(), pause, false);
    });
  }
});

/** Pauses every Sentinel; nobody can be asked meanwhile, so that the pause is all there is to wait for. */
async function pauseAll({ group }: FaultLab, millis: number): Promise<void> {
  for (const supervisor of group.supervisors) supervisor.freeze();
  await holdsFor('every process is stopped', millis, () => undefined);
  for (const supervisor of group.supervisors) supervisor.thaw();
}

/** TILT is what a long pause is answered with, and no verdict. */
function expectNoFalseVerdict({ group }: FaultLab, since: number): void {
  const verdicts = group.events.filter(
    ({ at, channel }) => at >= since && (channel === '+sdown' || channel === '+odown' || channel === '+try-failover'),
  );
  expect(verdicts.map(({ source, channel, payload }) => `${source} ${channel} ${payload}`)).to.deep.equal([]);
}

async function expectFailoverAfterPause(lab: FaultLab, pause: number, isDuring: boolean): Promise<void> {
  const { invariants } = lab;
  const old = await invariants.settle();
  const began = now();
  if (isDuring) {
    const paused = pauseAll(lab, pause);
    await old.kill();
    await paused;
  } else {
    await pauseAll(lab, pause);
    await holdsFor('nobody finds the master down', 500, () => expectNoFalseVerdict(lab, began));
    await old.kill();
  }
  const from = now();
  const master = await invariants.settle({ withinMillis: LIMIT, absent: [old] });
  report('one master for all', `${(now() - from).toFixed(0)} ms after the ${isDuring ? 'resume' : 'death'}`);
  expect(master).not.to.equal(old);
  await old.start();
  await invariants.settle();
}
