// The disk of a simulated Sentinel: one file of text that is replaced whole, after a while, or not at all.
//
// A crash while a replacement is under way leaves the old text or the new one, never a mixture: that much the daemon's
// write, fsync and rename guarantee. Which of the two is drawn, or dictated by a targeted crash.

import type { Millis } from '../../src/core/types.js';
import type { Process } from './process.js';
import type { Dice } from './seed.js';

export interface DiskOptions {
  /** How long a save takes, least and most. */
  readonly latency: readonly [Millis, Millis];
}

export class Disk {
  text: string;
  /** Why saves fail at present; null while they succeed. */
  failure: string | null = null;
  /** Multiplies the time a save takes. */
  slowness = 1;
  saves = 0;
  readonly #dice: Dice;
  readonly #options: DiskOptions;
  #pending: string | null = null;

  constructor(text: string, dice: Dice, options: DiskOptions) {
    this.text = text;
    this.#dice = dice;
    this.#options = options;
  }

  /** Calls back with null, or with the reason of the failure. `aboutToLand` runs in the last moment before completion. */
  replace(process: Process, text: string, aboutToLand: () => void, done: (failure: string | null) => void): void {
    if (this.#pending !== null) throw new Error(`${process.name}: a second save before the first has ended`);
    this.#pending = text;
    process.later(this.#dice.between(...this.#options.latency) * this.slowness, () => {
      aboutToLand();
      if (!process.isAlive) return;
      this.#pending = null;
      if (this.failure === null) {
        this.text = text;
        this.saves++;
      }
      done(this.failure);
    });
  }

  /** The process has died. A save that was under way may still have made it. */
  crash(fate: 'lost' | 'landed' | 'drawn'): void {
    const pending = this.#pending;
    this.#pending = null;
    if (pending === null || this.failure !== null) return;
    if (fate === 'landed' || (fate === 'drawn' && this.#dice.chance(0.5))) this.text = pending;
  }
}
