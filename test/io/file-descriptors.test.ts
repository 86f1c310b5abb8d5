// How many clients a limit of open files leaves room for.

import { expect } from 'chai';

import { affordableClients, openFilesLimit } from '../../src/io/file-descriptors.js';
import { StartFailure } from '../../src/io/start-failure.js';

describe('The limit of open files', () => {
  it('leaves the configured number of clients where there is room', () => {
    expect(affordableClients(10_000, 3, 20_000)).to.equal(10_000);
    expect(affordableClients(10_000, 3, Number.POSITIVE_INFINITY)).to.equal(10_000);
  });

  it('keeps some for us and more for every master, but leaves half of them to clients', () => {
    expect(affordableClients(10_000, 1, 256)).to.equal(256 - 64 - 16);
    expect(affordableClients(10_000, 1000, 1024)).to.equal(512);
  });

  it('stops the start where it is too low for anything', () => {
    expect(() => affordableClients(10, 1, 127)).to.throw(StartFailure, /'ulimit -n' of 127 is not enough/);
  });

  it('is known for this process', () => {
    expect(openFilesLimit()).to.be.greaterThan(128);
  });
});
