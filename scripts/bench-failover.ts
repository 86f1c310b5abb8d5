// `npm run bench:failover`: Vedette beside redis-sentinel, in alternating rounds on the same machine, since absolute times
// mean little on somebody else's. What is measured, and how, stands in docs/benchmarks.md.

import { cpus } from 'node:os';

import yargs from 'yargs';

import type { SentinelKind } from '../test/support/sentinel-process.js';
import { measureRound, type Round } from './failover-round.js';
import { summarise } from './statistics.js';
import { column, Terminal } from './terminal.js';

interface Options {
  readonly rounds: number;
  readonly downAfter: number;
  readonly planned: boolean;
  readonly only: SentinelKind | undefined;
  readonly json: boolean;
}

type Results = ReadonlyMap<SentinelKind, readonly Round[]>;

interface Figure {
  readonly title: string;
  readonly of: (round: Round) => number;
  readonly unit: string;
}

const FIGURES: readonly Figure[] = [
  { title: 'writes stopped for', of: (round) => round.writesStopped, unit: 'ms' },
  { title: 'every supervisor answers the new address after', of: (round) => round.everybodyAnswers, unit: 'ms' },
  { title: 'first +switch-master after', of: (round) => round.firstSwitch, unit: 'ms' },
  { title: 'last +switch-master after', of: (round) => round.lastSwitch, unit: 'ms' },
  { title: 'old master is a replica, after its return', of: (round) => round.returned, unit: 'ms' },
  { title: 'acknowledged writes lost', of: (round) => round.lost, unit: '' },
];
const TITLE_WIDTH = 48;
const NUMBER_WIDTH = 11;

const terminal = new Terminal(process.stderr);

async function main(): Promise<void> {
  const options = await parseOptions(process.argv.slice(2));
  const kinds: readonly SentinelKind[] = options.only === undefined ? ['vedette', 'redis-sentinel'] : [options.only];
  const results = new Map<SentinelKind, Round[]>(kinds.map((kind) => [kind, []]));
  for (let number = 1; number <= options.rounds; number++) {
    for (const kind of kinds) {
      const title = `round ${number} of ${options.rounds}, ${kind}`;
      const round = await terminal.during(
        title,
        measureRound({ kind, downAfterMillis: options.downAfter, isPlanned: options.planned }),
      );
      results.get(kind)?.push(round);
      terminal.line(`${column(title, 34)}${describeRound(round)}`);
    }
  }
  process.stdout.write(
    options.json ? `${JSON.stringify(asJson(options, results), null, 2)}\n` : table(options, results),
  );
}

async function parseOptions(words: readonly string[]): Promise<Options> {
  return await yargs(words)
    .scriptName('bench:failover')
    .usage('$0: kills masters and measures how two kinds of supervisors cope')
    .option('rounds', { type: 'number', default: 10, describe: 'rounds of each kind' })
    .option('down-after', { type: 'number', default: 1000, describe: 'down-after-milliseconds' })
    .option('planned', {
      type: 'boolean',
      default: false,
      describe: 'SENTINEL FAILOVER of a healthy master, no SIGKILL',
    })
    .option('only', { choices: ['vedette', 'redis-sentinel'] as const, describe: 'measure one kind alone' })
    .option('json', { type: 'boolean', default: false, describe: 'print every round as JSON' })
    .check(({ rounds, 'down-after': downAfter }) => {
      for (const value of [rounds, downAfter]) {
        if (!Number.isSafeInteger(value) || value < 1)
          throw new Error('--rounds and --down-after are positive integers');
      }
      return true;
    })
    .strict()
    .version(false)
    .parseAsync();
}

function describeRound(round: Round): string {
  const times = [round.writesStopped, round.everybodyAnswers, round.lastSwitch, round.returned].map(Math.round);
  const [stopped, answers, switched, returned] = times;
  return `writes stopped ${stopped} ms, all answer +${answers}, all switched +${switched}, back as replica +${returned}, ${round.lost} of ${round.acknowledged} writes lost`;
}

function table({ rounds, downAfter, planned }: Options, results: Results): string {
  const [processor] = cpus();
  const lines = [
    '',
    `${rounds} rounds of ${planned ? 'SENTINEL FAILOVER' : 'SIGKILL'}, 3 supervisors, 1 master, 2 replicas, down-after ${downAfter} ms`,
    `Node.js ${process.version}, ${cpus().length} × ${processor?.model ?? 'unknown processor'}`,
  ];
  for (const [kind, measured] of results) {
    lines.push('', row(kind, ['median', 'min', 'max']));
    for (const figure of FIGURES) lines.push(row(figure.title, summaryOf(figure, measured)));
  }
  lines.push('', ...ratios(results), ...explanationOfLosses(results), '');
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

function explanationOfLosses(results: Results): readonly string[] {
  if (![...results.values()].flat().some(({ lost }) => lost > 0)) return [];
  return [
    'Replication is asynchronous: a master acknowledges a write before its replicas have it. What it had acknowledged',
    'and not yet sent when it was killed is lost with it, whichever supervisor promotes the replica.',
  ];
}

function asJson({ rounds, downAfter }: Options, results: Results): unknown {
  return {
    rounds,
    downAfter,
    node: process.version,
    processors: cpus().length,
    results: Object.fromEntries(results),
    medians: Object.fromEntries(
      [...results].map(([kind, measured]) => [
        kind,
        Object.fromEntries(FIGURES.map(({ title, of }) => [title, summarise(measured.map(of)).median])),
      ]),
    ),
  };
}

await main();
