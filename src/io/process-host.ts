// What commands may ask of this process: its facts, its log, its clients, its scripts. The side of `commands/host.ts` that is real.

import { randomBytes } from 'node:crypto';
import { resolve } from 'node:path';

import type { Client } from '../commands/client.js';
import type {
  Host,
  LogLevel,
  PendingScript,
  ProcessFacts,
  ResourceUse,
  Statistics,
  UserFile,
} from '../commands/host.js';
import type { ServerSettings } from '../config/server-settings.js';
import type { Millis } from '../core/types.js';
import { now } from './clock.js';
import { isExecutable } from './configuration-loader.js';
import type { Logger } from './log.js';
import { toNative } from './native-text.js';
import type { Scripts } from './scripts.js';
import type { Server } from './server.js';
import { sha256, userFileOf } from './user-accounts.js';

const MICROS_PER_MILLI = 1000;
const MICROS_PER_SECOND = 1_000_000;

export interface ProcessHostOptions {
  readonly facts: ProcessFacts;
  /** To which relative paths of scripts refer. */
  readonly directory: string;
  readonly log: Logger;
  readonly server: Server;
  readonly scripts: Scripts;
  /** Its `users` and `loglevel` follow what commands change, and are saved with the rest. */
  readonly settings: ServerSettings;
  shutDown(): void;
}

export class ProcessHost implements Host {
  readonly #options: ProcessHostOptions;
  readonly #startedAt = now();
  readonly userFile: UserFile | null;

  constructor(options: ProcessHostOptions) {
    this.#options = options;
    this.userFile = userFileOf(options.settings, options.directory);
  }

  get facts(): ProcessFacts {
    return this.#options.facts;
  }

  get maxClients(): number {
    return this.#options.server.maxClients;
  }

  get logLevel(): LogLevel {
    return this.#options.log.level;
  }

  set logLevel(level: LogLevel) {
    this.#options.log.level = level;
    this.#options.settings.loglevel = level;
  }

  log(level: Exclude<LogLevel, 'nothing'>, message: string): void {
    this.#options.log.write(level, message);
  }

  clients(): Iterable<Client> {
    return this.#options.server.clients.values();
  }

  kill(client: Client): void {
    this.#options.server.kill(client);
  }

  statistics(): Statistics {
    const { server, scripts } = this.#options;
    const { channelCount, patternCount } = server.subscriptions;
    return { ...server.statistics, channels: channelCount, patterns: patternCount, scriptsRunning: scripts.running };
  }

  resourceUse(): ResourceUse {
    const { userCPUTime, systemCPUTime } = process.resourceUsage();
    return {
      userSeconds: userCPUTime / MICROS_PER_SECOND,
      systemSeconds: systemCPUTime / MICROS_PER_SECOND,
      residentBytes: process.memoryUsage.rss(),
    };
  }

  uptime(): Millis {
    return now() - this.#startedAt;
  }

  wallClockMicros(): number {
    return Date.now() * MICROS_PER_MILLI;
  }

  pendingScripts(): readonly PendingScript[] {
    return this.#options.scripts.queue();
  }

  isExecutable(path: string): boolean {
    return isExecutable(resolve(this.#options.directory, toNative(path)));
  }

  sha256(text: string): string {
    return sha256(text);
  }

  randomHex(digits: number): string {
    return randomBytes(Math.ceil(digits / 2))
      .toString('hex')
      .slice(0, digits);
  }

  keepUsers(lines: readonly (readonly string[])[]): void {
    this.#options.settings.users = lines;
  }

  /** The command is still running: its reply, if any, comes first. */
  requestShutdown(): void {
    setImmediate(() => this.#options.shutDown());
  }
}
