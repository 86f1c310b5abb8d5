// A client of its own that writes continuously and remembers every acknowledgement, to measure for how long a failover
// stops writes and what it loses. It finds the master by asking all supervisors every few milliseconds and believes an
// address only when the node there says `master`, so that no client library's pauses blur a comparison.

import { setTimeout as delay } from 'node:timers/promises';

import { now } from './clock.js';
import { type Endpoint, LOOPBACK } from './place.js';
import { RespClient } from './resp-client.js';
import { RespConnection } from './resp-connection.js';
import { waitFor } from './wait.js';

export interface Interruption {
  /** From the last acknowledgement before the moment asked about to the first one after it. */
  readonly millis: number;
  readonly lastBefore: number;
  readonly firstAfter: number;
}

/** Between two writes; a pause, so that the writer leaves the processors to those it measures. */
const WRITE_PERIOD = 1;
const SEARCH_PERIOD = 5;
/** A master that leaves a write unanswered for so long is searched for anew. */
const WRITE_LIMIT = 100;
const KEYS_PER_QUESTION = 500;

/** Where to find a supervisor or a node: a port alone is one on the loopback address. */
export type Address = number | Endpoint;

export interface WriterOptions {
  /** The address to connect from; the operating system's choice unless given. */
  readonly from?: string;
}

let writers = 0;

/** A node that says of itself that it is the master. */
interface Master {
  readonly port: number;
  readonly connection: RespConnection;
}

export class Writer {
  readonly #supervisors: readonly Endpoint[];
  /** Several writers of one test write different keys. */
  readonly #id = ++writers;
  readonly #masterName: string;
  /** When each write was acknowledged, by its number; a missing number was not acknowledged. */
  readonly #acknowledgedAt = new Map<number, number>();
  /** When each node acknowledged its last write, by its port. */
  readonly #lastByNode = new Map<number, number>();
  readonly #origin: { readonly localAddress?: string };
  readonly #stopping = new AbortController();
  #running: Promise<void> = Promise.resolve();

  private constructor(supervisors: readonly Address[], masterName: string, { from }: WriterOptions) {
    this.#supervisors = supervisors.map(endpointOf);
    this.#masterName = masterName;
    this.#origin = from === undefined ? {} : { localAddress: from };
  }

  /** Starts writing to the master that one of these supervisors names; resolves after the first acknowledgement. */
  static async start(
    supervisors: readonly Address[],
    masterName: string,
    options: WriterOptions = {},
  ): Promise<Writer> {
    const writer = new Writer(supervisors, masterName, options);
    writer.#running = writer.#run();
    await waitFor('the first write is acknowledged', 10_000, () => {
      if (writer.acknowledged === 0) throw new Error('none so far');
    });
    return writer;
  }

  get acknowledged(): number {
    return this.#acknowledgedAt.size;
  }

  /** Resolves as soon as a write was acknowledged after `moment`, with the interruption that ended then. */
  async resumedAfter(moment: number, withinMillis: number): Promise<Interruption> {
    return await waitFor('a write is acknowledged again', withinMillis, () => this.interruptionAt(moment), 5);
  }

  /** The interruption of writes that contains `moment`. Throws when none was acknowledged since. */
  interruptionAt(moment: number): Interruption {
    let lastBefore = Number.NEGATIVE_INFINITY;
    for (const at of this.#acknowledgedAt.values()) {
      if (at > moment) return { millis: at - lastBefore, lastBefore, firstAfter: at };
      lastBefore = at;
    }
    throw new Error('no write has been acknowledged since');
  }

  /** The longest time between two successive acknowledgements since `moment`, in milliseconds. */
  longestPauseSince(moment: number): number {
    let longest = 0;
    let before: number | null = null;
    for (const at of this.#acknowledgedAt.values()) {
      if (before !== null && at >= moment) longest = Math.max(longest, at - before);
      before = at;
    }
    return longest;
  }

