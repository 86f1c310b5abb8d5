// `npm run bench:safety`: what happens to Vedette and to redis-sentinel, one after the other on the same machine, where something
// must not happen at all. The system tests hold Vedette to it; this shows both.

import yargs from 'yargs';

import { SENTINEL_KINDS, type SentinelKind } from '../../test/support/sentinel-process.js';
import { Terminal } from '../terminal.js';
import { SAFETY_CHECKS, type SafetyCheck } from './safety-checks.js';
import { describeMachine, markdownRow } from './table.js';

interface Options {
  readonly checks: readonly SafetyCheck[];
  readonly kinds: readonly SentinelKind[];
  readonly watchMillis: number;
  readonly isMarkdown: boolean;
}

const terminal = new Terminal(process.stderr);

async function main(): Promise<void> {
  const { checks, kinds, watchMillis, isMarkdown } = await parseOptions(process.argv.slice(2));
  process.stdout.write(`${describeMachine()}, 3 supervisors, 1 master, 2 replicas, down-after 1000 ms\n\n`);
  if (isMarkdown) print(markdownRow(['', ...kinds]), markdownRow(['---', ...kinds.map(() => '---')]));
  for (const check of checks) {
    const obstacle = check.obstacle();
    if (obstacle !== null) {
      terminal.line(`SKIPPED: ${check.name}: ${obstacle}`);
      continue;
    }
    const cells: string[] = [];
    for (const kind of kinds)
      cells.push(await terminal.during(`${check.name}, ${kind}`, check.perform(kind, watchMillis)));
    if (isMarkdown) print(markdownRow([check.title, ...cells]));
    else print(check.title, ...kinds.map((kind, index) => `  ${kind}: ${cells[index]}`), '');
  }
}

function print(...lines: readonly string[]): void {
  process.stdout.write(`${lines.join('\n')}\n`);
}

async function parseOptions(words: readonly string[]): Promise<Options> {
  const names = SAFETY_CHECKS.map(({ name }) => name);
  const { check, only, watch, markdown } = await yargs(words)
    .scriptName('bench:safety')
    .usage('$0: does to both kinds of supervisors what must not harm them')
    .option('check', { choices: names, array: true, default: names, describe: 'what is done' })
    .option('only', { choices: SENTINEL_KINDS, describe: 'look at one kind alone' })
    .option('watch', { type: 'number', default: 100, describe: 'seconds to wait for a failover that may never come' })
    .option('markdown', { type: 'boolean', default: false, describe: 'print the table as Markdown' })
    .check((given) => {
      if (!Number.isSafeInteger(given.watch) || given.watch < 1) throw new Error('--watch is a positive integer');
      return true;
    })
    .strict()
    .version(false)
    .parseAsync();
  return {
    checks: SAFETY_CHECKS.filter(({ name }) => check.includes(name)),
    kinds: only === undefined ? SENTINEL_KINDS : [only],
    watchMillis: watch * 1000,
    isMarkdown: markdown,
  };
}

await main();
