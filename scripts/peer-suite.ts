// Runs the Sentinel suite that comes with the sources of Redis and Valkey, with Vedette in the place of their Sentinel.
//
// Its options are explained in `scripts/peer-suite`, which starts it.
//
// The suite runs in a copy of the tree's tests, and builds nothing. It monitors 10.0.0.1 as a master that is dead, so it gets
// a network of its own that has a loopback interface and nothing else; and processes of its own, so that none outlives it.

import { type ChildProcess, spawn } from 'node:child_process';
import {
  accessSync,
  constants,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

import { now } from '../test/support/clock.js';
import { removeAtExit } from '../test/support/leftovers.js';
import { Workspace } from '../test/support/workspace.js';
import { SuiteReport, type TestResult } from './peer-suite-report.js';
import { column, Terminal } from './terminal.js';

const VEDETTE = fileURLToPath(new URL('../src/main.js', import.meta.url));
const USAGE = 'usage: peer-suite [--sentinel PROGRAM] [--keep] SOURCE-TREE [options of the suite]';
/** Directives that a suite writes into every configuration, and that older servers than the suite's own refuse. */
const NEWER_DIRECTIVES = ['enable-debug-assert'] as const;
/** Names in Valkey's suite that Redis's servers know by another. Only servers are asked for them, never a Sentinel. */
const OLDER_NAMES: readonly (readonly [newer: RegExp, older: string])[] = [
  [/\bprimaryauth\b/g, 'masterauth'],
  [/\bprimaryuser\b/g, 'masteruser'],
];
/** Both peers' names for their programs; a suite uses one of the two. */
const PEERS = ['redis', 'valkey'] as const;
const FILE_WIDTH = 24;
const TEST_WIDTH = 104;
const RESULT_WIDTH = 7;
const SECONDS_WIDTH = 8;

interface Options {
  readonly sourceTree: string;
  /** The program in the place of the Sentinel; null for Vedette. */
  readonly sentinel: string | null;
  readonly isKept: boolean;
  readonly suiteOptions: readonly string[];
}

const terminal = new Terminal(process.stdout);

/** What comes before the source tree is ours, what comes after it is the suite's. */
function optionsFrom(args: readonly string[]): Options {
  let sentinel: string | null = null;
  let isKept = false;
  for (let index = 0; index < args.length; index++) {
    const arg = args[index] ?? '';
    if (arg === '--keep') isKept = true;
    else if (arg === '--sentinel') sentinel = programNamed(args[++index] ?? '');
    else if (arg.startsWith('-')) throw new Error(`unknown option ${arg}\n${USAGE}`);
    else return { sourceTree: resolve(arg), sentinel, isKept, suiteOptions: args.slice(index + 1) };
  }
  throw new Error(USAGE);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** The absolute path of a program given by path or by name. */
function programNamed(name: string): string {
  const { PATH = '' } = process.env;
  const candidates = name.includes('/')
    ? [resolve(name)]
    : PATH.split(delimiter).map((directory) => join(directory, name));
  const found = candidates.find(isExecutable);
  if (found === undefined) throw new Error(`there is no program ${JSON.stringify(name)}`);
  return found;
}

/** A program of this purpose that the source tree was built into, or null. */
function ownProgram(sourceTree: string, purpose: 'server' | 'cli'): string | null {
  return PEERS.map((peer) => join(sourceTree, 'src', `${peer}-${purpose}`)).find(isExecutable) ?? null;
}

/** The shell's spelling of words that it must not interpret. */
function quoted(words: readonly string[]): string {
  return words.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ');
}

/** A program that becomes another one: the suite takes the id of the process it starts for that of the listener. */
function starterOf(command: readonly string[]): string {
  return `#!/bin/sh\nexec ${quoted(command)} "$@"\n`;
}

/** Starts an original, and before that takes away from its configuration, the first argument, what it does not know yet. */
function starterOfOlder(program: string): string {
  const expressions = NEWER_DIRECTIVES.flatMap((directive) => ['-e', `/^${directive} /d`]);
  return `#!/bin/sh\nsed -i ${quoted(expressions)} "$1"\nexec ${quoted([program])} "$@"\n`;
}

/** Lets the copied tests configure a Redis server where they were written for their own. */
function useOlderNames(directory: string): void {
  for (const file of readdirSync(directory).filter((name) => name.endsWith('.tcl'))) {
    const path = join(directory, file);
    const text = readFileSync(path, 'latin1');
    const adapted = OLDER_NAMES.reduce((result, [newer, older]) => result.replace(newer, older), text);
    if (adapted !== text) writeFileSync(path, adapted, 'latin1');
  }
}

/** Makes the copy that the suite runs in: the tree's tests, and beside them programs that only start others. */
function copySuite(options: Options, directory: string): void {
  const tests = join(options.sourceTree, 'tests');
  if (!existsSync(join(tests, 'sentinel', 'run.tcl')))
    throw new Error(
      `${options.sourceTree} holds no tests/sentinel/run.tcl: it is not a source tree of Redis or Valkey`,
    );
  cpSync(tests, join(directory, 'tests'), { recursive: true, verbatimSymlinks: true });
  mkdirSync(join(directory, 'tests', 'sentinel', 'tmp'), { recursive: true });
  const ownServer = ownProgram(options.sourceTree, 'server');
  if (ownServer === null) useOlderNames(join(directory, 'tests', 'sentinel', 'tests'));
  const starters = {
    sentinel: options.sentinel === null ? starterOf([process.execPath, VEDETTE]) : starterOfOlder(options.sentinel),
    server: ownServer === null ? starterOfOlder(programNamed('redis-server')) : starterOf([ownServer]),
    cli: starterOf([ownProgram(options.sourceTree, 'cli') ?? programNamed('redis-cli')]),
  };
  mkdirSync(join(directory, 'src'));
  for (const peer of PEERS) {
    for (const [purpose, script] of Object.entries(starters)) {
      writeFileSync(join(directory, 'src', `${peer}-${purpose}`), script, { mode: 0o755 });
    }
  }
  // Tcl would write results into the pipe only when its buffer is full, and they could not be timed.
  writeFileSync(join(directory, 'run.tcl'), 'fconfigure stdout -buffering line\nsource tests/sentinel/run.tcl\n');
}

function tclShell(): string {
  try {
    return programNamed('tclsh8.6');
  } catch {
    return programNamed('tclsh');
  }
}

function startSuite(options: Options, directory: string): ChildProcess {
  const isPrivileged = process.geteuid?.() === 0;
  const suite = [tclShell(), 'run.tcl', ...options.suiteOptions, ...(options.isKept ? ['--dont-clean'] : [])];
  const unshare = [
    '--net',
    '--pid',
    '--mount-proc',
    '--fork',
    '--kill-child',
    ...(isPrivileged ? [] : ['--map-root-user']),
  ];
  // The shell does not `exec` the suite: as the first process of the namespace it takes over orphans and buries them.
  const script = `ip link set lo up && { ${quoted(suite)}; exit $?; }`;
  return spawn('unshare', [...unshare, 'sh', '-c', script], {
    cwd: directory,
    // A terminal that cannot do anything, so that the suite does not colour its report.
    env: { ...process.env, TERM: 'dumb' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

/** Feeds what the suite prints to `report`, and resolves with its exit status. */
async function observe(child: ChildProcess, report: SuiteReport): Promise<number> {
  child.stdout?.setEncoding('latin1').on('data', (text: string) => report.read(text, now()));
  return await new Promise((resolveStatus, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolveStatus(code ?? 1));
  });
}

function printRow(file: string, test: string, result: string, seconds: string): void {
  const colour = result === 'failed' ? 'red' : 'green';
  const isHeading = result === 'result';
  const padded = column(result, RESULT_WIDTH);
  terminal.line(
    `${column(file, FILE_WIDTH)} ${column(test, TEST_WIDTH)} ${isHeading ? padded : terminal.style(colour, padded)}` +
      seconds.padStart(SECONDS_WIDTH),
  );
}

function printTest(test: TestResult): void {
  printRow(test.file, test.name, test.isPassed ? 'ok' : 'failed', (test.millis / 1000).toFixed(1));
  for (const line of test.details) terminal.line(terminal.style('dim', `    ${line}`));
}

/** Prints the sum of a run, and returns whether everything is well. */
function printSum(report: SuiteReport, status: number): boolean {
  const failed = report.tests.filter((test) => !test.isPassed);
  const failedFiles = new Set(failed.map((test) => test.file));
  const millis = report.tests.reduce((sum, test) => sum + test.millis, 0);
  terminal.line();
  for (const remark of report.remarks) terminal.line(remark);
  terminal.line(
    `${report.files.length} files, ${failedFiles.size} failed; ${report.tests.length} tests, ${failed.length} failed; ` +
      `${(millis / 1000).toFixed(0)} s; the suite ended with status ${status}`,
  );
  if (failed.length > 0) terminal.line('A failure ends its file: what comes after it there did not run.');
  return status === 0 && failed.length === 0 && report.tests.length > 0;
}

async function main(): Promise<number> {
  const options = optionsFrom(process.argv.slice(2));
  const workspace = new Workspace();
  copySuite(options, workspace.path);
  if (options.isKept) workspace.keep();
  terminal.line(`${options.sourceTree}, Sentinel: ${options.sentinel ?? 'Vedette'}`);
  printRow('file', 'test', 'result', 'seconds');
  const report = new SuiteReport(printTest);
  const child = startSuite(options, workspace.path);
  const { pid } = child;
  if (pid === undefined) throw new Error('the suite could not be started');
  const forget = removeAtExit({ process: pid }, () => child.kill('SIGKILL'));
  const status = await observe(child, report);
  forget();
  report.end(now());
  const isWell = printSum(report, status);
  if (options.isKept) terminal.line(`Kept: ${join(workspace.path, 'tests', 'sentinel', 'tmp')}`);
  else workspace.remove();
  return isWell ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`peer-suite: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
}