  /** When the node acknowledged a write for the last time. Throws when it never has. */
  lastAcknowledgedBy(node: Address): number {
    const at = this.#lastByNode.get(endpointOf(node).port);
    if (at === undefined) throw new Error('that node has acknowledged no write');
    return at;
  }

  /** How many acknowledged writes the node does not have. */
  async countLost(node: Address): Promise<number> {
    return (await this.lostAt(node)).length;
  }

  /** When each acknowledged write that the node does not have was acknowledged. */
  async lostAt(node: Address): Promise<readonly number[]> {
    const writes = [...this.#acknowledgedAt];
    const { host, port } = endpointOf(node);
    const connection = await RespConnection.open(port, { host, timeoutMillis: 5000 });
    try {
      const lost: number[] = [];
      for (let start = 0; start < writes.length; start += KEYS_PER_QUESTION) {
        const asked = writes.slice(start, start + KEYS_PER_QUESTION);
        const values = await connection.command('MGET', ...asked.map(([number]) => this.#keyOf(number)));
        if (!Array.isArray(values)) throw new Error(`unexpected reply to MGET: ${JSON.stringify(values)}`);
        lost.push(...asked.filter((_, index) => values[index] === null).map(([, at]) => at));
      }
      return lost;
    } finally {
      connection.close();
    }
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    let number = 0;
    while (!this.#stopping.signal.aborted) {
      const master = await this.#findMaster();
      if (master === null) return;
      number = await this.#writeUntilRefused(master, number);
      master.connection.close();
    }
  }

  /** Writes from `number` on until something goes wrong. Returns the number to go on with. */
  async #writeUntilRefused({ port, connection }: Master, number: number): Promise<number> {
    for (let next = number; ; next++) {
      if (this.#stopping.signal.aborted) return next;
      try {
        await connection.command('SET', this.#keyOf(next), next);
      } catch {
        // Refused, unanswered or cut off: whether it took effect is unknown, and its number is not used again.
        return next + 1;
      }
      const at = now();
      this.#acknowledgedAt.set(next, at);
      this.#lastByNode.set(port, at);
      await delay(WRITE_PERIOD);
    }
  }

  /** A connection to the first node that a supervisor names and that says itself that it is the master. */
  async #findMaster(): Promise<Master | null> {
    const search = { isOver: false };
    const found = await Promise.race(this.#supervisors.map((one) => this.#askRepeatedly(one, search)));
    search.isOver = true;
    return found;
  }

  async #askRepeatedly({ host, port }: Endpoint, search: { isOver: boolean }): Promise<Master | null> {
    const supervisor = new RespClient(port, { host, ...this.#origin });
    try {
      for (;;) {
        const master = await this.#askOnce(supervisor);
        if (search.isOver) master?.connection.close();
        if (master !== null || search.isOver || this.#stopping.signal.aborted) return master;
        await delay(SEARCH_PERIOD);
      }
    } finally {
      supervisor.close();
    }
  }

  async #askOnce(supervisor: RespClient): Promise<Master | null> {
    let connection: RespConnection | null = null;
    try {
      const address = await supervisor.command('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', this.#masterName);
      if (!Array.isArray(address)) return null;
      const port = Number(address[1]);
      connection = await RespConnection.open(port, {
        host: String(address[0]),
        timeoutMillis: WRITE_LIMIT,
        ...this.#origin,
      });
      const role = await connection.command('ROLE');
      if (Array.isArray(role) && role[0] === 'master') return { port, connection };
    } catch {
      // The supervisor or the node does not answer: the next attempt is a few milliseconds away.
    }
    connection?.close();
    return null;
  }

  #keyOf(number: number): string {
    return `written:${this.#id}:${number}`;
  }
}

function endpointOf(address: Address): Endpoint {
  return typeof address === 'number' ? { host: LOOPBACK.address, port: address } : address;
}
