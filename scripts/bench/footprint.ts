// `npm run bench:footprint`: what one supervisor costs. How long it takes to answer its first PING, and how much processor
// time and memory it uses while nothing happens, with one master, two replicas and two peers. Vedette and redis-sentinel
// alike. Reads /proc, and so runs on Linux only.

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

import yargs from 'yargs';

import { now } from '../../test/support/clock.js';
import { Group } from '../../test/support/group.js';
import type { SentinelKind, SentinelProcess } from '../../test/support/sentinel-process.js';
import { waitFor } from '../../test/support/wait.js';
import { column, Terminal } from '../terminal.js';
import { summarise } from './statistics.js';

const KINDS: readonly SentinelKind[] = ['vedette', 'redis-sentinel'];
const START_LIMIT = 15_000;
const POLL_PERIOD = 2;
const TITLE_WIDTH = 34;
const NUMBER_WIDTH = 16;

interface Options {
  readonly kind: SentinelKind;
  readonly downAfterMillis: number;
  readonly starts: number;
  readonly seconds: number;
}

interface Footprint {
  /** From the creation of the process to its first reply, one figure a start. */
  readonly firstPing: readonly number[];
  /** Processor time over wall-clock time while idle, one figure a process. */
  readonly idleShare: readonly number[];
  readonly residentMegabytes: readonly number[];
}

const terminal = new Terminal(process.stderr);

async function main(): Promise<void> {
  const { starts, seconds, downAfter } = await yargs(process.argv.slice(2))
    .scriptName('bench:footprint')
    .usage('$0: what one supervisor costs while nothing happens')
    .option('starts', { type: 'number', default: 10, describe: 'how often each kind is started' })
    .option('down-after', { type: 'number', default: 30_000, describe: 'down-after-milliseconds' })
    .option('seconds', { type: 'number', default: 30, describe: 'how long each kind is watched idling' })
    .strict()
    .version(false)
    .parseAsync();
  const lines = [row('', ['median', 'min', 'max'])];
  for (const kind of KINDS) {
    const footprint = await terminal.during(
      `measuring ${kind}`,
      measure({ kind, downAfterMillis: downAfter, starts, seconds }),
    );
    lines.push(
      row(`${kind}: first PING, ms`, cells(footprint.firstPing, 0)),
      row(`${kind}: idle, % of a core`, cells(footprint.idleShare, 2)),
      row(`${kind}: resident, MB`, cells(footprint.residentMegabytes, 1)),
    );
  }
  process.stdout.write(`${lines.join('\n')}\n`);
}

async function measure({ kind, downAfterMillis, starts, seconds }: Options): Promise<Footprint> {
  const group = await Group.start({ supervisors: [kind, kind, kind], downAfterMillis });
  try {
    const idleShare = await idleShares(group.supervisors, seconds);
    const residentMegabytes = group.supervisors.map(({ pid }) => residentKilobytes(pid) / 1024);
    const firstPing: number[] = [];
    for (let start = 0; start < starts; start++) firstPing.push(await timeStart(group.supervisor(0)));
    return { firstPing, idleShare, residentMegabytes };
  } finally {
    await group.dispose();
  }
}

async function timeStart(supervisor: SentinelProcess): Promise<number> {
  await supervisor.stop();
  const startedAt = now();
  await supervisor.launch();
  const ping = () => supervisor.command('PING');
  await waitFor(`${supervisor.name} answers PING`, START_LIMIT, ping, POLL_PERIOD);
  return now() - startedAt;
}

async function idleShares(supervisors: readonly SentinelProcess[], seconds: number): Promise<readonly number[]> {
  const before = supervisors.map(({ pid }) => processorSeconds(pid));
  const since = now();
  await delay(seconds * 1000);
  const elapsed = (now() - since) / 1000;
  return supervisors.map(({ pid }, index) => ((processorSeconds(pid) - (before[index] ?? 0)) / elapsed) * 100);
}

/** User and system time of a process so far; fields 14 and 15 of its stat file, in clock ticks. */
function processorSeconds(pid: number): number {
  const ticksPerSecond = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'latin1' }));
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}

function residentKilobytes(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'latin1');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]);
}

function cells(values: readonly number[], digits: number): readonly string[] {
  const { median, minimum, maximum } = summarise(values);
  return [median, minimum, maximum].map((value) => value.toFixed(digits));
}

function row(title: string, numbers: readonly string[]): string {
  return column(title, TITLE_WIDTH) + numbers.map((cell) => cell.padStart(NUMBER_WIDTH)).join('');
}

await main();
