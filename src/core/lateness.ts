// Our own lateness is nobody's death.
//
// After a stall of this process, timers run before the answers that arrived meanwhile are read; judging then would declare
// healthy nodes dead. So every step is compared with the moment it was promised for. A late one judges nothing, and the time
// lost is subtracted from every silence that was being counted; it does not restart it.

import { LATENESS_TOLERANCE } from './limits.js';
import type { Millis } from './types.js';

export class Lateness {
  /** All lateness so far. A silence remembers the value at its beginning, and the difference is its excuse. */
  total: Millis = 0;
  /** The current step is late, or follows a late one and no tick has been on time since. */
  isLate = false;
  #dueAt: Millis;

  constructor(now: Millis) {
    this.#dueAt = now;
  }

  /** The moment the next tick is due. */
  get dueAt(): Millis {
    return this.#dueAt;
  }

  promise(dueAt: Millis): void {
    this.#dueAt = dueAt;
  }

  /** Begins a step; returns how late it is, 0 within the tolerance. */
  begin(now: Millis, isTick: boolean): Millis {
    const late = now - this.#dueAt;
    if (late <= LATENESS_TOLERANCE) {
      if (isTick) this.isLate = false;
      return 0;
    }
    this.total += late;
    this.isLate = true;
    this.#dueAt = now;
    return late;
  }
}
