// What is said of a first word that is neither a command nor a file.

import { CommandFailure, pointToHelp, reportFailure } from './failure.js';
import { COMMANDS } from './names.js';

/** At so many slips of the finger a word is another one. */
const MAX_SLIPS = 2;

export function refuseUnknownWord(word: string): void {
  reportFailure(new CommandFailure(`${describeUnknownWord(word)}\n${pointToHelp('')}`));
}

export function describeUnknownWord(word: string): string {
  const [nearest] = COMMANDS.map((command) => ({ command, slips: distance(word.toLowerCase(), command) }))
    .filter(({ slips }) => slips <= MAX_SLIPS)
    .sort((one, other) => one.slips - other.slips);
  const hint = nearest === undefined ? '' : ` Did you mean \`vedette ${nearest.command}\`?`;
  return `there is no command and no configuration file called ${word}.${hint}`;
}

/** How many letters must be added, dropped or changed to turn one word into the other (Levenshtein). */
function distance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, at) => at);
  for (const [index, letter] of [...one].entries()) {
    const next = [index + 1];
    for (let at = 1; at <= other.length; at++) {
      const [left = 0, above = 0, before = 0] = [next[at - 1], row[at], row[at - 1]];
      next.push(Math.min(left + 1, above + 1, before + (other[at - 1] === letter ? 0 : 1)));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
