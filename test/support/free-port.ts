// Finds free TCP ports on the loopback address. They lie below the range from which the kernel picks the local ports
// of outgoing connections (32768 and up on Linux), so that a port found free here is not taken by somebody's
// connection before the server that is to have it has bound it, or while that server is restarted.

import { createServer } from 'node:net';

const LOWEST_PORT = 12_000;
const HIGHEST_PORT = 30_000;
/**
 * Test processes that run side by side each take their ports from a share of their own: between the moment a port is found free and
 * the moment its server binds it, or while that server is down, another process would find it free as well.
 */
const SHARES = 8;
const SHARE = (HIGHEST_PORT - LOWEST_PORT) / SHARES;
const FIRST_PORT = LOWEST_PORT + SHARE * ownShare();
const handedOut = new Set<number>();

/** A port on 127.0.0.1 that nobody listens on and that this process has not handed out before. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = FIRST_PORT + Math.floor(Math.random() * SHARE);
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

/** Mocha numbers the processes that it runs side by side; others are told apart by their process ids, as well as that goes. */
function ownShare(): number {
  const { MOCHA_WORKER_ID: worker } = process.env;
  return worker === undefined ? SHARES / 2 + (process.pid % (SHARES / 2)) : Number(worker) % (SHARES / 2);
}
