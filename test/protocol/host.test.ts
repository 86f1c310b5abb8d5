// The spelling of IPv6 addresses.

import { expect } from 'chai';

import { canonicalHost } from '../../src/protocol/host.js';

describe('The usual spelling of a host', () => {
  const spellings = [
    ['0:0:0:0:0:0:0:1', '::1'],
    ['0::0:1', '::1'],
    ['::', '::'],
    ['0:0:0:0:0:0:0:0', '::'],
    ['2001:DB8::0001', '2001:db8::1'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['fd00:0:0:1::', 'fd00:0:0:1::'],
    ['1:0:0:0:5:0:0:0', '1::5:0:0:0'],
    ['FE80:0::1%eth0', 'fe80::1%eth0'],
    ['::FFFF:a00:1', '::ffff:10.0.0.1'],
    ['0:0:0:0:0:ffff:10.0.0.1', '::ffff:10.0.0.1'],
    ['::10.0.0.1', '::10.0.0.1'],
    ['64:ff9b::192.0.2.33', '64:ff9b::c000:221'],
  ] as const;
  for (const [text, usual] of spellings) {
    it(`${text} is ${usual}`, () => {
      expect(canonicalHost(text)).to.equal(usual);
      expect(canonicalHost(usual)).to.equal(usual);
    });
  }

  it('is the text itself for IPv4 addresses, names, and what is neither', () => {
    for (const text of ['10.0.0.1', 'Node-1.example.org', '::1::', '1:2:3', '::g', '']) {
      expect(canonicalHost(text)).to.equal(text);
    }
  });
});
