// The two words for true and false.

import { expect } from 'chai';
import { formatYesNo, parseYesNo } from '../../src/protocol/yes-no.js';

describe('Yes and no', () => {
  it('are read in any case, and nothing else is', () => {
    expect(['yes', 'NO', 'Yes', 'true', '1', ''].map(parseYesNo)).to.deep.equal([true, false, true, null, null, null]);
  });

  it('are written in lower case', () => {
    expect([true, false].map(formatYesNo)).to.deep.equal(['yes', 'no']);
  });
});
