// One connection to a port: sends the lines of a conversation and brings each reply into a comparable text. Numbers and run ids
// in data are masked, because two processes never agree on them; errors and statuses are compared to the letter.

import { connect, type Socket } from 'node:net';

import { waitFor } from '../support/wait.js';

export interface Exchange {
  readonly line: string;
  readonly reply: string;
}

const REPLY_LIMIT = 3_000;
const CLOSED = 'closed';

/** Sends every line after the reply to the one before. What follows the end of the connection is not sent. */
export async function converse(port: number, lines: readonly string[]): Promise<Exchange[]> {
  const connection = new Connection(connect({ host: '127.0.0.1', port }));
  try {
    const exchanges: Exchange[] = [];
    for (const line of lines) {
      const reply = await connection.exchange(line);
      exchanges.push({ line, reply });
      if (reply.endsWith(CLOSED)) break;
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

  async exchange(line: string): Promise<string> {
    const [, count = '1', command = ''] = /^(?:([0-9]):)?(.*)$/s.exec(line) ?? [];
    this.#socket.write(command.startsWith('raw:') ? unescaped(command.slice(4)) : encoded(words(command)), 'latin1');
    const replies: string[] = [];
    while (replies.length < Number(count)) {
      const reply = await this.#next(line);
      replies.push(reply);
      if (reply === CLOSED) break;
    }
    // UNSUBSCRIBE confirms channels in the order of a hash table.
    return replies.sort(byBytes).join(' ');
  }

  async #next(line: string): Promise<string> {
    return await waitFor(
      `a reply to ${line}`,
      REPLY_LIMIT,
      () => {
        const parsed = render(this.#received, 0);
        if (parsed !== null) {
          this.#received = this.#received.slice(parsed.end);
          return parsed.text;
        }
        if (this.#isClosed) return CLOSED;
        throw new Error(`received ${JSON.stringify(this.#received.slice(0, 80))}`);
      },
      1,
    );
  }
}

interface Rendered {
  readonly text: string;
  readonly end: number;
}

const AGGREGATES = '*~>%';

/** Null while it is incomplete. */
function render(received: string, start: number): Rendered | null {
  const lineEnd = received.indexOf('\r\n', start);
  if (lineEnd === -1) return null;
  const kind = received.charAt(start);
  const head = received.slice(start + 1, lineEnd);
  const body = lineEnd + 2;
  if (kind === '$' || kind === '=') {
    const length = Number(head);
    if (length < 0) return { text: `${kind}nil`, end: body };
    if (received.length < body + length + 2) return null;
    return { text: kind + JSON.stringify(masked(received.slice(body, body + length))), end: body + length + 2 };
  }
  if (AGGREGATES.includes(kind)) return renderAll(received, kind, Number(head), body);
  return { text: kind === ':' ? ':#' : kind + head, end: body };
}

function renderAll(received: string, kind: string, count: number, start: number): Rendered | null {
  if (count < 0) return { text: `${kind}nil`, end: start };
  const items: string[] = [];
  let end = start;
  for (let left = kind === '%' ? 2 * count : count; left > 0; left--) {
    const item = render(received, end);
    if (item === null) return null;
    items.push(item.text);
    end = item.end;
  }
  // The members of a set have no order.
  return { text: `${kind}[${(kind === '~' ? items.sort(byBytes) : items).join(' ')}]`, end };
}

function byBytes(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}

function masked(text: string): string {
  return text.replace(/[0-9a-f]{32,}/g, '<hex>').replace(/-?\d+(\.\d+)*/g, '#');
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
