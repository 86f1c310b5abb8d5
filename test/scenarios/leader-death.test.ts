// The leader of a failover dies in each of its states, for good or for a moment: somebody else has to finish what it began.

import { expect } from 'chai';
import type { Simulation } from '../sim/simulation.js';
import { allIsWell, aWorld, groupOf, isFailedOver, nodeOf, theMaster } from './world.js';

const DOWN_AFTER = 1_000;
/** The promotion ends all subscriptions, so that the leader's first hello may be heard by nobody. */
const HELLO_PERIOD = 2_000;

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

  it('hole 10a: a promotion that its leader could not announce is finished, not repeated with another replica', () => {
    for (let seed = 1; seed <= 10; seed++) {
      const world = aWorld({ seed, groups: [{ replicas: 3 }] });
      const former = nodeOf(world, 0);
      former.kill();
      world.runFor(DOWN_AFTER - 50);
      killLeader(world, '+failover-state-wait-promotion', null);
      world.waitUntil('a promotion', () => groupOf(world).masters.length === 1, 5_000);
      const [promoted] = groupOf(world).masters;

      world.waitUntil('failover', () => isFailedOver(world, former), 60_000);

      expect(theMaster(world).name, `seed ${seed}`).to.equal(promoted?.name);
      expect(groupOf(world).masters, `seed ${seed}`).to.have.length(1);
    }
  });

  it('hole 10b: a configuration whose leader nobody can ask is adopted on the word of the new master', () => {
    for (let seed = 1; seed <= 10; seed++) {
      const world = aWorld({ seed, latency: [2, 4] });
      const former = nodeOf(world, 0);
      former.kill();
      const promoting = () =>
        world.sentinels.find(
          (host) => host.sentinel?.core.topology.masters.get('mymaster')?.failover?.state === 'promote',
        );
      world.waitUntil('a leader that promotes', () => promoting() !== undefined, 5_000);
      const leader = promoting();
      if (leader === undefined) throw new Error('a leader');
      const others = world.sentinels.filter((host) => host !== leader).map(({ machine }) => machine);
      world.network.separate([leader.machine], others);

      expect(
        world.waitUntil('all follow', () => isFailedOver(world, former), 20_000),
        `seed ${seed}`,
      ).to.be.at.most(HELLO_PERIOD + 100);
    }
  });
});
