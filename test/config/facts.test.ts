// The facts that stand in comments: what is one, what only looks like one, and that writing and reading agree.

import { expect } from 'chai';
import type { Fact } from '../../src/config/facts.js';
import { factHead, factValues, parseFact } from '../../src/config/facts.js';

const ID = 'a'.repeat(40);

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
    `reign mymaster 192.0.2.1 6379`,
    `reign mymaster 192.0.2.1 6379 ${ID} more`,
    `reign mymaster 192.0.2.1 70000 ${ID}`,
    `reign mymaster 192.0.2.1 http ${ID}`,
    `reign mymaster "not a host" 6379 ${ID}`,
    `reign mymaster 192.0.2.1 6379 ${ID.slice(1)}`,
  ];
  for (const text of malformed) {
    it(`is malformed in "${text}"`, () => {
      expect(parseFact(`# vedette ${text}`)).to.equal('malformed');
    });
  }
});
