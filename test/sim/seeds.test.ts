// Many seeds of whole simulations with faults, and the proof that a seed decides everything.
// Three hundred run here; `scripts/simulate` runs as many as there is time for. What a seed found stands beside it.

import { expect } from 'chai';
import { FAULT_NAMES, ORDINARY_FAULTS } from './faults.js';
import { DEFAULT_SWARM, type Report, runSwarm, type SwarmOptions } from './swarm.js';

const BATCH = 50;

/** What there was before operators forgot too early. */
const CAREFUL_FAULTS = FAULT_NAMES.filter((name) => name !== 'forget-too-early');

/**
 * Seeds that once failed, with the options they failed under, and what they had found: with ordinary faults where they are from
 * before there was maintenance, and so on.
 */
const FOUND: readonly (readonly [options: Partial<SwarmOptions> & { seed: number }, found: string])[] = [
  [{ seed: 191, faultPhase: 120_000, faults: ORDINARY_FAULTS }, 'a manual failover is not begun in TILT'],
  [
    { seed: 61, faultPhase: 120_000, isMixed: true, faults: ORDINARY_FAULTS },
    'a manual failover is not begun in TILT, in a mixed group',
  ],
  [
    { seed: 703, isMixed: true, faults: CAREFUL_FAULTS },
    'originals alone may elect two leaders by votes of two epochs, which no Vedette can prevent, for the checkers',
  ],
  [
    { seed: 1702, isMixed: true, faults: CAREFUL_FAULTS },
    'an original waits for ever for the node it has promoted, which the healing must bring back, in the model',
  ],
  [
    { seed: 1808, isMixed: true, faults: CAREFUL_FAULTS },
    'a failover that ends in a pause still says what it wanted in that very step, for the checkers',
  ],
  [
    { seed: 800_177, isMixed: true },
    'an original that names another master for our epoch knows no other address, and is asked for its vote by that one',
  ],
  [
    { seed: 739, faults: CAREFUL_FAULTS },
    'what a machine had under way when it lost its power is not sent again when it has power again, in the model',
  ],
  [{ seed: 11985 }, 'a chosen replica that restarts before it is a master is not promoted unseen: one is chosen anew'],
  [
    { seed: 5123, faults: ORDINARY_FAULTS },
    'a node that could not say which word it takes when its link came up is asked again when it refuses',
  ],
];

function run(seed: number, isMixed = false): Report {
  return runSwarm({ ...DEFAULT_SWARM, seed, isMixed });
}

function expectNoFailure(reports: readonly Report[]): void {
  const failures = reports
    .filter(({ failure }) => failure !== null)
    .map(({ seed, failure }) => `seed ${seed}: ${failure}`);
  expect(failures.join('\n')).to.equal('');
}

describe('simulated faults', function () {
  this.timeout(300_000);

  it('take the same course twice from the same seed, and another from another', () => {
    const [once, again, other] = [run(1001), run(1001), run(1002)];

    expect(again).to.deep.equal(once);
    expect(other.fingerprint).not.to.equal(once.fingerprint);
  });

  it('take the same course whether somebody watches or not', () => {
    const lines: string[] = [];
    const watched = runSwarm({
      ...DEFAULT_SWARM,
      seed: 1003,
      show: (line) => lines.push(line),
    });

    expect(watched.fingerprint).to.equal(run(1003).fingerprint);
    expect(lines.some((line) => line.includes('+sentinel'))).to.equal(true);
  });

  for (let first = 1; first <= 300; first += BATCH) {
    it(`break no rule and heal from seed ${first} to ${first + BATCH - 1}`, () => {
      const reports = Array.from({ length: BATCH }, (_, index) => run(first + index));

      expectNoFailure(reports);
      expect(reports.reduce((sum, { failovers }) => sum + failovers, 0)).to.be.greaterThan(BATCH / 2);
    });
  }

  it('break no rule and heal in groups with original Sentinels', () => {
    expectNoFailure(Array.from({ length: BATCH }, (_, index) => run(1 + index, true)));
  });

  for (const [options, found] of FOUND) {
    it(`show that ${found} (seed ${options.seed})`, () => {
      const report = runSwarm({ ...DEFAULT_SWARM, ...options });

      expect(report.failure).to.equal(null);
    });
  }
});
