// The parser and the writer of sentinel.conf against each other: what is written is what is read; a damaged file is refused with a
// reason or means something that survives being written; and no control character reaches the disk but the ends of lines.

import { readFile } from '../../src/config/file.js';
import { type Configuration, ConfigurationError, parseConfiguration } from '../../src/config/parser.js';
import { renderConfiguration } from '../../src/config/writer.js';
import type { SavedState } from '../../src/core/state.js';
import { randomServerSettings, randomState } from '../config/random-state.js';
import { AWKWARD_WORDS, damaged, hasControlCharacter } from './material.js';
import { require, requireSame, type Target } from './target.js';

const ODD_PIECES = [
  ...AWKWARD_WORDS,
  ...[
    '\nsentinel ',
    '\nsentinel monitor m 127.0.0.1 6379 2\n',
    '\nsentinel monitor "m\\n" ::1 1 1\n',
    '\nuser ',
    '\nbind ',
  ],
  ...[
    '\ninclude x\n',
    '\nsentinel rename-command m ',
    '\nsentinel myid ',
    '\n# vedette vote m 1 ',
    '\n# ??? ',
    '\nport 1\n',
  ],
];

export const configurations: Target = {
  name: 'configurations',
  about: 'sentinel.conf through the parser and the writer and back',
  run(dice) {
    const server = randomServerSettings(dice);
    const state = randomState(dice, server);
    const text = renderConfiguration(readFile(''), state, server);
    requireSame(comparable(parseConfiguration(text)), comparable({ state, server }), 'what was written', text);
    requireCleanFile(text);
    const broken = damaged(dice, text, ODD_PIECES);
    const read = parsed(broken);
    if (read !== null) requireStable(read, broken);
    return text.split('\n').length + broken.split('\n').length;
  },
};

/** Null for a file that is refused. Only a `ConfigurationError` is a refusal. */
function parsed(text: string): Configuration | null {
  try {
    return parseConfiguration(text);
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    require(error.reason !== '' && error.lineNumber >= 1, 'a refusal has a reason and a place', text);
    return null;
  }
}

/** Whatever a file means, it means the same after it was rewritten, also in a file of its own. */
function requireStable({ file, state, server }: Configuration, broken: string): void {
  const rewritten = renderConfiguration(file, state, server);
  requireSame(comparable(parseConfiguration(rewritten)), comparable({ state, server }), 'a rewritten file', broken);
  const again = parseConfiguration(rewritten);
  requireSame(renderConfiguration(again.file, again.state, again.server), rewritten, 'a second rewrite', broken);
  const fresh = renderConfiguration(readFile(''), state, server);
  requireCleanFile(fresh);
  requireSame(comparable(parseConfiguration(fresh)), comparable({ state, server }), 'a new file', broken);
}

export function requireCleanFile(text: string): void {
  for (const line of text.split('\n')) require(!hasControlCharacter(line), 'a line without control characters', line);
}

/** In an order and a form in which two of the same meaning are written alike. */
export function comparable({ state, server }: { readonly state: SavedState; readonly server: unknown }): unknown {
  const masters = state.masters.map((master) => ({
    ...master,
    settings: { ...master.settings, renamedCommands: [...master.settings.renamedCommands].sort(byName) },
  }));
  return { state: { ...state, masters: masters.sort((one, other) => byName([one.name], [other.name])) }, server };
}

function byName([one]: readonly [string, ...unknown[]], [other]: readonly [string, ...unknown[]]): number {
  return one < other ? -1 : 1;
}
