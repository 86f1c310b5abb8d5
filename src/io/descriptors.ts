// How many clients fit beside everything else that needs a file descriptor. Saving the state opens a file: clients that take the last
// descriptor would keep us from voting.

import { readFileSync } from 'node:fs';

/** What the process may open, which Node.js has raised as far as it may; infinite where there is no limit or none is known. */
export function descriptorLimit(): number {
  try {
    const limit = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'latin1'))?.[1];
    return limit === undefined ? Number.POSITIVE_INFINITY : Number(limit);
  } catch {
    // Only Linux has this file.
    return Number.POSITIVE_INFINITY;
  }
}

/** At most half of the descriptors are for clients; links, files and scripts have the others. (Redis keeps back 32, for files alone.) */
export function clientsThatFit(wanted: number, limit: number): number {
  return Math.max(1, Math.min(wanted, Math.floor(limit / 2)));
}
