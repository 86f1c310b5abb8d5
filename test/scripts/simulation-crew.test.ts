// Many seeds in several threads: the same runs as in one, and an end when it is time, with every seed that was begun.

import { expect } from 'chai';
import { runCrew } from '../../scripts/simulation-crew.js';
import { readSimulationRun, type SeedRun } from '../../scripts/simulation-options.js';
import { type Report, runSwarm } from '../sim/swarm.js';

const SHORT = '--fault-phase 1';

function aRun(line: string): SeedRun {
  const run = readSimulationRun(`${SHORT} ${line}`.split(' '));
  if (run.kind !== 'seeds') throw new Error(`${line} runs no seeds`);
  return run;
}

function inThisThread({ first, count, faults, faultPhase, isMixed }: SeedRun): Report[] {
  return Array.from({ length: count }, (_, index) =>
    runSwarm({ seed: first + index, faults, faultPhase, isMixed, show: null }),
  );
}

function bySeed(reports: readonly Report[]): Report[] {
  return [...reports].sort((one, other) => one.seed - other.seed);
}

describe('Simulator in several threads', function () {
  this.timeout(120_000);

  it('reports of each seed what one thread reports under the same options', async () => {
    const run = aRun('--seed 2 --count 3 --jobs 2 --mixed --faults partition');
    const reports: Report[] = [];

    await runCrew(run, (report) => reports.push(report), {
      isEnough: () => false,
      interruption: new AbortController().signal,
    });

    expect(bySeed(reports)).to.deep.equal(inThisThread(run));
  });

  it('begins no seed after an interruption, and finishes those under way', async () => {
    const reports: Report[] = [];
    const interruption = new AbortController();

    await runCrew(
      aRun('--minutes 60 --jobs 2'),
      (report) => {
        reports.push(report);
        interruption.abort();
      },
      { isEnough: () => false, interruption: interruption.signal },
    );

    expect(bySeed(reports).map(({ seed }) => seed)).to.deep.equal([1, 2]);
  });

  it('begins no seed when there have been enough', async () => {
    const reports: Report[] = [];

    await runCrew(aRun('--count 100 --jobs 1'), (report) => reports.push(report), {
      isEnough: () => reports.length === 2,
      interruption: new AbortController().signal,
    });

    expect(reports.map(({ seed }) => seed)).to.deep.equal([1, 2]);
  });

  it('runs one seed however short the time, and no more', async () => {
    const reports: Report[] = [];

    await runCrew(aRun('--minutes 0.00001 --jobs 1'), (report) => reports.push(report), {
      isEnough: () => false,
      interruption: new AbortController().signal,
    });

    expect(reports.map(({ seed }) => seed)).to.deep.equal([1]);
  });
});
