// The application of the demonstration: an ordinary ioredis client in Sentinel mode that writes one value after the other
// and knows nothing about the failover but what its library tells it.

import { setTimeout as delay } from 'node:timers/promises';

import { Redis } from 'ioredis';

import { now } from '../test/support/clock.js';
import { waitFor } from '../test/support/wait.js';

const WRITE_PERIOD = 2;
/** How soon the library asks a Vedette again for the master; its own default grows to two seconds. */
const RETRY_PERIOD = 20;

export class DemoClient {
  readonly #redis: Redis;
  readonly #acknowledgedAt: number[] = [];
  readonly #stopping = new AbortController();
  #running: Promise<void> = Promise.resolve();

  constructor(sentinelPorts: readonly number[], masterName: string) {
    this.#redis = new Redis({
      sentinels: sentinelPorts.map((port) => ({ host: '127.0.0.1', port })),
      name: masterName,
      retryStrategy: () => RETRY_PERIOD,
      sentinelRetryStrategy: () => RETRY_PERIOD,
      maxRetriesPerRequest: null,
      // As an application should: nothing is waited for without end.
      connectTimeout: 500,
      commandTimeout: 2_000,
    });
    // Losing the connection is what the demonstration is about; the library reports it here and tries again.
    this.#redis.on('error', () => undefined);
  }

  /** Starts writing; resolves when `count` writes were acknowledged. */
  async start(count: number): Promise<void> {
    this.#running = this.#run();
    await waitFor(`${count} writes are acknowledged`, 10_000, () => {
      if (this.#acknowledgedAt.length < count) throw new Error(`${this.#acknowledgedAt.length} so far`);
    });
  }

  get acknowledged(): number {
    return this.#acknowledgedAt.length;
  }

  /** Resolves when writes are acknowledged again after `moment`: with the gap around it, and when it ended. */
  async resumedAfter(moment: number, withinMillis: number): Promise<{ millis: number; endedAt: number }> {
    return await waitFor('the client writes again', withinMillis, () => {
      const index = this.#acknowledgedAt.findIndex((at) => at > moment);
      const [lastBefore, endedAt] = [this.#acknowledgedAt[index - 1], this.#acknowledgedAt[index]];
      if (lastBefore === undefined || endedAt === undefined) throw new Error('no write has been acknowledged since');
      return { millis: endedAt - lastBefore, endedAt };
    });
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#redis.disconnect();
    await this.#running;
  }

  async #run(): Promise<void> {
    for (let number = 0; !this.#stopping.signal.aborted; number++) {
      try {
        await this.#redis.set('demo:number', number);
        this.#acknowledgedAt.push(now());
      } catch {
        // Cut off in the middle of a write, as applications are; the next write waits for the new connection.
      }
      await delay(WRITE_PERIOD);
    }
  }
}
