// Keeps the configuration file, which is also the saved state, whole at every moment: it is never written, only replaced.
//
// A save writes a new file beside it, brings it to the disk, gives it the old one's owner and permissions, renames it over the old
// one and brings the directory to the disk. A crash between any two steps leaves the old file or the new one. Saves run off the event
// loop, one at a time; what is to be saved is decided by whoever asks. What others have written into the file since is shown to whoever
// asks first: it is read again only where the file is not the one that we wrote ourselves.

import {
  type BigIntStats,
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fsyncSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { access, type FileHandle, open, readdir, realpath, rename, stat, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

import { type FileIdentity, identityOf, notRegular, readRegularFile, readTextLater } from './regular-file.js';

/** Between the file's name and the process id in the name of our temporary files. */
const TEMPORARY = '.vedette-';

/** A file of another size was not written by a Sentinel, which needs a few hundred bytes a node: it is not read while we supervise. */
const MAX_BYTES = 16 * 1024 * 1024;

/** Makes the text to be saved anew, because others have written this text into the file. */
export type Revision = (found: string) => string;

export class StateFile {
  /** Absolute. */
  readonly path: string;
  /** Of the file whose text whoever asks for saves knows. */
  #known: FileIdentity | null;
  #saves = 0;
  /** What the save in flight writes. */
  #temporary: string | null = null;

  /** @param known the file as it was when it was read */
  constructor(path: string, known: FileIdentity | null = null) {
    this.path = path;
    this.#known = known;
  }

  /**
   * Resolves when the file may be written and replaced. Otherwise rejects with the operating system's error, of which `path` is the
   * file or its directory. Changes nothing.
   */
  async checkWritable(): Promise<void> {
    await access(this.path, constants.W_OK);
    await access(dirname(await this.#target()), constants.W_OK | constants.X_OK);
  }

  /**
   * Makes the text, a byte string, the content of the file. Resolves when it would survive a power failure; rejects with the
   * operating system's error, and then the old content still stands. Not to be called before the last call has settled.
   */
  async save(text: string, revise?: Revision): Promise<void> {
    const [target, old] = await Promise.all([this.#target(), look(this.path)]);
    const found = revise !== undefined && this.#isForeign(old) ? await readTextLater(target).catch(() => null) : null;
    const content = this.#revised(text, revise, old, found);
    const temporary = `${target}${TEMPORARY}${process.pid}-${++this.#saves}`;
    this.#temporary = temporary;
    try {
      await withFiles(open(temporary, NEW_FILE, PRIVATE_MODE), open(dirname(target), 'r'), async (file, directory) => {
        await Promise.all([writeAll(file, content), ownLike(file, old), file.chmod(modeLike(old))]);
        await file.sync();
        await rename(temporary, target);
        const [written] = await Promise.all([file.stat({ bigint: true }), directory.sync()]);
        this.#known = identityOf(written);
      });
    } catch (error) {
      await unlink(temporary).catch(() => undefined);
      throw error;
    } finally {
      this.#temporary = null;
    }
  }

  /**
   * The same within this turn of the event loop, because the process is about to end: nothing waits for the save in flight, whose
   * traces are removed. Throws the operating system's error, and then the old content still stands.
   */
  saveAtOnce(text: string, revise?: Revision): void {
    this.abandon();
    const target = realpathSync(this.path);
    const old = statSync(target, { bigint: true });
    refuseDevice(old);
    const found = revise !== undefined && this.#isForeign(old) ? readAtOnce(target) : null;
    const content = this.#revised(text, revise, old, found);
    const temporary = `${target}${TEMPORARY}${process.pid}-${++this.#saves}`;
    try {
      const file = openSync(temporary, NEW_FILE, PRIVATE_MODE);
      try {
        writeFileSync(file, content);
        ownLikeAtOnce(file, old);
        fchmodSync(file, modeLike(old));
        fsyncSync(file);
      } finally {
        closeSync(file);
      }
      renameSync(temporary, target);
    } catch (error) {
      rmSync(temporary, { force: true });
      throw error;
    }
  }

  /** Removes what the save in flight has written so far, because the process ends now. The old content stands. */
  abandon(): void {
    if (this.#temporary !== null) rmSync(this.#temporary, { force: true });
  }

  /** Removes what saves of processes that are gone have left behind. Returns the names of the removed files. */
  async removeLeftovers(): Promise<string[]> {
    const target = await this.#target();
    const prefix = basename(target) + TEMPORARY;
    const removed: string[] = [];
    for (const name of await readdir(dirname(target))) {
      const [, processId, save] = name.startsWith(prefix)
        ? (/^(\d+)-(\d+)$/.exec(name.slice(prefix.length)) ?? [])
        : [];
      if (processId === undefined || isRunning(Number(processId))) continue;
      // A save of this very life, which may be in flight; one of an earlier life by that name would have been overwritten.
      if (Number(processId) === process.pid && Number(save) <= this.#saves) continue;
      await unlink(join(dirname(target), name));
      removed.push(name);
    }
    return removed;
  }

  /** Whether others have written or replaced the file, and with something that may be read. */
  #isForeign(old: BigIntStats | null): boolean {
    return old?.isFile() === true && old.size <= MAX_BYTES && identityOf(old) !== this.#known;
  }

  /** @param found what others have written; null if nothing, or nothing that can be read: then the last known text counts */
  #revised(text: string, revise: Revision | undefined, old: BigIntStats | null, found: string | null): Buffer {
    if (revise === undefined || old === null || found === null) return Buffer.from(text, 'latin1');
    // Also where the save fails: that text is known now.
    this.#known = identityOf(old);
    return Buffer.from(revise(found), 'latin1');
  }

  /** A symbolic link stays one: what it points to is replaced. */
  async #target(): Promise<string> {
    return await realpath(this.path).catch(() => this.path);
  }
}

/** The file that is replaced; null where there is none. */
async function look(path: string): Promise<BigIntStats | null> {
  const old = await stat(path, { bigint: true }).catch(() => null);
  refuseDevice(old);
  return old;
}

/** A device or FIFO that has taken the file's place would be lost. A directory refuses by itself. */
function refuseDevice(old: BigIntStats | null): void {
  if (old !== null && !old.isFile() && !old.isDirectory()) throw notRegular();
}

/** The permissions of the file that is replaced; those of a new file where there is none. */
function modeLike(old: BigIntStats | null): number {
  return old === null ? NEW_FILE_MODE & ~process.umask() : Number(old.mode) & PERMISSION_BITS;
}
const PERMISSION_BITS = 0o7777;
const NEW_FILE_MODE = 0o644;
/** Nobody else may read the new file before it has its final permissions: it may hold passwords. */
const PRIVATE_MODE = 0o600;
/** Over a leftover, but through no link: its target would be emptied, and given to the owner of our file. */
const NEW_FILE = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_NOFOLLOW;

/** Root must not take the file from the user who runs the service: the next start could not read it. */
async function ownLike(file: FileHandle, old: BigIntStats | null): Promise<void> {
  if (old !== null && isRoot()) await file.chown(Number(old.uid), Number(old.gid)).catch(requireExcused);
}

function ownLikeAtOnce(file: number, old: BigIntStats): void {
  try {
    if (isRoot()) fchownSync(file, Number(old.uid), Number(old.gid));
  } catch (error) {
    requireExcused(error);
  }
}

function isRoot(): boolean {
  return process.geteuid?.() === 0;
}

/** Where even root may not do it, as on a share, or in a container that does not know the owner, a save is worth more than the owner. */
function requireExcused(error: unknown): void {
  const { code } = error as NodeJS.ErrnoException;
  if (code !== 'EPERM' && code !== 'EINVAL') throw error;
}

function readAtOnce(path: string): string | null {
  try {
    return readRegularFile(path).text;
  } catch {
    return null;
  }
}

/** In one go where the system takes it; `FileHandle.writeFile` would come back for every half megabyte. */
async function writeAll(file: FileHandle, bytes: Buffer): Promise<void> {
  for (let at = 0; at < bytes.length; ) at += (await file.write(bytes, at)).bytesWritten;
}

/**
 * Both are opened at once, because every step of a save costs a turn of the event loop; both are closed whatever happens. Nobody waits
 * for that, and what it says changes nothing: what matters has been brought to the disk.
 */
async function withFiles(
  first: Promise<FileHandle>,
  second: Promise<FileHandle>,
  use: (first: FileHandle, second: FileHandle) => Promise<void>,
): Promise<void> {
  const attempts = await Promise.allSettled([first, second]);
  try {
    await use(await first, await second);
  } finally {
    for (const attempt of attempts) if (attempt.status === 'fulfilled') attempt.value.close().catch(() => undefined);
  }
}

/** Whether a process other than this one has this id. One of ours can only be left from an earlier life with the same id. */
function isRunning(processId: number): boolean {
  if (processId === process.pid) return false;
  try {
    process.kill(processId, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
