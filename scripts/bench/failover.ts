// `npm run bench` and `npm run bench:failover`: Vedette beside redis-sentinel, in alternating rounds on the same machine, since
// absolute times mean little on somebody else's. What is measured, and how, stands in docs/benchmarks.md.

import { cpus } from 'node:os';

import yargs from 'yargs';

import { SENTINEL_KINDS, type SentinelKind } from '../../test/support/sentinel-process.js';
import { column, Terminal } from '../terminal.js';
import { formatValue, type Round, summaryOf } from './figures.js';
import { SITUATIONS, type Situation } from './situations.js';
import { describeMachine, type Measured, markdownTable, type Results, textTable } from './table.js';

interface Options {
  readonly rounds: number;
  readonly downAfter: number | undefined;
  readonly situations: readonly Situation[];
  readonly kinds: readonly SentinelKind[];
  readonly form: 'text' | 'markdown' | 'json';
}

const PROGRESS_WIDTH = 42;

const terminal = new Terminal(process.stderr);

async function main(): Promise<void> {
  const options = await parseOptions(process.argv.slice(2));
  const { rounds, form } = options;
  const all: Measured[] = [];
  if (form === 'markdown') process.stdout.write(`${describeMachine()}\n`);
  for (const situation of options.situations) {
    const obstacle = situation.obstacle();
    if (obstacle !== null) {
      terminal.line(`SKIPPED: ${situation.name}: ${obstacle}`);
      continue;
    }
    const downAfterMillis = options.downAfter ?? situation.downAfterMillis;
    const results = await measureSituation(options, situation, downAfterMillis);
    const measured = { situation, downAfterMillis, rounds, results };
    all.push(measured);
    if (form !== 'json') process.stdout.write(form === 'markdown' ? markdownTable(measured) : textTable(measured));
  }
  if (form === 'json') process.stdout.write(`${JSON.stringify(asJson(rounds, all), null, 2)}\n`);
  if (all.length === 0) process.exitCode = 1;
}

async function measureSituation(
  { rounds, kinds }: Options,
  situation: Situation,
  downAfterMillis: number,
): Promise<Results> {
  const results = new Map<SentinelKind, Round[]>(kinds.map((kind) => [kind, []]));
  for (let number = 1; number <= rounds; number++) {
    for (const kind of kinds) {
      const title = `${situation.name} ${number} of ${rounds}, ${kind}`;
      const round = await terminal.during(title, situation.measure(kind, downAfterMillis));
      results.get(kind)?.push(round);
      terminal.line(`${column(title, PROGRESS_WIDTH)}${describeRound(situation, round)}`);
    }
  }
  return results;
}

async function parseOptions(words: readonly string[]): Promise<Options> {
  const names = SITUATIONS.map(({ name }) => name);
  const { rounds, downAfter, situation, only, json, markdown } = await yargs(words)
    .scriptName('bench')
    .usage('$0: makes masters fail and measures how two kinds of supervisors cope')
    .option('rounds', { type: 'number', default: 10, describe: 'rounds of each kind and situation' })
    .option('situation', { choices: names, array: true, default: names, describe: 'what happens to the master' })
    .option('down-after', { type: 'number', describe: 'down-after-milliseconds, instead of what each situation has' })
    .option('only', { choices: SENTINEL_KINDS, describe: 'measure one kind alone' })
    .option('json', { type: 'boolean', conflicts: 'markdown', describe: 'print every round as JSON' })
    .option('markdown', { type: 'boolean', describe: 'print the tables as Markdown' })
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
    kinds: only === undefined ? SENTINEL_KINDS : [only],
    form: json === true ? 'json' : markdown === true ? 'markdown' : 'text',
  };
}

function describeRound({ figures }: Situation, round: Round): string {
  return figures.map((figure) => `${figure.name} ${formatValue(figure, round[figure.name] ?? Number.NaN)}`).join(', ');
}

function asJson(rounds: number, all: readonly Measured[]): unknown {
  const situations = all.map(({ situation, downAfterMillis, results }) => ({
    situation: situation.name,
    downAfter: downAfterMillis,
    rounds: Object.fromEntries(results),
    medians: Object.fromEntries([...results].map(([kind, measured]) => [kind, medians(situation, measured)])),
  }));
  return { rounds, node: process.version, processors: cpus().length, situations };
}

function medians({ figures }: Situation, rounds: readonly Round[]): Record<string, number> {
  return Object.fromEntries(figures.map((figure) => [figure.name, summaryOf(figure, rounds).median]));
}

await main();
