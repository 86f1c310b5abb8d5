// When the next command of a pipeline begins, without a look at the clock for every single one: that would cost as much as many a
// command.
//
// A command that was quick is quick when it comes again at once, so a few of the same words are taken for one moment. Should it become
// slow, that is noticed some commands later.

import type { Millis } from '../core/types.js';

/** How quick a command has to be, and how many more of the same may follow before the clock is looked at again. */
const QUICK: Millis = 0.05;
const UNTIMED = 15;

export class Pace {
  readonly #now: () => Millis;
  /** The command that may be repeated untimed, and how often. */
  #quick: readonly string[] | null = null;
  #left = 0;

  constructor(now: () => Millis) {
    this.#now = now;
  }

  /** The moment after the command with these words, which was begun at `begunAt`; that very moment if it was too short to count. */
  after(words: readonly string[], begunAt: Millis): Millis {
    if (words === this.#quick && this.#left-- > 0) return begunAt;
    const at = this.#now();
    this.#quick = at - begunAt < QUICK ? words : null;
    this.#left = UNTIMED;
    return at;
  }
}
