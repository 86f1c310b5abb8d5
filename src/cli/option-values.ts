// Options that take one value, checked as they are read: given twice, left empty or out of range they are refused in words that
// name the option. A slip must not become the default, which may be another group.

import { CommandFailure } from './failure.js';

export interface Range {
  readonly from: number;
  /** Unlimited unless given. */
  readonly to?: number;
}

export const PORTS: Range = { from: 1, to: 65_535 };

/** What yargs is to be told of an option whose value is a text. */
export function textOption(name: string, describe: string) {
  return { type: 'string', requiresArg: true, describe, coerce: (value: unknown) => readText(name, value) } as const;
}

/** What yargs is to be told of an option whose value is a whole number. */
export function numberOption(name: string, range: Range, describe: string) {
  const coerce = (value: unknown) => readNumber(name, value, range);
  return { type: 'number', requiresArg: true, describe, coerce } as const;
}

/** What yargs is to be told of the positional `name` of a master. */
export const MASTER_NAME = {
  type: 'string',
  demandOption: true,
  describe: 'Its name',
  coerce: (value: unknown) => {
    if (typeof value === 'string' && value !== '') return value;
    throw new CommandFailure('the name of the master is empty');
  },
} as const;

function readText(name: string, value: unknown): string {
  refuseSeveral(name, value);
  if (typeof value === 'string' && value !== '') return value;
  throw new CommandFailure(`--${name} needs a value`);
}

function readNumber(name: string, value: unknown, { from, to }: Range): number {
  refuseSeveral(name, value);
  if (
    Number.isSafeInteger(value) &&
    (value as number) >= from &&
    (value as number) <= (to ?? Number.MAX_SAFE_INTEGER)
  ) {
    return value as number;
  }
  const range = to === undefined ? `a whole number, at least ${from}` : `a number from ${from} to ${to}`;
  throw new CommandFailure(`--${name}: expected ${range}`);
}

/** yargs makes a list of the values of an option that is given more than once. */
function refuseSeveral(name: string, value: unknown): void {
  if (Array.isArray(value)) throw new CommandFailure(`--${name} is given more than once`);
}
