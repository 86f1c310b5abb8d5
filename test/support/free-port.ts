// Finds free TCP ports on the loopback address. They lie below the range from which the kernel picks the local ports
// of outgoing connections (32768 and up on Linux), so that a port found free here is not taken by somebody's
// connection before the server that is to have it has bound it, or while that server is restarted.

import { createServer } from 'node:net';

const LOWEST_PORT = 12_000;
const HIGHEST_PORT = 30_000;
const handedOut = new Set<number>();

/** A port on 127.0.0.1 that nobody listens on and that this process has not handed out before. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = LOWEST_PORT + Math.floor(Math.random() * (HIGHEST_PORT - LOWEST_PORT));
    if (handedOut.has(port)) continue;
    handedOut.add(port);
    if (await isFree(port)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ host: '127.0.0.1', port, exclusive: true }, () => server.close(() => resolve(true)));
  });
}
