// The strict words: what is one, and everything nearby that is not.

import { expect } from 'chai';
import { isHexadecimalId, isHost, parseCount, parseInteger, parsePort } from '../../src/protocol/words.js';

describe('Strict integer', () => {
  it('is read from plain decimals', () => {
    expect(['0', '7', '-7', '6379', '9007199254740991', '-9007199254740991'].map(parseInteger)).to.deep.equal([
      0,
      7,
      -7,
      6379,
      Number.MAX_SAFE_INTEGER,
      Number.MIN_SAFE_INTEGER,
    ]);
  });

  for (const text of [
    '',
    '-',
    '-0',
    '+1',
    '01',
    ' 1',
    '1 ',
    '1\n',
    '1.0',
    '1e3',
    '0x1',
    '٣',
    '9007199254740992',
    'NaN',
  ]) {
    it(`is not read from ${JSON.stringify(text)}`, () => {
      expect(parseInteger(text)).to.equal(null);
    });
  }
});

describe('Count', () => {
  it('is an integer that is not negative', () => {
    expect(['0', '9007199254740991', '-1', 'x'].map(parseCount)).to.deep.equal([
      0,
      Number.MAX_SAFE_INTEGER,
      null,
      null,
    ]);
  });
});

describe('Port', () => {
  it('is an integer from 1 to 65535', () => {
    expect(['1', '65535', '0', '65536', '-1', '080'].map(parsePort)).to.deep.equal([1, 65_535, null, null, null, null]);
  });
});

describe('Hexadecimal id', () => {
  it('has forty lower-case digits', () => {
    expect(isHexadecimalId('0123456789abcdef0123456789abcdef01234567')).to.equal(true);
    expect(isHexadecimalId('0123456789ABCDEF0123456789abcdef01234567')).to.equal(false);
    expect(isHexadecimalId('0123456789abcdef0123456789abcdef0123456')).to.equal(false);
    expect(isHexadecimalId('0123456789abcdef0123456789abcdef01234567\n')).to.equal(false);
  });
});

describe('Host', () => {
  for (const text of [
    '127.0.0.1',
    '::1',
    '::ffff:10.0.0.1',
    'fe80::1%eth0',
    'redis-0.redis.svc.cluster.local',
    'my_host',
  ]) {
    it(`can be ${text}`, () => {
      expect(isHost(text)).to.equal(true);
    });
  }

  for (const text of ['', 'a b', 'a,b', 'a\r\nb', 'a\n', 'a\0', 'é.example', '[::1]', 'a/b', 'a'.repeat(256)]) {
    it(`cannot be ${JSON.stringify(text.slice(0, 20))}`, () => {
      expect(isHost(text)).to.equal(false);
    });
  }
});
