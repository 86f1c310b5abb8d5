// `npm run bench` and `npm run bench:failover`: Vedette beside redis-sentinel, in alternating rounds on the same machine, since
// absolute times mean little on somebody else's. What is measured, and how, stands in docs/benchmarks.md.

import { cpus } from 'node:os';

import yargs from 'yargs';

import type { SentinelKind } from '../../test/support/sentinel-process.js';
import { column, Terminal } from '../terminal.js';
import { measureRound, type Round } from './round.js';
import { SITUATIONS, type Situation } from './situations.js';
import { summarise } from './statistics.js';

interface Options {
  readonly rounds: number;
  readonly downAfter: number | undefined;
  readonly situations: readonly Situation[];
  readonly kinds: readonly SentinelKind[];
  readonly json: boolean;
}

/** The rounds of one situation by kind. */
type Results = ReadonlyMap<SentinelKind, readonly Round[]>;

interface Figure {
  readonly title: string;
  readonly of: (round: Round) => number;
  readonly unit: string;
}

const KINDS: readonly SentinelKind[] = ['vedette', 'redis-sentinel'];
const FIGURES: readonly Figure[] = [
  { title: 'writes stopped for', of: (round) => round.writesStopped, unit: 'ms' },
  { title: 'every supervisor answers the new address after', of: (round) => round.everybodyAnswers, unit: 'ms' },
  { title: 'first +switch-master after', of: (round) => round.firstSwitch, unit: 'ms' },
  { title: 'last +switch-master after', of: (round) => round.lastSwitch, unit: 'ms' },
  { title: 'old master is a replica, after its return', of: (round) => round.returned, unit: 'ms' },
  { title: 'acknowledged writes', of: (round) => round.acknowledged, unit: '' },
  { title: 'of them lost', of: (round) => round.lost, unit: '' },
];
const TITLE_WIDTH = 48;
const NUMBER_WIDTH = 11;

const terminal = new Terminal(process.stderr);

async function main(): Promise<void> {
  const options = await parseOptions(process.argv.slice(2));
  const results = new Map<Situation, Results>();
  for (const situation of options.situations) {
    results.set(situation, await measureSituation(options, situation));
    if (!options.json) process.stdout.write(table(options, situation, results.get(situation) ?? new Map()));
  }
  if (options.json) process.stdout.write(`${JSON.stringify(asJson(options, results), null, 2)}\n`);
}

async function measureSituation(options: Options, situation: Situation): Promise<Results> {
  const results = new Map<SentinelKind, Round[]>(options.kinds.map((kind) => [kind, []]));
  const downAfterMillis = options.downAfter ?? situation.downAfterMillis;
  for (let number = 1; number <= options.rounds; number++) {
    for (const kind of options.kinds) {
      const title = `${situation.name} ${number} of ${options.rounds}, ${kind}`;
      const round = await terminal.during(title, measureRound({ kind, situation, downAfterMillis }));
      results.get(kind)?.push(round);
      terminal.line(`${column(title, 34)}${describeRound(round)}`);
    }
  }
  return results;
}

async function parseOptions(words: readonly string[]): Promise<Options> {
  const names = SITUATIONS.map(({ name }) => name);
  const { rounds, downAfter, situation, only, json } = await yargs(words)
    .scriptName('bench')
    .usage('$0: makes masters fail and measures how two kinds of supervisors cope')
    .option('rounds', { type: 'number', default: 10, describe: 'rounds of each kind and situation' })
    .option('situation', { choices: names, array: true, default: names, describe: 'what happens to the master' })
    .option('down-after', { type: 'number', describe: 'down-after-milliseconds, instead of what each situation has' })
    .option('only', { choices: KINDS, describe: 'measure one kind alone' })
    .option('json', { type: 'boolean', default: false, describe: 'print every round as JSON' })
    .check(({ rounds: count, 'down-after': millis }) => {
      for (const value of [count, millis ?? 1]) {
        if (!Number.isSafeInteger(value) || value < 1)
          throw new Error('--rounds and --down-after are positive integers');
      }
      return true;
    })
    .strict()
    .version(false)
    .parseAsync();
  return {
    rounds,
    downAfter,
    situations: SITUATIONS.filter(({ name }) => situation.includes(name)),
    kinds: only === undefined ? KINDS : [only],
    json,
  };
}

function describeRound(round: Round): string {
  const times = [round.writesStopped, round.everybodyAnswers, round.lastSwitch, round.returned].map(Math.round);
  const [stopped, answers, switched, returned] = times;
  return `writes stopped ${stopped} ms, all answer +${answers}, all switched +${switched}, back as replica +${returned}, ${round.lost} of ${round.acknowledged} writes lost`;
}

function table({ rounds, downAfter }: Options, situation: Situation, results: Results): string {
  const [processor] = cpus();
  const lines = [
    '',
    `${situation.title}: ${rounds} rounds, 3 supervisors, 1 master, 2 replicas, down-after ${downAfter ?? situation.downAfterMillis} ms`,
    `Node.js ${process.version}, ${cpus().length} × ${processor?.model ?? 'unknown processor'}`,
  ];
  for (const [kind, measured] of results) {
    lines.push('', row(kind, ['median', 'min', 'max']));
    for (const figure of FIGURES) lines.push(row(figure.title, summaryOf(figure, measured)));
  }
  lines.push('', ...ratios(results), ...explanationOfLosses(situation, results), '');
  return lines.join('\n');
}

function row(title: string, cells: readonly string[]): string {
  return column(title, TITLE_WIDTH) + cells.map((cell) => cell.padStart(NUMBER_WIDTH)).join('');
}

function summaryOf({ of, unit }: Figure, rounds: readonly Round[]): readonly string[] {
  const { median, minimum, maximum } = summarise(rounds.map(of));
  return [median, minimum, maximum].map((value) => `${Math.round(value)} ${unit}`.trim());
}

/** How many times as long redis-sentinel takes, by the medians. */
function ratios(results: Results): readonly string[] {
  const [vedette, stock] = [results.get('vedette'), results.get('redis-sentinel')];
  if (vedette === undefined || stock === undefined) return [];
  const lines = FIGURES.filter(({ unit }) => unit === 'ms').map(({ title, of }) => {
    const ratio = summarise(stock.map(of)).median / summarise(vedette.map(of)).median;
    return row(title, [`${ratio.toFixed(2)} ×`]);
  });
  return ['redis-sentinel takes, compared with Vedette', ...lines, ''];
}

function explanationOfLosses({ name }: Situation, results: Results): readonly string[] {
  if (name === 'planned' || ![...results.values()].flat().some(({ lost }) => lost > 0)) return [];
  return [
    'Replication is asynchronous: a master acknowledges a write before its replicas have it. What it had acknowledged',
    'and not yet sent when it failed is lost with it, whichever supervisor promotes the replica.',
    '',
  ];
}

function asJson({ rounds, downAfter }: Options, results: ReadonlyMap<Situation, Results>): unknown {
  const situations = [...results].map(([situation, byKind]) => ({
    situation: situation.name,
    downAfter: downAfter ?? situation.downAfterMillis,
    rounds: Object.fromEntries(byKind),
    medians: Object.fromEntries([...byKind].map(([kind, measured]) => [kind, medians(measured)])),
  }));
  return { rounds, node: process.version, processors: cpus().length, situations };
}

function medians(rounds: readonly Round[]): Record<string, number> {
  return Object.fromEntries(FIGURES.map(({ title, of }) => [title, summarise(rounds.map(of)).median]));
}

await main();
