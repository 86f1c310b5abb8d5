// One number decides a whole run. Every part of the world draws from a child generator of its own, derived by name, so that
// one more draw in one place does not change what all other places draw.

import { SeededRandom } from '../../src/core/random.js';

/** The generator of one part of the world, with the draws a simulation needs. */
export class Dice extends SeededRandom {
  /** A number between the bounds, the upper one excluded. */
  between(low: number, high: number): number {
    return low + (this.next() / 2 ** 32) * (high - low);
  }

  /** An integer between the bounds, both included. */
  integer(low: number, high: number): number {
    return low + this.below(high - low + 1);
  }

  chance(probability: number): boolean {
    return this.next() / 2 ** 32 < probability;
  }

  pick<T>(items: readonly T[]): T {
    const item = items[this.below(items.length)];
    if (item === undefined) throw new Error('nothing to pick from');
    return item;
  }

  /** Some of the items, in random order. */
  sample<T>(items: readonly T[], count: number): T[] {
    const left = [...items];
    const drawn: T[] = [];
    while (drawn.length < count && left.length > 0) drawn.push(...left.splice(this.below(left.length), 1));
    return drawn;
  }
}

export class Seed {
  readonly #path: string;

  constructor(path: number | string) {
    this.#path = String(path);
  }

  child(name: string): Seed {
    return new Seed(`${this.#path}/${name}`);
  }

  dice(name: string): Dice {
    const path = `${this.#path}/${name}`;
    return new Dice(hash(path, 0x811c9dc5), hash(path, 0x2545f491), hash(path, 0x7f4a7c15));
  }
}

/** FNV-1a with a finishing mix, started from different values to draw several words from one text. */
export function hash(text: string, start: number): number {
  let value = start | 0;
  for (let index = 0; index < text.length; index++) value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return value ^ (value >>> 16);
}
