// One TCP connection to one Redis node or Sentinel, with ioredis 6 as a dumb pipe.
//
// ioredis contributes the socket handling, the pairing of replies with commands, the decoder and Pub/Sub in both protocol
// versions. Everything that it would decide by itself is switched off: it never reconnects, queues, resends, resubscribes,
// checks readiness or greets. The greeting is ours, because a refused AUTH or CLIENT SETNAME must not break a link that works.
// Commands bypass ioredis's promises: replies arrive in the very turn in which they were read.

import { connect as connectSocket, isIP, type Socket } from 'node:net';
import { connect as connectTls, type SecureContext } from 'node:tls';
import type { Command } from 'ioredis';

import type { Credentials, GreetingWords, Millis } from '../core/types.js';
import { ErrorReply, type Reply } from '../protocol/reply.js';
import { now } from './clock.js';
import { FrameGuard } from './frame-guard.js';
import { AbstractConnector, Redis } from './ioredis.js';
import { breakOnBadReplies, outside } from './reply-handling.js';

/**
 * For connecting and greeting together. More than a second, because that is when the kernel repeats a lost SYN: one lost packet
 * must not cost an attempt. Not much more, because a host that swallows packets would hold up the next attempt.
 */
export const CONNECT_TIMEOUT: Millis = 1_500;
/** An idle connection whose host has vanished without a word ends after this and ten probes a second apart. */
const KEEP_ALIVE_AFTER: Millis = 5_000;
/** Commands without an answer: ten seconds of a link to a peer that is shared by a thousand masters. The core sends less. */
const MAX_UNANSWERED = 20_000;
/** Bytes that the kernel does not take: the other end has stopped reading long ago. */
const MAX_UNSENT_BYTES = 4 * 1024 * 1024;

/**
 * What comes within a second beyond the answers to commands: messages. Real ones are a few for each Sentinel and master; a node that
 * sends without end would take all our time, however small each message is.
 */
const MAX_MESSAGES_A_SECOND = 5_000;
const SECOND: Millis = 1_000;

export interface ConnectionOptions {
  /** An IP address: names are resolved by others, so that the thread pool's resolver is never used here. */
  readonly host: string;
  readonly port: number;
  readonly credentials: Credentials | null;
  readonly words: GreetingWords;
  readonly clientName: string;
  /** Ask for RESP3, which carries commands and messages on one connection. */
  readonly wantsResp3: boolean;
  /** The certificates of a connection with TLS; null for one without. */
  readonly secureContext: SecureContext | null;
}

/** None of these is called from within a call of ours, and none after `closed` or after our own `close()`. */
export interface ConnectionListener {
  /** Greeted and ready. `localHost` is the IP address of our own end. */
  opened(localHost: string): void;
  closed(reason: string, refused: boolean): void;
  message(channel: string, payload: string): void;
  /** AUTH was answered with an error. The connection goes on as the default user. */
  loginRefused(message: string): void;
}

export class Connection {
  readonly #redis: Redis;
  readonly #options: ConnectionOptions;
  readonly #listener: ConnectionListener;
  readonly #deadline: NodeJS.Timeout;
  /** Where ioredis writes commands to: they leave with the next `flush()`, as one text. */
  readonly #unsent = new Gathering();
  #isClosed: boolean = false;
  #unanswered = 0;
  #messages = 0;
  #messagesSince: Millis = 0;
  #failure: { readonly reason: string; readonly refused: boolean } | null = null;

