// A temporary directory that holds everything one group of processes writes: configurations, logs, captured output.

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { removeAtExit } from './leftovers.js';

export class Workspace {
  readonly path: string;
  readonly #forget: () => void;

  constructor() {
    this.path = mkdtempSync(join(tmpdir(), 'vedette-'));
    this.#forget = removeAtExit({ directory: this.path }, () => this.#removeTree());
  }

  /** Creates a directory of this workspace and returns its absolute path. */
  directory(name: string): string {
    const path = join(this.path, name);
    mkdirSync(path, { recursive: true });
    return path;
  }

  remove(): void {
    this.#forget();
    this.#removeTree();
  }

  /** Leaves the directory on the disk when this process ends. */
  keep(): void {
    this.#forget();
  }

  #removeTree(): void {
    // A process that was just killed may still create a file while the tree is being removed: try again.
    rmSync(this.path, { recursive: true, force: true, maxRetries: 5, retryDelay: 20 });
  }
}
