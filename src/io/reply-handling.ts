// Makes an impossible reply break the connection it came on, and nothing else.
//
// ioredis takes the shape of some replies for granted (a SUBSCRIBE is answered with an array, a push begins with a word). Where that
// throws, it throws again in a later turn, where nobody can catch it: one bogus reply of one node would end this process. Without that
// detour the error reaches ioredis's own handling of undecodable bytes, which breaks the connection. What our listeners throw is a
// defect of ours and must not be mistaken for a bad reply: they run in `outside`. Other users of ioredis in this process, of which
// there are some when we are a library, keep its ways.

import { DataHandler, type Redis } from './ioredis.js';

interface Dispatching {
  readonly redis: object;
  dispatch(this: Dispatching, handle: () => void): void;
}

const ours = new WeakSet<object>();
const prototype = DataHandler.prototype as unknown as Dispatching;
const { dispatch } = prototype;
if (typeof dispatch !== 'function') throw new Error('this version of ioredis handles replies otherwise');
prototype.dispatch = function (this: Dispatching, handle) {
  if (ours.has(this.redis)) handle();
  else dispatch.call(this, handle);
};

/** From now on what ioredis cannot handle breaks this connection. To be called before it connects. */
export function breakOnBadReplies(redis: Redis): void {
  ours.add(redis);
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
