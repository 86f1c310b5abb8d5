// Makes an impossible reply break the connection it came on, and nothing else.
//
// ioredis takes the shape of some replies for granted (a SUBSCRIBE is answered with an array, a push begins with a word). Where that
// throws, it throws again in a later turn, where nobody can catch it: one bogus reply of one node would end this process. Without that
// detour the error reaches ioredis's own handling of undecodable bytes, which breaks the connection. What our listeners throw is a
// defect of ours and must not be mistaken for a bad reply: they run in `outside`.

import dataHandler from 'ioredis/built/DataHandler.js';

interface Dispatching {
  dispatch(handle: () => void): void;
}

/** To be called once, before the first connection. Throws when this ioredis is built otherwise. */
export function handleRepliesInTurn(): void {
  const prototype = dataHandler.default.prototype as unknown as Dispatching;
  if (typeof prototype.dispatch !== 'function') throw new Error('this version of ioredis handles replies otherwise');
  prototype.dispatch = (handle) => handle();
}

/** Calls a listener of ours from within the handling of a reply: what it throws ends the process, as anywhere else. */
export function outside(call: () => void): void {
  try {
    call();
  } catch (error) {
    process.nextTick(() => {
      throw error;
    });
  }
}
