// Keeps the configuration file, which is also the saved state, whole at every moment: it is never written, only replaced.
//
// A save writes a new file beside it, brings it to the disk, gives it the old one's permissions, renames it over the old one and
// brings the directory to the disk. A crash between any two steps leaves the old file or the new one. Saves run off the event
// loop, one at a time; what is to be saved is decided by whoever asks.

import {
  closeSync,
  constants,
  fchmodSync,
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

/** Between the file's name and the process id in the name of our temporary files. */
const TEMPORARY = '.vedette-';

export class StateFile {
  /** Absolute. */
  readonly path: string;
  #saves = 0;
  /** What the save in flight writes. */
  #temporary: string | null = null;

  constructor(path: string) {
    this.path = path;
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
  async save(text: string): Promise<void> {
    const [target, mode] = await Promise.all([this.#target(), modeOf(this.path)]);
    const temporary = `${target}${TEMPORARY}${process.pid}-${++this.#saves}`;
    this.#temporary = temporary;
    try {
      await withFiles(open(temporary, 'w', PRIVATE_MODE), open(dirname(target), 'r'), async (file, directory) => {
        await Promise.all([writeAll(file, Buffer.from(text, 'latin1')), file.chmod(mode)]);
        await file.sync();
        await rename(temporary, target);
        await directory.sync();
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
  saveAtOnce(text: string): void {
    this.abandon();
    const target = realpathSync(this.path);
    const temporary = `${target}${TEMPORARY}${process.pid}-${++this.#saves}`;
    try {
      const file = openSync(temporary, 'w', PRIVATE_MODE);
      try {
        writeFileSync(file, Buffer.from(text, 'latin1'));
        fchmodSync(file, statSync(target).mode & PERMISSION_BITS);
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

  /** A symbolic link stays one: what it points to is replaced. */
  async #target(): Promise<string> {
    return await realpath(this.path).catch(() => this.path);
  }
}

/** The permissions of the file that is replaced; those of a new file where there is none. */
async function modeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).mode & PERMISSION_BITS;
  } catch {
    return NEW_FILE_MODE & ~process.umask();
  }
}
const PERMISSION_BITS = 0o7777;
const NEW_FILE_MODE = 0o644;
/** Nobody else may read the new file before it has its final permissions: it may hold passwords. */
const PRIVATE_MODE = 0o600;

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
