// How many masters are down together: what is done for one of them has to wait for what is done for the others.
//
// Counted afresh every now and then instead of kept up to date: it decides nothing but how patient candidates are.

import type { Core } from './core.js';
import { LEAST_HEAD_START } from './limits.js';
import type { Millis } from './types.js';

/** Masters that are objectively down and wait for a failover; not those for which none can be started, or that we alone do not reach. */
export function crowdSize(core: Core, now: Millis): number {
  const { crowd } = core;
  if (now < crowd.countedAt + LEAST_HEAD_START) return crowd.size;
  crowd.countedAt = now;
  crowd.size = 0;
  for (const { objectivelyDownSince, obstacle } of core.topology.masters.values()) {
    if (objectivelyDownSince !== null && obstacle === null) crowd.size++;
  }
  return crowd.size;
}
