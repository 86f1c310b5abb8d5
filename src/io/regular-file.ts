// Reading a file that an operator names: only if it is a regular one, or a link to one.
//
// A FIFO would keep us waiting, to open a device may do something, and what is read as our state is replaced later: whoever names
// /dev/null would lose it. So a path is looked at before it is opened, and opened so that nothing can make it wait.

import { type BigIntStats, closeSync, constants, openSync, readFileSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';

/** What differs once somebody else has written or replaced the file. */
export type FileIdentity = string;

export interface ReadFile {
  /** A byte string. */
  readonly text: string;
  /** As it was before it was read: a change during the reading shows at the next look. */
  readonly identity: FileIdentity;
}

/** Something may have taken the file's place since it was looked at. */
const WITHOUT_WAITING = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY;

/** Throws the operating system's error, or one that says that this is no regular file. */
export function readRegularFile(path: string): ReadFile {
  const stats = statSync(path, { bigint: true });
  if (!stats.isFile()) throw notRegular();
  const descriptor = openSync(path, WITHOUT_WAITING);
  try {
    return { text: readFileSync(descriptor, 'latin1'), identity: identityOf(stats) };
  } finally {
    closeSync(descriptor);
  }
}

/** The same off the event loop, for a path that was found to be a regular file just now. */
export async function readTextLater(path: string): Promise<string> {
  const file = await open(path, WITHOUT_WAITING);
  try {
    return await file.readFile('latin1');
  } finally {
    await file.close();
  }
}

export function identityOf({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): FileIdentity {
  return [dev, ino, size, mtimeNs, ctimeNs].join(' ');
}

export function notRegular(): Error {
  return new Error('It is not a regular file');
}
