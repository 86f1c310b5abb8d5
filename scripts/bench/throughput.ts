// `npm run bench:throughput`: how many times a second one supervisor says where the master is, Vedette beside redis-sentinel in
// alternating rounds. The client is redis-benchmark, a process of its own, which costs less than what it measures.

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import yargs from 'yargs';

import { Group, MASTER_NAME } from '../../test/support/group.js';
import { SENTINEL_KINDS, type SentinelKind } from '../../test/support/sentinel-process.js';
import { column, Terminal } from '../terminal.js';
import { processorSeconds } from './processor.js';
import { LOOPBACK, StandIn } from './stand-in.js';
import { summarise } from './statistics.js';
import { describeMachine } from './table.js';

interface Load {
  readonly name: string;
  /** How many requests a connection sends before it awaits their replies. */
  readonly pipeline: number;
  /** Of `--requests`, which is for the slowest load. */
  readonly multiple: number;
  /** Whether each request is about another master than the one before, more often than not. */
  readonly isVaried: boolean;
}

interface Options {
  readonly rounds: number;
  readonly connections: number;
  readonly requests: number;
  readonly isMarkdown: boolean;
}

interface Round {
  /** Requests per second. */
  readonly rate: number;
  /** Processor time of the supervisor, microseconds a request: what is left to compare where the client is the slower of the two. */
  readonly cost: number;
}

type Results = ReadonlyMap<SentinelKind, readonly Round[]>;

const LOADS: readonly Load[] = [
  { name: 'request by request', pipeline: 1, multiple: 1, isVaried: false },
  { name: 'pipelined by 16', pipeline: 16, multiple: 16, isVaried: false },
  { name: 'pipelined by 16, four masters in any order', pipeline: 16, multiple: 16, isVaried: true },
];
/** redis-benchmark writes a random number of twelve digits in its place, so that is what the masters have to be called. */
const ANY_NAME = '__rand_int__';
const NAME_DIGITS = 12;
const VARIED_MASTERS = 4;
/** What a process does for the first time it does slowly, and every load is new in some way. */
const WARM_UP_ROUNDS = 2;
/** Long enough that nothing but the requests happens meanwhile. */
const DOWN_AFTER = 30_000;
const TITLE_WIDTH = 44;
const NUMBER_WIDTH = 12;

const run = promisify(execFile);
const terminal = new Terminal(process.stderr);

async function main(): Promise<void> {
  const options = await parseOptions(process.argv.slice(2));
  const groups: Group[] = [];
  const masters: StandIn[] = [];
  try {
    for (let count = 0; count < VARIED_MASTERS; count++) masters.push(await StandIn.start(null));
    for (const kind of SENTINEL_KINDS) groups.push(await startGroup(kind, masters));
    process.stdout.write(`${describeMachine()}, ${options.connections} connections\n`);
    for (const load of LOADS) {
      const results = await measure(groups, load, options);
      process.stdout.write(options.isMarkdown ? markdownTable(load, results) : textTable(load, results));
    }
  } finally {
    await Promise.all(groups.map((group) => group.dispose()));
    for (const master of masters) master.kill();
  }
}

async function parseOptions(words: readonly string[]): Promise<Options> {
  const { rounds, connections, requests, markdown } = await yargs(words)
    .scriptName('bench:throughput')
    .usage('$0: how often a second a supervisor answers GET-MASTER-ADDR-BY-NAME')
    .option('rounds', { type: 'number', default: 5, describe: 'rounds of each kind and load, after two to warm up' })
    .option('connections', { type: 'number', default: 50, describe: 'clients at the same time' })
    .option('requests', {
      type: 'number',
      default: 150_000,
      describe: 'requests a round; sixteen times as many pipelined',
    })
    .option('markdown', { type: 'boolean', default: false, describe: 'print the tables as Markdown' })
    .check((given) => {
      for (const value of [given.rounds, given.connections, given.requests]) {
        if (!Number.isSafeInteger(value) || value < 1) throw new Error('the numbers are positive integers');
      }
      return true;
    })
    .strict()
    .version(false)
    .parseAsync();
  return { rounds, connections, requests, isMarkdown: markdown };
}

async function startGroup(kind: SentinelKind, more: readonly StandIn[]): Promise<Group> {
  const group = await Group.start({ supervisors: [kind], replicas: 1, quorum: 1, downAfterMillis: DOWN_AFTER });
  for (const [index, { port }] of more.entries()) {
    const name = String(index).padStart(NAME_DIGITS, '0');
    await group.supervisor(0).command('SENTINEL', 'MONITOR', name, LOOPBACK, port, 1);
  }
  return group;
}

