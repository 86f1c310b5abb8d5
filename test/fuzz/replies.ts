// Replies in both directions: what the encoder writes is well formed, and the guard in front of ioredis's decoder lets it pass; of
// damaged streams the guard says the same however they are cut.

import { FrameGuard } from '../../src/io/frame-guard.js';
import {
  DoubleReply,
  ErrorReply,
  MapReply,
  NULL_ARRAY,
  PushReply,
  type Reply,
  SetReply,
  SimpleString,
  VerbatimReply,
} from '../../src/protocol/reply.js';
import { encode } from '../../src/protocol/resp-encoder.js';
import type { Dice } from '../sim/seed.js';
import { awkwardWord, damaged, pieces } from './material.js';
import { countReplies } from './resp-shape.js';
import { require, requireSame, type Target } from './target.js';

const DEEPEST = 4;
const ODD_PIECES = [
  '*',
  '$',
  '%',
  '~',
  '>',
  '\r\n',
  '$-2\r\n',
  '*-1\r\n',
  '*99999999\r\n',
  '$99999999\r\n',
  '%40000\r\n',
  '$x',
];

export const replies: Target = {
  name: 'replies',
  about: 'RESP2 and RESP3 replies through the encoder and the frame guard',
  run(dice) {
    const count = dice.integer(1, 30);
    let stream = '';
    for (let left = count; left > 0; left--) stream += encode(randomReply(dice, 0), dice.chance(0.5) ? 2 : 3);
    requireSame(countReplies(stream), count, 'the number of replies', stream);
    requireSame(guarded(pieces(dice, stream)), null, 'the guard over what we write ourselves', stream);
    const broken = damaged(dice, stream, ODD_PIECES);
    const verdict = guarded([Buffer.from(broken, 'latin1')]);
    requireSame(guarded(pieces(dice, broken)), verdict, 'the verdict over pieces', broken);
    require(verdict === null || verdict.startsWith('a reply '), 'a verdict is a reason', verdict);
    return 2 * count;
  },
};

export function randomReply(dice: Dice, depth: number): Reply {
  const items = () => Array.from({ length: dice.below(5) }, () => randomReply(dice, depth + 1));
  switch (dice.below(depth < DEEPEST ? 14 : 9)) {
    case 0:
      return dice.integer(-5, 5);
    case 1:
      return dice.pick([Number.MAX_SAFE_INTEGER, -(2 ** 53), 1e21, 0.5, -0.5]);
    case 2:
      return null;
    case 3:
      return new SimpleString(awkwardWord(dice));
    case 4:
      return new ErrorReply(`ERR ${awkwardWord(dice)}`);
    case 5:
      return dice.pick([NULL_ARRAY, true, false, 2n ** 64n]);
    case 6:
      return new DoubleReply(dice.pick([0, -1.5, 1e300, 1e-9, Number.NaN, Number.POSITIVE_INFINITY]));
    case 7:
      return new VerbatimReply(awkwardWord(dice));
    case 8:
      return awkwardWord(dice);
    case 9:
      return new SetReply(items());
    case 10:
      return new PushReply(items());
    case 11:
      return new MapReply(items().map((value) => [awkwardWord(dice), value]));
    default:
      return items();
  }
}

function guarded(chunks: Iterable<Buffer>): string | null {
  const guard = new FrameGuard();
  for (const chunk of chunks) {
    const verdict = guard.inspect(chunk);
    if (verdict !== null) return verdict;
  }
  return null;
}
