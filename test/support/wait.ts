// Waiting without sleeping. A test states what must become true, or stay true, as an assertion; it is tried again and
// again until it holds or the deadline passes. The error of the last attempt is the last observed state, and is shown.

import { setTimeout as delay } from 'node:timers/promises';

import { now } from './clock.js';

const POLL_PERIOD = 20;

/** Thrown by an attempt when waiting longer cannot help. */
export class Hopeless extends Error {}

/**
 * Resolves with what `attempt` returns as soon as it stops throwing, polling every 20 ms. Rejects after
 * `withinMillis` with the description and the error of the last attempt. An attempt still pending at the deadline
 * is abandoned, and a `Hopeless` one ends the wait at once.
 */
export async function waitFor<T>(
  description: string,
  withinMillis: number,
  attempt: () => T | Promise<T>,
  everyMillis: number = POLL_PERIOD,
): Promise<T> {
  const deadline = now() + withinMillis;
  let lastFailure: unknown = new Error('the first attempt was still pending');
  for (;;) {
    try {
      return await beforeDeadline(attempt, deadline, lastFailure);
    } catch (error) {
      if (error instanceof Hopeless) throw error;
      lastFailure = error;
    }
    if (now() + everyMillis > deadline) break;
    await delay(everyMillis);
  }
  const observed = lastFailure instanceof Error ? lastFailure.message : String(lastFailure);
  throw new Error(`waited ${withinMillis} ms for this to hold: ${description}\n  last observed: ${observed}`, {
    cause: lastFailure,
  });
}

/** Checks `assertion` every 20 ms for `durationMillis`, and rejects as soon as it throws. */
export async function holdsFor(
  description: string,
  durationMillis: number,
  assertion: () => void | Promise<void>,
): Promise<void> {
  const end = now() + durationMillis;
  const began = now();
  do {
    try {
      await assertion();
    } catch (error) {
      const observed = error instanceof Error ? error.message : String(error);
      throw new Error(
        `stopped holding after ${Math.round(now() - began)} ms: ${description}\n  observed: ${observed}`,
        {
          cause: error,
        },
      );
    }
    await delay(POLL_PERIOD);
  } while (now() < end);
}

async function beforeDeadline<T>(attempt: () => T | Promise<T>, deadline: number, ifPending: unknown): Promise<T> {
  const timeout = new AbortController();
  const late = delay(Math.max(0, deadline - now()), undefined, { signal: timeout.signal }).then(() => {
    throw ifPending;
  });
  late.catch(() => undefined);
  try {
    return await Promise.race([attempt(), late]);
  } finally {
    timeout.abort();
  }
}
