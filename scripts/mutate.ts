// `npm run mutate`: takes known wrong changes to the algorithm one at a time and shows that a test or the simulator notices
// each. A mutation that nobody notices is a missing test; one that only others notice than the one it names, too.
// Ends with status 1 in both cases.

import { fileURLToPath } from 'node:url';
import yargs from 'yargs';
import type { Mutation } from './mutation.js';
import { TrialGround } from './mutation-trial.js';
import { MUTATIONS } from './mutations.js';

const TREE = fileURLToPath(new URL('../..', import.meta.url));
const NAME_WIDTH = 62;
const SECONDS_WIDTH = 7;
const MAX_VERDICT = 150;

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

async function main(): Promise<boolean> {
  const { only, seeds, list, unchecked } = await yargs(process.argv.slice(2))
    .scriptName('mutate')
    .usage('$0: known wrong changes, and who notices each')
    .option('only', { type: 'string', array: true, describe: 'those whose name contains one of these' })
    .option('seeds', { type: 'number', default: 40, describe: 'how many seeds of the simulator have to notice' })
    .option('unchecked', { type: 'boolean', default: false, describe: 'do not try the unchanged tree first' })
    .option('list', { type: 'boolean', default: false, describe: 'list the mutations and try nothing' })
    .strict()
    .version(false)
    .parseAsync();
  const chosen = MUTATIONS.filter(({ name }) => only?.some((part) => name.includes(part)) ?? true);
  if (chosen.length === 0) throw new Error(`no mutation is called '${only?.join("' or '")}'`);
  if (!list) return tryAll(chosen, seeds, unchecked);
  for (const { name, file } of chosen) print(`${name.padEnd(NAME_WIDTH)}  ${file}`);
  return true;
}

function tryAll(mutations: typeof MUTATIONS, seeds: number, unchecked: boolean): boolean {
  const ground = new TrialGround(TREE, seeds);
  process.once('SIGINT', () => {
    ground.remove();
    process.exit(130);
  });
  try {
    const wrong = ground.whatIsWrongUnchanged(unchecked);
    if (wrong !== null) throw new Error(`the unchanged tree does not pass: ${wrong}`);
    let missed = 0;
    for (const mutation of mutations) {
      const { verdict, isAsExpected, seconds } = tryOne(ground, mutation);
      if (!isAsExpected) missed++;
      const time = seconds.toFixed(1).padStart(SECONDS_WIDTH);
      print(`${mutation.name.padEnd(NAME_WIDTH)} ${time}  ${verdict.slice(0, MAX_VERDICT)}`);
    }
    print(`${mutations.length} mutations, ${missed} not noticed by whom they should be`);
    return missed === 0;
  } finally {
    ground.remove();
  }
}

/** A mutation that cannot be tried is as bad as one that survives, and no reason to leave out the rest. */
function tryOne(ground: TrialGround, mutation: Mutation): { verdict: string; isAsExpected: boolean; seconds: number } {
  const from = performance.now();
  let verdict: string;
  let isAsExpected = false;
  try {
    const trial = ground.try(mutation);
    isAsExpected = trial.isAsExpected;
    verdict = trial.killedBy === null ? 'SURVIVED' : `${isAsExpected ? '' : 'ONLY BY '}${trial.killedBy}`;
  } catch (error) {
    verdict = `INVALID: ${error instanceof Error ? error.message : String(error)}`;
  }
  return { verdict, isAsExpected, seconds: (performance.now() - from) / 1000 };
}

try {
  process.exitCode = (await main()) ? 0 : 1;
} catch (error) {
  process.stderr.write(`mutate: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
