// The periods and limits of time that `SENTINEL DEBUG` shows and changes, with Redis Sentinel's names and defaults.
// They belong to the process, are never saved, and a restart forgets them, as in the original.

import type { Millis } from './types.js';

export interface Tunables {
  infoPeriod: Millis;
  /** Null until set: a PING goes out five times within down-after, between every 100 ms and every second. */
  pingPeriod: Millis | null;
  askPeriod: Millis;
  publishPeriod: Millis;
  defaultDownAfter: Millis;
  defaultFailoverTimeout: Millis;
  tiltTrigger: Millis;
  tiltPeriod: Millis;
  replicaReconfigurationTimeout: Millis;
  minLinkReconnectPeriod: Millis;
  electionTimeout: Millis;
  scriptMaxRuntime: Millis;
  scriptRetryDelay: Millis;
}

export function defaultTunables(): Tunables {
  return {
    infoPeriod: 10_000,
    pingPeriod: null,
    askPeriod: 1_000,
    publishPeriod: 2_000,
    defaultDownAfter: 30_000,
    defaultFailoverTimeout: 180_000,
    tiltTrigger: 2_000,
    tiltPeriod: 30_000,
    replicaReconfigurationTimeout: 10_000,
    minLinkReconnectPeriod: 15_000,
    electionTimeout: 10_000,
    scriptMaxRuntime: 60_000,
    scriptRetryDelay: 30_000,
  };
}

/** What `SENTINEL DEBUG` shows for a PING period that follows each master's down-after: the slowest it gets. */
export const SLOWEST_PING_PERIOD: Millis = 1_000;
const FASTEST_PING_PERIOD: Millis = 100;
const PINGS_WITHIN_DOWN_AFTER = 5;

export function pingPeriod(tunables: Tunables, downAfter: Millis): Millis {
  if (tunables.pingPeriod !== null) return tunables.pingPeriod;
  return Math.min(SLOWEST_PING_PERIOD, Math.max(FASTEST_PING_PERIOD, Math.floor(downAfter / PINGS_WITHIN_DOWN_AFTER)));
}
