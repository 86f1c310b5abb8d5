// Feeds every parser, the command dispatcher and the core behind it with input that nobody sane would send.
//
//   fuzz [--seed N] [--count N]     N cases of each target, 1000 unless given
//   fuzz --minutes M                all targets together run this long, each its share
//   fuzz --target NAME [--from N]   one target only, from a case on: how a failure is repeated
//
// Fails when a case throws, when the slowest case takes longer than five seconds, or when the memory that is left after a target
// is far more than before it.

import { parseArgs } from 'node:util';

import { type Outcome, runCampaign, type Target } from '../test/fuzz/target.js';
import { TARGETS } from '../test/fuzz/targets.js';

const MILLIS_PER_MINUTE = 60_000;
const SLOWEST_CASE = 5_000;
const MEGABYTE = 1024 * 1024;
/** What one target may leave behind: caches, and what the collector has not come to. */
const ACCEPTABLE_GROWTH = 64 * MEGABYTE;

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function number(option: string, text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value < 0) throw new Error(`--${option} ${text}: not a number`);
  return value;
}

function chosen(name: string | undefined): readonly Target[] {
  if (name === undefined) return TARGETS;
  const targets = TARGETS.filter((target) => target.name === name);
  if (targets.length > 0) return targets;
  throw new Error(`no target ${name}. There are: ${TARGETS.map((target) => target.name).join(', ')}`);
}

/** Prints what was found; returns whether all is well. */
function report(seed: number, outcome: Outcome, seconds: number, grownBytes: number): boolean {
  const { target, cases, frames, slowestMillis, failures } = outcome;
  for (const { index, error } of failures) {
    print(`FAILED ${target}, case ${index}: repeat with --target ${target} --seed ${seed} --from ${index} --count 1`);
    print(`  ${error.stack ?? error.message}`);
  }
  const figures = [
    `${cases} cases`,
    `${frames} frames`,
    `${seconds.toFixed(1)} s`,
    `slowest ${slowestMillis.toFixed(0)} ms`,
    `memory ${grownBytes < 0 ? '' : '+'}${(grownBytes / MEGABYTE).toFixed(1)} MiB`,
    `${failures.length} failures`,
  ];
  print(`${target.padEnd(15)} ${figures.join(', ')}`);
  return failures.length === 0 && slowestMillis < SLOWEST_CASE && grownBytes < ACCEPTABLE_GROWTH;
}

function usedBytes(): number {
  // Without the collector at hand, what is measured includes garbage; `npm run fuzz` exposes it.
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}

function main(): number {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string', default: '1' },
      count: { type: 'string' },
      minutes: { type: 'string' },
      target: { type: 'string' },
      from: { type: 'string', default: '0' },
    },
  });
  const targets = chosen(values.target);
  const seed = number('seed', values.seed);
  const isTimed = values.minutes !== undefined;
  const share = isTimed
    ? (number('minutes', values.minutes ?? '') * MILLIS_PER_MINUTE) / targets.length
    : Number.POSITIVE_INFINITY;
  const count =
    values.count === undefined ? (isTimed ? Number.POSITIVE_INFINITY : 1_000) : number('count', values.count);
  const from = number('from', values.from);
  let frames = 0;
  let isWell = true;
  for (const target of targets) {
    const before = usedBytes();
    const start = performance.now();
    const outcome = runCampaign(target, { seed, from, count, limitMillis: share, now: () => performance.now() });
    const seconds = (performance.now() - start) / 1000;
    frames += outcome.frames;
    isWell = report(seed, outcome, seconds, usedBytes() - before) && isWell;
  }
  print(`${frames} frames in all, seed ${seed}: ${isWell ? 'nothing found' : 'FAILED'}`);
  return isWell ? 0 : 1;
}

try {
  process.exitCode = main();
} catch (error) {
  process.stderr.write(`fuzz: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
}
