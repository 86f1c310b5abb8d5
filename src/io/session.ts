// One client connection of the Sentinel port: bytes in, commands executed in order, replies out in the same order.
//
// It knows nothing of commands; it is the `Client` they see. All that one turn of the event loop leads to leaves in one
// write. A client that does not read its replies is not read from, so it can hold back nobody but itself.

import type { Socket } from 'node:net';

import { DEFAULT_USER } from '../commands/acl/user.js';
import type { Client, ReplyMode, SubscriptionKind, Tracking } from '../commands/client.js';
import { Deferred, type LookedUp, NO_REPLY, type Outcome, Postponed, Replies } from '../commands/outcome.js';
import type { OutputBufferLimit } from '../config/server-settings.js';
import type { Ticket } from '../core/effect.js';
import type { Millis } from '../core/types.js';
import { ErrorReply, type Reply } from '../protocol/reply.js';
import { ReplyEncoder } from '../protocol/reply-encoder.js';
import { RespDecoder } from '../protocol/resp-decoder.js';
import type { RespVersion } from '../protocol/resp-encoder.js';
import { Pace } from './pace.js';
import { receiveFrom } from './receiving.js';
import {
  CLOSING_TIME,
  MAX_OWED_REPLIES,
  READ_AHEAD_BYTES,
  UNREAD_REPLIES_BYTES,
  WRITE_BYTES,
} from './server-limits.js';
import { ReplyQueue } from './server-reply-queue.js';
import type { Listener } from './subscriptions.js';
import type { Turning } from './turns.js';

/** For each class of clients that a Sentinel has. */
export type OutputBufferLimits = Readonly<Record<'normal' | 'pubsub', OutputBufferLimit>>;

/** What a session needs from the server it belongs to. */
export interface SessionOwner {
  /** How much may wait for a client that does not read. */
  readonly outputBufferLimits: OutputBufferLimits;
  now(): Millis;
  execute(session: Session, words: readonly string[], lookedUp: LookedUp | null, at: Millis): Outcome;
  /** Whether these words, just executed without an error, would be answered the same at once, and nothing else would come of them. */
  isRepeatable(words: readonly string[]): boolean;
  /** Such words were answered again. */
  countRepeated(): void;
  /** Looks up the name that a command was postponed for; calls back in a later turn of the event loop. */
  lookUp(host: string, answered: (ip: string | null) => void): void;
  /** The reply with this ticket is to be given to this session; null, or the reply if it is known already. */
  awaitReply(ticket: Ticket, session: Session): Reply | null;
  subscribe(kind: SubscriptionKind, name: string, session: Session): void;
  unsubscribe(kind: SubscriptionKind, name: string, session: Session): void;
  /** Calls `takeTurn`, and again in later turns of the event loop if there is not enough time in this one. `at` is now. */
  serve(session: Session, at: Millis): void;
  /** The session wants `flush` to be called once everything that has arrived by now has been executed. */
  flushSoon(session: Session): void;
  countReceived(bytes: number): void;
  countSent(bytes: number): void;
  /** The client speaks HTTP: a browser may have been lured here. */
  suspect(session: Session): void;
  closed(session: Session, reason: string): void;
}

const MILLIS_PER_SECOND = 1_000;

/** HTTP's first words. What a browser was lured into sending must not get a command through. */
const FOREIGN_PROTOCOL = new Set(['post', 'host:']);
const LONGEST_FOREIGN_WORD = 5;

export class Session implements Client, Listener, Turning {
  readonly id: number;
  readonly remoteAddress: string;
  readonly localAddress: string;
  readonly connectedAt: Millis;
  readonly channels = new Set<string>();
  readonly patterns = new Set<string>();
  name = '';
  libraryName = '';
  libraryVersion = '';
  protocol: RespVersion = 2;
  user = DEFAULT_USER;
  replyMode: ReplyMode = 'on';
  isExemptFromEviction = false;
  tracking: Tracking | null = null;
  lastCommand: string | null = null;
  lastInteractionAt: Millis;

  readonly #socket: Socket;
  readonly #owner: SessionOwner;
  readonly #decoder = new RespDecoder();
  readonly #encoder = new ReplyEncoder();
  readonly #replies = new ReplyQueue();
  readonly #pace: Pace;
  /** Since when no more commands are executed because the connection is to be closed; null while it is not. */
  #closingSince: Millis | null = null;
  #softLimitSince: Millis | null = null;
  /** What was asked last in this turn, if it would be answered the same again, and the answer. */
  #asked: readonly string[] | null = null;
  #answer = '';
  /** Commands may have arrived that are not executed yet, for want of time or because their replies would not be read. */
  #isInterrupted = false;
  /** Others are to be served before the next command is executed. */
  #isWaitingForTurn = false;
  /** A command waits for the address of a host, and all later ones wait for it. */
  #isHeldUp = false;
  #isClosed = false;
  #closeReason = 'closed by the client';

