// `npm run bench:footprint`: what one supervisor costs. How long it takes to answer its first PING, and how much processor
// time and memory it uses while nothing happens, with one master, two replicas and two peers. Vedette and redis-sentinel
// alike. Reads /proc, and so runs on Linux only.

import yargs from 'yargs';

import { now } from '../../test/support/clock.js';
import { Group } from '../../test/support/group.js';
import { SENTINEL_KINDS, type SentinelKind, type SentinelProcess } from '../../test/support/sentinel-process.js';
import { waitFor } from '../../test/support/wait.js';
import { column, Terminal } from '../terminal.js';
import { residentMegabytes, shares } from './processor.js';
import { summarise } from './statistics.js';

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
  /** In megabytes. */
  readonly resident: readonly number[];
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
  for (const kind of SENTINEL_KINDS) {
    const footprint = await terminal.during(
      `measuring ${kind}`,
      measure({ kind, downAfterMillis: downAfter, starts, seconds }),
    );
    lines.push(
      row(`${kind}: first PING, ms`, cells(footprint.firstPing, 0)),
      row(`${kind}: idle, % of a core`, cells(footprint.idleShare, 2)),
      row(`${kind}: resident, MB`, cells(footprint.resident, 1)),
    );
  }
  process.stdout.write(`${lines.join('\n')}\n`);
}

async function measure({ kind, downAfterMillis, starts, seconds }: Options): Promise<Footprint> {
  const group = await Group.start({ supervisors: [kind, kind, kind], downAfterMillis });
  try {
    const pids = group.supervisors.map(({ pid }) => pid);
    const idleShare = await shares(pids, seconds);
    const resident = pids.map(residentMegabytes);
    const firstPing: number[] = [];
    for (let start = 0; start < starts; start++) firstPing.push(await timeStart(group.supervisor(0)));
    return { firstPing, idleShare, resident };
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

function cells(values: readonly number[], digits: number): readonly string[] {
  const { median, minimum, maximum } = summarise(values);
  return [median, minimum, maximum].map((value) => value.toFixed(digits));
}

function row(title: string, numbers: readonly string[]): string {
  return column(title, TITLE_WIDTH) + numbers.map((cell) => cell.padStart(NUMBER_WIDTH)).join('');
}

await main();
