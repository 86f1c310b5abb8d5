// A loopback TCP server that plays a Redis node badly on purpose: a script answers each command with raw bytes, or not at all.

import type { AddressInfo } from 'node:net';
import { createServer, type Server, type Socket } from 'node:net';

/** What to write in answer to one command; null for silence. The name is upper case. */
export type Script = (name: string, words: readonly string[], connection: number) => string | null;

export class ScriptedServer {
  /** The bytes of each read from a socket, in order: two commands in one entry left the other end together. */
  readonly received: string[] = [];
  readonly sockets: Socket[] = [];
  readonly #server: Server;
  readonly #script: Script;

  private constructor(script: Script) {
    this.#script = script;
    this.#server = createServer((socket) => this.#serve(socket));
  }

  static async start(script: Script): Promise<ScriptedServer> {
    const server = new ScriptedServer(script);
    await new Promise<void>((resolve) => server.#server.listen(0, '127.0.0.1', resolve));
    return server;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #serve(socket: Socket): void {
    const connection = this.sockets.push(socket);
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk) => {
      const text = chunk.toString('latin1');
      this.received.push(text);
      for (const words of commandsIn(text)) {
        const answer = this.#script((words[0] ?? '').toUpperCase(), words, connection);
        if (answer !== null) socket.write(answer, 'latin1');
      }
    });
  }
}

/** The commands in a read that holds only whole ones, as short commands over loopback do. */
function* commandsIn(text: string): Generator<string[]> {
  let rest = text;
  while (rest.startsWith('*')) {
    const count = Number.parseInt(rest.slice(1), 10);
    rest = rest.slice(rest.indexOf('\n') + 1);
    const words: string[] = [];
    for (let index = 0; index < count; index++) {
      const length = Number.parseInt(rest.slice(1), 10);
      const start = rest.indexOf('\n') + 1;
      words.push(rest.slice(start, start + length));
      rest = rest.slice(start + length + 2);
    }
    yield words;
  }
}

/** What a server without RESP3 and without passwords answers; everything else is up to the test. */
export function oldServer(name: string, words: readonly string[]): string {
  if (name === 'HELLO') return "-ERR unknown command 'HELLO'\r\n";
  if (name === 'PING') return '+PONG\r\n';
  if (name === 'SUBSCRIBE') {
    const channel = words[1] ?? '';
    return `*3\r\n$9\r\nsubscribe\r\n$${channel.length}\r\n${channel}\r\n:1\r\n`;
  }
  return '+OK\r\n';
}
