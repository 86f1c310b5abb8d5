// The one clock of the process: milliseconds since the Unix epoch that never jump.
//
// It is anchored to the wall clock once, when the process starts, and then only counts: a wall clock that is set forward or
// back cannot fake a timeout, while a stalled event loop or a stopped process still shows as a jump.

import { performance } from 'node:perf_hooks';

import type { Millis } from '../core/types.js';

// Reading it once: the getter costs more than the clock.
const ORIGIN: Millis = performance.timeOrigin;

/** The present moment of the monotonic clock, with fractions of a millisecond. */
export function now(): Millis {
  return ORIGIN + performance.now();
}
