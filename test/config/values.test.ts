// Single values of a configuration: what is one, what is none, and how amounts of memory are written back.

import { expect } from 'chai';
import { formatMemory, parseInteger, parseMemory, parseOctal, parsePort } from '../../src/config/values.js';
import { isHostName, isIpAddress } from '../../src/protocol/host.js';

describe('values in a configuration', () => {
  it('are whole numbers only if nothing else stands there and a double holds them', () => {
    expect(['0', '26379', '-1', '+7', '007'].map(parseInteger)).to.deep.equal([0, 26379, -1, 7, 7]);
    for (const text of ['', ' 1', '1s', '1.5', '0x10', '1e3', '--1', 'abc', '9007199254740992']) {
      expect(parseInteger(text), text).to.equal(null);
    }
  });

  it('are octal numbers with the digits 0 to 7', () => {
    expect(['0', '700', '0755'].map(parseOctal)).to.deep.equal([0, 0o700, 0o755]);
    expect(['', '8', '-1', '7a'].map(parseOctal)).to.deep.equal([null, null, null, null]);
  });

  it('are amounts of memory in decimal and binary units of any case', () => {
    expect(['1', '1b', '1k', '1kb', '1m', '1mb', '1g', '1GB'].map(parseMemory)).to.deep.equal([
      1, 1, 1000, 1024, 1_000_000, 1_048_576, 1_000_000_000, 1_073_741_824,
    ]);
    for (const text of ['', 'mb', '-1', '1 mb', '1tb', '1.5gb', '99999999gb'])
      expect(parseMemory(text), text).to.equal(null);
  });

  it('are amounts of memory written in the largest unit that is exact', () => {
    expect([0, 1, 1000, 1024, 1536, 33_554_432, 3_221_225_472].map(formatMemory)).to.deep.equal([
      '0',
      '1',
      '1000',
      '1kb',
      '1536',
      '32mb',
      '3gb',
    ]);
  });

  it('are ports from 0 to 65535', () => {
    expect(['0', '1', '65535', '65536', '-1', 'http'].map(parsePort)).to.deep.equal([0, 1, 65_535, null, null, null]);
  });
});

describe('addresses in a configuration', () => {
  const addresses = [
    '127.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '1::',
    '2001:db8::1',
    '1:2:3:4:5:6:7:8',
    '1:2:3:4:5:6:7::',
    '::ffff:192.0.2.1',
    '1:2:3:4:5:6:192.0.2.1',
    'fe80::1%eth0',
  ];
  for (const address of addresses) {
    it(`take ${address} for an IP address`, () => {
      expect(isIpAddress(address)).to.equal(true);
    });
  }

  const others = [
    '',
    '127.1',
    '1.2.3.4.5',
    '256.0.0.1',
    '01.2.3.4',
    '1.2.3.',
    ':',
    ':::',
    '1::2::3',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7:8::',
    '12345::',
    'g::',
    '192.0.2.1::',
    '::192.0.2.1:1',
    'fe80::1%',
    'localhost',
    '1.2.3.4%eth0',
  ];
  for (const text of others) {
    it(`do not take "${text}" for an IP address`, () => {
      expect(isIpAddress(text)).to.equal(false);
    });
  }

  it('take words of letters, digits, dots, hyphens and underscores for host names', () => {
    for (const name of ['localhost', 'redis-1.example.org', 'redis_1', 'a', '1.pool', 'host.']) {
      expect(isHostName(name), name).to.equal(true);
    }
    for (const name of ['', '-a', '.a', 'a b', 'a,b', 'a:b', 'm\xc3\xa4ster', 'a\n', 'a'.repeat(256)]) {
      expect(isHostName(name), name).to.equal(false);
    }
  });
});
