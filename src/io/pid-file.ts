// The file that tells init scripts and monitoring our process id. It is written once everything listens and removed at the end.
//
// Where it cannot be written, that is said and nothing more: a missing file is an inconvenience, not a reason to leave masters
// without supervision.

import { rmSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';

import type { LoadedConfiguration } from './configuration-loader.js';
import type { Logger } from './log.js';
import { toByteString, toNative } from './native-text.js';
import { systemReason } from './start-failure.js';

/** Where Redis writes it when it goes to the background and no `pidfile` is configured. */
const PATH_IN_BACKGROUND = '/var/run/redis.pid';

export class PidFile {
  readonly #path: string | null;
  readonly #log: Logger;
  #isOurs: boolean = false;

  constructor({ server, directory }: LoadedConfiguration, isInBackground: boolean, log: Logger) {
    const configured = server.pidfile === null ? null : resolve(directory, toNative(server.pidfile));
    this.#path = configured ?? (isInBackground ? PATH_IN_BACKGROUND : null);
    this.#log = log;
  }

  write(): void {
    if (this.#path === null) return;
    try {
      writeFileSync(this.#path, `${process.pid}\n`);
      this.#isOurs = true;
    } catch (error) {
      this.#log.write(
        'warning',
        `Cannot write the process id into ${toByteString(this.#path)}: ${systemReason(error)}`,
      );
    }
  }

  /** Leaves a file alone that another process has written. */
  remove(): void {
    if (this.#path !== null && this.#isOurs) rmSync(this.#path, { force: true });
  }
}
