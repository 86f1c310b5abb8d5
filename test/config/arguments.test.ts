// Splitting lines into words and joining them again: the rules of redis.conf one by one, then random words of any bytes.

import { expect } from 'chai';
import { joinArguments, quoteArgument, splitArguments, writeArgument } from '../../src/config/arguments.js';
import { SeededRandom } from '../../src/core/random.js';
import { randomBytes } from './random-state.js';

const LINES: readonly (readonly [line: string, words: readonly string[]])[] = [
  ['', []],
  [' \t\r\n\v\f', []],
  ['port 26379', ['port', '26379']],
  ['  port\t 26379  ', ['port', '26379']],
  ['logfile ""', ['logfile', '']],
  ["logfile ''", ['logfile', '']],
  ['a "b c" d', ['a', 'b c', 'd']],
  ["a 'b c' d", ['a', 'b c', 'd']],
  ['"\\n\\r\\t\\b\\a"', ['\n\r\t\b\x07']],
  ['"\\x41\\xfF\\x00"', ['A\xff\x00']],
  ['"\\xg1 \\x4"', ['xg1 x4']],
  ['"\\"\\\\\\q"', ['"\\q']],
  ["'\\'\\n\\\\ '", ["'\\n\\\\ "]],
  ['pre"fix ed"', ['prefix ed']],
  ['back\\slash', ['back\\slash']],
  ['a\vb', ['a\vb']],
  ['a \vb', ['a', 'b']],
  ['"a"\vb', ['a', 'b']],
  ['"it\'s" \'"\'', ["it's", '"']],
  ['m\xc3\xa4ster \x00', ['m\xc3\xa4ster', '\x00']],
];

const UNBALANCED: readonly string[] = [
  '"',
  "'",
  'a "b',
  "a 'b",
  '"a"b',
  "'a'b",
  '"a\\"',
  "'a\\'",
  '"a""b"',
  'a"b"c',
  '"\\',
];

const WRITTEN: readonly (readonly [word: string, written: string])[] = [
  ['mymaster', 'mymaster'],
  ['::1', '::1'],
  ['m\xc3\xa4ster', 'm\xc3\xa4ster'],
  ['#1', '#1'],
  ['', '""'],
  ['my master', '"my master"'],
  ['say "hi"', '"say \\"hi\\""'],
  ["it's", '"it\'s"'],
  ['C:\\dir', '"C:\\\\dir"'],
  ['\n\r\t\b\x07', '"\\n\\r\\t\\b\\a"'],
  ['\x00\x1f\x7f', '"\\x00\\x1f\\x7f"'],
  ['a \xff', '"a \\xff"'],
];

describe('words of a configuration line', () => {
  for (const [line, words] of LINES) {
    it(`are ${JSON.stringify(words)} in ${JSON.stringify(line)}`, () => {
      expect(splitArguments(line)).to.deep.equal(words);
    });
  }

  for (const line of UNBALANCED) {
    it(`are not to be had from ${JSON.stringify(line)}, whose quotes are unbalanced`, () => {
      expect(splitArguments(line)).to.equal(null);
    });
  }

  for (const [word, written] of WRITTEN) {
    it(`write ${JSON.stringify(word)} as ${written}`, () => {
      expect(writeArgument(word)).to.equal(written);
    });
  }

  it('can be quoted where nothing requires it', () => {
    expect(quoteArgument('log.txt')).to.equal('"log.txt"');
  });

  it('are the same after writing and reading, whatever bytes they hold', () => {
    const random = new SeededRandom(1);
    for (let round = 0; round < 2000; round++) {
      const words = Array.from({ length: random.below(5) }, () => randomBytes(random, random.below(12)));
      expect(splitArguments(joinArguments(words)), JSON.stringify(words)).to.deep.equal(words);
      expect(splitArguments(words.map(quoteArgument).join(' ')), JSON.stringify(words)).to.deep.equal(words);
    }
  });
});
