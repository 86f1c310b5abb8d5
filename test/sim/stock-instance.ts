// What a modelled stock Sentinel keeps of one server or one other Sentinel: two connections, the clocks of its PINGs, and what
// it reported last. No shared links: that changes the number of connections, not what is decided.

import { type Address, HELLO_CHANNEL, type Millis } from '../../src/core/types.js';
import type { InfoReport } from '../../src/protocol/info.js';
import { ErrorReply, type Reply, SimpleString } from '../../src/protocol/reply.js';
import type { Pipe, PipeListener } from './pipe.js';
import type { StockSentinel } from './stock-sentinel.js';
import type { Command } from './wire.js';

export type StockKind = 'master' | 'replica' | 'sentinel';

/** How far a replica has come in following a new master. */
export type StockReconfiguration = 'none' | 'sent' | 'in-progress' | 'done';

const PING_PERIOD: Millis = 1_000;
const PUBLISH_PERIOD: Millis = 2_000;
const LEAST_CONNECTION_AGE: Millis = 15_000;

export class StockInstance {
  readonly kind: StockKind;
  readonly address: Address;
  runId = '';
  info: InfoReport | null = null;
  infoAt: Millis = 0;
  roleReported: 'master' | 'slave';
  roleReportedAt: Millis;
  followsSince: Millis;
  downSince: Millis | null = null;
  reconfiguration: StockReconfiguration = 'none';
  reconfigurationSentAt: Millis = 0;
  // Another Sentinel's answer to "is the master down?", and its vote.
  saysDown = false;
  answeredAt: Millis = 0;
  vote: { readonly leader: string; readonly epoch: number } | null = null;
  lastAvailableAt: Millis;
  helloAt: Millis;
  readonly #owner: StockSentinel;
  #commands: Pipe | null = null;
  #messages: Pipe | null = null;
  #triedAt: Millis = Number.NEGATIVE_INFINITY;
  #connectedAt: Millis = 0;
  #unansweredPingAt: Millis | null = null;
  #pingSentAt: Millis = 0;
  #pongAt: Millis;

  constructor(owner: StockSentinel, kind: StockKind, address: Address) {
    const { now } = owner;
    this.#owner = owner;
    this.kind = kind;
    this.address = address;
    this.roleReported = kind === 'replica' ? 'slave' : 'master';
    this.roleReportedAt = now;
    this.followsSince = now;
    this.lastAvailableAt = now;
    this.helloAt = now;
    this.#pongAt = now;
  }

  get isConnected(): boolean {
    return this.#commands?.isOpen === true && (this.kind === 'sentinel' || this.#messages !== null);
  }

  /** How long it has been silent: since the first unanswered PING, or since the connection broke. */
  get silence(): Millis {
    if (this.#unansweredPingAt !== null) return this.#owner.now - this.#unansweredPingAt;
    return this.isConnected ? 0 : this.#owner.now - this.lastAvailableAt;
  }

  /** Once in a timer's turn: connects again, drops a connection that is stuck, sends what is due. */
  attend(downAfter: Millis, infoPeriod: Millis, hello: () => string): void {
    const { now } = this.#owner;
    this.#reconnect();
    if (this.#isStuck(downAfter)) this.#drop();
    if (!this.isConnected) return;
    if (this.kind !== 'sentinel' && now - this.infoAt > infoPeriod)
      this.ask(['INFO'], (reply) => this.#owner.informed(this, reply));
    const period = Math.min(PING_PERIOD, downAfter);
    if (now - this.#pongAt > period && now - this.#pingSentAt > period / 2) this.#ping();
    if (now - this.helloAt > PUBLISH_PERIOD) {
      this.helloAt = now;
      this.ask(['PUBLISH', HELLO_CHANNEL, hello()], () => undefined);
    }
  }

  ask(command: Command, answered: (reply: Reply) => void): void {
    const pipe = this.#commands;
    if (pipe === null || !pipe.isOpen) return;
    pipe.send([command], ([reply = null]) => answered(reply));
    pipe.flush();
  }

  /** Several commands in one write, their answers ignored: their effect is looked for in INFO. */
  tell(commands: readonly Command[]): boolean {
    const pipe = this.#commands;
    if (pipe === null || !pipe.isOpen) return false;
    pipe.send(commands, () => undefined);
    pipe.flush();
    return true;
  }

  forget(): void {
    this.#commands?.close();
    this.#messages?.close();
    this.#commands = null;
    this.#messages = null;
  }

  #reconnect(): void {
    const { now } = this.#owner;
    const isWhole = this.#commands !== null && (this.kind === 'sentinel' || this.#messages !== null);
    if (isWhole || now - this.#triedAt < PING_PERIOD) return;
    this.#triedAt = now;
    if (this.#commands === null) {
      this.#connectedAt = now;
      this.#commands = this.#open((pipe) => this.#ping(pipe));
    }
    if (this.kind === 'sentinel' || this.#messages !== null) return;
    this.#messages = this.#open((pipe) => {
      pipe.send([['SUBSCRIBE', HELLO_CHANNEL]], () => undefined);
      pipe.flush();
    });
  }

  #open(opened: (pipe: Pipe) => void): Pipe {
    const listener: PipeListener = {
      opened: () => opened(pipe),
      closed: () => {
        if (this.#commands === pipe) this.#commands = null;
        if (this.#messages === pipe) this.#messages = null;
      },
      message: (_channel, payload) => this.#owner.heard(payload),
    };
    const pipe: Pipe = this.#owner.connect(this.address, listener);
    return pipe;
  }

  #isStuck(downAfter: Millis): boolean {
    const { now } = this.#owner;
    if (this.#commands === null || this.#unansweredPingAt === null) return false;
    const isOld = now - this.#connectedAt > LEAST_CONNECTION_AGE;
    return isOld && now - this.#unansweredPingAt > downAfter / 2 && now - this.#pongAt > downAfter / 2;
  }

  #drop(): void {
    this.#commands?.close();
    this.#commands = null;
  }

  #ping(pipe: Pipe | null = this.#commands): void {
    if (pipe === null) return;
    const { now } = this.#owner;
    this.#pingSentAt = now;
    this.#unansweredPingAt ??= now;
    pipe.send([['PING']], ([reply = null]) => this.#ponged(reply));
    pipe.flush();
  }

  #ponged(reply: Reply): void {
    const { now } = this.#owner;
    const text = reply instanceof SimpleString ? reply.value : reply instanceof ErrorReply ? reply.message : '';
    this.#pongAt = now;
    if (!/^(PONG|LOADING|MASTERDOWN)/.test(text)) return;
    this.lastAvailableAt = now;
    this.#unansweredPingAt = null;
  }
}
