// Runs notification and client-reconfiguration scripts as Redis Sentinel does (documentation, "Scripts execution"): a queue of
// 256, 16 at a time, each killed after the maximal run time; exit status 1 or a signal means "try again", up to ten times with a
// delay that doubles; 2 or more is final. No shell is involved, and the script gets nothing of ours but its arguments and a
// small environment.

import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:os';
import { resolve } from 'node:path';

import type { EventLevel } from '../core/event.js';
import type { Tunables } from '../core/tunables.js';
import type { Millis } from '../core/types.js';
import { now } from './clock.js';
import { toNative } from './native-text.js';

/** Redis Sentinel's limits. When the queue is full the oldest script that does not run is given up. */
const MAX_QUEUE = 256;
const MAX_RUNNING = 16;
const MAX_ATTEMPTS = 10;
/** How often waiting and running scripts are looked at. */
const PERIOD: Millis = 100;
/** The exit status of a child that could not become the script; it is not tried again. */
const NOT_EXECUTABLE = 2;
/** The signal that stands for "no process could be made". */
const NOT_FORKED = 99;
/** What a script may need of our environment. LEAKED_FDS_FILE is for the test suites of Redis and Valkey. */
const ENVIRONMENT = /^(PATH|HOME|USER|LOGNAME|SHELL|LANG|LANGUAGE|LC_[A-Z]+|TZ|TMPDIR|LEAKED_FDS_FILE)$/;
const FORK_FAILURES = new Set(['EAGAIN', 'ENOMEM', 'EMFILE', 'ENFILE']);

interface Job {
  readonly words: readonly string[];
  child: ChildProcess | null;
  /** When it was started, or the earliest moment of its next attempt. */
  at: Millis;
  attempts: number;
  isKilled: boolean;
}

/** A script that runs or waits for its turn. */
export interface QueuedScript {
  readonly words: readonly string[];
  readonly processId: number | null;
  readonly at: Millis;
  readonly attempts: number;
}

export interface ScriptsOptions {
  /** Read anew each time: both change at run time. */
  readonly tunables: Pick<Tunables, 'scriptMaxRuntime' | 'scriptRetryDelay'>;
  /** The working directory of scripts, to which relative paths refer. */
  readonly directory: string;
  /** Never called from within `run`. */
  announce(level: EventLevel, type: string, message: string): void;
}

export class Scripts {
  readonly #options: ScriptsOptions;
  #jobs: Job[] = [];
  #running = 0;
  #timer: NodeJS.Timeout | null = null;

  constructor(options: ScriptsOptions) {
    this.#options = options;
  }

  /** Queues a script; it is started in a later turn of the event loop. Path and arguments are byte strings. */
  run(path: string, args: readonly string[]): void {
    this.#jobs.push({ words: [path, ...args], child: null, at: 0, attempts: 0, isKilled: false });
    if (this.#jobs.length > MAX_QUEUE) {
      const oldest = this.#jobs.findIndex(({ child }) => child === null);
      this.#jobs.splice(oldest, 1);
    }
    setImmediate(() => this.#startDue());
    this.#timer ??= setInterval(() => this.#look(), PERIOD);
  }

  get running(): number {
    return this.#running;
  }

  /** In the order in which they were queued. */
  queue(): readonly QueuedScript[] {
    return this.#jobs.map(({ words, child, at, attempts }) => ({ words, processId: child?.pid ?? null, at, attempts }));
  }

  /** Starts nothing more. Scripts that run are left to themselves, as the original leaves them when it ends. */
  close(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
    for (const { child } of this.#jobs) child?.unref();
    this.#jobs = [];
  }

  #look(): void {
    const overdueSince = now() - this.#options.tunables.scriptMaxRuntime;
    for (const job of this.#jobs) {
      if (job.child === null || job.isKilled || job.at > overdueSince) continue;
      job.isKilled = true;
      this.#options.announce('warning', '-script-timeout', `${job.words[0]} ${job.child.pid}`);
      job.child.kill('SIGKILL');
    }
    this.#startDue();
    if (this.#jobs.length > 0 || this.#timer === null) return;
    clearInterval(this.#timer);
    this.#timer = null;
  }

  #startDue(): void {
    const at = now();
    for (const job of [...this.#jobs]) {
      if (this.#running >= MAX_RUNNING) return;
      if (job.child === null && job.at <= at) this.#start(job, at);
    }
  }

  #start(job: Job, at: Millis): void {
    const [path = '', ...args] = job.words.map(toNative);
    const { directory } = this.#options;
    // An absolute path is never looked for in PATH.
    const options = { argv0: path, cwd: directory, stdio: 'ignore', env: scriptEnvironment() } as const;
    const child = spawn(resolve(directory, path), args, options);
    job.child = child;
    job.at = at;
    job.attempts++;
    job.isKilled = false;
    this.#running++;
    child.once('error', (error: NodeJS.ErrnoException) => this.#failToStart(job, error));
    if (child.pid === undefined) return;
    this.#options.announce('debug', '+script-child', String(child.pid));
    child.once('exit', (code, signal) => {
      const bySignal = signal === null ? 0 : constants.signals[signal];
      this.#options.announce('debug', '-script-child', `${child.pid} ${code ?? 0} ${bySignal}`);
      this.#finish(job, code ?? 0, bySignal);
    });
  }

  /** `error` also follows a kill that failed; then there is a process, and its exit will be reported. */
  #failToStart(job: Job, error: NodeJS.ErrnoException): void {
    if (job.child?.pid !== undefined) return;
    const couldNotFork = FORK_FAILURES.has(error.code ?? '');
    this.#finish(job, couldNotFork ? 0 : NOT_EXECUTABLE, couldNotFork ? NOT_FORKED : 0);
  }

  #finish(job: Job, code: number, bySignal: number): void {
    job.child = null;
    this.#running--;
    if ((bySignal !== 0 || code === 1) && job.attempts < MAX_ATTEMPTS) {
      job.at = now() + this.#options.tunables.scriptRetryDelay * 2 ** (job.attempts - 1);
    } else {
      if (bySignal !== 0 || code !== 0) {
        this.#options.announce('warning', '-script-error', `${job.words[0]} ${bySignal} ${code}`);
      }
      this.#jobs = this.#jobs.filter((other) => other !== job);
    }
    this.#startDue();
  }
}

function scriptEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => ENVIRONMENT.test(name)));
}
