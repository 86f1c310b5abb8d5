// What a client is told is the encoding of the reply, whatever it was told before.

import { expect } from 'chai';
import { SeededRandom } from '../../src/core/random.js';
import { ErrorReply, NULL_ARRAY, OK, type Reply } from '../../src/protocol/reply.js';
import { ReplyEncoder } from '../../src/protocol/reply-encoder.js';
import { encode } from '../../src/protocol/resp-encoder.js';

const REPLIES: readonly Reply[] = [
  ['127.0.0.1', '6379'],
  ['127.0.0.1', '6379'],
  ['127.0.0.1', '6380'],
  ['127.0.0.1'],
  ['127.0.0.', '16379'],
  ['\0\xff', '\r\n'],
  [],
  ['1', '2', '3', '4', '5'],
  ['x'.repeat(600), 'y'],
  ['a', null],
  ['a', 1],
  [['a']],
  'a',
  7,
  null,
  NULL_ARRAY,
  OK,
  new ErrorReply('ERR no'),
];

describe('Reply encoder', () => {
  it('gives the same as encoding each reply by itself, in either version', () => {
    const random = new SeededRandom(1);
    const encoder = new ReplyEncoder();
    for (let round = 0; round < 5_000; round++) {
      const reply = REPLIES[random.below(REPLIES.length)] ?? null;
      const version = random.below(2) === 0 ? 2 : 3;
      expect(encoder.encode(reply, version)).to.equal(encode(reply, version));
    }
  });

  it('sees that a list has been changed since it was given', () => {
    const encoder = new ReplyEncoder();
    const list = ['127.0.0.1', '6379'];
    encoder.encode(list, 2);
    list[1] = '6380';
    expect(encoder.encode(list, 2)).to.equal(encode(['127.0.0.1', '6380'], 2));
  });
});
