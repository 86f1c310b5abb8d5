// A group that contradicts itself while nobody is down: a master that nobody has announced, two configurations of one epoch.
// No failover ends that; an election that confirms the address that is master does.

import { expect } from 'chai';
import type { Machine } from '../sim/network.js';
import type { SentinelHost } from '../sim/sentinel-host.js';
import { allIsWell, always, aWorld, groupOf, isFailedOver, namedBy, nodeOf, sentinelOf, theMaster } from './world.js';

function configEpochOf(host: SentinelHost): number {
  return host.sentinel?.core.topology.masters.get('mymaster')?.configEpoch ?? -1;
}

describe('Scenario: re-affirmation', function () {
  this.timeout(60_000);

  it('hole 1b: a replica turned master is demoted, but only under an epoch that is newer than its reign', () => {
    for (let seed = 1; seed <= 5; seed++) {
      const world = aWorld({ seed });
      const stray = nodeOf(world, 1);
      world.operator.tell(stray.options.address, ['REPLICAOF', 'NO', 'ONE']);
      world.waitUntil('a second master', () => stray.isMaster, 1_000);

      const isConfirmed = () => world.sentinels.some((host) => configEpochOf(host) > 0);
      always(
        world,
        `nothing is demoted before an election (seed ${seed})`,
        () => isConfirmed() || stray.isMaster,
        20_000,
      );

      allIsWell(world, 20_000);
      expect(theMaster(world), `seed ${seed}`).to.equal(nodeOf(world, 0));
    }
  });

  for (const end of ['both reign', 'one of them is dead', 'the third Sentinel is dead'] as const) {
    it(`hole 4a: two addresses for one configuration epoch end as one (${end})`, () => {
      for (let seed = 1; seed <= 5; seed++) {
        const world = aWorld({ seed, groups: [{ replicas: 2 }] });
        // FORCE asks nobody, and so it may act in an epoch that the others elect somebody in.
        world.checkers.toleratesTies = true;
        const [master, first, second] = [nodeOf(world, 0), nodeOf(world, 1), nodeOf(world, 2)];
        const alone = sentinelOf(world, 0);
        const all = [...world.network.machines.values()];
        const side = [alone.machine, first.machine];
        const cut = world.network.separate(
          side,
          all.filter((machine) => !side.includes(machine) && machine !== world.operator.machine),
        );
        world.operator.tell(alone.address, ['SENTINEL', 'FAILOVER', 'mymaster', 'FORCE']);
        world.runFor(100);
        master.kill();
        const others = world.sentinels.slice(1);
        world.waitUntil(
          'the others have elected somebody for theirs',
          () => others.every((host) => namedBy(host, groupOf(world)) === second),
          20_000,
        );
        expect(namedBy(alone, groupOf(world)), `seed ${seed}`).to.equal(first);
        expect(configEpochOf(alone), `seed ${seed}`).to.equal(configEpochOf(sentinelOf(world, 1)));

        // Whoever names a dead node that nobody else names has no quorum against it, and no failover would ever end that.
        if (end === 'one of them is dead') first.kill();
        // Then either needs the vote of the one that names the other address.
        if (end === 'the third Sentinel is dead') sentinelOf(world, 2).kill();
        cut.mend();

        expect(allIsWell(world, 60_000), `seed ${seed}`).to.be.at.most(30_000);
        expect(isFailedOver(world, master), `seed ${seed}`).to.equal(true);
      }
    });
  }

  it('hole 4a: two addresses for one epoch, each named by half of the Sentinels, end as one', () => {
    for (let seed = 1; seed <= 3; seed++) {
      const world = aWorld({ seed, sentinels: 4, groups: [{ replicas: 2, quorum: 2 }] });
      world.checkers.toleratesTies = true;
      const [master, first, second] = [nodeOf(world, 0), nodeOf(world, 1), nodeOf(world, 2)];
      const side = [sentinelOf(world, 0).machine, sentinelOf(world, 1).machine, first.machine];
      const isElsewhere = (machine: Machine) => !side.includes(machine) && machine !== world.operator.machine;
      const cut = world.network.separate(side, [...world.network.machines.values()].filter(isElsewhere));
      for (const [index, target] of [
        [0, first],
        [2, second],
      ] as const) {
        const { host, port } = target.options.address;
        const order = ['SENTINEL', 'FAILOVER', 'mymaster', 'FORCE', 'TO', host, String(port)];
        world.operator.tell(sentinelOf(world, index).address, order);
      }
      world.runFor(500);
      master.kill();
      world.runFor(5_000);
      const named = () => world.sentinels.map((host) => namedBy(host, groupOf(world)));
      expect(named(), `seed ${seed}`).to.deep.equal([first, first, second, second]);

      cut.mend();

      expect(allIsWell(world, 60_000), `seed ${seed}`).to.be.at.most(30_000);
    }
  });
});
