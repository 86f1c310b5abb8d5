// What the core wants done, in order, and the replies to clients that must not be given before the disk has answered.

import type { Reply } from '../protocol/reply.js';
import type { Durability } from './durability.js';
import type { Effect, Ticket } from './effect.js';
import type { Millis } from './types.js';

export interface DeferredReply {
  /** Given once the disk has the version below. */
  readonly saved: Reply;
  /** That of everything changed so far unless given: what the reply tells may be older, and on disk already. */
  readonly version?: number;
  /** Given instead when a save fails; without it the reply keeps waiting for a save that succeeds. */
  readonly failed?: Reply;
  /** Given instead at this moment if the save is still not done. */
  readonly expiry?: { readonly at: Millis; readonly reply: Reply };
}

interface Waiting extends DeferredReply {
  readonly ticket: Ticket;
  readonly version: number;
}

export class Outbox {
  readonly #durability: Durability;
  #effects: Effect[] = [];
  #waiting: Waiting[] = [];
  #nextTicket = 1;

  constructor(durability: Durability) {
    this.#durability = durability;
  }

  push(effect: Effect): void {
    this.#effects.push(effect);
  }

  /** Promises a client a reply for later; a `reply` effect with this ticket follows exactly once. */
  deferReply(reply: DeferredReply): Ticket {
    const ticket = this.#nextTicket++;
    const version = reply.version ?? this.#durability.version;
    this.#durability.hasten(version);
    this.#waiting.push({ ...reply, ticket, version });
    return ticket;
  }

  /** Gives the replies whose save is done, or whose time is over. */
  settle(now: Millis): void {
    if (this.#waiting.length === 0) return;
    const still: Waiting[] = [];
    for (const waiting of this.#waiting) {
      const { ticket, version, saved, expiry } = waiting;
      if (this.#durability.saved >= version) {
        this.push({ kind: 'reply', ticket, reply: saved });
      } else if (expiry !== undefined && now >= expiry.at) {
        this.push({ kind: 'reply', ticket, reply: expiry.reply });
      } else {
        still.push(waiting);
      }
    }
    this.#waiting = still;
  }

  /** A save failed: whoever has an answer for that case gets it now. */
  saveFailed(): void {
    const still: Waiting[] = [];
    for (const waiting of this.#waiting) {
      if (waiting.failed === undefined) still.push(waiting);
      else this.push({ kind: 'reply', ticket: waiting.ticket, reply: waiting.failed });
    }
    this.#waiting = still;
  }

  get dueAt(): Millis {
    let earliest = Number.POSITIVE_INFINITY;
    for (const { expiry } of this.#waiting) {
      if (expiry !== undefined && expiry.at < earliest) earliest = expiry.at;
    }
    return earliest;
  }

  drain(): readonly Effect[] {
    if (this.#effects.length === 0) return NOTHING;
    const effects = this.#effects;
    this.#effects = [];
    return effects;
  }
}

const NOTHING: readonly Effect[] = [];
