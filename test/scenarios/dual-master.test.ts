// Two masters at the same time are told by everybody who sees them, and by nobody in a failover that goes as it should.

import { expect } from 'chai';
import type { Simulation } from '../sim/simulation.js';
import { allIsWell, aWorld, countEvents, failover, nodeOf } from './world.js';

function aRecordedWorld(seed = 1): { world: Simulation; lines: string[] } {
  const lines: string[] = [];
  return { world: aWorld({ seed, show: (line) => lines.push(line) }), lines };
}

describe('Scenario: two masters at the same time', function () {
  this.timeout(60_000);

  it('are told once by each Sentinel while somebody has promoted a replica by hand, and are told to be over', () => {
    const { world, lines } = aRecordedWorld();

    nodeOf(world, 1).becomeMaster();
    allIsWell(world, 60_000);
    world.runFor(5_000);

    expect(countEvents(lines, '+dual-master')).to.equal(3);
    expect(countEvents(lines, '-dual-master')).to.equal(3);
  });

  for (const seed of [1, 2, 3, 4, 5]) {
    it(`are not seen when a master dies and stays dead (seed ${seed})`, () => {
      const { world, lines } = aRecordedWorld(seed);
      const former = nodeOf(world, 0);

      former.kill();
      failover(world, former, 5_000);
      world.runFor(30_000);

      expect(countEvents(lines, '+dual-master')).to.equal(0);
    });

    it(`end within two seconds of their being seen when the dead master returns (seed ${seed})`, () => {
      const { world, lines } = aRecordedWorld(seed);
      const former = nodeOf(world, 0);
      former.kill();
      failover(world, former, 5_000);
      world.runFor(seed * 2_000);

      former.restart('with-data');
      world.waitUntil('demoted', () => !former.isMaster, 10_000);
      world.runFor(2_000);

      expect(countEvents(lines, '+dual-master')).to.be.greaterThan(0);
      expect(countEvents(lines, '-dual-master')).to.equal(countEvents(lines, '+dual-master'));
    });
  }
});
