// How arguments and addresses are read.

import { expect } from 'chai';
import { parseInteger, parseSetting } from '../../src/commands/arguments.js';
import { isIpAddress } from '../../src/protocol/host.js';

describe('An integer argument', () => {
  it('is read in canonical decimal form only', () => {
    expect(['0', '7', '-7', '9007199254740993'].map(parseInteger)).to.deep.equal([0, 7, -7, 9007199254740992]);
    for (const text of ['', ' 1', '1 ', '+1', '01', '-0', '-', '1.0', '1e3', '0x1', '1\0']) {
      expect(parseInteger(text), JSON.stringify(text)).to.equal(null);
    }
  });

  it('fits into 64 bits with a sign', () => {
    expect(parseInteger('9223372036854775807')).to.equal(2 ** 63);
    expect(parseInteger('-9223372036854775808')).to.equal(-(2 ** 63));
    expect(parseInteger('9223372036854775808')).to.equal(null);
    expect(parseInteger('-9223372036854775809')).to.equal(null);
    expect(parseInteger('99999999999999999999')).to.equal(null);
  });

  it('is exact and not too small where a setting takes it', () => {
    expect(parseSetting('1', 1)).to.equal(1);
    expect(parseSetting('0', 1)).to.equal(null);
    expect(parseSetting('9007199254740993', 1)).to.equal(null);
  });
});

describe('An IP address', () => {
  it('is four decimal bytes, or IPv6 in any form', () => {
    for (const text of [
      '127.0.0.1',
      '0.0.0.0',
      '255.255.255.255',
      '::',
      '::1',
      'fe80::1%eth0',
      '2001:db8:0:0:0:0:0:1',
      '1:2:3:4:5:6:7::',
      '::ffff:10.0.0.1',
      '1:2:3:4:5:6:10.0.0.1',
    ]) {
      expect(isIpAddress(text), text).to.equal(true);
    }
  });

  it('is nothing else', () => {
    for (const text of [
      '',
      'localhost',
      '1.2.3',
      '1.2.3.256',
      '01.2.3.4',
      '1.2.3.4.5',
      ':',
      ':::',
      '1:2:3:4:5:6:7',
      '1:2:3:4:5:6:7:8:9',
      '1::2::3',
      '12345::',
      'g::',
      '1.2.3.4::',
      '::1%',
      '1:2:3:4:5:6:7:8::',
    ]) {
      expect(isIpAddress(text), text).to.equal(false);
    }
  });
});
