// The quoting rules of inline commands and configuration lines.

import { expect } from 'chai';
import { SeededRandom } from '../../src/core/random.js';
import { splitWords } from '../../src/protocol/inline.js';
import { randomBytes } from './random-text.js';

const SPLIT: readonly (readonly [line: string, words: readonly string[]])[] = [
  ['', []],
  [' \t\v\f ', []],
  ['PING', ['PING']],
  ['  SENTINEL   masters\t', ['SENTINEL', 'masters']],
  ['set "a b" c', ['set', 'a b', 'c']],
  ["set 'a b' c", ['set', 'a b', 'c']],
  ['""', ['']],
  ["''", ['']],
  ['"a\\nb\\r\\t\\b\\a\\x00\\xFf"', ['a\nb\r\t\b\x07\x00\xff']],
  ['"\\q\\"\\\\"', ['q"\\']],
  ['"\\xg1"', ['xg1']],
  ['"\\x1"', ['x1']],
  ["'it\\'s \\n'", ["it's \\n"]],
  ["'\"'", ['"']],
  ['foo"bar baz"', ['foobar baz']],
  ['a\\nb', ['a\\nb']],
  ['a\vb', ['a\vb']],
  ['"a"\v"b"', ['a', 'b']],
  ['m\xc3\xa4ster', ['m\xc3\xa4ster']],
];

describe('Words of a line', () => {
  for (const [line, words] of SPLIT) {
    it(`of ${JSON.stringify(line)} are ${JSON.stringify(words)}`, () => {
      expect(splitWords(line)).to.deep.equal(words);
    });
  }

  for (const line of ['"', "'", '"a', "'a", 'a"', '"a"b', "'a'b", '"a\\"', "'a\\'", '"a""b"', '"a\\', 'x "']) {
    it(`cannot be told for ${JSON.stringify(line)}, whose quotes are unbalanced`, () => {
      expect(splitWords(line)).to.equal(null);
    });
  }

  it('are what was quoted, whatever bytes it has', () => {
    const random = new SeededRandom(21);
    for (let round = 0; round < 1000; round++) {
      const words = Array.from({ length: random.below(5) }, () => randomBytes(random, random.below(12), ' "\'\\nx0'));
      const line = words.map((word) => `"${escapeBytes(word)}"`).join(' ');
      expect(splitWords(line), line).to.deep.equal(words);
    }
  });
});

function escapeBytes(word: string): string {
  return [...word].map((byte) => `\\x${byte.charCodeAt(0).toString(16).padStart(2, '0')}`).join('');
}
