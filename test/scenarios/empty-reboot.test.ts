// A master whose process is replaced by an empty one, quicker than any down-after: does the data survive?

import { expect } from 'chai';
import type { Simulation } from '../sim/simulation.js';
import { allIsWell, aWorld, countEvents, groupOf, isFailedOver, nodeOf, theMaster } from './world.js';

function aRecordedWorld(seed: number): { world: Simulation; lines: string[] } {
  const lines: string[] = [];
  const world = aWorld({ seed, show: (line) => lines.push(line) });
  world.runFor(12_000);
  lines.length = 0;
  return { world, lines };
}

describe('Scenario: a master that restarts without its data', function () {
  this.timeout(120_000);

  it('is replaced by a replica that still has the data, if that is quicker than the resynchronisation', () => {
    let saved = 0;
    const seeds = Array.from({ length: 20 }, (_, index) => index + 1);
    for (const seed of seeds) {
      const { world, lines } = aRecordedWorld(seed);
      const former = nodeOf(world, 0);
      const before = former.history.writes.length;
      former.kill();
      world.runFor((seed % 5) * 200);
      former.restart('empty');
      world.runFor(20_000);
      allIsWell(world, 30_000);
      if (!isFailedOver(world, former)) continue;
      expect(theMaster(world).history.writes.length).to.be.at.least(before);
      expect(countEvents(lines, '+reboot-empty')).to.be.greaterThan(1);
      saved++;
    }
    expect(saved).to.be.greaterThan(seeds.length / 4);
  });

  for (const seed of [1, 2, 3]) {
    it(`is no reason for anything when it comes back with its data (seed ${seed})`, () => {
      const { world, lines } = aRecordedWorld(seed);
      const former = nodeOf(world, 0);

      former.kill();
      former.restart('with-data');
      world.runFor(20_000);

      expect(countEvents(lines, '+reboot-empty')).to.equal(0);
      expect(theMaster(world)).to.equal(former);
      expect(groupOf(world).lostWrites(former)).to.equal(0);
    });
  }
});
