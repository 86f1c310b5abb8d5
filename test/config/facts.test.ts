// The facts that stand in comments: what is one, what only looks like one, and that writing and reading agree.

import { expect } from 'chai';
import type { Fact } from '../../src/config/facts.js';
import { factHead, factValues, parseFact } from '../../src/config/facts.js';
import { noPhases } from '../../src/core/failover-record.js';

const ID = 'a'.repeat(40);

/** The words of a past failover, some of them changed. */
function failover(change: Record<string, string>): string {
  const words = {
    at: '1700000000123',
    epoch: '7',
    reason: 'objectively-down',
    result: 'completed',
    attempts: '1',
    oldHost: '192.0.2.1',
    oldPort: '6379',
    newHost: '192.0.2.2',
    newPort: '6379',
    leader: ID,
    learnedFrom: '-',
    phases: '1,2,3,4,5,6,7,8',
    offset: '100',
    runnerUp: '-',
    ...change,
  };
  return `failover mymaster ${Object.values(words).join(' ')}`;
}

describe('a fact in a comment', () => {
  it('is the vote for a leader', () => {
    expect(parseFact(`# vedette vote mymaster 7 ${ID}`)).to.deep.equal({
      kind: 'vote',
      master: 'mymaster',
      epoch: 7,
      leader: ID,
    });
  });

  it('is the reign of a master', () => {
    expect(parseFact(`# vedette reign mymaster 192.0.2.1 6379 ${ID}`)).to.deep.equal({
      kind: 'reign',
      master: 'mymaster',
      reign: { address: { host: '192.0.2.1', port: 6379 }, replicationId: ID },
    });
  });

  it('is a past failover, with dashes for what is not known', () => {
    const unknown = `# vedette failover mymaster 1700000000123 7 - adopted 0 192.0.2.1 6379 - - - - ${'-,'.repeat(7)}- - -`;
    expect(parseFact(unknown)).to.deep.equal({
      kind: 'failover',
      master: 'mymaster',
      failover: {
        at: 1_700_000_000_123,
        epoch: 7,
        reason: null,
        result: 'adopted',
        attempts: 0,
        oldAddress: { host: '192.0.2.1', port: 6379 },
        newAddress: null,
        leader: null,
        learnedFrom: null,
        phases: noPhases(),
        promotedOffset: null,
        runnerUpOffset: null,
      },
    });
    const known = `mymaster 1 7 takeover completed 2 192.0.2.1 6379 ::1 1 ${ID} ${ID} 1,2,3,4,5,6,7,0 9 8`;
    const fact = parseFact(`# vedette failover ${known}`);
    expect(fact).to.have.nested.property('failover.phases.finished', 0);
    expect(fact !== null && fact !== 'malformed' && factValues(fact)).to.equal(known);
  });

  it('is a Sentinel that counts without proof', () => {
    expect(parseFact(`# vedette unproven mymaster ${ID}`)).to.deep.equal({
      kind: 'unproven',
      master: 'mymaster',
      runId: ID,
    });
  });

  it('is that a group was still meeting', () => {
    expect(parseFact('# vedette meeting mymaster')).to.deep.equal({ kind: 'meeting', master: 'mymaster' });
  });

  it('may be written with other blanks', () => {
    expect(parseFact(`#vedette  vote\tmymaster  7 ${ID}`)).to.have.property('kind', 'vote');
  });

  it('is read as it was written, with names of any bytes', () => {
    const facts: Fact[] = [
      { kind: 'vote', master: 'my "master"\n\xff', epoch: 9_007_199_254_740_991, leader: ID },
      { kind: 'reign', master: '', reign: { address: { host: 'redis-1', port: 6379 }, replicationId: ID } },
    ];
    for (const fact of facts) expect(parseFact(`${factHead(fact.kind)} ${factValues(fact)}`)).to.deep.equal(fact);
  });

  for (const comment of ['#', '# vote', '# vedette', '# vedette voted', '# the vedette vote x', '# Vedette vote x 1']) {
    it(`is not what the comment "${comment}" wants to be`, () => {
      expect(parseFact(comment)).to.equal(null);
    });
  }

  const malformed = [
    'vote mymaster',
    `vote mymaster 7 ${ID} more`,
    `vote mymaster -7 ${ID}`,
    `vote mymaster 9007199254740992 ${ID}`,
    `vote mymaster x ${ID}`,
    'vote mymaster 7 leader',
    `vote mymaster 7 ${ID.toUpperCase()}`,
    `vote "mymaster 7 ${ID}`,
    'unproven mymaster',
    'meeting mymaster now',
    'unproven mymaster somebody',
    `unproven mymaster ${ID} more`,
    `reign mymaster 192.0.2.1 6379`,
    `reign mymaster 192.0.2.1 6379 ${ID} more`,
    `reign mymaster 192.0.2.1 70000 ${ID}`,
    `reign mymaster 192.0.2.1 http ${ID}`,
    `reign mymaster "not a host" 6379 ${ID}`,
    `reign mymaster 192.0.2.1 6379 ${ID.slice(1)}`,
    'failover mymaster',
    failover({ at: 'now' }),
    failover({ at: '-1' }),
    failover({ epoch: '-' }),
    failover({ reason: 'boredom' }),
    failover({ result: '-' }),
    failover({ oldHost: '-' }),
    failover({ newPort: '70000' }),
    failover({ newHost: '-' }),
    failover({ leader: 'me' }),
    failover({ phases: '1,2,3' }),
    failover({ phases: '1,2,3,4,5,6,7,x' }),
    failover({ phases: '1,2,3,4,5,6,7,-8' }),
    failover({ offset: '1.5' }),
    `${failover({})} more`,
  ];
  for (const text of malformed) {
    it(`is malformed in "${text}"`, () => {
      expect(parseFact(`# vedette ${text}`)).to.equal('malformed');
    });
  }
});
