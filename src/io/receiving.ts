// How what clients send comes to their sessions: through one piece of memory that all of them share.
//
// Node.js makes a buffer of 64 KiB for every single read, and a smaller one of what has come, which takes longer than saying where a
// master is. `onread` of `node:net` reads into memory that is there already, but is offered only to who connects. So an accepted
// connection moves into a socket of ours, by way of a property that has been there since the first versions of Node.js and that no
// manual promises. Where it is missing nothing but the speed is lost; with TLS, whose bytes are OpenSSL's, there is none to gain.
// See docs/decisions/0013.

import { Socket, type SocketConstructorOpts } from 'node:net';

/** The first `length` bytes are new. They are only lent: what is wanted later is to be copied before this returns or throws. */
export type Receive = (bytes: Uint8Array, length: number) => void;

/** What `node:net` keeps of a connection. */
interface Handle {
  useUserBuffer?: unknown;
}

const SHARED = Buffer.allocUnsafeSlow(64 * 1024);

/**
 * Calls `receive` with everything that comes through this connection, and returns the socket that it is in from now on: everything
 * else, listeners too, is to be done with that one. `accepted` has not been read from: see `pauseOnConnect` of `node:net`.
 */
export function receiveFrom(accepted: Socket, receive: Receive): Socket {
  const handle = takeHandle(accepted);
  if (handle !== null) return new Socket(sharing(handle, receive));
  accepted.on('data', (chunk: Buffer) => receive(chunk, chunk.length));
  return accepted.resume();
}

/** Null if there is none that can read into memory of ours; then the socket is as it was. */
function takeHandle(accepted: Socket): Handle | null {
  const owner = accepted as unknown as { _handle?: Handle | null };
  const handle = owner._handle;
  if (typeof handle?.useUserBuffer !== 'function' || accepted.constructor !== Socket) return null;
  owner._handle = null;
  accepted.destroy();
  return handle;
}

function sharing(handle: Handle, receive: Receive): SocketConstructorOpts {
  const onread = {
    buffer: SHARED,
    callback: (length: number, bytes: Uint8Array) => {
      receive(bytes, length);
      return true;
    },
  };
  return { handle, onread } as SocketConstructorOpts;
}
