// What time it is for each of the commands that one client has sent in one piece.
//
// Reading the clock costs as much as many a command. So the end of one command is the beginning of the next, and a command that
// is the one before once more is not timed each time if that one took next to nothing: nothing else happens between the two.

import type { Millis } from '../core/types.js';

/** What a command, and then so many of them as are not timed, may take to count as next to nothing. */
const NEGLIGIBLE: Millis = 0.05;
/** After so many repetitions the clock is read again: together they may take a small part of what a turn may. */
const UNTIMED_REPETITIONS = 15;

export class CommandClock {
  readonly #now: () => Millis;
  #at: Millis = 0;
  #timed: readonly string[] | null = null;
  #untimedLeft = 0;

  constructor(now: () => Millis) {
    this.#now = now;
  }

  /** The first command of a turn begins at `at`. */
  begin(at: Millis): void {
    this.#at = at;
  }

  /** Commands that are the same array of words are the same command. Returns when the next one begins. */
  ended(words: readonly string[]): Millis {
    if (words === this.#timed && this.#untimedLeft > 0) {
      this.#untimedLeft--;
      return this.#at;
    }
    const at = this.#now();
    this.#timed = words;
    this.#untimedLeft = at - this.#at <= NEGLIGIBLE ? UNTIMED_REPETITIONS : 0;
    this.#at = at;
    return at;
  }
}
