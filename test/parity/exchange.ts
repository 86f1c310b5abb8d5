// One connection to a port: sends the lines of a conversation one after the other and keeps the replies to each.

import { connect, type Socket } from 'node:net';

import { waitFor } from '../support/wait.js';
import { parse, type Value } from './value.js';

export interface Exchange {
  readonly line: string;
  readonly replies: readonly Value[];
  /** The connection ended before everything was answered. */
  readonly isLast: boolean;
}

const REPLY_LIMIT = 3_000;

/** Sends every line after the reply to the one before. What follows the end of the connection is not sent. */
export async function converse(port: number, lines: readonly string[]): Promise<Exchange[]> {
  const connection = new Connection(connect({ host: '127.0.0.1', port }));
  try {
    const exchanges: Exchange[] = [];
    for (const line of lines) {
      const exchange = await connection.exchange(line);
      exchanges.push(exchange);
      if (exchange.isLast) break;
    }
    return exchanges;
  } finally {
    connection.close();
  }
}

class Connection {
  readonly #socket: Socket;
  #received = '';
  #isClosed = false;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.setEncoding('latin1');
    socket.on('data', (chunk: string) => {
      this.#received += chunk;
    });
    // `close` follows every error.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.#isClosed = true;
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  async exchange(line: string): Promise<Exchange> {
    const [, count = '1', command = ''] = /^(?:([0-9]):)?(.*)$/s.exec(line) ?? [];
    this.#socket.write(command.startsWith('raw:') ? unescaped(command.slice(4)) : encoded(words(command)), 'latin1');
    const replies: Value[] = [];
    while (replies.length < Number(count)) {
      const reply = await this.#next(line);
      if (reply === null) return { line, replies, isLast: true };
      replies.push(reply);
    }
    return { line, replies, isLast: false };
  }

  /** Null when the connection ended instead. */
  async #next(line: string): Promise<Value | null> {
    return await waitFor(
      `a reply to ${line}`,
      REPLY_LIMIT,
      () => {
        const parsed = parse(this.#received, 0);
        if (parsed !== null) {
          this.#received = this.#received.slice(parsed.end);
          return parsed.value;
        }
        if (this.#isClosed) return null;
        throw new Error(`received ${JSON.stringify(this.#received.slice(0, 80))}`);
      },
      1,
    );
  }
}

function encoded(all: readonly string[]): string {
  return `*${all.length}\r\n${all.map((word) => `$${word.length}\r\n${word}\r\n`).join('')}`;
}

/** Words in quotes or without, with escapes in both. */
function words(line: string): string[] {
  return [...line.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(([, single, double, bare]) =>
    unescaped(single ?? double ?? bare ?? ''),
  );
}

function unescaped(text: string): string {
  return text.replace(/\\(x[0-9a-f]{2}|.)/g, (_match, code: string) => {
    if (code.startsWith('x')) return String.fromCharCode(Number.parseInt(code.slice(1), 16));
    return { r: '\r', n: '\n', '0': '\0' }[code] ?? code;
  });
}
