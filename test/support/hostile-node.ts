// A data node that has been taken over: it accepts connections and answers as no Redis would. Each kind of malice is a function from
// what was asked to what is sent. It writes only as fast as it is read.

import { createServer, type Server, type Socket } from 'node:net';

import { LOOPBACK } from './place.js';

const CHUNK = Buffer.alloc(65_536, 'x');

export type Malice = (socket: Socket, request: string) => void;

/** Answers every PING, and INFO with this text. */
export function answeringInfo(text: string): Malice {
  return (socket, request) => {
    for (const command of commandsIn(request)) {
      socket.write(
        command === 'INFO' ? `$${text.length}\r\n${text}\r\n` : command === 'PING' ? '+PONG\r\n' : '+OK\r\n',
      );
    }
  };
}

/** Announces a reply of so many bytes and sends them all. */
export function answeringBytes(count: number): Malice {
  return (socket, request) => {
    if (!commandsIn(request).includes('INFO')) return answeringInfo('')(socket, request);
    socket.write(`$${count}\r\n`);
    pour(socket, CHUNK, count);
  };
}

/** Sends the same bytes over and over from the first request on, whatever is asked. */
export function repeating(bytes: Buffer): Malice {
  const chunk = Buffer.concat(Array.from({ length: Math.ceil(CHUNK.length / bytes.length) }, () => bytes));
  return (socket) => {
    if (socket.listenerCount('drain') === 0) pour(socket, chunk, Number.POSITIVE_INFINITY);
  };
}

export class HostileNode {
  readonly port: number;
  /** Connections accepted so far. */
  connections = 0;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(server: Server, malice: Malice) {
    this.#server = server;
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('it listens on a port');
    this.port = address.port;
    server.on('connection', (socket) => {
      this.connections++;
      this.#sockets.add(socket);
      socket.on('data', (request) => malice(socket, request.toString('latin1')));
      // The victim cuts us off: that is the point.
      socket.on('error', () => undefined);
      socket.on('close', () => this.#sockets.delete(socket));
    });
  }

  static async start(malice: Malice): Promise<HostileNode> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, LOOPBACK.address, resolve));
    return new HostileNode(server, malice);
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }
}

function pour(socket: Socket, chunk: Buffer, count: number): void {
  let left = count;
  const write = () => {
    while (left > 0 && !socket.destroyed) {
      left -= chunk.length;
      if (!socket.write(chunk)) return;
    }
  };
  socket.on('drain', write);
  write();
}

/** The names of the commands in a request, in upper case; arguments are left out. */
function commandsIn(request: string): string[] {
  const names: string[] = [];
  for (const match of request.matchAll(/\*\d+\r\n\$\d+\r\n(\w+)/g)) names.push((match[1] ?? '').toUpperCase());
  return names;
}
