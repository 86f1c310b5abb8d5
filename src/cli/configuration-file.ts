// The file that `vedette start` makes, and the directory it stands in.

import { closeSync, mkdirSync, openSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

import { systemReason } from '../io/start-failure.js';
import { CommandFailure } from './failure.js';

/**
 * Makes a directory and its parents, one by one: where a parent takes no directories, as in /proc, Node's own way of making all of
 * them tries for ever.
 */
export function makeDirectory(path: string): void {
  if (isDirectory(path)) return;
  const parent = dirname(path);
  if (parent !== path) makeDirectory(parent);
  try {
    mkdirSync(path);
  } catch (error) {
    // Somebody else may have made it meanwhile.
    if (!isDirectory(path)) throw new CommandFailure(`cannot create the directory ${path}: ${systemReason(error)}`);
  }
}

function isDirectory(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

/** Makes a file of this text, a byte string. False if there is one of that name already, which stays as it is. */
export function createFile(path: string, text: string): boolean {
  let file: number;
  try {
    file = openSync(path, 'wx');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw new CommandFailure(`cannot write ${path}: ${systemReason(error)}`);
  }
  try {
    writeFileSync(file, text, 'latin1');
  } catch (error) {
    // The rest of it would be taken for a configuration.
    rmSync(path, { force: true });
    throw new CommandFailure(`cannot write ${path}: ${systemReason(error)}`);
  } finally {
    closeSync(file);
  }
  return true;
}

/**
 * Takes the file back when this process ends and nobody has run with it: a Sentinel that listens writes its identity into it at once.
 * Without that, what was wrong with a failed start would stand in the way of the next one.
 */
export function removeUnusedAtExit(path: string, text: string): void {
  process.on('exit', () => {
    try {
      if (readFileSync(path, 'latin1') === text) rmSync(path);
    } catch {
      // Somebody else has removed it, or may write there and we may not: nothing is left to be done at the end.
    }
  });
}