async function measure(groups: readonly Group[], load: Load, options: Options): Promise<Results> {
  const results = new Map<SentinelKind, Round[]>(SENTINEL_KINDS.map((kind) => [kind, []]));
  for (let number = 1 - WARM_UP_ROUNDS; number <= options.rounds; number++) {
    for (const group of groups) {
      const { kind } = group.supervisor(0);
      const title = `${load.name}, ${kind}, ${number < 1 ? 'warming up' : `${number} of ${options.rounds}`}`;
      const round = await terminal.during(title, measureRound(group, load, options));
      terminal.line(
        `${column(title, TITLE_WIDTH + 2 * NUMBER_WIDTH + 4)}${thousands(round.rate)}, ${micros(round.cost)}`,
      );
      if (number > 0) results.get(kind)?.push(round);
    }
  }
  return results;
}

async function measureRound(group: Group, load: Load, options: Options): Promise<Round> {
  const { pipeline, multiple, isVaried } = load;
  const { host, port, pid } = group.supervisor(0);
  const requests = options.requests * multiple;
  const words = ['SENTINEL', 'GET-MASTER-ADDR-BY-NAME', isVaried ? ANY_NAME : MASTER_NAME];
  const flags = {
    '-h': host,
    '-p': port,
    '-c': options.connections,
    '-P': pipeline,
    '-n': requests,
    ...(isVaried ? { '-r': VARIED_MASTERS } : {}),
  };
  const args = Object.entries(flags).flatMap(([flag, value]) => [flag, String(value)]);
  const before = processorSeconds(pid);
  const { stdout } = await run('redis-benchmark', [...args, '--csv', ...words], { encoding: 'latin1' });
  // "test","rps","avg_latency_ms",…, and the same in figures.
  const rate = Number(/^"SENTINEL[^"]*","([\d.]+)"/m.exec(stdout)?.[1]);
  if (!(rate > 0)) throw new Error(`redis-benchmark said: ${stdout}`);
  return { rate, cost: ((processorSeconds(pid) - before) / requests) * 1e6 };
}

function textTable({ name }: Load, results: Results): string {
  const lines = ['', row(name, ['median', 'min', 'max', 'processor'])];
  for (const [kind, rounds] of results) lines.push(row(kind, [...figures(rounds), costOf(rounds)]));
  const { rate, cost } = ratios(results);
  lines.push(row('Vedette / redis-sentinel', [rate, '', '', cost]));
  return `${lines.join('\n')}\n`;
}

function markdownTable({ name }: Load, results: Results): string {
  const lines = ['', `| ${name} | median (min … max) | processor time a request |`, '| --- | --- | --- |'];
  for (const [kind, rounds] of results) {
    const [median, minimum, maximum] = figures(rounds);
    lines.push(`| ${kind} | ${median} (${minimum} … ${maximum}) | ${costOf(rounds)} |`);
  }
  const { rate, cost } = ratios(results);
  lines.push(`| Vedette / redis-sentinel | ${rate} | ${cost} |`);
  return `${lines.join('\n')}\n`;
}

function ratios(results: Results): { rate: string; cost: string } {
  const ratio = (of: (round: Round) => number): string => {
    const [vedette = 0, stock = 0] = SENTINEL_KINDS.map((kind) => summarise((results.get(kind) ?? []).map(of)).median);
    return `${(vedette / stock).toFixed(2)} ×`;
  };
  return { rate: ratio(({ rate }) => rate), cost: ratio(({ cost }) => cost) };
}

function figures(rounds: readonly Round[]): readonly string[] {
  const { median, minimum, maximum } = summarise(rounds.map(({ rate }) => rate));
  return [median, minimum, maximum].map(thousands);
}

function costOf(rounds: readonly Round[]): string {
  return micros(summarise(rounds.map(({ cost }) => cost)).median);
}

function micros(cost: number): string {
  return `${cost.toFixed(2)} µs`;
}

function thousands(rate: number): string {
  return `${Math.round(rate / 1000)} k/s`;
}

function row(title: string, cells: readonly string[]): string {
  return column(title, TITLE_WIDTH) + cells.map((cell) => cell.padStart(NUMBER_WIDTH)).join('');
}

await main();
