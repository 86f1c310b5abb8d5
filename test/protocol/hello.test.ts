// The hello payload: eight strict fields, read back as they were written.

import { expect } from 'chai';
import { SeededRandom } from '../../src/core/random.js';
import { formatHello, gistOfHello, type Hello, parseHello } from '../../src/protocol/hello.js';
import { randomBytes } from './random-text.js';

const RUN_ID = '1f0c2c9d6e2b7f3a5d4e8c6b9a0f1e2d3c4b5a69';

const HELLO: Hello = {
  host: '127.0.0.1',
  port: 26379,
  runId: RUN_ID,
  currentEpoch: 7,
  masterName: 'mymaster',
  masterHost: '10.0.0.1',
  masterPort: 6379,
  configEpoch: 5,
};
const PAYLOAD = `127.0.0.1,26379,${RUN_ID},7,mymaster,10.0.0.1,6379,5`;

/** The payload with one of its fields replaced. */
function payloadWith(index: number, value: string): string {
  return PAYLOAD.split(',').with(index, value).join(',');
}

describe('Hello', () => {
  it('is written as eight fields separated by commas', () => {
    expect(formatHello(HELLO)).to.equal(PAYLOAD);
  });

  it('is read from those fields', () => {
    expect(parseHello(PAYLOAD)).to.deep.equal(HELLO);
  });

  it('survives being written and read with IPv6 addresses, host names, binary names and the greatest epochs', () => {
    const hello: Hello = {
      host: 'fd00::1',
      port: 1,
      runId: RUN_ID,
      currentEpoch: Number.MAX_SAFE_INTEGER,
      masterName: 'm\xc3\xa4ster \xff',
      masterHost: 'redis-0.redis.example',
      masterPort: 65_535,
      configEpoch: 0,
    };
    expect(parseHello(formatHello(hello))).to.deep.equal(hello);
  });

  const refused: readonly (readonly [string, string])[] = [
    ['seven fields', PAYLOAD.slice(0, PAYLOAD.lastIndexOf(','))],
    ['nine fields', `${PAYLOAD},sdown`],
    ['no fields', ''],
    ['an empty host', payloadWith(0, '')],
    ['a blank in the host', payloadWith(0, '127.0.0.1 ')],
    ['a line break in the host', payloadWith(0, '127.0.0.1\r\nx')],
    ['port 0', payloadWith(1, '0')],
    ['port 65536', payloadWith(1, '65536')],
    ['a port that is no number', payloadWith(1, '6379x')],
    ['a run id of 39 digits', payloadWith(2, RUN_ID.slice(1))],
    ['a run id of 41 digits', payloadWith(2, `${RUN_ID}0`)],
    ['a run id with other characters', payloadWith(2, RUN_ID.replace('c', 'g'))],
    ['the run id *', payloadWith(2, '*')],
    ['a negative epoch', payloadWith(3, '-1')],
    ['an epoch of 2^53', payloadWith(3, '9007199254740992')],
    ['an epoch of 2^64 - 1', payloadWith(3, '18446744073709551615')],
    ['an epoch with a leading zero', payloadWith(3, '07')],
    ['an empty epoch', payloadWith(3, '')],
    ['an empty master name', payloadWith(4, '')],
    ['a control character in the master name', payloadWith(4, 'my\nmaster')],
    ['an empty master address', payloadWith(5, '')],
    ['master port 0', payloadWith(6, '0')],
    ['a configuration epoch of 2^53', payloadWith(7, '9007199254740992')],
    ['a line break at the end', `${PAYLOAD}\n`],
    ['more than two kilobytes', payloadWith(4, 'm'.repeat(2048))],
  ];
  for (const [what, payload] of refused) {
    it(`is not read from a payload with ${what}`, () => {
      expect(parseHello(payload)).to.equal(null);
    });
  }

  it('has a gist: who says it, the epoch, and the rest', () => {
    const [host, port, runId = '', epoch = '', ...others] = PAYLOAD.split(',');
    const rest = [host, port, runId, ...others].join(',');
    expect(gistOfHello(PAYLOAD)).to.deep.equal({ runId, currentEpoch: epoch, rest });
    expect(gistOfHello(payloadWith(3, '987654321'))?.rest).to.equal(rest);
    for (const field of [0, 1, 2, 4, 5, 6, 7]) expect(gistOfHello(payloadWith(field, '7'))?.rest).not.to.equal(rest);
  });

  it('has no gist with fewer than five fields', () => {
    for (const payload of ['', ',', ',,', ',,,', 'a,b,c', 'a,b,c,d']) expect(gistOfHello(payload)).to.equal(null);
  });

  it('is either refused or read back the same, whatever single change is made to a payload', () => {
    const random = new SeededRandom(3);
    let accepted = 0;
    for (let round = 0; round < 5000; round++) {
      const at = random.below(PAYLOAD.length);
      const payload = PAYLOAD.slice(0, at) + randomBytes(random, 1, '0123456789,-abcz ') + PAYLOAD.slice(at + 1);
      const hello = parseHello(payload);
      if (hello === null) continue;
      accepted++;
      expect(formatHello(hello)).to.equal(payload);
    }
    expect(accepted).to.be.greaterThan(100);
  });
});
