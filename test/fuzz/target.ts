// What is fuzzed, and how a campaign runs over it: case after case from one seed, so that a case that fails is named by two
// numbers and repeats.
//
// There is no coverage feedback: the inputs are made by grammars that know what the parsers look for, and are then damaged.

import { type Dice, Seed } from '../sim/seed.js';

export interface Target {
  readonly name: string;
  /** What is looked for, in a few words. */
  readonly about: string;
  /** Runs one case and returns how many frames it was: requests, replies, lines or payloads. Throws what it has found. */
  run(dice: Dice): number;
}

export interface Failure {
  readonly target: string;
  readonly index: number;
  readonly error: Error;
}

export interface Outcome {
  readonly target: string;
  readonly cases: number;
  readonly frames: number;
  readonly slowestMillis: number;
  readonly failures: readonly Failure[];
}

export interface CampaignOptions {
  readonly seed: number;
  /** The first case. */
  readonly from: number;
  /** How many cases at most. */
  readonly count: number;
  /** Milliseconds after which no further case is begun. */
  readonly limitMillis: number;
  /** The monotonic clock, in milliseconds. */
  now(): number;
}

/** After so many failures one more says nothing new. */
const MAX_FAILURES = 5;

export function runCampaign(target: Target, { seed, from, count, limitMillis, now }: CampaignOptions): Outcome {
  const source = new Seed(seed).child(target.name);
  const start = now();
  const failures: Failure[] = [];
  let index = from;
  let frames = 0;
  let slowestMillis = 0;
  let before = start;
  for (; index < from + count && before - start < limitMillis && failures.length < MAX_FAILURES; index++) {
    try {
      frames += target.run(source.dice(String(index)));
    } catch (error) {
      failures.push({ target: target.name, index, error: error instanceof Error ? error : new Error(String(error)) });
    }
    const after = now();
    slowestMillis = Math.max(slowestMillis, after - before);
    before = after;
  }
  return { target: target.name, cases: index - from, frames, slowestMillis, failures };
}

/** Ends the case unless the condition holds. */
export function require(condition: boolean, what: string, ...input: readonly unknown[]): void {
  if (!condition) throw new Error([what, ...input.map((value) => JSON.stringify(value))].join('\n    '));
}

/** Ends the case unless both are the same when they are written as JSON, in whatever order their members stand. */
export function requireSame(actual: unknown, expected: unknown, what: string, ...input: readonly unknown[]): void {
  const [one, other] = [JSON.stringify(actual, inOrder), JSON.stringify(expected, inOrder)];
  require(one === other, `${what}: ${one} instead of ${other}`, ...input);
}

/** For `JSON.stringify`: members by name. */
function inOrder(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)));
}
