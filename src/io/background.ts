// `daemonize yes`: the process that was started makes another one, in a session of its own and without standard streams, and ends
// with status 0 as soon as that one listens, or with 1 and its reason if it does not.
//
// Node.js cannot fork, so the executable is started again with the same words in the same directory: relative paths mean the same
// to both. The two share one pipe on which the background says how its start went. That the one in front waits is better than
// the original, which reports success before it knows.

import { spawn } from 'node:child_process';
import { closeSync, writeSync } from 'node:fs';
import type { Readable } from 'node:stream';

/** Tells a process that it is the one in the background, and on which descriptor its starter listens. */
const VARIABLE = 'VEDETTE_STARTER';
const PIPE = 3;
const READY = 'ready';
const STANDARD_ERROR = 2;

/** Who waits in the foreground for the outcome of our start. Each method is called at most once, and only one of them. */
export interface Starter {
  /** Everything listens. */
  ready(): void;
  /** The start is given up; `explanation` is a byte string for a person. */
  failed(explanation: string): void;
}

/** Who started this process in the background; null if nobody did. Ask once: what we start ourselves must not inherit the answer. */
export function takeStarter(): Starter | null {
  const isInBackground = process.env[VARIABLE] !== undefined;
  delete process.env[VARIABLE];
  if (!isInBackground) return null;
  return { ready: () => answer(READY), failed: (explanation) => answer(explanation) };
}

function answer(text: string): void {
  try {
    writeSync(PIPE, Buffer.from(text, 'latin1'));
  } catch (error) {
    // Whoever started us did not want to wait any longer: nobody is left to be told.
    if ((error as NodeJS.ErrnoException).code !== 'EPIPE') throw error;
  }
  closeSync(PIPE);
}

/** Starts this executable again in the background. This process ends with the outcome, and a failure's reason on standard error. */
export async function goToBackground(): Promise<never> {
  const child = spawn(process.execPath, [...process.execArgv, ...process.argv.slice(1)], {
    detached: true,
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    env: { ...process.env, [VARIABLE]: String(PIPE) },
  });
  const failure = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(`Cannot start in the background: ${error.message}`));
  });
  const outcome = await Promise.race([readAll(child.stdio[PIPE] as Readable), failure]);
  if (outcome === READY) process.exit(0);
  const explanation = outcome === '' ? 'The process in the background ended before it could say why' : outcome;
  writeSync(STANDARD_ERROR, Buffer.from(`${explanation.trimEnd()}\n`, 'latin1'));
  process.exit(1);
}

/** Everything the other end writes until it is closed, by hand or by the end of its process. */
async function readAll(pipe: Readable): Promise<string> {
  let text = '';
  for await (const chunk of pipe.setEncoding('latin1')) text += chunk;
  return text;
}
