// A short campaign over every target, always with the same cases. `npm run fuzz` runs longer ones.

import { expect } from 'chai';

import { now } from '../support/clock.js';
import { runCampaign } from './target.js';
import { TARGETS } from './targets.js';

/** Cases of each target: about a second each. */
const CASES: Readonly<Record<string, number>> = {
  requests: 1_000,
  replies: 2_000,
  reports: 3_000,
  gossip: 1_000,
  configurations: 300,
  sessions: 100,
};

describe('Bad input', function () {
  this.timeout(60_000);

  for (const target of TARGETS) {
    it(`breaks nothing: ${target.about}`, () => {
      const count = CASES[target.name];
      if (count === undefined) throw new Error(`how many cases has ${target.name}?`);
      const { cases, failures } = runCampaign(target, { seed: 1, from: 0, count, limitMillis: 50_000, now });
      expect(failures.map(({ index, error }) => `case ${index}: ${error.stack}`).join('\n')).to.equal('');
      expect(cases).to.equal(count);
    });
  }
});
