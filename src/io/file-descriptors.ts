// How many clients the operating system's limit of open files leaves room for.
//
// Whoever takes all descriptors of a Sentinel takes its links to nodes and peers, and its votes, which are saved before they are
// given. So some are kept free of clients, as in Redis, and here more of them the more there is to supervise.

import { readFileSync } from 'node:fs';

import { StartFailure } from './start-failure.js';

/** For the state file, logs, scripts, listeners and everything Node.js itself has open. */
const RESERVED = 64;
/** A master, its replicas and the other Sentinels: links and their subscriptions. */
const RESERVED_FOR_A_MASTER = 16;
/** With fewer there is no supervising at all. */
const LEAST = 128;

/**
 * How many clients there may be, of `wanted`. At least half of the limit is left to them, however many masters there are. Throws
 * `StartFailure` when the limit is too low for a Sentinel without any client.
 */
export function affordableClients(wanted: number, masters: number, limit: number): number {
  if (limit < LEAST) {
    throw new StartFailure(
      `Your current 'ulimit -n' of ${limit} is not enough for the server to start. Please increase your open file limit to at least ${LEAST}. Exiting.`,
    );
  }
  const reserved = RESERVED + RESERVED_FOR_A_MASTER * masters;
  return Math.min(wanted, Math.max(limit - reserved, Math.floor(limit / 2)));
}

/** The limit that holds for this process, which Node.js raises as far as it may; infinite where the system does not tell. */
export function openFilesLimit(): number {
  const [, text = ''] = /^Max open files +(\d+|unlimited)/m.exec(readLimits()) ?? [];
  return text === '' || text === 'unlimited' ? Number.POSITIVE_INFINITY : Number(text);
}

/** Only Linux has this file. */
function readLimits(): string {
  try {
    return readFileSync('/proc/self/limits', 'latin1');
  } catch {
    return '';
  }
}
