// How long a Sentinel keeps a client waiting: PINGs one after the other, each with its time. What holds up the event loop shows here.

import { setTimeout as delay } from 'node:timers/promises';

import { now } from './clock.js';
import { RespConnection } from './resp-connection.js';
import type { SentinelProcess } from './sentinel-process.js';

const PERIOD = 5;

export class PingProbe {
  readonly #millis: number[] = [];
  readonly #connection: RespConnection;
  #isStopped = false;
  readonly #ended: Promise<void>;

  private constructor(connection: RespConnection) {
    this.#connection = connection;
    this.#ended = this.#run();
  }

  static async start({ host, port }: SentinelProcess): Promise<PingProbe> {
    return new PingProbe(await RespConnection.open(port, { host, timeoutMillis: 30_000 }));
  }

  /** Stops, and resolves with the time that 99 of 100 PINGs stayed below, in milliseconds. */
  async stop(): Promise<number> {
    this.#isStopped = true;
    await this.#ended;
    this.#connection.close();
    const sorted = this.#millis.sort((a, b) => a - b);
    return sorted[Math.floor(sorted.length * 0.99)] ?? Number.POSITIVE_INFINITY;
  }

  async #run(): Promise<void> {
    while (!this.#isStopped) {
      const from = now();
      await this.#connection.command('PING');
      this.#millis.push(now() - from);
      await delay(PERIOD);
    }
  }
}
