// The vote payload: a hello and a verdict.

import { expect } from 'chai';
import { parseHello } from '../../src/protocol/hello.js';
import { formatVote, parseVote, type VoteMessage } from '../../src/protocol/vote.js';

const RUN_ID = '1f0c2c9d6e2b7f3a5d4e8c6b9a0f1e2d3c4b5a69';
const HELLO = `127.0.0.1,26379,${RUN_ID},7,mymaster,10.0.0.1,6379,5`;

const VOTE: VoteMessage = {
  host: '127.0.0.1',
  port: 26379,
  runId: RUN_ID,
  currentEpoch: 7,
  masterName: 'mymaster',
  masterHost: '10.0.0.1',
  masterPort: 6379,
  configEpoch: 5,
  verdict: 'sdown',
};

describe('Vote message', () => {
  it("is written as a hello's fields and the verdict", () => {
    expect(formatVote(VOTE)).to.equal(`${HELLO},sdown`);
    expect(formatVote({ ...VOTE, verdict: 'up' })).to.equal(`${HELLO},up`);
  });

  it('is read from those fields', () => {
    expect(parseVote(`${HELLO},sdown`)).to.deep.equal(VOTE);
    expect(parseVote(`${HELLO},up`)).to.deep.equal({ ...VOTE, verdict: 'up' });
  });

  it('is ignored where hellos are read', () => {
    expect(parseHello(formatVote(VOTE))).to.equal(null);
  });

  for (const payload of [
    HELLO,
    `${HELLO},`,
    `${HELLO},down`,
    `${HELLO},SDOWN`,
    `${HELLO},sdown,1`,
    `${HELLO},sdown\n`,
    `${HELLO.replace('26379', '0')},sdown`,
    `${HELLO.replace(RUN_ID, '*')},up`,
    'sdown',
    ',,,,,,,,sdown',
  ]) {
    it(`is not read from ${JSON.stringify(payload)}`, () => {
      expect(parseVote(payload)).to.equal(null);
    });
  }
});