  /**
   * @param accepted has not been read from
   * @param unixPath the Unix socket by which the client came, a byte string; null if it came another way
   */
  constructor(id: number, accepted: Socket, unixPath: string | null, owner: SessionOwner) {
    this.id = id;
    const socket = receiveFrom(accepted, (bytes, length) => this.#receive(bytes, length));
    this.#socket = socket;
    this.#owner = owner;
    this.#pace = new Pace(owner.now);
    this.remoteAddress = formatAddress(unixPath ?? socket.remoteAddress, socket.remotePort);
    this.localAddress = formatAddress(unixPath ?? socket.localAddress, socket.localPort);
    this.connectedAt = owner.now();
    this.lastInteractionAt = this.connectedAt;
    socket.on('drain', () => this.#continue(owner.now()));
    // `close` follows, and is where the connection is taken leave of.
    socket.on('error', (error) => {
      this.#closeReason = error.message;
    });
    socket.on('close', () => this.#leave());
  }

  get isAuthenticated(): boolean {
    return this.#decoder.isAuthenticated;
  }

  set isAuthenticated(value: boolean) {
    this.#decoder.isAuthenticated = value;
  }

  get queryBufferBytes(): number {
    return this.#decoder.bufferedBytes;
  }

  get outputBufferBytes(): number {
    return this.#replies.readyBytes + this.#replies.heldBytes + this.#socket.writableLength;
  }

  get isListening(): boolean {
    return this.channels.size + this.patterns.size > 0;
  }

  subscribe(kind: SubscriptionKind, name: string): void {
    this.#namesOf(kind).add(name);
    this.#owner.subscribe(kind, name, this);
  }

  unsubscribe(kind: SubscriptionKind, name: string): void {
    if (this.#namesOf(kind).delete(name)) this.#owner.unsubscribe(kind, name, this);
  }

  closeAfterReplies(): void {
    this.#closingSince ??= this.#owner.now();
    this.#owner.flushSoon(this);
  }

  /** Closes the connection at once, whatever waits to be written. */
  destroy(reason: string): void {
    this.#closeReason = reason;
    this.#closingSince ??= this.#owner.now();
    this.#socket.destroy();
  }

  /** Takes a published message. It goes out in the order of the replies, after those that are owed. */
  hear(text: string): void {
    if (this.#closingSince !== null) return;
    this.#replies.append(text);
    if (!this.#isCutOff()) this.#owner.flushSoon(this);
  }

  /** Gives a reply that was owed. */
  resolve(ticket: Ticket, reply: Reply): void {
    this.#replies.resolve(ticket, (version) => this.#encoder.encode(reply, version));
    this.#owner.flushSoon(this);
  }

  /** Writes what is ready and goes on executing if that was held up. */
  flush(): void {
    this.#write();
    if (this.#closingSince !== null) this.#closeIfDone();
    else if (this.#isInterrupted) this.#continue(this.#owner.now());
  }

  takeTurn(at: Millis, until: Millis): boolean {
    this.#isWaitingForTurn = false;
    if (this.#isClosed || this.#isCongested) return true;
    this.#isInterrupted = false;
    if (this.#socket.isPaused()) this.#socket.resume();
    this.#isWaitingForTurn = !this.#executeUntil(at, until);
    return !this.#isWaitingForTurn;
  }

  /** Looks whether the client has been idle, slow, or closing for too long. `idleTimeout` 0 never is. */
  sweep(now: Millis, idleTimeout: Millis): void {
    if (this.#closingSince !== null) {
      if (now - this.#closingSince >= CLOSING_TIME) this.destroy('did not read its last replies');
      return;
    }
    const isIdle = idleTimeout > 0 && now - this.lastInteractionAt >= idleTimeout;
    if (isIdle && !this.isListening && !this.#isHeldUp && this.#replies.owed === 0) {
      this.destroy('idle for too long');
      return;
    }
    const { soft, softSeconds } = this.#outputBufferLimit;
    if (soft === 0 || this.outputBufferBytes < soft) {
      this.#softLimitSince = null;
      return;
    }
    this.#softLimitSince ??= now;
    if (now - this.#softLimitSince >= softSeconds * MILLIS_PER_SECOND)
      this.destroy('soft output buffer limit exceeded');
  }

  get #outputBufferLimit(): OutputBufferLimit {
    const { normal, pubsub } = this.#owner.outputBufferLimits;
    return this.isListening ? pubsub : normal;
  }

  /** Closes the connection if more waits for the client than it may. */
  #isCutOff(): boolean {
    const { hard } = this.#outputBufferLimit;
    if (hard === 0 || this.outputBufferBytes < hard) return false;
    this.destroy('output buffer limit exceeded');
    return true;
  }

  get #isCongested(): boolean {
    const { heldBytes, owed } = this.#replies;
    const isBehind = this.#socket.writableLength + heldBytes > UNREAD_REPLIES_BYTES || owed >= MAX_OWED_REPLIES;
    return isBehind || this.#isHeldUp;
  }

  #receive(bytes: Uint8Array, length: number): void {
    const at = this.#owner.now();
    this.lastInteractionAt = at;
    this.#owner.countReceived(length);
    if (this.#closingSince !== null) return;
    this.#decoder.feed(bytes, length);
    try {
      this.#continue(at);
    } finally {
      // The bytes are only lent, also when an embedding program's listener throws.
      this.#decoder.release();
    }
    if (this.#isInterrupted && this.#decoder.bufferedBytes >= READ_AHEAD_BYTES) this.#socket.pause();
  }

  #continue(at: Millis): void {
    if (!this.#isWaitingForTurn) this.#owner.serve(this, at);
  }

  /**
   * Executes what has arrived, until nothing is left, the client is to be closed, or it has to read first; returns false when the
   * time was over before.
   */
  #executeUntil(begunAt: Millis, until: Millis): boolean {
    let at = begunAt;
    let isInTime = true;
    // Since the last turn everything may have changed.
    this.#asked = null;
    while (this.#closingSince === null) {
      if (this.#replies.readyBytes >= WRITE_BYTES) this.#write();
      isInTime = this.#decoder.bufferedBytes === 0 || at < until;
      if (this.#isCongested || !isInTime) {
        this.#isInterrupted = true;
        break;
      }
      const words = this.#decoder.next();
      if (words === null) {
        this.#checkProtocol();
        break;
      }
      if (words === this.#asked) this.#answerAgain();
      else this.#execute(words, null, at);
      if (this.#isCutOff()) return true;
      at = this.#pace.after(words, at);
    }
    if (this.#replies.readyBytes > 0) this.#owner.flushSoon(this);
    return isInTime || this.#isCongested;
  }

  #checkProtocol(): void {
    const { failure } = this.#decoder;
    if (failure === null) return;
    this.#closeReason = failure;
    if (this.replyMode !== 'off') this.#reply(new ErrorReply(failure));
    this.closeAfterReplies();
  }

  /** Nothing has happened since: all of a turn's commands of one client are executed in one go. */
  #answerAgain(): void {
    this.#owner.countRepeated();
    this.#replies.append(this.#answer);
  }

  #execute(words: readonly string[], lookedUp: LookedUp | null, at: Millis): void {
    this.#asked = null;
    if (isForeign(words[0] ?? '')) {
      this.#owner.suspect(this);
      this.destroy('it speaks HTTP');
      return;
    }
    if (this.replyMode === 'skip-next') this.replyMode = 'skip';
    const outcome = this.#owner.execute(this, words, lookedUp, at);
    if (outcome instanceof Postponed) {
      const { host } = outcome;
      this.#isHeldUp = true;
      this.#owner.lookUp(host, (ip) => this.#executeAgain(words, { host, ip }));
      return;
    }
    if (this.replyMode === 'skip') this.replyMode = 'on';
    else if (this.replyMode === 'on') this.#deliver(outcome, words);
  }

  /** Also when the client has left meanwhile: a command that has arrived is executed. */
  #executeAgain(words: readonly string[], lookedUp: LookedUp): void {
    this.#isHeldUp = false;
    const at = this.#owner.now();
    this.#execute(words, lookedUp, at);
    this.#continue(at);
  }

  #deliver(outcome: Exclude<Outcome, Postponed>, words: readonly string[]): void {
    if (outcome === NO_REPLY) return;
    if (outcome instanceof Deferred) {
      const known = this.#owner.awaitReply(outcome.ticket, this);
      if (known === null) this.#replies.defer(outcome.ticket, this.protocol);
      else this.#reply(known);
    } else if (outcome instanceof Replies) {
      for (const reply of outcome.all) this.#reply(reply);
    } else {
      this.#answer = this.#reply(outcome);
      if (!(outcome instanceof ErrorReply) && this.#owner.isRepeatable(words)) this.#asked = words;
    }
  }

  #reply(reply: Reply): string {
    const text = this.#encoder.encode(reply, this.protocol);
    this.#replies.append(text);
    return text;
  }

  #write(): void {
    if (this.#replies.readyBytes === 0 || !this.#socket.writable) return;
    const text = this.#replies.take();
    this.#owner.countSent(text.length);
    this.#socket.write(text, 'latin1');
  }

  #closeIfDone(): void {
    if (this.#replies.owed === 0) this.#socket.destroySoon();
  }

  #leave(): void {
    this.#isClosed = true;
    for (const name of this.channels) this.#owner.unsubscribe('channel', name, this);
    for (const name of this.patterns) this.#owner.unsubscribe('pattern', name, this);
    this.#owner.closed(this, this.#closeReason);
  }

  #namesOf(kind: SubscriptionKind): Set<string> {
    return kind === 'channel' ? this.channels : this.patterns;
  }
}

/** Asked for every command: a length is compared sooner than a word is put into lower case. */
function isForeign(word: string): boolean {
  return word.length <= LONGEST_FOREIGN_WORD && FOREIGN_PROTOCOL.has(word.toLowerCase());
}

/** `ip:port` with brackets around an IPv6 address; `?:0` once the other end is gone, and `/path:0` on a Unix socket, as in Redis. */
function formatAddress(host: string | undefined, port: number | undefined): string {
  if (host === undefined) return '?:0';
  return host.includes(':') && !host.startsWith('/') ? `[${host}]:${port ?? 0}` : `${host}:${port ?? 0}`;
}
