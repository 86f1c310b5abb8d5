// File systems and mounts that one test makes and removes: a small disk under the directory of a Sentinel, a read-only one, a file
// over which nothing can be renamed because it is a mount point.

import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { removeAtExit } from './leftovers.js';

/** Why nothing can be mounted here; null if it can. */
export function obstacleToMounting(): string | null {
  if (process.platform !== 'linux') return 'tmpfs and bind mounts are used on Linux only';
  const directory = mkdtempSync(join(tmpdir(), 'vedette-mount-'));
  try {
    Mount.tmpfs(directory, 64).remove();
    return null;
  } catch (error) {
    return `nothing can be mounted: ${error instanceof Error ? error.message : error}`;
  } finally {
    rmSync(directory, { recursive: true });
  }
}

export class Mount {
  readonly path: string;
  readonly #forget: () => void;

  private constructor(path: string) {
    this.path = path;
    this.#forget = removeAtExit({ mount: path }, () => this.#unmount());
  }

  /** Puts a file system of so many kilobytes in memory over a directory, which keeps its content. */
  static tmpfs(directory: string, kilobytes: number): Mount {
    const copy = mkdtempSync(join(tmpdir(), 'vedette-copy-'));
    cpSync(directory, copy, { recursive: true });
    run('mount', '-t', 'tmpfs', '-o', `size=${kilobytes}k`, 'tmpfs', directory);
    const mount = new Mount(directory);
    cpSync(copy, directory, { recursive: true });
    rmSync(copy, { recursive: true });
    return mount;
  }

  /** Mounts a file onto itself: from now on it can be written, but nothing can be renamed over it (EBUSY). */
  static ontoItself(file: string): Mount {
    return Mount.over(file, file);
  }

  /** Mounts one file over another, as a container does with a single file. */
  static over(file: string, source: string): Mount {
    run('mount', '--bind', source, file);
    return new Mount(file);
  }

  /** Makes a directory read-only for every path that leads to it; files that are open already can still be written. */
  static readOnly(directory: string): Mount {
    run('mount', '--bind', directory, directory);
    const mount = new Mount(directory);
    run('mount', '-o', 'remount,ro,bind', directory);
    return mount;
  }

  /** Leaves no room for one more byte. */
  fill(): void {
    for (const size of [65_536, 1024, 1]) {
      for (let number = 0; ; number++) {
        try {
          writeFileSync(join(this.path, `ballast-${size}-${number}`), Buffer.alloc(size));
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
          break;
        }
      }
    }
  }

  /** Takes away what `fill` has put there. */
  empty(): void {
    execFileSync('find', [this.path, '-name', 'ballast-*', '-delete']);
  }

  remove(): void {
    this.#forget();
    this.#unmount();
  }

  #unmount(): void {
    run('umount', '--lazy', this.path);
  }
}

function run(command: string, ...args: readonly string[]): void {
  execFileSync(command, args, { stdio: ['ignore', 'ignore', 'pipe'] });
}
