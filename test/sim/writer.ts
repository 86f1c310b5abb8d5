// A simulated application: finds the master through the Sentinels, writes to it, and remembers what was acknowledged.
//
// It behaves as client libraries do: one write at a time, a time limit for each, and a new look-up after every failure.

import type { Address, Millis } from '../../src/core/types.js';
import { ErrorReply, type Reply, SimpleString } from '../../src/protocol/reply.js';
import type { Agenda } from './agenda.js';
import type { Machine, Network } from './network.js';
import { Pipe } from './pipe.js';
import { Process } from './process.js';
import type { Dice } from './seed.js';
import type { Command } from './wire.js';

export interface WriterOptions {
  readonly name: string;
  readonly machine: Machine;
  readonly masterName: string;
  readonly sentinels: readonly Address[];
  readonly password: string | null;
  /** Between the answer to one write and the next. */
  readonly period: Millis;
}

export interface WriterWorld {
  readonly agenda: Agenda;
  readonly network: Network;
  readonly dice: Dice;
  /** A number that no other write has. */
  nextWrite(): number;
}

export interface Acknowledged {
  readonly id: number;
  readonly at: Millis;
}

const TIME_LIMIT: Millis = 500;
const RETRY: Millis = 50;

export class Writer extends Process {
  readonly acknowledged: Acknowledged[] = [];
  /** The longest time between two acknowledgements. */
  longestGap: Millis = 0;
  readonly #options: WriterOptions;
  readonly #world: WriterWorld;
  #pipe: Pipe | null = null;
  #isFinished: boolean;

  constructor(options: WriterOptions, world: WriterWorld) {
    super(options.name, options.machine, world.agenda);
    this.#options = options;
    this.#world = world;
    this.#isFinished = false;
  }

  get masterName(): string {
    return this.#options.masterName;
  }

  get lastAcknowledgedAt(): Millis {
    return this.acknowledged.at(-1)?.at ?? 0;
  }

  /** Writes no more. */
  finish(): void {
    this.#isFinished = true;
    this.#pipe?.close();
  }

  protected started(): void {
    this.#lookUp();
  }

  protected died(): void {
    this.#pipe = null;
  }

  /** Asks one Sentinel after the other where the master is. */
  #lookUp(): void {
    if (this.#isFinished) return;
    const sentinel = this.#world.dice.pick(this.#options.sentinels);
    this.#open(sentinel, false, (pipe) => {
      this.#ask(pipe, ['SENTINEL', 'GET-MASTER-ADDR-BY-NAME', this.#options.masterName], (reply) => {
        pipe.close();
        const [host, port] = Array.isArray(reply) ? reply : [];
        if (typeof host === 'string') this.#connect({ host, port: Number(port) });
        else this.#tryAgain();
      });
    });
  }

  #connect(master: Address): void {
    this.#open(master, true, (pipe) => this.#write(pipe));
  }

  #write(pipe: Pipe): void {
    if (this.#isFinished) return;
    const id = this.#world.nextWrite();
    this.#ask(pipe, ['SET', 'key', String(id)], (reply) => {
      if (reply instanceof SimpleString) {
        this.#acknowledge(id);
        this.later(this.#options.period, () => {
          if (this.#pipe === pipe && pipe.isOpen) this.#write(pipe);
        });
        return;
      }
      pipe.close();
      this.#tryAgain();
    });
  }

  #acknowledge(id: number): void {
    const at = this.agenda.now;
    if (this.acknowledged.length > 0) this.longestGap = Math.max(this.longestGap, at - this.lastAcknowledgedAt);
    this.acknowledged.push({ id, at });
  }

  #open(address: Address, isDataNode: boolean, opened: (pipe: Pipe) => void): void {
    const { password } = this.#options;
    const credentials = isDataNode && password !== null ? { user: null, password } : null;
    const options = { address, credentials, clientName: this.name, wantsResp3: false };
    const pipe: Pipe = new Pipe(this, this.#world.network, options, {
      opened: () => opened(pipe),
      closed: () => {
        if (this.#pipe === pipe) this.#tryAgain();
      },
      message: () => undefined,
    });
    this.#pipe = pipe;
  }

  #ask(pipe: Pipe, command: Command, answered: (reply: Reply) => void): void {
    const limit = this.later(TIME_LIMIT, () => {
      if (this.#pipe !== pipe) return;
      pipe.close();
      this.#tryAgain();
    });
    pipe.send([command], ([reply]) => {
      limit.cancel();
      answered(reply ?? new ErrorReply('ERR no reply'));
    });
    pipe.flush();
  }

  #tryAgain(): void {
    this.#pipe = null;
    this.later(this.#world.dice.between(RETRY, 2 * RETRY), () => this.#lookUp());
  }
}
