// Row 8 of the fault table: the wall clock of every Sentinel is stepped, forward and back, by up to an hour. Nobody may find anybody down
// for it, or distrust itself; and a master that dies then is failed over as any other.

import { execFileSync } from 'node:child_process';

import { expect } from 'chai';

import { now } from '../../support/clock.js';
import { obstacleToCompiling } from '../../support/compiler.js';
import { faultLab, IS_LONG, report, skipWithout } from '../../support/fault-lab.js';
import { Preload } from '../../support/preload.js';
import { holdsFor } from '../../support/wait.js';
import { Workspace } from '../../support/workspace.js';

const DOWN_AFTER = 500;
const FAILOVER_TIMEOUT = 1000;
const WATCHED_FOR = 3 * (DOWN_AFTER + FAILOVER_TIMEOUT);
const HOUR = 3_600_000;
/** The table's figure is that of row 1. */
const LIMIT = DOWN_AFTER + 5000;
const STEPS = IS_LONG ? [-50, 50, -1000, 1500, -5000, 10_000, -HOUR, HOUR, -HOUR] : [50, -1500, HOUR, -HOUR];

describe('The wall clock of all Sentinels', function () {
  this.timeout(90_000);
  let workspace: Workspace;
  let clock: Preload | null = null;

  before('compile the clock', function () {
    skipWithout(this, obstacleToCompiling());
    workspace = new Workspace();
    clock = Preload.compile(workspace, 'clock');
  });

  after(() => workspace?.remove());

  const lab = faultLab({
    downAfterMillis: DOWN_AFTER,
    failoverTimeoutMillis: FAILOVER_TIMEOUT,
    environment: () => clock?.environment ?? {},
  });

  it(`may be stepped by ${STEPS.join(', ')} ms one after the other: nobody is found down, and failover works as before`, async () => {
    const { invariants } = lab();
    if (clock === null) throw new Error('it was compiled');
    const old = await invariants.settle();
    const began = now();
    for (const step of STEPS) {
      clock.set(0, step);
      expect(Math.abs(wallClockUnder(clock) - Date.now() - step), 'the error of the stepped clock').to.be.below(2000);
      await holdsFor('nobody finds anybody down', 500, () => invariants.expectNoAlarmSince(began));
    }
    await holdsFor('nobody finds anybody down', WATCHED_FOR, () => invariants.expectNoAlarmSince(began));
    const diedAt = now();
    await old.kill();
    clock.set(0, HOUR);
    const master = await invariants.settle({ withinMillis: LIMIT, absent: [old] });
    report('one master for all', `${(now() - diedAt - DOWN_AFTER).toFixed(0)} ms after down-after`);
    expect(master).not.to.equal(old);
    clock.set(0, -HOUR);
    await old.start();
    await invariants.settle();
  });
});

/** What a Node.js process reads as the time of day that has the library: a test of the shim itself. */
function wallClockUnder(clock: Preload): number {
  const environment = { ...process.env, ...clock.environment };
  return Number(execFileSync(process.execPath, ['-p', 'Date.now()'], { env: environment, encoding: 'latin1' }));
}
