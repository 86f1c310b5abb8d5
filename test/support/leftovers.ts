// Remembers what this process must not leave behind: child processes and temporary directories. Everything
// registered here is removed when the process ends, however it ends: normally, by an exception or by a signal.
// Removals are synchronous, because an `exit` handler gets no turn of the event loop. What remains after SIGKILL is the
// janitor's business.

import { entrust, forget, type Leftover } from './janitor.js';

type Removal = () => void;

const removals = new Map<Leftover, Removal>();
const ENDING_SIGNALS = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const;
let isArmed = false;

/**
 * Runs `removal` at the end of this process, last registered first. Returns a function that forgets the removal,
 * for things that are gone already or are to be kept. `leftover` is what is removed, for the case that we cannot.
 */
export function removeAtExit(leftover: Leftover, removal: Removal): () => void {
  arm();
  removals.set(leftover, removal);
  entrust(leftover);
  return () => {
    if (removals.delete(leftover)) forget(leftover);
  };
}

function arm(): void {
  if (isArmed) return;
  isArmed = true;
  process.on('exit', () => {
    for (const [leftover, removal] of [...removals].reverse()) {
      removal();
      forget(leftover);
    }
  });
  for (const [signal, value] of Object.entries(ENDING_SIGNALS)) {
    process.once(signal, () => process.exit(128 + value));
  }
}
