// Planned failovers: the writes of a healthy master are paused, the replica catches up, and nothing that was acknowledged is
// lost. What breaks in between ends the handover, not the promise.

import { expect } from 'chai';
import type { SentinelHost } from '../sim/sentinel-host.js';
import type { Simulation } from '../sim/simulation.js';
import { allIsWell, aWorld, groupOf, isFailedOver, nodeOf, sentinelOf, theMaster } from './world.js';

const WRITE_PERIOD = 2;

function aBusyWorld(seed: number, latency: readonly [number, number] = [0.1, 0.4]): Simulation {
  return aWorld({ seed, latency, groups: [{ writers: 3, writePeriod: WRITE_PERIOD }] });
}

function order(world: Simulation, host: SentinelHost, ...words: string[]): unknown[] {
  const answers: unknown[] = [];
  world.operator.tell(host.address, ['SENTINEL', 'FAILOVER', 'mymaster', ...words], (reply) => answers.push(reply));
  return answers;
}

function stateOf(host: SentinelHost): string | null {
  return host.sentinel?.core.topology.masters.get('mymaster')?.failover?.state ?? null;
}

/** No write is under way any more, and none that was acknowledged is missing at the master. */
function expectNothingLost(world: Simulation, seed: number): void {
  allIsWell(world, 60_000);
  for (const writer of groupOf(world).writers) writer.finish();
  world.runFor(1_000);
  expect(groupOf(world).lostWrites(theMaster(world)), `seed ${seed}`).to.equal(0);
}

describe('Scenario: planned failover', function () {
  this.timeout(60_000);

  it('loses no acknowledged write and stops writes for a few round trips', () => {
    for (let seed = 1; seed <= 10; seed++) {
      const world = aBusyWorld(seed);
      const former = nodeOf(world, 0);

      order(world, sentinelOf(world, 0));
      world.waitUntil('failover', () => isFailedOver(world, former), 5_000);
      expectNothingLost(world, seed);

      for (const { longestGap } of groupOf(world).writers) expect(longestGap, `seed ${seed}`).to.be.at.most(200);
    }
  });

  it('holds writes up for two round trips and a save, and for a third where a write is still on its way to the replica', () => {
    const latency = 10;
    const took: number[] = [];
    for (let seed = 1; seed <= 9; seed++) {
      const world = aWorld({ seed, latency: [latency, latency], groups: [{ writers: 1, writePeriod: 100 }] });
      const former = nodeOf(world, 0);

      order(world, sentinelOf(world, 0));
      world.waitUntil('paused', () => former.isPaused, 5_000);
      took.push(world.waitUntil('demoted', () => !former.isMaster, 5_000));
      expectNothingLost(world, seed);
    }

    expect(Math.max(...took)).to.be.lessThan(7 * latency);
    expect(took.filter((millis) => millis < 5 * latency)).to.have.length.greaterThan(4);
  });

  it('loses no acknowledged write however often it is asked for, and of whom', () => {
    const world = aBusyWorld(3);
    let moved = 0;
    for (let round = 0; round < 12; round++) {
      const former = theMaster(world);
      order(world, sentinelOf(world, round % 3));
      world.runFor(1_000);
      if (isFailedOver(world, former)) moved++;
    }

    expectNothingLost(world, 3);
    expect(moved).to.be.at.least(10);
  });

  it('hole 7a: waits for a replica whose stream is held up, and then loses nothing', () => {
    for (let seed = 1; seed <= 10; seed++) {
      const world = aBusyWorld(seed);
      const [former, one, two] = [nodeOf(world, 0), nodeOf(world, 1), nodeOf(world, 2)];
      const cut = world.network.cut([former.machine], [one.machine, two.machine]);
      world.agenda.after(300, () => cut.mend());

      order(world, sentinelOf(world, 0));
      world.waitUntil('failover', () => isFailedOver(world, former), 5_000);

      expectNothingLost(world, seed);
    }
  });

  it('hole 7b: renews the pause for as long as the replica needs', () => {
    for (let seed = 1; seed <= 5; seed++) {
      const world = aBusyWorld(seed);
      const [former, one, two] = [nodeOf(world, 0), nodeOf(world, 1), nodeOf(world, 2)];
      const cut = world.network.cut([former.machine], [one.machine, two.machine]);
      world.agenda.after(450, () => cut.mend());

      order(world, sentinelOf(world, 0), 'COORDINATED');
      world.runFor(1_500);

      expect(isFailedOver(world, former), `seed ${seed}`).to.equal(true);
      expectNothingLost(world, seed);
    }
  });

  it('hole 7c: a leader that stalls while it waits promotes nobody on what it had read before', () => {
    for (const stall of [150, 450, 900, 1_500]) {
      for (const timersFirst of [true, false]) {
        const world = aBusyWorld(stall);
        const leader = sentinelOf(world, 0);
        const [former, one, two] = [nodeOf(world, 0), nodeOf(world, 1), nodeOf(world, 2)];
        const cut = world.network.cut([former.machine], [one.machine, two.machine]);
        order(world, leader);
        world.waitUntil('a handover', () => stateOf(leader) === 'hand-over', 1_000);
        world.runFor(50);

        leader.timersFirst = timersFirst;
        leader.stop();
        world.runFor(stall / 2);
        cut.mend();
        world.runFor(stall / 2);
        leader.resume();

        expectNothingLost(world, stall);
      }
    }
  });
});
