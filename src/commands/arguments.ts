// How arguments are read, strictly as Redis reads them: no plus sign, no blanks, no leading zeros.

import { ErrorReply } from '../protocol/reply.js';

export const NOT_AN_INTEGER = new ErrorReply('ERR value is not an integer or out of range');
export const SYNTAX_ERROR = new ErrorReply('ERR syntax error');

const INTEGER = /^(?:0|-?[1-9][0-9]{0,18})$/;
const MIN_INTEGER = -(2n ** 63n);
const MAX_INTEGER = 2n ** 63n - 1n;

/**
 * A signed 64-bit integer in its canonical decimal form; null otherwise. Beyond 2^53 the result is the nearest double,
 * so a caller for whom that matters compares with `Number.MAX_SAFE_INTEGER`.
 */
export function parseInteger(text: string): number | null {
  if (!INTEGER.test(text)) return null;
  const value = Number(text);
  if (Number.isSafeInteger(value)) return value;
  const exact = BigInt(text);
  return exact >= MIN_INTEGER && exact <= MAX_INTEGER ? value : null;
}

/** An integer that a setting can hold exactly, at least `minimum`; null otherwise. */
export function parseSetting(text: string, minimum: number): number | null {
  const value = parseInteger(text);
  return value !== null && Number.isSafeInteger(value) && value >= minimum ? value : null;
}

/** Makes text from outside fit for an error reply, which is a single line. */
export function oneLine(text: string): string {
  return text.replace(/[\r\n]/g, ' ');
}

export function error(message: string): ErrorReply {
  return new ErrorReply(oneLine(`ERR ${message}`));
}

/** What a subcommand answers that takes fewer words than it got. */
export function wrongCount(container: string, words: readonly string[]): ErrorReply {
  return error(`unknown subcommand or wrong number of arguments for '${words[1] ?? ''}'. Try ${container} HELP.`);
}
