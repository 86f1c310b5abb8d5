// The raw material of all targets: words that somebody might take for something, and damage to any text.

import type { Dice } from '../sim/seed.js';

/** Numbers at the edges that parsers have, hosts and addresses, and bytes that mean something to one of the formats. */
export const AWKWARD_WORDS: readonly string[] = [
  ...[
    '',
    '0',
    '-1',
    '1',
    '00',
    '+1',
    '1.5',
    '1e3',
    '0x10',
    'NaN',
    '-0',
    '-9223372036854775808',
    '99999999999999999999',
  ],
  ...['65535', '65536', '2147483647', '4294967296', '9007199254740991', '9007199254740992', '18446744073709551615'],
  ...['127.0.0.1', '::1', '[::1]', 'localhost', '10.0.0.1', '256.1.1.1', 'host name', '0.0.0.0', '::', '*', '-::*'],
  ...[
    'mymaster',
    'MyMaster',
    'my,master',
    'my master',
    'my\nmaster',
    '"',
    "'",
    '\\',
    '\\x41',
    '#',
    ',',
    ':',
    '|',
    '%s',
  ],
  ...['\0', '\r\n', '\n', '\r', '\t', '\x1b[2J', '\x7f', '\x80', '\xff\xfe', '*1\r\n', '$-1\r\n', '+OK\r\n', '?', '*'],
  ...['yes', 'no', 'on', 'off', 'default', '__proto__', 'constructor', 'toString', '0'.repeat(40), 'f'.repeat(40)],
  ...['a'.repeat(41), 'x'.repeat(300), '[a-', '[^', '*'.repeat(40), '~*', '+@all', '-@all', '>pw', '#abc', 'nopass'],
];

export function awkwardWord(dice: Dice): string {
  return dice.chance(0.8) ? dice.pick(AWKWARD_WORDS) : anyBytes(dice, dice.below(20));
}

export function anyBytes(dice: Dice, length: number): string {
  let text = '';
  for (let index = 0; index < length; index++) text += String.fromCharCode(dice.below(256));
  return text;
}

/** The text with one to four injuries. `words` are what the format likes to see in odd places. */
export function damaged(dice: Dice, text: string, words: readonly string[] = AWKWARD_WORDS): string {
  let result = text;
  for (let left = dice.integer(1, 4); left > 0; left--) result = injured(dice, result, words);
  return result;
}

function injured(dice: Dice, text: string, words: readonly string[]): string {
  const at = dice.below(text.length + 1);
  const to = Math.min(text.length, at + dice.integer(1, dice.chance(0.8) ? 4 : 200));
  switch (dice.below(6)) {
    case 0:
      return text.slice(0, at) + text.slice(to);
    case 1:
      return text.slice(0, at) + anyBytes(dice, 1) + text.slice(at + 1);
    case 2:
      return text.slice(0, at) + dice.pick(words) + text.slice(at);
    case 3:
      return text.slice(0, to) + text.slice(at);
    case 4:
      return text.slice(0, at);
    default: {
      const other = dice.below(text.length + 1);
      return text.slice(0, at) + text.slice(other, other + 20) + text.slice(at);
    }
  }
}

/** The bytes in consecutive pieces, now many small ones, now a few large ones. */
export function* pieces(dice: Dice, text: string): Generator<Buffer> {
  const bytes = Buffer.from(text, 'latin1');
  const longest = dice.pick([1, 3, 20, 500, bytes.length + 1]);
  for (let start = 0; start < bytes.length; ) {
    const end = Math.min(bytes.length, start + 1 + dice.below(longest));
    // Whoever is given a piece owns it only until it asks for the next.
    yield Buffer.from(bytes.subarray(start, end));
    start = end;
  }
}

/** Whether the text has a character that no name, host or line of a file may have. */
export function hasControlCharacter(text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code < 0x20 || code === 0x7f) return true;
  }
  return false;
}
