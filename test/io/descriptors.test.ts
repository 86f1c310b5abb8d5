// Descriptors that clients must leave to everything else.

import { expect } from 'chai';

import { clientsThatFit, descriptorLimit } from '../../src/io/descriptors.js';

describe('File descriptors', () => {
  it('are at most half for clients', () => {
    expect(clientsThatFit(10_000, 1024)).to.equal(512);
    expect(clientsThatFit(100, 1024)).to.equal(100);
    expect(clientsThatFit(10_000, 1)).to.equal(1);
  });

  it('have no effect on the number of clients where they are not limited', () => {
    expect(clientsThatFit(10_000, Number.POSITIVE_INFINITY)).to.equal(10_000);
  });

  it('have a limit that is known on Linux', () => {
    expect(descriptorLimit()).to.be.above(process.platform === 'linux' ? 3 : 0);
  });
});
