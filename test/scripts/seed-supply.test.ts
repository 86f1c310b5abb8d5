// Which seeds a run of the simulator takes, whoever runs them.

import { expect } from 'chai';
import { seedSupply } from '../../scripts/seed-supply.js';
import { readSimulationRun, type SeedRun } from '../../scripts/simulation-options.js';

function aRun(line: string): SeedRun {
  const run = readSimulationRun(line.split(' '));
  if (run.kind !== 'seeds') throw new Error(`${line} runs no seeds`);
  return run;
}

function all(take: () => number | null): number[] {
  const seeds: number[] = [];
  for (let seed = take(); seed !== null; seed = take()) seeds.push(seed);
  return seeds;
}

describe('Supply of seeds', () => {
  it('has so many seeds as are asked for, from the first on', () => {
    expect(all(seedSupply(aRun('--seed 7 --count 3'), () => false))).to.deep.equal([7, 8, 9]);
  });

  it('has one seed unless more are asked for', () => {
    expect(all(seedSupply(aRun('--seed 7'), () => false))).to.deep.equal([7]);
  });

  it('has one seed however short the time', () => {
    expect(all(seedSupply(aRun('--seed 7 --minutes 0.0000001'), () => false))).to.deep.equal([7]);
  });

  it('ends when it is over, at once if it is from the beginning', () => {
    const taken: number[] = [];
    const take = seedSupply(aRun('--seed 7 --minutes 60'), () => taken.length === 2);
    for (let seed = take(); seed !== null; seed = take()) taken.push(seed);
    expect(taken).to.deep.equal([7, 8]);
    expect(all(seedSupply(aRun('--seed 7 --count 3'), () => true))).to.deep.equal([]);
  });
});
