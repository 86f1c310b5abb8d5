// Redis's glob: the rules one by one, an independent definition of them on random patterns, and patterns made to be slow.

import { expect } from 'chai';
import { SeededRandom } from '../../src/core/random.js';
import { matchesGlob } from '../../src/protocol/glob.js';
import { randomBytes } from './random-text.js';

const MATCHING: readonly (readonly [pattern: string, text: string])[] = [
  ['mymaster', 'mymaster'],
  ['*', '+switch-master'],
  ['+*', '+sdown'],
  ['*master*', 'mymaster1'],
  ['a*b*c', 'aXbYbZc'],
  ['a**b', 'ab'],
  ['a*', 'a'],
  ['h?llo', 'hello'],
  ['h[ae]llo', 'hallo'],
  ['h[^e]llo', 'hallo'],
  ['h[a-c]llo', 'hbllo'],
  ['h[c-a]llo', 'hbllo'],
  ['[a-cx-z]', 'y'],
  ['[-a]', '-'],
  ['[a\\]b]', ']'],
  ['[a-]', '^'],
  ['[--.]', '.'],
  ['[abc', 'b'],
  ['[^]', 'x'],
  ['\\*', '*'],
  ['\\?x', '?x'],
  ['a\\', 'a\\'],
  ['\\a', 'a'],
  ['m\xc3\xa4*', 'm\xc3\xa4ster'],
  ['', ''],
];

const NOT_MATCHING: readonly (readonly [pattern: string, text: string])[] = [
  ['mymaster', 'mymaster1'],
  ['mymaster', 'mymaste'],
  ['MyMaster', 'mymaster'],
  ['h?llo', 'hllo'],
  ['h[^e]llo', 'hello'],
  ['h[a-c]llo', 'hdllo'],
  ['[]', 'x'],
  ['[]x]', 'x]y'],
  ['\\*', 'x'],
  ['a*b', 'abc'],
  ['?', ''],
  ['', 'a'],
  ['[^a', 'a'],
  ['[a-]', '-'],
];

/** The rules written down as recursion over the pattern's elements; exponential, and therefore only for short patterns. */
function matchesByDefinition(pattern: string, text: string): boolean {
  if (pattern === '') return text === '';
  if (pattern.startsWith('*')) {
    return matchesByDefinition(pattern.slice(1), text) || (text !== '' && matchesByDefinition(pattern, text.slice(1)));
  }
  const element = /^(?:\[\^?(?:\\.|[^\]]-.|[^\]])*\]?|\\.|.)/s.exec(pattern)?.[0] ?? '';
  if (text === '') return false;
  const rest = matchesByDefinition(pattern.slice(element.length), text.slice(1));
  const character = text.charAt(0);
  if (element === '?') return rest;
  if (element.length > 1 && element.startsWith('\\')) return element.charAt(1) === character && rest;
  return (element.startsWith('[') ? isInClass(element, character) : element === character) && rest;
}

function isInClass(element: string, character: string): boolean {
  const isNegated = element.startsWith('[^');
  const members = element.slice(isNegated ? 2 : 1).matchAll(/\\(.)|([^\]])-(.)|([^\]])/gs);
  let isMember = false;
  for (const [, escaped, from, to, single] of members) {
    if (from === undefined || to === undefined) isMember ||= (escaped ?? single) === character;
    else isMember ||= (from <= character && character <= to) || (to <= character && character <= from);
  }
  return isMember !== isNegated;
}

describe('Glob pattern', () => {
  for (const [pattern, text] of MATCHING) {
    it(`${JSON.stringify(pattern)} matches ${JSON.stringify(text)}`, () => {
      expect(matchesGlob(pattern, text)).to.equal(true);
    });
  }

  for (const [pattern, text] of NOT_MATCHING) {
    it(`${JSON.stringify(pattern)} does not match ${JSON.stringify(text)}`, () => {
      expect(matchesGlob(pattern, text)).to.equal(false);
    });
  }

  it('matches what the definition says, for random patterns and texts', () => {
    const random = new SeededRandom(5);
    let matches = 0;
    for (let round = 0; round < 20_000; round++) {
      const pattern = randomBytes(random, random.below(8), 'ab*?[]^-\\');
      const text = randomBytes(random, random.below(6), 'ab-]');
      const expected = matchesByDefinition(pattern, text);
      if (expected) matches++;
      expect(matchesGlob(pattern, text), JSON.stringify([pattern, text])).to.equal(expected);
    }
    expect(matches).to.be.greaterThan(500);
  });

  it('is tried in bounded time however many stars it has', () => {
    const startedAt = performance.now();
    expect(matchesGlob(`${'a*'.repeat(1000)}b`, 'a'.repeat(5000))).to.equal(false);
    expect(matchesGlob(`${'*a'.repeat(1000)}*b`, `${'a'.repeat(5000)}c`)).to.equal(false);
    expect(performance.now() - startedAt).to.be.lessThan(1000);
  });
});
