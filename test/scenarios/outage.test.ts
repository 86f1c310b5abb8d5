// Masters that stop working, each in its own way, and the failover that has to follow within its time.

import { expect } from 'chai';
import { runScale, SCALE_LIMIT } from '../sim/scale.js';
import { allIsWell, always, aWorld, failover, groupOf, isFailedOver, nodeOf, theMaster } from './world.js';

const DOWN_AFTER = 1_000;

describe('Scenario: outage', function () {
  this.timeout(60_000);

  for (const seed of [1, 2, 3, 4, 5]) {
    it(`a crash is failed over within down-after and 50 ms, and nothing is lost (seed ${seed})`, () => {
      const world = aWorld({ seed });
      const former = nodeOf(world, 0);

      former.kill();
      const took = failover(world, former, 5_000);

      expect(took).to.be.within(DOWN_AFTER, DOWN_AFTER + 50);
      allIsWell(world, 5_000);
      expect(groupOf(world).lostWrites(theMaster(world))).to.equal(0);
    });

    it(`a machine without power is failed over as fast, counted from its last answer (seed ${seed})`, () => {
      const world = aWorld({ seed });
      const former = nodeOf(world, 0);

      former.machine.isOn = false;
      former.losePower();

      expect(failover(world, former, 5_000)).to.be.at.most(DOWN_AFTER + 200 + 50);
    });

    it(`a hang is failed over within down-after, a PING period and 50 ms (seed ${seed})`, () => {
      const world = aWorld({ seed });
      const former = nodeOf(world, 0);

      former.stop();

      expect(failover(world, former, 5_000)).to.be.at.most(DOWN_AFTER + 200 + 50);
    });
  }

  it('a clean shutdown is failed over like a crash', () => {
    const world = aWorld();
    const former = nodeOf(world, 0);

    former.shutDown();

    expect(failover(world, former, 5_000)).to.be.within(DOWN_AFTER, DOWN_AFTER + 50);
  });

  it('the replica with the greatest offset is promoted', () => {
    const world = aWorld({ seed: 11 });
    const [former, behind, ahead] = [nodeOf(world, 0), nodeOf(world, 1), nodeOf(world, 2)];
    world.network.separate([former.machine], [behind.machine]);
    world.runFor(1_500);

    former.kill();
    failover(world, former, 5_000);

    expect(theMaster(world)).to.equal(ahead);
    expect(behind.history.offset).to.be.at.most(ahead.history.offset);
  });

  it('the other replicas follow the new master within a second', () => {
    for (let seed = 1; seed <= 5; seed++) {
      const world = aWorld({ seed, groups: [{ replicas: 4, parallelSyncs: 4 }] });
      const former = nodeOf(world, 0);
      former.kill();
      failover(world, former, 5_000);
      const promoted = theMaster(world).options.address;

      const left = groupOf(world).nodes.filter((node) => node.isAlive && node !== theMaster(world));
      const isFollowing = () => left.every(({ upstream }) => upstream?.address.host === promoted.host);

      expect(world.waitUntil('all follow', isFollowing, 10_000), `seed ${seed}`).to.be.at.most(1_000);
    }
  });

  it('a replica of priority 0 is never promoted, even when it is the only one', () => {
    const world = aWorld({ groups: [{ replicas: 1, node: (index) => (index === 1 ? { priority: 0 } : {}) }] });
    const former = nodeOf(world, 0);

    former.kill();

    always(world, 'nothing is promoted', () => nodeOf(world, 1).upstream !== null, 120_000, 100);
  });

  it('without an eligible replica nothing happens until one appears, and then at once', () => {
    const world = aWorld();
    const former = nodeOf(world, 0);
    nodeOf(world, 1).stop();
    nodeOf(world, 2).stop();
    world.runFor(3_000);
    former.kill();
    always(world, 'nobody is promoted', () => !isFailedOver(world, former), 30_000, 100);

    nodeOf(world, 1).resume();
    const took = failover(world, former, 10_000);

    expect(took).to.be.at.most(2_500);
    expect(theMaster(world)).to.equal(nodeOf(world, 1));
  });

  it('a master that is back before the promotion is not failed over', () => {
    const world = aWorld();
    const former = nodeOf(world, 0);

    for (let round = 0; round < 5; round++) {
      former.stop();
      world.runFor(DOWN_AFTER - 250);
      former.resume();
      always(world, 'it stays the master', () => theMaster(world) === former, 5_000, 50);
    }

    expect(world.checkers.elections.elections).to.equal(0);
  });

  it('five failovers in a row leave one master and all its replicas', () => {
    const world = aWorld({ groups: [{ replicas: 3 }] });

    for (let round = 0; round < 5; round++) {
      const former = theMaster(world);
      former.kill();
      failover(world, former, 5_000);
      former.restart('with-data');
      allIsWell(world, 10_000);
    }

    expect(groupOf(world).masters).to.have.length(1);
  });

  it('a third of a hundred masters that die at once are all failed over within twice down-after and five seconds', () => {
    const { killed, elections, slowest } = runScale({ masters: 100, seed: 1 });

    expect(killed).to.equal(34);
    expect(slowest).to.be.at.most(SCALE_LIMIT);
    expect(elections).to.be.at.most(2 * killed);
  });
});
