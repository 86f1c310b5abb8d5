// Which seed of a run is next, and when there are no more. How many are run at once, and where, is the caller's business.

import type { SeedRun } from './simulation-options.js';

/**
 * Hands out the seeds of `run` one by one, then null: after the last, after the time limit (the first is always run), or once `isOver`
 * is true. The time begins now.
 */
export function seedSupply({ first, count, limit }: SeedRun, isOver: () => boolean): () => number | null {
  const deadline = performance.now() + limit;
  let next = first;
  return () => {
    if (next >= first + count || isOver()) return null;
    if (next > first && performance.now() >= deadline) return null;
    return next++;
  };
}
