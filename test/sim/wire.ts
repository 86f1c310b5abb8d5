// What travels on simulated connections: commands and replies as data instead of bytes. The encoding itself is tested
// elsewhere; here its order and its fate are what matters.

import type { Reply } from '../../src/protocol/reply.js';

export type Command = readonly string[];

/** One element of a replication stream. `end` is the offset after it. */
export interface StreamItem {
  readonly end: number;
  readonly bytes: number;
  readonly content:
    | { readonly kind: 'ping' }
    | { readonly kind: 'write'; readonly id: number }
    | { readonly kind: 'publish'; readonly channel: string; readonly payload: string };
}

export type Frame =
  /** Written in one go by a client. */
  | { readonly kind: 'commands'; readonly commands: readonly Command[] }
  /** One reply for each command, in order; a server may split them over several frames. */
  | { readonly kind: 'replies'; readonly replies: readonly Reply[] }
  /** A published message, between replies (RESP3) or instead of them (RESP2). */
  | { readonly kind: 'message'; readonly channel: string; readonly payload: string }
  /** From a master to a replica: the stream, the whole data set; and back: how far it got. */
  | { readonly kind: 'stream'; readonly items: readonly StreamItem[] }
  | {
      readonly kind: 'snapshot';
      readonly replicationId: string;
      readonly offset: number;
      readonly writes: readonly number[];
    }
  | { readonly kind: 'acknowledgement'; readonly offset: number };
