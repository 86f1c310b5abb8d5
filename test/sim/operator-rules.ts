// The safety rules of SENTINEL PAUSE and FORGET, and what it takes to judge them: who heard whom, and when.
// The other rules are in `checkers.ts`, which calls these.

import type { Hold } from '../../src/core/state.js';
import type { Millis } from '../../src/core/types.js';
import { type Hello, parseHello } from '../../src/protocol/hello.js';
import { short, Violation } from './election-record.js';
import type { SentinelHost } from './sentinel-host.js';

/** Five hello periods. */
const SIGN_OF_LIFE: Millis = 10_000;
/** Hellos and votes begin with the same fields. */
const HELLO_FIELDS = 8;

/**
 * While a pause is on its disk and it knows of no later word, a Sentinel begins nothing: no election but for an operator, and no
 * change of a role that belongs to no failover. Those that belong to one leave in the step in which it ends, at the latest.
 */
export class HoldRules {
  readonly #endedAt = new Map<SentinelHost, Map<string, Millis>>();

  checkEvent(host: SentinelHost, saved: Hold | null | undefined, name: string, type: string): void {
    if (type === '+try-failover' || type === '+try-reaffirmation') this.#check(host, saved, name, 'starts an election');
    if (!type.startsWith('+failover-end')) return;
    const endedAt = this.#endedAt.get(host) ?? new Map<string, Millis>();
    this.#endedAt.set(host, endedAt.set(name, host.now));
  }

  checkRoleChange(host: SentinelHost, saved: Hold | null | undefined, name: string): void {
    const isUnderWay = Boolean(host.sentinel?.core.topology.masters.get(name)?.failover);
    const hasJustEnded = this.#endedAt.get(host)?.get(name) === host.now;
    if (!isUnderWay && !hasJustEnded) this.#check(host, saved, name, 'changes a role');
  }

  #check(host: SentinelHost, saved: Hold | null | undefined, name: string, what: string): void {
    const master = host.sentinel?.core.topology.masters.get(name);
    if (!saved || master === undefined || host.now >= saved.until || master.hold.stamp > saved.stamp) return;
    if (master.failover?.purpose === 'manual') return;
    throw new Violation(`${host.name} ${what} although ${name} is paused`);
  }
}

/**
 * When each Sentinel last got each hello through a data node, by its own clock. The payloads themselves are kept, and read only
 * when somebody asks: they are many, and the questions few.
 */
export class HelloRecord {
  readonly #heardAt = new Map<SentinelHost, Map<string, Millis>>();
  #lastPayload = '';
  #lastHello: Hello | null = null;

  /** The same payload goes to every node and comes back to everybody in a row: it is read once. */
  read(payload: string): Hello | null {
    if (payload !== this.#lastPayload) {
      this.#lastPayload = payload;
      this.#lastHello = parseHello(payload.split(',').slice(0, HELLO_FIELDS).join(','));
    }
    return this.#lastHello;
  }

  hear(host: SentinelHost, payload: string): void {
    let heardAt = this.#heardAt.get(host);
    if (heardAt === undefined) {
      heardAt = new Map();
      this.#heardAt.set(host, heardAt);
    }
    heardAt.set(payload, host.now);
  }

  /** A new process has heard nothing. */
  forget(host: SentinelHost): void {
    this.#heardAt.delete(host);
  }

  silence(host: SentinelHost, name: string, runId: string): Millis {
    let latest = Number.NEGATIVE_INFINITY;
    for (const [payload, at] of this.#heardAt.get(host) ?? []) {
      const hello = at > latest ? this.read(payload) : null;
      if (hello?.runId === runId && hello.masterName === name) latest = at;
    }
    return host.now - latest;
  }

  /** Whoever is forgotten does not count for the majority any more: nobody may be who gives a sign of life. */
  checkForgetting(host: SentinelHost, name: string, message: string): void {
    const runId = message.split(' ')[1] ?? '';
    const silence = this.silence(host, name, runId);
    if (silence >= SIGN_OF_LIFE) return;
    throw new Violation(`${host.name} forgets ${short(runId)}, which it heard ${Math.round(silence)} ms ago`);
  }
}
