// A Sentinel port on loopback with scripted commands, and connections to it that are closed with it.

import { connect, type Socket } from 'node:net';

import type { Client } from '../../src/commands/client.js';
import type { LookedUp, Outcome } from '../../src/commands/outcome.js';
import { now } from '../../src/io/clock.js';
import { Server, type ServerOptions } from '../../src/io/server.js';
import { RespConnection } from '../support/resp-connection.js';

export interface Port {
  readonly server: Server;
  readonly logged: readonly string[];
  connect(): Promise<RespConnection>;
  /** A connection that reads only when it is told to. */
  connectRaw(): Promise<RawConnection>;
  close(): Promise<void>;
}

export class RawConnection {
  /** Everything received so far. */
  received = '';
  isClosed = false;
  readonly socket: Socket;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.setEncoding('latin1');
    socket.on('data', (chunk: string) => {
      this.received += chunk;
    });
    // `close` follows every error.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.isClosed = true;
    });
  }

  send(bytes: string): void {
    this.socket.write(bytes, 'latin1');
  }
}

/** Listens on a port that the operating system chooses; rejects if that fails. */
export async function aPort(
  execute: (client: Client, words: readonly string[], lookedUp: LookedUp | null) => Outcome,
  options: Partial<ServerOptions> = {},
): Promise<Port> {
  const logged: string[] = [];
  const closers: (() => void)[] = [];
  const server = new Server({
    execute,
    lookUp: (host) => {
      throw new Error(`nobody looks up ${host} here`);
    },
    now,
    log: (level, message) => logged.push(`${level} ${message}`),
    letsStrangersIn: () => true,
    port: 0,
    binds: ['127.0.0.1'],
    ...options,
  });
  await server.listen();
  return {
    server,
    logged,
    async connect() {
      const connection = await RespConnection.open(server.port, { timeoutMillis: 5_000 });
      closers.push(() => connection.close());
      return connection;
    },
    async connectRaw() {
      const socket = connect({ host: '127.0.0.1', port: server.port });
      closers.push(() => socket.destroy());
      await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
      return new RawConnection(socket);
    },
    async close() {
      for (const close of closers) close();
      await server.close();
    },
  };
}
