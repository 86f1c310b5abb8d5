// How the clients of the Sentinel port share the event loop.
//
// A client may send thousands of commands in one piece. Executed in one go they would keep Redis nodes, timers and every other client
// waiting. So all clients together have a limited time in each turn of the event loop; who has commands left when it is over goes
// on in a later turn, in the order in which they had to stop.

import { now } from './clock.js';
import { TURN_TIME } from './server-limits.js';

/** Whoever has commands to execute. */
export interface Turning {
  /** Executes further commands for as long as there is time. Called in a turn of its own. */
  takeTurn(): void;
}

export class Turns {
  readonly #waiting = new Set<Turning>();
  #startedAt: number | null = null;

  /** Whether there is time for another command in this turn; if not, `one` is called in a later one. */
  hasTimeFor(one: Turning): boolean {
    if (this.#startedAt === null) {
      this.#startedAt = now();
      setImmediate(() => this.#next());
    }
    if (now() - this.#startedAt < TURN_TIME) return true;
    this.#waiting.add(one);
    return false;
  }

  /** `one` has nothing to execute any more. */
  forget(one: Turning): void {
    this.#waiting.delete(one);
  }

  /** Those who do not get their turn in the new one stay in front of those who have to stop in it. */
  #next(): void {
    this.#startedAt = null;
    for (const one of [...this.#waiting]) {
      if (!this.hasTimeFor(one)) return;
      this.#waiting.delete(one);
      one.takeTurn();
    }
  }
}
