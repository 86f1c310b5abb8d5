// Random material for property-style tests: byte strings, and streams cut into pieces. Seeded, so a failure repeats.

import type { SeededRandom } from '../../src/core/random.js';

/** A byte string of `length` characters, most of them from `alphabet`, the rest any byte. */
export function randomBytes(random: SeededRandom, length: number, alphabet: string): string {
  let text = '';
  for (let index = 0; index < length; index++) {
    const isAny = alphabet === '' || random.below(20) === 0;
    text += isAny ? String.fromCharCode(random.below(256)) : alphabet.charAt(random.below(alphabet.length));
  }
  return text;
}

/** The stream in consecutive pieces of 1 … `longest` bytes. */
export function randomPieces(random: SeededRandom, stream: Buffer, longest: number): Buffer[] {
  const pieces: Buffer[] = [];
  for (let start = 0; start < stream.length; ) {
    const end = Math.min(stream.length, start + 1 + random.below(longest));
    pieces.push(Buffer.from(stream.subarray(start, end)));
    start = end;
  }
  return pieces;
}
