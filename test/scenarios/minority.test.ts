// Partitions: what the smaller side must not do, what the larger side must, and what happens when they meet again.

import { expect } from 'chai';
import type { Machine } from '../sim/network.js';
import type { Simulation } from '../sim/simulation.js';
import { allIsWell, always, aWorld, groupOf, namedBy, nodeOf, sentinelOf, theMaster } from './world.js';

const HOUR = 3_600_000;

function rest(world: Simulation, side: readonly Machine[]): Machine[] {
  return [...world.network.machines.values()].filter((machine) => !side.includes(machine));
}

describe('Scenario: partition', function () {
  this.timeout(60_000);

  it('a minority without its master does nothing for an hour', () => {
    const world = aWorld({ sentinels: 5, groups: [{ quorum: 2, writers: 0, downAfter: 5_000 }] });
    const [one, two] = [sentinelOf(world, 0), sentinelOf(world, 1)];
    const minority = [one.machine, two.machine, nodeOf(world, 1).machine];
    world.network.separate(minority, rest(world, minority));
    const epochs = [one, two].map((host) => host.sentinel?.core.currentEpoch);

    always(world, 'the replica stays one', () => nodeOf(world, 1).upstream !== null, HOUR, 1_000);

    expect([one, two].map((host) => namedBy(host, groupOf(world)))).to.deep.equal([nodeOf(world, 0), nodeOf(world, 0)]);
    expect([one, two].map((host) => host.sentinel?.core.currentEpoch)).to.deep.equal(epochs);
  });

  it('a minority with the master keeps it, the majority promotes another, and the healed group has one', () => {
    for (let seed = 1; seed <= 5; seed++) {
      const world = aWorld({
        seed,
        sentinels: 5,
        groups: [{ replicas: 3, quorum: 3, redis: { minReplicasToWrite: 1 } }],
      });
      const former = nodeOf(world, 0);
      const minority = [sentinelOf(world, 0).machine, sentinelOf(world, 1).machine, former.machine];
      const cut = world.network.separate(minority, rest(world, minority));
      const majority = world.sentinels.slice(2);

      const took = world.waitUntil(
        'the majority fails over',
        () => majority.every((host) => namedBy(host, groupOf(world)) !== former),
        10_000,
      );
      world.runFor(15_000);
      expect(took).to.be.at.most(2_000);
      expect(world.sentinels.slice(0, 2).map((host) => namedBy(host, groupOf(world)))).to.deep.equal([former, former]);
      cut.mend();

      expect(allIsWell(world, 30_000), `seed ${seed}`).to.be.at.most(10_000);
    }
  });

  it('with min-replicas-to-write 1 a cut-off master acknowledges nothing after the lag limit, and no more is lost', () => {
    const lagLimit = 2_000;
    /** A server looks at its replicas' acknowledgements once a second, and gets them once a second. */
    const granularity = 2_000;
    for (let seed = 1; seed <= 5; seed++) {
      const redis = { minReplicasToWrite: 1, minReplicasMaxLag: lagLimit };
      const world = aWorld({ seed, sentinels: 5, groups: [{ quorum: 3, writers: 3, redis }] });
      const former = nodeOf(world, 0);
      const clients = groupOf(world).writers.slice(0, 2);
      const minority = [sentinelOf(world, 0).machine, former.machine, ...clients.map(({ machine }) => machine)];
      const cut = world.network.separate(minority, rest(world, minority));
      const cutAt = world.now;
      world.runFor(15_000);

      cut.mend();
      allIsWell(world, 30_000);

      const missing = groupOf(world).missingWrites(theMaster(world));
      const latest = Math.max(cutAt, ...missing.map(({ at }) => at));
      expect(latest - cutAt, `seed ${seed}`).to.be.at.most(lagLimit + granularity);
      expect(missing.length, `seed ${seed}`).to.be.within(1, (2 * (lagLimit + granularity)) / 20);
      expect(groupOf(world).acknowledgedWrites, `seed ${seed}`).to.be.greaterThan(missing.length);
    }
  });

  it('agreement of the past is none: verdicts that were true one after the other never were a quorum', () => {
    const world = aWorld({ sentinels: 5, groups: [{ quorum: 3, writers: 0 }] });
    const master = nodeOf(world, 0);
    const [one, two, three] = [sentinelOf(world, 0), sentinelOf(world, 1), sentinelOf(world, 2)];
    world.network.separate([one.machine], [master.machine]);
    const first = world.network.separate([two.machine], [master.machine]);
    world.runFor(5_000);
    // The second says nothing any more; to the first its last word was "down".
    first.mend();
    world.network.separate([two.machine], rest(world, [two.machine, master.machine]));
    world.runFor(15_000);

    world.network.separate([three.machine], [master.machine]);

    always(world, 'nothing is promoted', () => master.isMaster && groupOf(world).masters.length === 1, 30_000);
    expect(world.checkers.elections.elections).to.equal(0);
  });

  it('a majority that has to vote unanimously recovers from a split vote within seconds', () => {
    for (let seed = 1; seed <= 40; seed++) {
      const groups = [{ replicas: 3, quorum: 2, downAfter: 500, writers: 0 }];
      const world = aWorld({ seed, sentinels: 5, disk: { latency: [5, 60] }, timerJitter: 15, groups });
      const former = nodeOf(world, 0);
      const minority = [sentinelOf(world, 0).machine, sentinelOf(world, 1).machine, former.machine];
      world.network.separate(minority, rest(world, minority));

      const isReplaced = () => world.sentinels.slice(2).every((host) => namedBy(host, groupOf(world)) !== former);

      expect(world.waitUntil('the majority fails over', isReplaced, 20_000), `seed ${seed}`).to.be.at.most(3_500);
    }
  });

  it('three isolated Sentinels of five do nothing, each on its own', () => {
    const world = aWorld({ sentinels: 5, groups: [{ quorum: 2, writers: 0 }] });
    const former = nodeOf(world, 0);
    for (const { machine } of world.sentinels) {
      world.network.separate(
        [machine],
        world.sentinels.map((other) => other.machine).filter((other) => other !== machine),
      );
    }
    world.runFor(5_000);

    former.kill();

    always(world, 'no replica is promoted', () => groupOf(world).masters.length === 0, 600_000, 1_000);
    world.network.heal();
    expect(allIsWell(world, 60_000)).to.be.at.most(40_000);
  });

  it('a failover that only one side of a cut between Sentinels and master sees is not begun', () => {
    const world = aWorld({ sentinels: 5, groups: [{ quorum: 3 }] });
    const former = nodeOf(world, 0);
    world.network.separate([sentinelOf(world, 0).machine, sentinelOf(world, 1).machine], [former.machine]);

    always(world, 'the master stays', () => former.isMaster && groupOf(world).masters.length === 1, 120_000, 100);

    expect(world.checkers.elections.elections).to.equal(0);
  });

  it('converges after every one-way cut between two machines, and never elects without need', () => {
    const names = ['S1', 'S2', 'S3', 'master', 'replica'];
    for (const from of names) {
      for (const to of names) {
        if (from === to) continue;
        const world = aWorld({ seed: names.indexOf(from) * 10 + names.indexOf(to), groups: [{ writers: 0 }] });
        const find = (name: string) => machineNamed(world, name);
        const cut = world.network.cut([find(from)], [find(to)]);
        world.runFor(20_000);
        expect(world.checkers.elections.elections, `${from} → ${to}`).to.equal(0);

        cut.mend();

        expect(allIsWell(world, 60_000), `${from} → ${to}`).to.be.at.most(30_000);
      }
    }
  });
});

function machineNamed(world: Simulation, name: string): Machine {
  if (name === 'master') return nodeOf(world, 0).machine;
  if (name === 'replica') return nodeOf(world, 1).machine;
  return sentinelOf(world, Number(name.slice(1)) - 1).machine;
}
