// The command line of the simulator: the defaults are those of the tests, and what makes no sense is refused in words.

import { expect } from 'chai';
import { readSimulationRun } from '../../scripts/simulation-options.js';
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
    });
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
    ['--speed 3', "'--speed'"],
  ] as const) {
    it(`refuses ${line}`, () => {
      expect(() => read(line)).to.throw(message);
    });
  }
});
