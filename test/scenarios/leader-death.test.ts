// The leader of a failover dies in each of its states, for good or for a moment: somebody else has to finish what it began.

import { expect } from 'chai';
import type { Simulation } from '../sim/simulation.js';
import { allIsWell, aWorld, isFailedOver, nodeOf } from './world.js';

const DOWN_AFTER = 1_000;

const MOMENTS = [
  '+odown',
  '+try-failover',
  'ask-master-down',
  '+elected-leader',
  '+selected-slave',
  'change-role',
  '+failover-state-wait-promotion',
  '+promoted-slave',
  '+switch-master',
  'save',
  'publish',
  '+slave-reconf-sent',
] as const;

/** Whoever leads after the master's death crashes at this moment, once; `back` restarts it that much later. */
function killLeader(world: Simulation, moment: string, back: number | null): void {
  const candidates = world.sentinels;
  for (const host of candidates) {
    host.crashPoint = { point: { kind: 'after', what: moment }, countdown: 1 };
    host.onCrash = () => {
      host.onCrash = null;
      for (const other of candidates) other.crashPoint = null;
      if (back !== null) world.agenda.after(back, () => host.start());
    };
  }
}

describe('Scenario: death of the leader', function () {
  this.timeout(60_000);

  for (const moment of MOMENTS) {
    it(`after ${moment}, for good: another one finishes within five seconds`, () => {
      for (let seed = 1; seed <= 4; seed++) {
        const world = aWorld({ seed, groups: [{ replicas: 2 }] });
        const former = nodeOf(world, 0);
        former.kill();
        world.runFor(DOWN_AFTER - 50);
        killLeader(world, moment, null);

        const took = world.waitUntil('failover', () => isFailedOver(world, former), 60_000);

        expect(took, `seed ${seed}`).to.be.at.most(5_000 + 50);
        world.runFor(15_000);
        expect(
          world.sentinels.filter((host) => host.isAlive),
          `seed ${seed}`,
        ).to.have.length(2);
      }
    });

    it(`after ${moment}, back a moment later: the group ends with one master`, () => {
      for (let seed = 1; seed <= 4; seed++) {
        const world = aWorld({ seed, groups: [{ replicas: 2 }] });
        const former = nodeOf(world, 0);
        former.kill();
        world.runFor(DOWN_AFTER - 50);
        killLeader(world, moment, 10 + 20 * seed);

        world.waitUntil('failover', () => isFailedOver(world, former), 60_000);
        former.restart('with-data');

        expect(allIsWell(world, 60_000), `seed ${seed}`).to.be.at.most(30_000);
      }
    });
  }
});
