// Tries mutations on a scratch copy of the tree, never on the tree itself: writes one into the copy, compiles it, lets the
// tests and the simulator run until something notices, and puts the source back.

import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Killer, type Mutation, mutate } from './mutation.js';

const COPIED = ['src', 'test', 'scripts', 'package.json', 'tsconfig.json', 'sentinel.conf.example', 'docs'];
/** What no compiler option of ours would let pass, but what is not the point of a mutation. */
const LENIENT = ['--noUnusedLocals', 'false', '--noUnusedParameters', 'false', '--allowUnreachableCode', 'true'];
const TESTS = ['core', 'spec', 'commands', 'config', 'protocol', 'cli', 'scenarios'];
/** Whoever takes longer has noticed something: nothing unchanged does. */
const TIME_LIMIT = 240_000;
const TEST_TIME_LIMIT = 60_000;
const MAX_OUTPUT = 64 << 20;

export interface Trial {
  /** Who noticed, in words; null if nobody did. */
  readonly killedBy: string | null;
  /** It was the one that the mutation names. */
  readonly isAsExpected: boolean;
}

interface Outcome {
  readonly status: number | null;
  readonly output: string;
}

export class TrialGround {
  readonly #root: string;
  readonly #seeds: number;

  /** Copies the tree; to be removed with `remove` whatever happens. */
  constructor(tree: string, seeds: number) {
    this.#seeds = seeds;
    this.#root = mkdtempSync(join(tmpdir(), 'vedette-mutations-'));
    for (const name of COPIED) cpSync(join(tree, name), join(this.#root, name), { recursive: true });
    symlinkSync(join(tree, 'node_modules'), join(this.#root, 'node_modules'));
    mkdirSync(join(this.#root, 'build'));
  }

  remove(): void {
    rmSync(this.#root, { recursive: true, force: true });
  }

  /** The copy as it is must compile and, unless that is known, please everybody. Returns what does not, or null. */
  whatIsWrongUnchanged(isKnownToPass: boolean): string | null {
    return this.#compile() ?? (isKnownToPass ? null : this.#whoNotices());
  }

  /** Throws when the mutation does not apply or does not compile. */
  try(mutation: Mutation): Trial {
    const path = join(this.#root, 'src', mutation.file);
    const source = readFileSync(path, 'utf8');
    writeFileSync(path, mutate(source, mutation));
    try {
      const complaint = this.#compile();
      if (complaint !== null) throw new Error(`'${mutation.name}' does not compile: ${complaint}`);
      const expected = this.#ask(mutation.killer);
      const killedBy = expected ?? this.#whoNotices();
      return { killedBy, isAsExpected: expected !== null };
    } finally {
      writeFileSync(path, source);
    }
  }

  #whoNotices(): string | null {
    return (
      this.#runTests([`build/test/{${TESTS.join(',')}}/**/*.test.js`]) ?? this.#runSeeds(false) ?? this.#runSeeds(true)
    );
  }

  #ask(killer: Killer): string | null {
    if (killer.kind === 'seeds') return this.#runSeeds(killer.isMixed);
    const title = killer.title === null ? [] : ['--fgrep', killer.title];
    return this.#runTests([`build/test/${killer.file}.test.js`, ...title]);
  }

  /** Returns what the compiler says, or null when it is content. */
  #compile(): string | null {
    const { status, output } = this.#run([
      'node_modules/typescript/bin/tsc',
      ...['--outDir', 'build', '--incremental', '--tsBuildInfoFile', 'build/.tsbuildinfo'],
      ...LENIENT,
    ]);
    return status === 0 ? null : output.trim();
  }

  /** Returns the title of the first test that fails, or null. A title that no test has is an error. */
  #runTests(words: readonly string[]): string | null {
    const report = join(this.#root, 'report.json');
    rmSync(report, { force: true });
    // Without the project's configuration mocha runs in the process we start, and dies with it at the time limit.
    const { status, output } = this.#run([
      ...['--enable-source-maps', 'node_modules/mocha/bin/mocha.js', '--no-config', '--bail'],
      ...['--timeout', String(TEST_TIME_LIMIT), '--reporter', 'json', '--reporter-option', `output=${report}`],
      ...words,
    ]);
    if (status === null) return `no end within ${TIME_LIMIT / 1000} s`;
    const { stats, failures } = readReport(report, output);
    if (stats.tests === 0) throw new Error(`no test matches ${words.join(' ')}`);
    if (status === 0) return null;
    return failures[0]?.fullTitle ?? `tests ended with status ${status}`;
  }

  /** Returns the first seed that fails, or null. */
  #runSeeds(isMixed: boolean): string | null {
    const mixed = isMixed ? ['--mixed'] : [];
    const { status, output } = this.#run([
      ...['--enable-source-maps', 'build/scripts/simulate.js', '--count', String(this.#seeds), '--stop', ...mixed],
    ]);
    if (status === 0) return null;
    if (status === null) return `no end of ${this.#seeds} seeds within ${TIME_LIMIT / 1000} s`;
    const line = output.split('\n').find((one) => one.startsWith('seed '));
    if (line === undefined) throw new Error(`the simulator ended with status ${status}: ${output.trim()}`);
    return `simulator, ${isMixed ? 'mixed, ' : ''}${line}`;
  }

  #run(words: readonly string[]): Outcome {
    const { status, stdout, stderr, error } = spawnSync(process.execPath, [...words], {
      cwd: this.#root,
      encoding: 'utf8',
      timeout: TIME_LIMIT,
      killSignal: 'SIGKILL',
      maxBuffer: MAX_OUTPUT,
    });
    if (error !== undefined && !('code' in error && error.code === 'ETIMEDOUT')) throw error;
    return { status, output: `${stdout}${stderr}` };
  }
}

interface Report {
  readonly stats: { readonly tests: number };
  readonly failures: readonly { readonly fullTitle: string }[];
}

function readReport(path: string, output: string): Report {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw new Error(`mocha left no report: ${output.trim()}`, { cause });
  }
}
