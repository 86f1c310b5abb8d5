// The certificates in use, replaced when their files are: new connections get the new ones, present connections stay.
//
// The files are looked at every few seconds instead of being watched: certificates come through renamed files, symbolic links
// and mounted volumes, of which a watch sees each differently and some not at all. Certificate and key are two files and change
// one after the other; until they belong together, the old ones stay in use.

import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { SecureContext, TlsOptions } from 'node:tls';

import type { ServerSettings } from '../config/server-settings.js';
import type { EventLevel } from '../core/event.js';
import type { Millis } from '../core/types.js';
import { ConfigurationFailure, systemReason } from './start-failure.js';
import { readTlsOptions, type TlsOptionsPair, tlsFiles } from './tls-options.js';

/** How long a replaced certificate goes unnoticed at most. */
export const LOOKING_PERIOD: Millis = 5_000;

export interface TlsRenewalOptions {
  readonly settings: ServerSettings;
  /** To which relative paths refer. */
  readonly directory: string;
  /** Defaults to `LOOKING_PERIOD`. */
  readonly period?: Millis;
  log(level: EventLevel, message: string): void;
}

export class TlsRenewal {
  readonly #options: TlsRenewalOptions;
  #current: TlsOptionsPair;
  /** How the files looked when they were last read, whether they could be used or not; null before the first look. */
  #seen: string | null = null;
  #listener: (server: TlsOptions) => void = () => undefined;
  #timer: NodeJS.Timeout | null = null;
  #isLooking = false;

  /** Reads the files. Throws `ConfigurationFailure` when they cannot be used. */
  constructor(options: TlsRenewalOptions) {
    this.#options = options;
    this.#current = this.#read();
  }

  /** What a port for TLS is opened with now. */
  get server(): TlsOptions {
    return this.#current.server;
  }

  /** What a new link is to use. */
  get client(): SecureContext {
    return this.#current.client;
  }

  /** Begins to look at the files. `renewed` is called with the new options of the port after each replacement. */
  start(renewed: (server: TlsOptions) => void): void {
    this.#listener = renewed;
    this.#timer = setInterval(() => void this.#look(), this.#options.period ?? LOOKING_PERIOD);
    this.#timer.unref();
  }

  close(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }

  #read(): TlsOptionsPair {
    return readTlsOptions(this.#options.settings, this.#options.directory);
  }

  async #look(): Promise<void> {
    if (this.#isLooking) return;
    this.#isLooking = true;
    // Before the reading: what changes in between is read again the next time.
    const appearance = await appearanceOf(tlsFiles(this.#options.settings, this.#options.directory));
    this.#isLooking = false;
    if (this.#timer === null || appearance === this.#seen) return;
    // The first look has nothing to compare with: reading once more costs less than missing a replacement during the start.
    const isFirst = this.#seen === null;
    this.#seen = appearance;
    this.#renew(isFirst);
  }

  #renew(isFirst: boolean): void {
    const { log } = this.#options;
    try {
      this.#current = this.#read();
    } catch (error) {
      const reason = error instanceof ConfigurationFailure ? error.message : systemReason(error);
      log('warning', `The changed TLS files cannot be used, the former ones stay in use: ${reason}`);
      return;
    }
    this.#listener(this.#current.server);
    if (!isFirst) log('notice', 'TLS certificates were reloaded because their files have changed');
  }
}

/** Changes whenever one of the files, or a file in one of the directories, is replaced, rewritten, removed or added. */
async function appearanceOf(paths: readonly string[]): Promise<string> {
  const parts = await Promise.all(paths.map(appearanceOfPath));
  return parts.join('\n');
}

async function appearanceOfPath(path: string): Promise<string> {
  try {
    const facts = await stat(path, { bigint: true });
    const own = `${path} ${facts.ino} ${facts.size} ${facts.mtimeNs}`;
    return facts.isDirectory() ? `${own}\n${await appearanceOfDirectory(path)}` : own;
  } catch (error) {
    return `${path}: ${systemReason(error)}`;
  }
}

async function appearanceOfDirectory(path: string): Promise<string> {
  const names = await readdir(path, { withFileTypes: true });
  return appearanceOf(names.filter((entry) => !entry.isDirectory()).map(({ name }) => join(path, name)));
}
