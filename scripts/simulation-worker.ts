// One thread of `npm run simulate`: gets seeds one after the other, runs each, and hands back its report.
// Which seeds there are and when it is enough is decided in `simulation-crew.ts`.

import { parentPort, workerData } from 'node:worker_threads';
import { runSwarm, type SwarmOptions } from '../test/sim/swarm.js';

export type WorkerOptions = Omit<SwarmOptions, 'seed' | 'show'>;

if (parentPort === null) throw new Error('this file is run by simulation-crew.ts, in a thread of its own');
const port = parentPort;
const options: WorkerOptions = workerData;

port.on('message', (seed: number) => port.postMessage(runSwarm({ ...options, seed, show: null })));
