// What commands may ask of the simulated process they run in.

import { createHash } from 'node:crypto';

import type { Client } from '../../src/commands/client.js';
import type { Host, LogLevel, PendingScript, ProcessFacts, ResourceUse, Statistics } from '../../src/commands/host.js';
import type { Millis } from '../../src/core/types.js';
import type { Dice } from './seed.js';
import type { SentinelHost } from './sentinel-host.js';
import { SentinelSession } from './sentinel-session.js';

const RUN_ID_DIGITS = 40;
const MAX_CLIENTS = 10_000;
const MICROS_PER_MILLI = 1000;

export class SentinelCommandHost implements Host {
  readonly facts: ProcessFacts;
  readonly maxClients = MAX_CLIENTS;
  readonly userFile = null;
  logLevel: LogLevel = 'notice';
  readonly #process: SentinelHost;
  readonly #dice: Dice;
  readonly #startedAt: Millis;
  #clients = 0;

  constructor(process: SentinelHost, dice: Dice) {
    this.#process = process;
    this.#dice = dice;
    this.#startedAt = process.now;
    this.facts = {
      version: 'simulated',
      processId: 1,
      runId: dice.hex(RUN_ID_DIGITS),
      port: process.address.port,
      executable: 'vedette',
      configurationFile: 'sentinel.conf',
      operatingSystem: 'simulated',
      architectureBits: 64,
      runtimeVersion: 'simulated',
    };
  }

  nextClientId(): number {
    return ++this.#clients;
  }

  /** A duration up to `most`. */
  draw(most: Millis): Millis {
    return this.#dice.between(0, most);
  }

  log(): void {
    // The daemon's log says in prose what the trace has as events.
  }

  clients(): Iterable<Client> {
    return this.#process.sessions;
  }

  kill(client: Client): void {
    if (client instanceof SentinelSession) client.destroy();
  }

  statistics(): Statistics {
    return {
      connectionsReceived: this.#clients,
      connectionsRejected: 0,
      commandsProcessed: 0,
      bytesReceived: 0,
      bytesSent: 0,
      channels: 0,
      patterns: 0,
      scriptsRunning: 0,
    };
  }

  resourceUse(): ResourceUse {
    return { userSeconds: 0, systemSeconds: 0, residentBytes: 0 };
  }

  uptime(): Millis {
    return this.#process.now - this.#startedAt;
  }

  wallClockMicros(): number {
    return this.#process.now * MICROS_PER_MILLI;
  }

  pendingScripts(): readonly PendingScript[] {
    return [];
  }

  isExecutable(): boolean {
    return true;
  }

  sha256(text: string): string {
    return createHash('sha256').update(text, 'latin1').digest('hex');
  }

  randomHex(digits: number): string {
    return this.#dice.hex(digits);
  }

  keepUsers(): void {
    // Nobody changes users in the simulation.
  }

  requestShutdown(): void {
    this.#process.later(0, () => this.#process.kill());
  }
}
