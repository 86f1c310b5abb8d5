// What the command line of `npm run simulate` says, checked: a wrong value is an error in words, never a run of something else.

import { parseArgs } from 'node:util';
import type { Millis } from '../src/core/types.js';
import { FAULT_NAMES, type FaultName, isFaultName } from '../test/sim/faults.js';
import { DEFAULT_SWARM } from '../test/sim/swarm.js';

export const USAGE = [
  'npm run simulate -- [options]',
  '  --seed N                   one run; with --count or --minutes the first of many        (1)',
  '  --count N                  so many seeds',
  '  --minutes M                as many seeds as fit, at least one',
  `  --fault-phase S            seconds in which faults happen, before the healing            (${DEFAULT_SWARM.faultPhase / 1000})`,
  '  --faults a,b,…             only these kinds; `--faults help` lists them',
  '  --mixed                    original Sentinels, as modelled, in every group',
  '  --jobs N                   so many seeds at once, each in a thread of its own            (1)',
  '  --stop                     end with the first seed that fails',
  '  --trace                    print the plan of faults, then every event',
  '  --scale [--masters N]      a third of N masters dies at once, under 5 Sentinels          (1000)',
];

export type SimulationRun =
  | { readonly kind: 'usage' }
  | { readonly kind: 'list-faults' }
  | { readonly kind: 'scale'; readonly masters: number; readonly seed: number }
  | SeedRun;

export interface SeedRun {
  readonly kind: 'seeds';
  readonly first: number;
  /** How many at most; infinite when only time bounds the run. */
  readonly count: number;
  /** No seed is begun after this time; infinite when only the number bounds the run. */
  readonly limit: Millis;
  readonly faultPhase: Millis;
  readonly faults: readonly FaultName[];
  readonly isMixed: boolean;
  readonly hasTrace: boolean;
  /** No seed is begun after one that failed. */
  readonly stopsAtFailure: boolean;
  /** How many seeds are run at the same time. */
  readonly jobs: number;
}

const MILLIS_PER_SECOND = 1_000;
const MILLIS_PER_MINUTE = 60_000;
const DEFAULT_MASTERS = 1_000;

/** Throws an `Error` whose message tells a user what is wrong. */
export function readSimulationRun(words: readonly string[]): SimulationRun {
  const { values } = parseArgs({
    args: [...words],
    options: {
      help: { type: 'boolean', default: false },
      seed: { type: 'string' },
      count: { type: 'string' },
      minutes: { type: 'string' },
      'fault-phase': { type: 'string' },
      faults: { type: 'string' },
      mixed: { type: 'boolean', default: false },
      trace: { type: 'boolean', default: false },
      stop: { type: 'boolean', default: false },
      scale: { type: 'boolean', default: false },
      masters: { type: 'string' },
      jobs: { type: 'string' },
    },
  });
  if (values.help) return { kind: 'usage' };
  if (values.faults === 'help') return { kind: 'list-faults' };
  const seed = wholeNumber('--seed', values.seed, 0) ?? 1;
  const masters = wholeNumber('--masters', values.masters, 1);
  const jobs = wholeNumber('--jobs', values.jobs, 1);
  if (values.scale && jobs !== null) throw new Error('--scale is one run: --jobs is for many');
  if (values.scale) return { kind: 'scale', masters: masters ?? DEFAULT_MASTERS, seed };
  if (masters !== null) throw new Error('--masters needs --scale');
  if (values.trace && jobs !== null) throw new Error('--trace shows one run after the other: leave out --jobs');
  const count = wholeNumber('--count', values.count, 1);
  const minutes = positiveNumber('--minutes', values.minutes);
  const faultPhase = positiveNumber('--fault-phase', values['fault-phase']);
  const isOne = count === null && minutes === null;
  return {
    kind: 'seeds',
    first: seed,
    count: isOne ? 1 : (count ?? Number.POSITIVE_INFINITY),
    limit: minutes === null ? Number.POSITIVE_INFINITY : minutes * MILLIS_PER_MINUTE,
    faultPhase: faultPhase === null ? DEFAULT_SWARM.faultPhase : faultPhase * MILLIS_PER_SECOND,
    faults: values.faults === undefined ? DEFAULT_SWARM.faults : faultsFrom(values.faults),
    isMixed: values.mixed,
    hasTrace: values.trace,
    stopsAtFailure: values.stop,
    jobs: jobs ?? 1,
  };
}

/** The command that repeats one seed of a run with everything it does shown. */
export function commandFor(seed: number, { faultPhase, faults, isMixed }: SeedRun): string {
  const words = ['npm run simulate --', `--seed ${seed}`];
  if (faultPhase !== DEFAULT_SWARM.faultPhase) words.push(`--fault-phase ${faultPhase / MILLIS_PER_SECOND}`);
  if (faults !== DEFAULT_SWARM.faults) words.push(`--faults ${faults.join(',')}`);
  if (isMixed) words.push('--mixed');
  return [...words, '--trace'].join(' ');
}

function wholeNumber(option: string, text: string | undefined, least: number): number | null {
  if (text === undefined) return null;
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(value) && value >= least) return value;
  throw new Error(`${option} takes a whole number of at least ${least}, not '${text}'`);
}

function positiveNumber(option: string, text: string | undefined): number | null {
  if (text === undefined) return null;
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isFinite(value) && value > 0) return value;
  throw new Error(`${option} takes a number greater than 0, not '${text}'`);
}

function faultsFrom(text: string): readonly FaultName[] {
  const names = text.split(',');
  const unknown = names.filter((name) => !isFaultName(name));
  if (unknown.length === 0) return names.filter(isFaultName);
  const words = unknown.map((name) => `'${name}'`).join(', ');
  throw new Error(`--faults does not know ${words}; there are ${FAULT_NAMES.join(', ')}`);
}
