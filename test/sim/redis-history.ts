// The replication history of a simulated Redis server: who it is (replication ids), how far it has come (offset), what it can
// still repeat (backlog), and the data set that results. Pure bookkeeping; connections are the business of others.
//
// The data set is the list of writes in order. That is all it takes to tell afterwards which acknowledged writes were lost.

import type { Random } from '../../src/core/random.js';
import type { StreamItem } from './wire.js';

export const NO_REPLICATION_ID = '0'.repeat(40);
const REPLICATION_ID_DIGITS = 40;

export class RedisHistory {
  replicationId: string;
  secondReplicationId = NO_REPLICATION_ID;
  /** Up to which offset the second id is good; −1 without one. */
  secondOffset = -1;
  offset = 0;
  writes: number[] = [];
  readonly #random: Random;
  readonly #backlogBytes: number;
  #backlog: StreamItem[] = [];
  /** The offset before the first byte of the backlog. */
  #backlogStart = 0;

  constructor(random: Random, backlogBytes: number) {
    this.#random = random;
    this.#backlogBytes = backlogBytes;
    this.replicationId = random.hex(REPLICATION_ID_DIGITS);
  }

  get backlogStart(): number {
    return this.#backlogStart;
  }

  /** A master's own addition to the stream. */
  add(bytes: number, content: StreamItem['content']): StreamItem {
    const item = { end: this.offset + bytes, bytes, content };
    this.apply(item);
    return item;
  }

  /** An element of the stream, our own or our master's. */
  apply(item: StreamItem): void {
    this.offset = item.end;
    if (item.content.kind === 'write') this.writes.push(item.content.id);
    this.#backlog.push(item);
    this.#trim();
  }

  /** Whether a replica that has `offset` of the history `replicationId` can simply be sent the rest. */
  canContinue(replicationId: string, offset: number): boolean {
    const isOurs = replicationId === this.replicationId;
    const isOurPast = replicationId === this.secondReplicationId && offset + 1 <= this.secondOffset;
    return (isOurs || isOurPast) && offset >= this.#backlogStart && offset <= this.offset;
  }

  /** What follows `offset`, for a replica that can continue from there. */
  since(offset: number): StreamItem[] {
    return this.#backlog.filter((item) => item.end > offset);
  }

  /** A replica becomes a master: a new history that continues the old one. */
  branch(): void {
    this.secondReplicationId = this.replicationId;
    this.secondOffset = this.offset + 1;
    this.replicationId = this.#random.hex(REPLICATION_ID_DIGITS);
  }

  /** Our master goes on under a new id. Returns whether that is news. */
  continueAs(replicationId: string): boolean {
    if (replicationId === this.replicationId) return false;
    this.secondReplicationId = this.replicationId;
    this.secondOffset = this.offset + 1;
    this.replicationId = replicationId;
    return true;
  }

  /** A full resynchronisation: everything of our own is replaced. */
  replace(replicationId: string, offset: number, writes: readonly number[]): void {
    this.replicationId = replicationId;
    this.secondReplicationId = NO_REPLICATION_ID;
    this.secondOffset = -1;
    this.offset = offset;
    this.writes = [...writes];
    this.#backlog = [];
    this.#backlogStart = offset;
  }

  #trim(): void {
    let excess = this.offset - this.#backlogStart - this.#backlogBytes;
    let count = 0;
    for (const item of this.#backlog) {
      if (excess <= 0) break;
      excess -= item.bytes;
      this.#backlogStart = item.end;
      count++;
    }
    if (count > 0) this.#backlog.splice(0, count);
  }
}
