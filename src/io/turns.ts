// How the clients of the Sentinel port share the event loop with each other and with everything else.
//
// A client may send thousands of commands in one piece. Executed in one go they would keep Redis nodes, timers and every other client
// waiting. So all clients together have a limited time in each turn of the event loop: 10 ms, or, when there is more to do, as much
// as everything else had in the turn before. Who has commands left when it is over goes on in the next turn, in the order in
// which they had to stop.

import type { Millis } from '../core/types.js';
import { now } from './clock.js';
import { TURN_TIME } from './server-limits.js';

/** Whoever has commands to execute. */
export interface Turning {
  /** Executes commands from `at` on, until nothing can be executed any more or the time is `until`; returns false if it was for want of time. */
  takeTurn(at: Millis, until: Millis): boolean;
}

export class Turns {
  readonly #waiting = new Set<Turning>();
  /** When the first command of this turn was executed; null while there was none. */
  #begunAt: Millis | null = null;
  #allowed: Millis = TURN_TIME;
  #spent: Millis = 0;

  /** Lets `one` execute its commands now, which is `at`, and what it has no time for in later turns. */
  serve(one: Turning, at: Millis): void {
    if (this.#begunAt === null) {
      this.#begunAt = at;
      setImmediate(() => this.#next());
    }
    const isDone = one.takeTurn(at, at + this.#allowed - this.#spent);
    this.#spent += now() - at;
    if (!isDone) this.#waiting.add(one);
  }

  /** `one` has nothing to execute any more. */
  forget(one: Turning): void {
    this.#waiting.delete(one);
  }

  /** Those who do not get their turn in the new one stay in front of those who have to stop in it. */
  #next(): void {
    const others = now() - (this.#begunAt ?? 0) - this.#spent;
    this.#begunAt = null;
    this.#allowed = Math.max(TURN_TIME, others);
    this.#spent = 0;
    for (const one of [...this.#waiting]) {
      if (this.#spent >= this.#allowed) return;
      this.#waiting.delete(one);
      this.serve(one, now());
    }
  }
}
