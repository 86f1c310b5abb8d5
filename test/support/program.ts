// A child process with its standard output and standard error captured in files, not in pipes: it can outlive this
// process, and nothing it prints depends on this process reading. It runs in a process group of its own, so that
// Ctrl-C on the terminal reaches only the harness, which then ends its children in order.

import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { removeAtExit } from './leftovers.js';

export interface ProgramOptions {
  /** Names the files of captured output. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** The working directory, and the place of the captured output. */
  readonly directory: string;
  readonly environment?: Readonly<Record<string, string>>;
}

export interface ExitStatus {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export class Program {
  readonly pid: number;
  /** Settles when the process has ended. */
  readonly ended: Promise<ExitStatus>;
  readonly #child: ChildProcess;
  readonly #stdoutPath: string;
  readonly #stderrPath: string;
  readonly #forget: () => void;
  #status: ExitStatus | null = null;

  private constructor(child: ChildProcess, pid: number, stdoutPath: string, stderrPath: string) {
    this.#child = child;
    this.pid = pid;
    this.#stdoutPath = stdoutPath;
    this.#stderrPath = stderrPath;
    this.#forget = removeAtExit({ process: pid }, () => this.signal('SIGKILL'));
    this.ended = new Promise((resolve) => {
      child.once('exit', (code, signal) => {
        this.#status = { code, signal };
        this.#forget();
        resolve(this.#status);
      });
    });
  }

  /** Starts the process, or throws when the executable cannot be started. Output is appended to earlier output. */
  static async start(options: ProgramOptions): Promise<Program> {
    const stdoutPath = join(options.directory, `${options.name}.stdout`);
    const stderrPath = join(options.directory, `${options.name}.stderr`);
    const stdout = openSync(stdoutPath, 'a');
    const stderr = openSync(stderrPath, 'a');
    try {
      const child = spawn(options.command, options.args, {
        cwd: options.directory,
        env: { ...process.env, ...options.environment },
        stdio: ['ignore', stdout, stderr],
        detached: true,
      });
      await new Promise<void>((resolve, reject) => {
        child.once('spawn', resolve);
        child.once('error', reject);
      });
      if (child.pid === undefined) throw new Error(`${options.command} has no process id`);
      return new Program(child, child.pid, stdoutPath, stderrPath);
    } finally {
      closeSync(stdout);
      closeSync(stderr);
    }
  }

  get isRunning(): boolean {
    return this.#status === null;
  }

  get stdout(): string {
    return readFileSync(this.#stdoutPath, 'latin1');
  }

  get stderr(): string {
    return readFileSync(this.#stderrPath, 'latin1');
  }

  /** Sends a signal; does nothing once the process has ended. */
  signal(signal: NodeJS.Signals): void {
    if (this.isRunning) this.#child.kill(signal);
  }

  /** Ends the process with SIGKILL, also when it is stopped, and resolves when it is gone. */
  async kill(): Promise<void> {
    this.signal('SIGKILL');
    await this.ended;
  }

  /** Lets the process live on after this one. */
  release(): void {
    this.#forget();
    this.#child.unref();
  }
}
