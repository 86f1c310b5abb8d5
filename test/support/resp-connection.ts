// One TCP connection that speaks RESP, for the harness alone: it must not depend on what it tests, show every byte it
// is asked to send, and cost so little that it does not blur what is measured. RESP2 only. Strings are byte strings
// (latin1). It never reconnects.

import { connect, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';

export type RespValue = string | number | null | RespError | readonly RespValue[];

/** An error reply. `command` rejects with it; nested in an array it is a value. */
export class RespError extends Error {}

export interface RespConnectionOptions {
  readonly host?: string;
  /** The address to connect from; the operating system's choice unless given. */
  readonly localAddress?: string;
  /** For connecting and for every reply; 1000 ms unless given. */
  readonly timeoutMillis?: number;
  /** With TLS if given. */
  readonly tls?: ConnectionOptions;
  /** The password of the default user, sent before anything else. */
  readonly password?: string;
}

interface Waiting {
  readonly resolve: (value: RespValue) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

const SUBSCRIPTION_MESSAGES = new Set(['message', 'pmessage']);

export class RespConnection {
  /** Called for every message of a subscription. */
  onMessage: (channel: string, payload: string) => void = () => undefined;
  /** Settles once the connection is closed, by whichever side and for whatever reason. */
  readonly closed: Promise<void>;
  readonly #socket: Socket;
  readonly #timeoutMillis: number;
  readonly #waiting: Waiting[] = [];
  #received = '';

  private constructor(socket: Socket, timeoutMillis: number) {
    this.#socket = socket;
    this.#timeoutMillis = timeoutMillis;
    socket.setNoDelay(true);
    socket.setEncoding('latin1');
    socket.on('data', (chunk: string) => this.#receive(chunk));
    // `close` follows every error, and is what fails the waiting commands.
    socket.on('error', () => undefined);
    this.closed = new Promise((resolve) => {
      socket.on('close', () => {
        this.#fail(new Error('connection closed'));
        resolve();
      });
    });
  }

  /** Connects, or rejects with the reason why not. */
  static async open(port: number, options: RespConnectionOptions = {}): Promise<RespConnection> {
    const connection = await RespConnection.#connect(port, options);
    if (options.password !== undefined) await connection.command('AUTH', options.password);
    return connection;
  }

  static #connect(port: number, options: RespConnectionOptions): Promise<RespConnection> {
    const { host = '127.0.0.1', timeoutMillis = 1000, tls, localAddress } = options;
    const target = { host, port, ...(localAddress === undefined ? {} : { localAddress }) };
    return new Promise((resolve, reject) => {
      const socket = tls === undefined ? connect(target) : connectTls({ ...target, ...tls });
      const fail = (error: Error) => {
        socket.destroy();
        reject(error);
      };
      const timer = setTimeout(() => fail(new Error(`no connection to ${host}:${port} in time`)), timeoutMillis);
      socket.once('error', (error) => {
        clearTimeout(timer);
        fail(error);
      });
      socket.once(tls === undefined ? 'connect' : 'secureConnect', () => {
        clearTimeout(timer);
        socket.removeAllListeners('error');
        resolve(new RespConnection(socket, timeoutMillis));
      });
    });
  }

  /** Opens a connection, sends one command, closes the connection and resolves with the reply. */
  static async once(port: number, ...words: readonly (string | number)[]): Promise<RespValue> {
    const connection = await RespConnection.open(port);
    try {
      return await connection.command(...words);
    } finally {
      connection.close();
    }
  }

  get isClosed(): boolean {
    return this.#socket.destroyed;
  }

  /** Everything received that no command waits for. */
  get unclaimed(): string {
    return this.#received;
  }

  /** Sends one command. Rejects with a `RespError`, when the connection closes, or when the reply is late. */
  command(...words: readonly (string | number)[]): Promise<RespValue> {
    if (this.isClosed) return Promise.reject(new Error('connection closed'));
    return new Promise((resolve, reject) => {
      const late = () => {
        this.#fail(new Error(`no reply to ${words.join(' ').slice(0, 80)} within ${this.#timeoutMillis} ms`));
        this.close();
      };
      this.#waiting.push({ resolve, reject, timer: setTimeout(late, this.#timeoutMillis) });
      this.write(encodeCommand(words));
    });
  }

  /** Sends raw bytes. Their replies accumulate in `unclaimed`. */
  write(bytes: string | Buffer): boolean {
    return typeof bytes === 'string' ? this.#socket.write(bytes, 'latin1') : this.#socket.write(bytes);
  }

  /** Reads nothing any more, as a client does that hangs. What the server sends stays in the buffers of the kernel. */
  stopReading(): void {
    this.#socket.pause();
  }

  close(): void {
    this.#socket.destroy();
  }

  #receive(chunk: string): void {
    this.#received += chunk;
    for (;;) {
      const parsed = parseReply(this.#received, 0);
      if (parsed === null) return;
      const message = subscriptionMessage(parsed.value);
      if (message === null && this.#waiting.length === 0) return;
      this.#received = this.#received.slice(parsed.end);
      if (message !== null) this.onMessage(message.channel, message.payload);
      else this.#settle(parsed.value);
    }
  }

  #settle(value: RespValue): void {
    const waiting = this.#waiting.shift();
    if (waiting === undefined) return;
    clearTimeout(waiting.timer);
    if (value instanceof RespError) waiting.reject(value);
    else waiting.resolve(value);
  }

  #fail(error: Error): void {
    for (const waiting of this.#waiting.splice(0)) {
      clearTimeout(waiting.timer);
      waiting.reject(error);
    }
  }
}

/** A command as an array of bulk strings. */
export function encodeCommand(words: readonly (string | number)[]): string {
  let encoded = `*${words.length}\r\n`;
  for (const word of words) {
    const text = String(word);
    encoded += `$${text.length}\r\n${text}\r\n`;
  }
  return encoded;
}

/** A reply of alternating names and values as a record. */
export function pairs(value: RespValue): Record<string, string> {
  if (!Array.isArray(value)) throw new Error(`expected an array of pairs, got ${JSON.stringify(value)}`);
  const record: Record<string, string> = {};
  for (let index = 0; index + 1 < value.length; index += 2) record[String(value[index])] = String(value[index + 1]);
  return record;
}

function subscriptionMessage(value: RespValue): { channel: string; payload: string } | null {
  if (!Array.isArray(value) || !SUBSCRIPTION_MESSAGES.has(String(value[0]))) return null;
  return { channel: String(value.at(-2)), payload: String(value.at(-1)) };
}

function parseReply(text: string, start: number): { value: RespValue; end: number } | null {
  const lineEnd = text.indexOf('\r\n', start);
  if (lineEnd < 0) return null;
  const line = text.slice(start + 1, lineEnd);
  const end = lineEnd + 2;
  switch (text[start]) {
    case '+':
      return { value: line, end };
    case '-':
      return { value: new RespError(line), end };
    case ':':
      return { value: Number(line), end };
    case '$':
      return parseBulk(text, Number(line), end);
    case '*':
      return parseArray(text, Number(line), end);
    default:
      throw new Error(`not RESP2: ${JSON.stringify(text.slice(start, start + 40))}`);
  }
}

function parseBulk(text: string, length: number, start: number): { value: RespValue; end: number } | null {
  if (length < 0) return { value: null, end: start };
  if (text.length < start + length + 2) return null;
  return { value: text.slice(start, start + length), end: start + length + 2 };
}

function parseArray(text: string, length: number, start: number): { value: RespValue; end: number } | null {
  if (length < 0) return { value: null, end: start };
  const items: RespValue[] = [];
  let end = start;
  for (let index = 0; index < length; index++) {
    const item = parseReply(text, end);
    if (item === null) return null;
    items.push(item.value);
    end = item.end;
  }
  return { value: items, end };
}
