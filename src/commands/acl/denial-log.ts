// ACL LOG: who was refused what, the latest first. The same refusal again within a minute only counts one more.

import type { Millis } from '../../core/types.js';
import { DoubleReply, MapReply, type Reply } from '../../protocol/reply.js';

/** What was refused: a command, a channel, or to log in. */
export type DenialReason = 'command' | 'channel' | 'auth';

export interface Denial {
  readonly reason: DenialReason;
  /** The command's full name, the channel, or the word that asked to log in. */
  readonly object: string;
  readonly username: string;
  /** The client as CLIENT LIST describes it. */
  readonly clientInfo: string;
  readonly at: Millis;
  /** The wall clock, for display only. */
  readonly shownAt: Millis;
}

interface Entry {
  readonly id: number;
  readonly first: Denial;
  last: Denial;
  count: number;
}

const MILLIS_PER_SECOND = 1000;
/** Redis's `acllog-max-len`. */
const MAX_ENTRIES = 128;
const GROUPING_TIME: Millis = 60_000;
/** How many of the latest entries may take the same denial once more. */
const GROUPING_DEPTH = 10;

export class DenialLog {
  /** The latest first. */
  #entries: Entry[] = [];
  #nextId = 0;

  add(denial: Denial): void {
    const known = this.#entries.slice(0, GROUPING_DEPTH).find(({ last }) => isSame(last, denial));
    if (known === undefined) {
      this.#entries.unshift({ id: this.#nextId++, first: denial, last: denial, count: 1 });
      this.#entries.length = Math.min(this.#entries.length, MAX_ENTRIES);
      return;
    }
    known.count++;
    known.last = denial;
    this.#entries = [known, ...this.#entries.filter((entry) => entry !== known)];
  }

  clear(): void {
    this.#entries = [];
  }

  /** At most this many of the latest. */
  describe(count: number, now: Millis): Reply {
    return this.#entries.slice(0, count).map((entry) => describe(entry, now));
  }
}

function isSame(earlier: Denial, later: Denial): boolean {
  return (
    earlier.reason === later.reason &&
    earlier.object === later.object &&
    earlier.username === later.username &&
    later.at - earlier.at <= GROUPING_TIME
  );
}

function describe({ id, first, last, count }: Entry, now: Millis): Reply {
  return new MapReply([
    ['count', count],
    ['reason', last.reason],
    // Redis also knows transactions and scripts.
    ['context', 'toplevel'],
    ['object', last.object],
    ['username', last.username],
    ['age-seconds', new DoubleReply(Math.round(now - last.at) / MILLIS_PER_SECOND)],
    ['client-info', last.clientInfo],
    ['entry-id', id],
    ['timestamp-created', first.shownAt],
    ['timestamp-last-updated', last.shownAt],
  ]);
}
