// Runs many seeds at once: a thread for each job, and whoever is free gets the next seed. It does not judge reports.
//
// Seeds are handed out one by one instead of in ranges, so that a limit of time, a failure or an interruption stops the run
// within one seed, and every seed that was begun is reported.

import { Worker } from 'node:worker_threads';
import type { Report } from '../test/sim/swarm.js';
import { seedSupply } from './seed-supply.js';
import type { SeedRun } from './simulation-options.js';
import type { WorkerOptions } from './simulation-worker.js';

const WORKER = new URL('./simulation-worker.js', import.meta.url);
/** Nearly everything a simulation makes dies young: with more room for it, less is copied by the collector. */
const YOUNG_GENERATION_MEGABYTES = 48;

/**
 * Runs the seeds of `run` and gives each report to `reported`, in the order the seeds end. No further seed is begun after the
 * last, after the time limit (the first is always run), once `isEnough` is true, or once `interruption` is given; seeds under
 * way are still finished. Rejects when a thread dies, naming its seed.
 */
export async function runCrew(
  run: SeedRun,
  reported: (report: Report) => void,
  { isEnough, interruption }: { readonly isEnough: () => boolean; readonly interruption: AbortSignal },
): Promise<void> {
  let isBroken = false;
  const take = seedSupply(run, () => isBroken || interruption.aborted || isEnough());
  const { faults, faultPhase, isMixed } = run;
  const jobs = Array.from({ length: Math.min(run.jobs, run.count) }, async () => {
    try {
      await work({ faults, faultPhase, isMixed }, take, reported);
    } catch (error) {
      isBroken = true;
      throw error;
    }
  });
  await Promise.all(jobs);
}

/** One thread, from its first seed to its last. */
async function work(
  options: WorkerOptions,
  take: () => number | null,
  reported: (report: Report) => void,
): Promise<void> {
  const worker = new Worker(WORKER, {
    workerData: options,
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MEGABYTES },
  });
  try {
    for (let seed = take(); seed !== null; seed = take()) reported(await reportOf(worker, seed));
  } finally {
    await worker.terminate();
  }
}

function reportOf(worker: Worker, seed: number): Promise<Report> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error) => reject(new Error(`seed ${seed} ended its thread: ${error.message}`));
    worker.once('error', fail);
    worker.once('message', (report: Report) => {
      worker.off('error', fail);
      resolve(report);
    });
    worker.postMessage(seed);
  });
}
