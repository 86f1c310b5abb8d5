// Looks host names up without ever making a decision wait.
//
// Names are looked up as every other program of the host does it (hosts file, search domains, DNS), which Node can only do on its
// pool of four threads. A name server that does not answer holds such a thread for many seconds, and saving the state needs one,
// too. So at most two lookups run at a time. An answer is expected within a time limit; after it, and when a lookup fails, the
// last good address is the answer. A lookup that comes late still refreshes it.

import { lookup as systemLookup } from 'node:dns';
import { isIP } from 'node:net';

import type { Millis } from '../core/types.js';
import { now } from './clock.js';
import { toNative } from './native-text.js';

const MAX_LOOKUPS = 2;
/** How long whoever asked waits. */
export const PATIENCE: Millis = 5_000;
/** A younger answer is given again without asking: reconnecting to a dead node asks several times a second. */
export const FRESHNESS: Millis = 2_000;
/** Names remembered: more than any topology has. Beyond it the oldest are forgotten. */
const MAX_NAMES = 10_000;

/** Calls back with an IP address, or null if there is none. */
export type Lookup = (host: string, answered: (ip: string | null) => void) => void;

interface Name {
  readonly host: string;
  lastGood: string | null;
  lookedUpAt: Millis;
  /** A lookup is queued or running. */
  isBusy: boolean;
  /** For each `resolve` that has no answer yet, what will end its patience. */
  readonly waiting: Set<NodeJS.Timeout>;
}

export class Resolver {
  readonly #resolved: (host: string, ip: string | null) => void;
  readonly #lookup: Lookup;
  readonly #names = new Map<string, Name>();
  readonly #queue: Name[] = [];
  #running = 0;

  /** @param resolved called once for each `resolve`, in a later turn of the event loop */
  constructor(resolved: (host: string, ip: string | null) => void, lookup: Lookup = lookUp) {
    this.#resolved = resolved;
    this.#lookup = lookup;
  }

  /** The address itself, the last good address of a host name, or null while there is none. */
  ipOf(host: string): string | null {
    return isIP(host) === 0 ? (this.#names.get(host)?.lastGood ?? null) : host;
  }

  resolve(host: string): void {
    const name = this.#nameOf(host);
    if (now() - name.lookedUpAt < FRESHNESS) {
      setImmediate(() => this.#resolved(host, name.lastGood));
      return;
    }
    const timer = setTimeout(() => this.#answer(name, timer), PATIENCE);
    name.waiting.add(timer);
    if (name.isBusy) return;
    name.isBusy = true;
    this.#queue.push(name);
    this.#lookUpNext();
  }

  /** Answers nobody any more. */
  close(): void {
    for (const { waiting } of this.#names.values()) {
      for (const timer of waiting) clearTimeout(timer);
      waiting.clear();
    }
    this.#queue.length = 0;
  }

  #lookUpNext(): void {
    if (this.#running >= MAX_LOOKUPS) return;
    const name = this.#queue.shift();
    if (name === undefined) return;
    this.#running++;
    this.#lookup(name.host, (ip) => {
      this.#running--;
      name.isBusy = false;
      name.lookedUpAt = now();
      name.lastGood = ip ?? name.lastGood;
      for (const timer of [...name.waiting]) this.#answer(name, timer);
      this.#lookUpNext();
    });
  }

  #answer(name: Name, timer: NodeJS.Timeout): void {
    clearTimeout(timer);
    if (name.waiting.delete(timer)) this.#resolved(name.host, name.lastGood);
  }

  #nameOf(host: string): Name {
    let name = this.#names.get(host);
    if (name === undefined) {
      name = { host, lastGood: null, lookedUpAt: Number.NEGATIVE_INFINITY, isBusy: false, waiting: new Set() };
      this.#names.set(host, name);
      this.#forgetOldest();
    }
    return name;
  }

  #forgetOldest(): void {
    if (this.#names.size <= MAX_NAMES) return;
    for (const { host, isBusy, waiting } of this.#names.values()) {
      if (isBusy || waiting.size > 0) continue;
      this.#names.delete(host);
      return;
    }
  }
}

/** Asks the operating system. An error of any kind means that there is no address now. */
function lookUp(host: string, answered: (ip: string | null) => void): void {
  systemLookup(toNative(host), (error, address) => answered(error === null ? address : null));
}