  /** Starts to connect at once. Yields `opened` or `closed`. */
  constructor(options: ConnectionOptions, listener: ConnectionListener) {
    this.#options = options;
    this.#listener = listener;
    this.#redis = new Redis({
      host: options.host,
      port: options.port,
      Connector: SocketConnector,
      lazyConnect: true,
      protocol: 2,
      disableClientInfo: true,
      enableReadyCheck: false,
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      retryStrategy: () => null,
      autoResubscribe: false,
      autoResendUnfulfilledCommands: false,
      connectTimeout: 0,
      keepAlive: KEEP_ALIVE_AFTER,
      noDelay: true,
      ...(options.secureContext === null ? {} : { tls: { secureContext: options.secureContext } }),
    });
    breakOnBadReplies(this.#redis);
    this.#deadline = setTimeout(() => this.#fail('connecting timed out'), CONNECT_TIMEOUT);
    this.#listen();
    // The events `error` and `end` tell the same story, so the promise has nothing to add.
    this.#redis.connect().catch(() => undefined);
  }

  /** Whether the other end speaks RESP3; known once the connection has opened. */
  get hasResp3(): boolean {
    return this.#redis.condition?.protocol === 3;
  }

  /**
   * Queues the commands, whose words are byte strings, for the next `flush()`. `answered` gets one reply for each of them, in
   * order; it is not called when the connection ends first.
   */
  send(commands: readonly (readonly string[])[], answered: (replies: Reply[]) => void): void {
    this.#write(commands, null, answered);
  }

  /** The same for SUBSCRIBE, by whatever name the other end knows it. */
  subscribe(commands: readonly (readonly string[])[], answered: (replies: Reply[]) => void): void {
    this.#write(commands, 'subscribe', answered);
  }

  /** Writes everything queued since the last call in one go. */
  flush(): void {
    const text = this.#unsent.take();
    if (text !== '' && !this.#isClosed && this.#redis.stream.writable) this.#redis.stream.write(text, 'latin1');
  }

  /** Drops the connection, or the attempt at one, without a word to the listener. */
  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#deadline);
    this.#redis.disconnect();
  }

  /** `meaning` is what the commands are if their first words do not say so. */
  #write(
    commands: readonly (readonly string[])[],
    meaning: 'subscribe' | null,
    answered: (replies: Reply[]) => void,
  ): void {
    if (this.#isClosed) return;
    const backlog = this.#backlog(commands.length);
    if (backlog !== null) {
      this.#fail(backlog);
      return;
    }
    const replies: Reply[] = [];
    const take = (reply: Reply) => {
      this.#unanswered -= 1;
      replies.push(reply);
      if (replies.length === commands.length && !this.#isClosed) outside(() => answered(replies));
    };
    for (const words of commands) {
      this.#unanswered += 1;
      const command = new WireCommand(words, meaning, take, (reason) => this.#fail(reason));
      this.#redis.sendCommand(command as unknown as Command, this.#unsent as unknown as Socket);
    }
  }

  #backlog(more: number): string | null {
    if (this.#unanswered + more > MAX_UNANSWERED) return 'too many commands without an answer';
    const unsent = this.#redis.stream.writableLength + this.#unsent.length;
    return unsent > MAX_UNSENT_BYTES ? 'the other end has stopped reading' : null;
  }

  #listen(): void {
    const redis = this.#redis;
    redis.once('connect', () => this.#interposeGuard());
    redis.once('ready', () => this.#greet());
    redis.on('error', (error: NodeJS.ErrnoException) => this.#fail(error.message, error.code === 'ECONNREFUSED'));
    redis.once('end', () => this.#end());
    redis.on('messageBuffer', (channel: Buffer, payload: Buffer | null) => {
      if (this.#isClosed) return;
      const text = payload?.toString('latin1') ?? '';
      outside(() => this.#listener.message(channel.toString('latin1'), text));
    });
  }

  /** Lets ioredis's decoder see only what the guard has passed. Nothing has been read yet at this moment. */
  #interposeGuard(): void {
    const socket = this.#redis.stream;
    const guard = new FrameGuard();
    const decoders = socket.listeners('data');
    socket.removeAllListeners('data');
    socket.on('data', (chunk: Buffer) => {
      const violation = guard.inspect(chunk) ?? this.#flood(guard.takeCompleted());
      if (violation !== null) this.#fail(violation);
      else for (const decode of decoders) decode.call(socket, chunk);
    });
  }

  /** What is wrong with so many replies and messages in one go; null if they keep within the limit. */
  #flood(received: number): string | null {
    const at = now();
    if (at - this.#messagesSince >= SECOND) {
      this.#messagesSince = at;
      this.#messages = 0;
    }
    this.#messages += Math.max(0, received - this.#unanswered);
    return this.#messages > MAX_MESSAGES_A_SECOND ? `more than ${MAX_MESSAGES_A_SECOND} messages a second` : null;
  }

  #greet(): void {
    if (this.#isClosed) return;
    const { credentials, words, clientName, wantsResp3 } = this.#options;
    if (credentials !== null) {
      const { user, password } = credentials;
      this.send([user === null ? [words.auth, password] : [words.auth, user, password]], ([reply]) => {
        if (reply instanceof ErrorReply) this.#listener.loginRefused(reply.message);
      });
    }
    if (wantsResp3) {
      // Refused by servers before 6.0, by an ACL, or for want of a login: then RESP2 it is.
      this.send([[words.hello, '3']], ([reply]) => {
        if (!(reply instanceof ErrorReply) && this.#redis.condition !== null) this.#redis.condition.protocol = 3;
      });
    }
    // The name is a courtesy to whoever reads CLIENT LIST; a refusal changes nothing.
    this.send([[words.client, 'SETNAME', clientName]], () => {
      clearTimeout(this.#deadline);
      this.#listener.opened(plainAddress(this.#redis.stream.localAddress));
    });
    this.flush();
  }

  /** Breaks the connection; `closed` follows. The first reason counts. */
  #fail(reason: string, refused = false): void {
    this.#failure ??= { reason, refused };
    this.#redis.disconnect();
  }

  #end(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearTimeout(this.#deadline);
    const { reason, refused } = this.#failure ?? { reason: 'closed by the other end', refused: false };
    this.#listener.closed(reason, refused);
  }
}

interface SocketConnectorOptions {
  readonly host?: string;
  readonly port?: number;
  readonly tls?: { readonly secureContext: SecureContext };
}

/** Opens a socket, with TLS if that was asked for, and drops it at once instead of waiting for the other end to agree. */
class SocketConnector extends AbstractConnector {
  readonly #options: SocketConnectorOptions;

  constructor(options: unknown) {
    super(0);
    this.#options = options as SocketConnectorOptions;
  }

  override async connect(): Promise<Socket> {
    const { host = '', port = 0, tls } = this.#options;
    if (isIP(host) === 0) throw new Error(`${host} is not an IP address`);
    const address = { host, port, autoSelectFamily: false };
    // As in Redis any certificate of a trusted authority will do: nodes are known by addresses, which change at a failover.
    const socket =
      tls === undefined
        ? connectSocket(address)
        : connectTls({ ...address, ...tls, rejectUnauthorized: true, checkServerIdentity: () => undefined });
    // ioredis listens for the first error only; a second one must not be an exception.
    socket.on('error', (error) => {
      this.firstError ??= error;
    });
    this.stream = socket;
    return socket;
  }

  override disconnect(): void {
    this.stream?.destroy();
  }
}

/** Takes what is written to it until it is taken away. Of a stream ioredis uses no more than this for sending. */
class Gathering {
  #text = '';

  get length(): number {
    return this.#text.length;
  }

  write(text: string): void {
    this.#text += text;
  }

  take(): string {
    const text = this.#text;
    this.#text = '';
    return text;
  }
}

/**
 * A command whose words go to the wire as they are, and whose reply comes back without a promise in between. Not one of ioredis's
 * own but what it uses of one: those cost a promise and half a dozen closures each.
 */
class WireCommand {
  /** By which ioredis recognises SUBSCRIBE; the wire gets the words as they are. */
  readonly name: string;
  /** ioredis counts the channels in it. */
  readonly args: readonly string[];
  readonly isTraced = true;
  readonly promise = undefined;
  readonly #words: readonly string[];
  readonly #answered: (reply: Reply) => void;
  readonly #failed: (reason: string) => void;

  constructor(
    words: readonly string[],
    meaning: 'subscribe' | null,
    answered: (reply: Reply) => void,
    failed: (reason: string) => void,
  ) {
    this.name = meaning ?? (words[0] ?? '').toLowerCase();
    this.args = meaning === null ? NO_WORDS : words.slice(1);
    this.#words = words;
    this.#answered = answered;
    this.#failed = failed;
  }

  resolve(value: unknown): void {
    this.#answered(toReply(value));
  }

  reject(error: Error): void {
    if (isErrorReply(error)) this.#answered(toReply(error));
    else this.#failed(error.message);
  }

  /** ioredis says which version of the protocol is spoken; the words are the same in both. */
  setReplyContext(): void {}

  toWritable(): string {
    let text = `*${this.#words.length}\r\n`;
    for (const word of this.#words) text += `$${word.length}\r\n${word}\r\n`;
    return text;
  }
}
const NO_WORDS: readonly string[] = [];

/** ioredis rejects commands with the server's errors and with its own, such as a closed connection. */
function isErrorReply(error: Error): boolean {
  return error.name === 'ReplyError';
}

function toReply(value: unknown): Reply {
  if (Buffer.isBuffer(value)) return value.toString('latin1');
  if (value instanceof Error) return new ErrorReply(value.message);
  if (Array.isArray(value)) return value.map(toReply);
  if (value === null || typeof value === 'number' || typeof value === 'string') return value;
  throw new TypeError(`unexpected reply of type ${typeof value}`);
}

/** An IPv4 address as such, also where the socket is an IPv6 one that carries IPv4. */
function plainAddress(address: string | undefined): string {
  return (address ?? '').replace(/^::ffff:/, '');
}
