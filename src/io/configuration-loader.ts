// Reads a sentinel.conf from the disk, with what it includes and what the command line adds to it.
//
// Everything relative in the file is relative to its `dir`, and that to where the process was started; here it all becomes
// absolute, so that nothing later depends on the working directory.

import { accessSync, constants, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { quoteArgument, splitArguments } from '../config/arguments.js';
import type { Reason } from '../config/draft.js';
import { readFile } from '../config/file.js';
import { type Configuration, ConfigurationError, type IncludedFile, parseConfiguration } from '../config/parser.js';
import { matchesGlob } from '../protocol/glob.js';
import { toByteString, toNative } from './native-text.js';
import { type FileIdentity, type ReadFile, readRegularFile } from './regular-file.js';
import { ConfigurationFailure, describeBadLine, StartFailure, systemReason } from './start-failure.js';

export interface LoadedConfiguration extends Configuration {
  /** The absolute path of the main file. */
  readonly path: string;
  /** Tells whether that file is still the one that was read. */
  readonly identity: FileIdentity;
  /** The absolute working directory, to which relative paths of the configuration refer. */
  readonly directory: string;
}

/**
 * Reads the file at this path. `additions` are lines that count as if they stood at its end. Throws `StartFailure` when the file
 * cannot be read and `ConfigurationFailure` when it cannot be accepted. Changes nothing.
 */
export function loadConfiguration(path: string, additions: readonly string[] = []): LoadedConfiguration {
  const absolute = resolve(path);
  const { text, identity } = readMainFile(absolute);
  refuseTornLine(text);
  const surroundings = {
    isExecutable: (script: string, directory: string | null) => isExecutable(resolveNative(directory, script)),
    readIncluded: (pattern: string, directory: string | null) => readIncluded(resolveNative(directory, pattern)),
  };
  try {
    const configuration = parseConfiguration(withAdditions(text, additions), surroundings);
    const { server } = configuration;
    const directory = resolveNative(server.dir, '');
    if (server.dir !== null) {
      checkDirectory(directory, configuration);
      server.dir = toByteString(directory);
    }
    return { ...configuration, file: readFile(text), path: absolute, identity, directory };
  } catch (error) {
    throw error instanceof ConfigurationError ? describeBadLine(error) : error;
  }
}

/**
 * Turns options of the command line, `--port 26380 --bind 127.0.0.1 ::1`, into lines as redis-sentinel does: each word that begins
 * with two dashes opens a directive, what follows are its values. The first value may begin with dashes, too: it may be a password.
 */
export function optionLines(words: readonly string[]): string[] {
  const lines: string[] = [];
  let isValueDue = false;
  for (const word of words.map(toByteString)) {
    if (word.startsWith('--') && !isValueDue) {
      lines.push(word.slice(2));
      isValueDue = needsValue(word.slice(2));
    } else {
      const line = lines.pop();
      if (line === undefined) throw new StartFailure(`Unexpected argument '${word}': options begin with --`);
      lines.push(`${line} ${quoteArgument(word)}`);
      isValueDue = false;
    }
  }
  return lines;
}

/** Whether the word after this option is its value in any case: not if the option has values already, as in `'--port 1'`. */
function needsValue(option: string): boolean {
  const [name = '', ...values] = splitArguments(option) ?? [];
  return name !== '' && values.length === 0 && !VALUELESS_OPTIONS.has(name.toLowerCase());
}

/** `redis-server x.conf --sentinel` is how some start a Sentinel. As a line that says nothing it is accepted. */
const VALUELESS_OPTIONS: ReadonlySet<string> = new Set(['sentinel', 'save']);

/** Whether this process may execute the file at this absolute path. */
export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

function readMainFile(path: string): ReadFile {
  try {
    return readRegularFile(path);
  } catch (error) {
    throw new StartFailure(describeUnreadable(path, error));
  }
}

/** The words of Redis, for the main file and for an included one. */
function describeUnreadable(path: string, error: unknown): string {
  return `Fatal error, can't open config file '${toByteString(path)}': ${systemReason(error)}`;
}

/**
 * A file that ends within a line was cut off: no rewrite of ours or the original's leaves one, and half an epoch is a lower epoch.
 * Only lines that a rewrite makes are refused; what an operator writes may end as it likes.
 */
function refuseTornLine(text: string): void {
  const lines = text.split('\n');
  const line = lines.at(-1)?.trim() ?? '';
  if (!/^(sentinel\s+(current-epoch|config-epoch|leader-epoch|known-\w+|myid)\b|# vedette )/i.test(line)) return;
  const place = `Reading the configuration file, at line ${lines.length}`;
  throw new ConfigurationFailure([
    place,
    `>>> '${line}'`,
    'The saved state ends within this line: the file was cut off.',
  ]);
}

function withAdditions(text: string, additions: readonly string[]): string {
  return additions.length === 0 ? text : `${text}\n${additions.join('\n')}\n`;
}

function resolveNative(directory: string | null, path: string): string {
  return resolve(directory === null ? '' : toNative(directory), toNative(path));
}

/** The parser cannot know whether the directory exists; the message is the one it would have given. */
function checkDirectory(directory: string, { file, server }: Configuration): void {
  try {
    accessSync(directory, constants.X_OK);
    if (statSync(directory).isDirectory()) return;
    throw new Error('not a directory');
  } catch (error) {
    const at = file.lines.findLastIndex(({ text }) => /^dir\s/i.test(text));
    const line = file.lines[at]?.text ?? `dir ${server.dir}`;
    throw new ConfigurationFailure([
      `Reading the configuration file, at line ${at + 1}`,
      `>>> '${line}'`,
      systemReason(error),
    ]);
  }
}

function readIncluded(pattern: string): readonly IncludedFile[] | Reason {
  const included: IncludedFile[] = [];
  for (const path of /[*?[]/.test(pattern) ? expand(pattern) : [pattern]) {
    try {
      included.push({ path: toByteString(path), text: readFileSync(path, 'latin1') });
    } catch (error) {
      return describeUnreadable(path, error);
    }
  }
  return included;
}

/** The existing paths that an absolute pattern matches, in order. A leading dot must be written out, as in a shell. */
function expand(pattern: string): string[] {
  let paths = ['/'];
  for (const part of pattern.split('/').filter((name) => name !== '')) {
    paths = paths.flatMap((parent) =>
      namesIn(parent)
        .filter((name) => matchesName(part, name))
        .map((name) => join(parent, name)),
    );
  }
  return paths.sort();
}

function matchesName(pattern: string, name: string): boolean {
  return name.startsWith('.') === pattern.startsWith('.') && matchesGlob(toByteString(pattern), toByteString(name));
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}
