// One client of a simulated Sentinel's port: the real commands run for it, and its replies leave in the order of its commands,
// those that wait for the disk holding up the ones behind them.

import type { Client, ReplyMode, SubscriptionKind, Tracking } from '../../src/commands/client.js';
import { Deferred, NO_REPLY, type Outcome, Postponed, Replies } from '../../src/commands/outcome.js';
import type { Ticket } from '../../src/core/effect.js';
import type { Millis } from '../../src/core/types.js';
import type { Reply } from '../../src/protocol/reply.js';
import type { End, EndHandlers } from './network.js';
import type { Command, Frame } from './wire.js';

export interface SessionOwner {
  now(): Millis;
  /** Runs the command; `prepared` gets its outcome before anything that follows from it is performed. */
  execute(session: SentinelSession, words: Command, prepared: (outcome: Outcome) => void): void;
  awaitReply(ticket: Ticket, give: (reply: Reply) => void): void;
  /** A reply leaves the process. */
  spoken(session: SentinelSession, words: Command, reply: Reply): void;
  closed(session: SentinelSession): void;
}

interface Owed {
  readonly words: Command;
  replies: readonly Reply[] | null;
}

export class SentinelSession implements Client, EndHandlers {
  readonly id: number;
  name = '';
  libraryName = '';
  libraryVersion = '';
  protocol: 2 | 3 = 2;
  user = 'default';
  isAuthenticated: boolean;
  replyMode: ReplyMode = 'on';
  isExemptFromEviction = false;
  tracking: Tracking | null = null;
  lastCommand: string | null = null;
  readonly remoteAddress: string;
  readonly localAddress: string;
  readonly connectedAt: Millis;
  lastInteractionAt: Millis;
  readonly channels = new Set<string>();
  readonly patterns = new Set<string>();
  readonly queryBufferBytes = 0;
  readonly outputBufferBytes = 0;
  readonly #end: End;
  readonly #owner: SessionOwner;
  readonly #owed: Owed[] = [];
  #isClosing = false;

  constructor(id: number, end: End, owner: SessionOwner, isAuthenticated: boolean) {
    this.id = id;
    this.#end = end;
    this.#owner = owner;
    this.isAuthenticated = isAuthenticated;
    this.remoteAddress = `${end.remote.host}:0`;
    this.localAddress = `${end.localHost}:0`;
    this.connectedAt = owner.now();
    this.lastInteractionAt = this.connectedAt;
  }

  /** Replies that are owed because they wait for the disk. */
  get owedReplies(): number {
    return this.#owed.length;
  }

  subscribe(kind: SubscriptionKind, name: string): void {
    this.#namesOf(kind).add(name);
  }

  unsubscribe(kind: SubscriptionKind, name: string): void {
    this.#namesOf(kind).delete(name);
  }

  closeAfterReplies(): void {
    this.#isClosing = true;
  }

  /** Closes the connection at once. */
  destroy(): void {
    this.#end.close();
    this.#owner.closed(this);
  }

  received(frame: Frame): void {
    if (frame.kind !== 'commands') throw new Error(`a Sentinel got ${frame.kind}`);
    this.lastInteractionAt = this.#owner.now();
    for (const words of frame.commands) {
      if (!this.#end.isOpen || this.#isClosing) return;
      this.#owner.execute(this, words, (outcome) => this.#note(words, outcome));
    }
    this.flush();
  }

  closed(): void {
    this.#owner.closed(this);
  }

  hear(channel: string, payload: string): void {
    this.#end.send({ kind: 'message', channel, payload });
  }

  /** Sends the replies that are known, up to the first that is not. */
  flush(): void {
    if (!this.#end.isOpen) return;
    const ready: Reply[] = [];
    while (this.#owed[0] !== undefined && this.#owed[0].replies !== null) {
      const { words, replies } = this.#owed[0];
      this.#owed.shift();
      for (const reply of replies) {
        this.#owner.spoken(this, words, reply);
        ready.push(reply);
      }
    }
    if (ready.length > 0) this.#end.send({ kind: 'replies', replies: ready });
    if (this.#isClosing && this.#owed.length === 0) this.destroy();
  }

  #note(words: Command, outcome: Outcome): void {
    if (outcome === NO_REPLY) return;
    if (outcome instanceof Postponed) throw new Error(`no names are served here: ${outcome.host}`);
    if (outcome instanceof Deferred) {
      const owed: Owed = { words, replies: null };
      this.#owed.push(owed);
      this.#owner.awaitReply(outcome.ticket, (reply) => {
        owed.replies = [reply];
        this.flush();
      });
      return;
    }
    this.#owed.push({ words, replies: outcome instanceof Replies ? outcome.all : [outcome] });
  }

  #namesOf(kind: SubscriptionKind): Set<string> {
    return kind === 'channel' ? this.channels : this.patterns;
  }
}
