// The replica's side of replication: the connection of a simulated Redis server to its master.
//
// It connects at once and then whenever the server's cron comes round, asks to continue where it stopped, and falls back to a
// full resynchronisation. What it has of its former master's history stays good until the whole data set is replaced.

import type { Address, Millis } from '../../src/core/types.js';
import { ErrorReply, type Reply, SimpleString } from '../../src/protocol/reply.js';
import type { End } from './network.js';
import type { RedisNode } from './redis-node.js';
import type { Frame, StreamItem } from './wire.js';

export type UpstreamState = 'connect' | 'connecting' | 'handshake' | 'transfer' | 'loading' | 'connected';

/** `repl-timeout`. */
const REPLICATION_TIMEOUT: Millis = 60_000;

export class RedisUpstream {
  readonly address: Address;
  state: UpstreamState = 'connect';
  /** Whether history and offset are good for continuing with a master; false for a server that never synchronised. */
  isCached: boolean;
  /** Since when the link has been broken; null while it is up, or if it never was. */
  downSince: Millis | null = null;
  lastIoAt: Millis | null = null;
  readonly #node: RedisNode;
  #end: End | null = null;
  #early: StreamItem[] = [];

  constructor(node: RedisNode, address: Address, isCached: boolean, downSince: Millis | null) {
    this.#node = node;
    this.address = address;
    this.isCached = isCached;
    this.downSince = downSince;
  }

  get isUp(): boolean {
    return this.state === 'connected';
  }

  connect(): void {
    this.state = 'connecting';
    this.lastIoAt = this.#node.now;
    this.#end = this.#node.connectTo(this.address, {
      opened: () => this.#shakeHands(),
      received: (frame) => this.#received(frame),
      closed: () => this.#lost(),
    });
  }

  /** Once a second: connect again, acknowledge, give up on a silent master. */
  cron(): void {
    if (this.#node.isLoading) return;
    if (this.state === 'connect') {
      this.connect();
    } else if (this.#node.now - (this.lastIoAt ?? 0) > REPLICATION_TIMEOUT) {
      this.#end?.close();
      this.#lost();
    } else if (this.isUp) {
      this.acknowledge();
    }
  }

  acknowledge(): void {
    this.#end?.send({ kind: 'acknowledgement', offset: this.#node.history.offset });
  }

  /** The server follows somebody else from now on, or nobody. */
  abandon(): void {
    this.#end?.close();
    this.#end = null;
    if (this.isUp) this.downSince = this.#node.now;
    this.state = 'connect';
  }

  #shakeHands(): void {
    this.state = 'handshake';
    const { history, options } = this.#node;
    const where = this.isCached ? [history.replicationId, String(history.offset + 1)] : ['?', '-1'];
    const commands = [
      ['REPLCONF', 'listening-port', String(options.address.port)],
      ['PSYNC', ...where],
    ];
    if (options.password !== null) commands.unshift(['AUTH', options.password]);
    this.#end?.send({ kind: 'commands', commands });
  }

  #received(frame: Frame): void {
    this.lastIoAt = this.#node.now;
    switch (frame.kind) {
      case 'replies':
        for (const reply of frame.replies) this.#answered(reply);
        return;
      case 'snapshot':
        this.#load(frame);
        return;
      case 'stream':
        if (this.state === 'connected') this.#node.follow(frame.items);
        else this.#early.push(...frame.items);
        return;
      default:
        throw new Error(`a replica got ${frame.kind}`);
    }
  }

  #answered(reply: Reply): void {
    if (this.state !== 'handshake') return;
    if (reply instanceof ErrorReply) {
      this.#end?.close();
      this.#lost();
      return;
    }
    if (!(reply instanceof SimpleString)) return;
    const [word, replicationId] = reply.value.split(' ');
    if (word === 'CONTINUE' && replicationId !== undefined) {
      if (this.#node.history.continueAs(replicationId)) this.#node.dropFollowers();
      this.#established();
    } else if (word === 'FULLRESYNC') {
      this.state = 'transfer';
    }
  }

  /** The data set is complete once it has arrived: it is loaded even if the connection breaks meanwhile. */
  #load(snapshot: Frame & { kind: 'snapshot' }): void {
    const node = this.#node;
    const end = this.#end;
    this.state = 'loading';
    this.isCached = false;
    node.dropFollowers();
    node.startLoading(() => {
      node.history.replace(snapshot.replicationId, snapshot.offset, snapshot.writes);
      this.isCached = true;
      if (this.#end === null || this.#end !== end) {
        this.downSince = node.now;
        return;
      }
      this.#established();
      node.follow(this.#early.splice(0));
    });
  }

  #established(): void {
    this.state = 'connected';
    this.isCached = true;
    this.downSince = null;
    this.#node.trace('link-up', `${this.address.host}:${this.address.port} offset ${this.#node.history.offset}`);
    this.acknowledge();
  }

  #lost(): void {
    const wasUp = this.isUp;
    this.#end = null;
    this.#early = [];
    this.state = 'connect';
    if (!wasUp) return;
    this.downSince = this.#node.now;
    this.connect();
  }
}
