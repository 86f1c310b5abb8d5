// The decoder of requests. Whatever arrives, in whatever pieces: the same bytes are the same commands, an undamaged stream is read
// as it was written, and what is kept of an unfinished request stays within the limit.

import { quoteArgument } from '../../src/config/arguments.js';
import { RespDecoder } from '../../src/protocol/resp-decoder.js';
import type { Dice } from '../sim/seed.js';
import { encodeCommand } from '../support/resp-connection.js';
import { anyBytes, awkwardWord, damaged, pieces } from './material.js';
import { require, requireSame, type Target } from './target.js';

const MAX_REQUEST_BYTES = 4096;
const MAX_ARGUMENTS = 64;
/** A line that is not yet complete may be held, too. */
const MAX_BUFFERED_BYTES = MAX_REQUEST_BYTES + 64 * 1024 + 2;
const ODD_PIECES = [
  '*',
  '$',
  '\r\n',
  '*-1\r\n',
  '$-1\r\n',
  '*0\r\n',
  '*1\r\n$4\r\n',
  '$99999\r\n',
  '*65\r\n',
  '"',
  '\n',
];

interface Decoded {
  readonly commands: readonly (readonly string[])[];
  readonly failure: string | null;
}

export const requests: Target = {
  name: 'requests',
  about: 'RESP arrays and inline commands, whole and damaged, in pieces',
  run(dice) {
    const commands = Array.from({ length: dice.integer(1, 60) }, () => randomCommand(dice));
    const isAuthenticated = dice.chance(0.9);
    const stream = commands.map((words) => written(dice, words)).join('');
    if (isAuthenticated) {
      requireSame(decode(pieces(dice, stream), true), { commands, failure: null }, 'an undamaged stream', stream);
    }
    const broken = damaged(dice, stream, ODD_PIECES);
    const whole = decode([Buffer.from(broken, 'latin1')], isAuthenticated);
    requireSame(decode(pieces(dice, broken), isAuthenticated), whole, 'the same bytes in pieces', broken);
    return commands.length + whole.commands.length;
  },
};

function randomCommand(dice: Dice): string[] {
  const length = dice.chance(0.97) ? dice.integer(1, 6) : dice.integer(1, MAX_ARGUMENTS);
  return Array.from({ length }, () => (dice.chance(0.99) ? awkwardWord(dice) : anyBytes(dice, dice.below(60))));
}

/** As an array, or as a line of words in quotes. */
function written(dice: Dice, words: readonly string[]): string {
  if (dice.chance(0.8)) return encodeCommand(words);
  return `${words.map(quoteArgument).join(' ')}${dice.pick(['\n', '\r\n'])}`;
}

function decode(chunks: Iterable<Buffer>, isAuthenticated: boolean): Decoded {
  const decoder = new RespDecoder({ maxRequestBytes: MAX_REQUEST_BYTES, maxArguments: MAX_ARGUMENTS });
  decoder.isAuthenticated = isAuthenticated;
  const commands: (readonly string[])[] = [];
  for (const chunk of chunks) {
    decoder.feed(chunk);
    for (let words = decoder.next(); words !== null; words = decoder.next()) {
      require(words.length > 0 && words.length <= MAX_ARGUMENTS * 1024, 'a command has words', words);
      commands.push(words);
    }
    require(decoder.bufferedBytes <= MAX_BUFFERED_BYTES, `${decoder.bufferedBytes} bytes are kept`);
    require(decoder.failure === null ||
      decoder.failure.startsWith('ERR Protocol error: '), 'a failure is an error reply');
  }
  return { commands, failure: decoder.failure };
}
