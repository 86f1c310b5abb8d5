// Encodes the replies to one client. Who asks the same again and again, as clients that poll and pipelines do, mostly gets the
// same answer: a short list of strings that says what the one before said is compared with it, and not encoded anew.

import type { Reply } from './reply.js';
import { encode, type RespVersion } from './resp-encoder.js';

/** Longer lists are not worth the comparison, and with longer texts would only pin memory. */
const MAX_REMEMBERED_ITEMS = 4;
const MAX_REMEMBERED_BYTES = 512;

export class ReplyEncoder {
  /** A copy: a list that changes after it was given must not change what is remembered. */
  #previous: readonly string[] = [];
  /** Lists of strings are written alike in both versions of RESP. */
  #text = encode(this.#previous, 2);

  encode(reply: Reply, version: RespVersion): string {
    if (!isShortList(reply)) return encode(reply, version);
    if (isSame(reply, this.#previous)) return this.#text;
    const text = encode(reply, version);
    if (text.length <= MAX_REMEMBERED_BYTES) {
      this.#previous = reply.slice();
      this.#text = text;
    }
    return text;
  }
}

function isShortList(reply: Reply): reply is readonly string[] {
  if (!Array.isArray(reply) || reply.length > MAX_REMEMBERED_ITEMS) return false;
  for (let index = 0; index < reply.length; index++) if (typeof reply[index] !== 'string') return false;
  return true;
}

function isSame(one: readonly string[], other: readonly string[]): boolean {
  if (one.length !== other.length) return false;
  for (let index = 0; index < one.length; index++) if (one[index] !== other[index]) return false;
  return true;
}
