// The command line of the simulator: the defaults are those of the tests, and what makes no sense is refused in words.

import { expect } from 'chai';
import { commandFor, readSimulationRun } from '../../scripts/simulation-options.js';
import { FAULT_NAMES } from '../sim/faults.js';
import { DEFAULT_SWARM } from '../sim/swarm.js';

function read(line: string) {
  return readSimulationRun(line.split(' ').filter((word) => word !== ''));
}

describe('Command line of the simulator', () => {
  it('runs one seed as the tests do unless told otherwise', () => {
    const { faultPhase, faults, isMixed } = DEFAULT_SWARM;

    expect(read('--seed 7')).to.deep.equal({
      kind: 'seeds',
      first: 7,
      count: 1,
      limit: Number.POSITIVE_INFINITY,
      faultPhase,
      faults,
      isMixed,
      hasTrace: false,
      stopsAtFailure: false,
      jobs: 1,
    });
  });

  it('runs as many seeds at once as there are to be jobs', () => {
    expect(read('--count 100 --jobs 4')).to.deep.include({ first: 1, count: 100, jobs: 4 });
  });

  it('names the command that repeats a seed under the same options, with its trace', () => {
    const command = (line: string) => {
      const run = read(line);
      if (run.kind !== 'seeds') throw new Error(`${line} runs no seeds`);
      return commandFor(17, run);
    };

    expect(command('--count 100 --jobs 4 --stop')).to.equal('npm run simulate -- --seed 17 --trace');
    expect(command('--count 100 --mixed --fault-phase 120 --faults partition,operate')).to.equal(
      'npm run simulate -- --seed 17 --fault-phase 120 --faults partition,operate --mixed --trace',
    );
  });

  it('takes the length of the fault phase in seconds, and the time for many seeds in minutes', () => {
    expect(read('--fault-phase 120 --minutes 0.5')).to.deep.include({
      count: Number.POSITIVE_INFINITY,
      limit: 30_000,
      faultPhase: 120_000,
    });
  });

  it('chooses among the kinds of faults, and lists them', () => {
    expect(read('--faults partition,operate')).to.deep.include({ faults: ['partition', 'operate'] });
    expect(read('--faults help')).to.deep.equal({ kind: 'list-faults' });
    expect(FAULT_NAMES).to.include('partition');
  });

  it('runs the scale test with as many masters as asked for', () => {
    expect(read('--scale')).to.deep.equal({ kind: 'scale', masters: 1_000, seed: 1 });
    expect(read('--scale --masters 30')).to.deep.equal({ kind: 'scale', masters: 30, seed: 1 });
  });

  for (const [line, message] of [
    ['--seed seven', "--seed takes a whole number of at least 0, not 'seven'"],
    ['--count 0', "--count takes a whole number of at least 1, not '0'"],
    ['--count 1.5', "--count takes a whole number of at least 1, not '1.5'"],
    ['--minutes 0', "--minutes takes a number greater than 0, not '0'"],
    ['--fault-phase 1e9999', "--fault-phase takes a number greater than 0, not '1e9999'"],
    ['--faults partition,plague', "--faults does not know 'plague'"],
    ['--masters 3', '--masters needs --scale'],
    ['--jobs 0', "--jobs takes a whole number of at least 1, not '0'"],
    ['--jobs 2 --trace', '--trace shows one run after the other: leave out --jobs'],
    ['--scale --jobs 2', '--scale is one run: --jobs is for many'],
    ['--speed 3', "'--speed'"],
  ] as const) {
    it(`refuses ${line}`, () => {
      expect(() => read(line)).to.throw(message);
    });
  }
});
