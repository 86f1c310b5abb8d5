// Stands before a server as the port mapping of a container or of a NAT router does: who connects to its endpoint talks to the
// server's own port on the loopback address. It looks at no byte. Closed, it refuses everybody while the server's own port still answers.

import { connect, createServer, type Server, type Socket } from 'node:net';

import { freePort } from './free-port.js';
import { type Endpoint, LOOPBACK } from './place.js';

export class PortForwarder implements Endpoint {
  /** The port of the server, which is to listen there. */
  readonly targetPort: number;
  readonly host: string;
  readonly port: number;
  #server: Server | null = null;
  readonly #sockets = new Set<Socket>();
  /** The local ports from which connections to the server have been made. */
  readonly #origins = new Set<number>();

  private constructor(host: string, port: number, targetPort: number) {
    this.host = host;
    this.port = port;
    this.targetPort = targetPort;
  }

  /** Listens on a free port, for a server on `targetPort`: another free port unless given. */
  static async start(host: string = LOOPBACK.address, targetPort?: number): Promise<PortForwarder> {
    const forwarder = new PortForwarder(host, await freePort(), targetPort ?? (await freePort()));
    await forwarder.open();
    return forwarder;
  }

  /** Whether a client that the server sees at this port of the loopback address has come this way. */
  hasCarried(port: number): boolean {
    return this.#origins.has(port);
  }

  async open(): Promise<void> {
    const server = createServer({ allowHalfOpen: true }, (socket) => this.#forward(socket));
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(this.port, this.host, resolve);
    });
    this.#server = server;
  }

  /** Cuts every connection and refuses new ones. */
  close(): void {
    this.#server?.close();
    this.#server = null;
    for (const socket of this.#sockets) socket.destroy();
  }

  #forward(client: Socket): void {
    const server = connect({ host: LOOPBACK.address, port: this.targetPort, allowHalfOpen: true });
    server.once('connect', () => {
      if (server.localPort !== undefined) this.#origins.add(server.localPort);
    });
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#sockets.add(socket);
      socket.pipe(other);
      // Whoever breaks the connection breaks it for both; `close` follows.
      socket.on('error', () => undefined);
      socket.on('close', () => {
        this.#sockets.delete(socket);
        other.destroy();
      });
    }
  }
}
