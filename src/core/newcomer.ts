// Somebody who announces itself as a Sentinel of a master and has not proved it yet. Nothing it says is believed, and it is
// asked nothing but who it is; `verification.ts` decides what becomes of it.

import type { Link } from './link.js';
import type { Address, Millis, RunId } from './types.js';

export interface Newcomer {
  readonly runId: RunId;
  readonly address: Address;
  readonly link: Link;
  readonly metAt: Millis;
  /** When it announced itself last. */
  heardAt: Millis;
  /** Its last hello, which is applied when it has proved itself. */
  lastHello: string | null;
  /** Since when it is known not to be what it says: somebody else answers at its address. Null while that is open. */
  disprovedAt: Millis | null;
}
