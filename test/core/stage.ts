// Virtual time around one Sentinel: the smallest driver that keeps the contract at the head of `core/sentinel.ts`.
//
// It drains after every call, performs what was drained, lets scripted parties answer one millisecond later, and ticks exactly
// when `dueAt` says. `stall` is the one exception: it lets time pass with nothing delivered, and then runs the tick before the
// answers, as an event loop does that was stopped.

import type { Core } from '../../src/core/core.js';
import type { Effect, Purpose, Request } from '../../src/core/effect.js';
import type { SentinelEvent } from '../../src/core/event.js';
import type { Input } from '../../src/core/input.js';
import type { Link } from '../../src/core/link.js';
import type { Master } from '../../src/core/master.js';
import { SeededRandom } from '../../src/core/random.js';
import { Sentinel } from '../../src/core/sentinel.js';
import type { SavedState } from '../../src/core/state.js';
import {
  type Address,
  addressKey,
  type Channel,
  HELLO_CHANNEL,
  type LinkId,
  type Millis,
  VOTE_CHANNEL,
} from '../../src/core/types.js';
import type { Reply } from '../../src/protocol/reply.js';
import { freshSnapshot } from '../support/fresh-snapshot.js';

/** Somebody at the other end of a link. */
export interface Party {
  readonly address: Address;
  /** `silent` takes connections and commands and answers nothing; `refusing` is a process that is gone. */
  condition: 'up' | 'silent' | 'refusing';
  respond(commands: readonly (readonly string[])[]): Reply[];
}

/** One effect and when it was drained. */
export interface Performed<E extends Effect = Effect> {
  readonly at: Millis;
  readonly effect: E;
}

export interface Sent {
  readonly at: Millis;
  readonly request: Request;
}

interface Connection {
  readonly party: Party | null;
  isUp: boolean;
  readonly unanswered: Request[];
}

interface Due {
  readonly at: Millis;
  readonly act: () => void;
}

/** When every stage begins: some time after zero, which the core takes for "never". */
export const BEGINNING: Millis = 1_000_000;
/** Our own address on every connection, and so in our hellos. */
export const LOCAL_HOST = '10.0.0.100';
const LATENCY: Millis = 1;
const CONNECT_TIMEOUT: Millis = 1_000;

export class Stage {
  readonly sentinel: Sentinel;
  now: Millis = BEGINNING;
  readonly parties = new Map<string, Party>();
  /** What host names resolve to; a name that is missing does not resolve. */
  readonly hosts = new Map<string, string>();
  /** Everything drained since the beginning, or since `forget`. */
  log: Performed[] = [];
  /** `held`: saves are answered only by `answerSave`; a text: they fail with it. */
  disk: 'working' | 'held' | { readonly failure: string } = 'working';
  readonly savesInFlight: number[] = [];
  /** How many ticks there have been: a promise that is always due shows here. */
  ticks = 0;
  readonly #connections = new Map<LinkId, Connection>();
  #agenda: Due[] = [];
  #breaking: LinkId | null = null;

  constructor(saved: SavedState, seed: number, parties: readonly Party[] = []) {
    this.sentinel = new Sentinel(saved, new SeededRandom(seed), this.now);
    for (const party of parties) this.add(party);
    this.#drain();
  }

  get core(): Core {
    return this.sentinel.core;
  }

  master(name = 'mymaster'): Master {
    const master = this.core.topology.masters.get(name);
    if (master === undefined) throw new Error(`no master ${name}`);
    return master;
  }

  add(party: Party): void {
    this.parties.set(addressKey(party.address), party);
  }

  // Time

  advance(duration: Millis): void {
    const end = this.now + duration;
    for (;;) {
      const at = Math.max(this.now, Math.min(this.sentinel.dueAt, this.#agenda[0]?.at ?? Number.POSITIVE_INFINITY));
      if (at > end) break;
      this.now = at;
      this.#deliver();
      if (this.sentinel.dueAt <= this.now) this.tick();
    }
    this.now = end;
  }

  /** Advances until the condition holds and returns how long it took. */
  until(condition: () => boolean, limit: Millis, what = 'the condition'): Millis {
    const start = this.now;
    while (!condition()) {
      if (this.now - start >= limit) throw new Error(`${what} did not come true within ${limit} ms`);
      this.advance(1);
    }
    return this.now - start;
  }

  untilEvent(type: string, limit: Millis): Millis {
    return this.until(() => this.events(type).length > 0, limit, type);
  }

  /** The whole process stands still; then the timers run before what has arrived is read. */
  stall(duration: Millis): void {
    this.now += duration;
    this.tick();
    this.#deliver();
  }

  tick(): void {
    this.ticks++;
    this.sentinel.tick(this.now);
    this.#drain();
  }

  // Inputs

  receive(input: Input): void {
    this.sentinel.receive(input, this.now);
    this.#drain();
  }

  /** Does what an operator's or a peer's command does: something to the core, then `evaluate`. */
  command<Result>(run: (core: Core, now: Millis) => Result): Result {
    const result = run(this.core, this.now);
    this.sentinel.evaluate(this.now);
    this.#drain();
    return result;
  }

  /** A hello arrives through the data node at this address, or through the master. */
  hear(payload: string, through: Address = this.master().node.address): void {
    this.#hear(HELLO_CHANNEL, payload, through);
  }

  hearVote(payload: string, through: Address = this.master().node.address): void {
    this.#hear(VOTE_CHANNEL, payload, through);
  }

  #hear(channel: Channel, payload: string, through: Address): void {
    this.receive({ kind: 'message', link: this.linkTo(through).id, channel, payload });
  }

  answerSave(failure: string | null = null): void {
    const version = this.savesInFlight.shift();
    if (version === undefined) throw new Error('no save is in flight');
    this.receive(failure === null ? { kind: 'saved', version } : { kind: 'save-failed', version, reason: failure });
  }

  // What happens to others

  crash(party: Party): void {
    party.condition = 'refusing';
    for (const [link, connection] of [...this.#connections]) {
      if (connection.party === party) this.#breakConnection(link, 'connection closed');
    }
  }

  hang(party: Party): void {
    party.condition = 'silent';
  }

  /** Up again; what a hanging party has received meanwhile is answered now. */
  revive(party: Party): void {
    party.condition = 'up';
    for (const [link, connection] of [...this.#connections]) {
      if (connection.party !== party) continue;
      if (!connection.isUp) this.#later(LATENCY, () => this.#finishOpening(link, connection));
      for (const request of connection.unanswered.splice(0)) this.#answer(link, connection, request);
    }
  }

  /** Breaks the connections to a party that stays what it is. */
  disconnect(party: Party): void {
    for (const [link, connection] of [...this.#connections]) {
      if (connection.party === party) this.#breakConnection(link, 'connection reset');
    }
  }

  /** What the core sends on it before it has learned of the break (after a stall it asks everybody first) is lost. */
  #breakConnection(link: LinkId, reason: string): void {
    this.#connections.delete(link);
    this.#breaking = link;
    this.receive({ kind: 'link-down', link, reason, refused: false });
    this.#breaking = null;
  }

  // Inspection

  forget(): void {
    this.log = [];
  }

  effects<Kind extends Effect['kind']>(kind: Kind): Performed<Extract<Effect, { kind: Kind }>>[] {
    return this.log.filter((entry): entry is Performed<Extract<Effect, { kind: Kind }>> => entry.effect.kind === kind);
  }

  /** Events of these types, or all, in their order. */
  events(...types: string[]): SentinelEvent[] {
    const all = this.effects('event').map(({ effect }) => effect.event);
    return types.length === 0 ? all : all.filter(({ type }) => types.includes(type));
  }

  eventTypes(): string[] {
    return this.events().map(({ type }) => type);
  }

  /** The payloads of the events of one type. */
  messages(type: string): string[] {
    return this.events(type).map(({ message }) => message);
  }

  /** Requests that left for this party, all or those of one purpose. */
  sentTo(party: { readonly address: Address }, purpose?: Purpose['kind']): Sent[] {
    const link = this.linkTo(party.address).id;
    return this.effects('send')
      .filter(({ effect }) => effect.link === link)
      .filter(({ effect }) => purpose === undefined || effect.request.purpose.kind === purpose)
      .map(({ at, effect }) => ({ at, request: effect.request }));
  }

  /** The payloads published towards this party on a channel. */
  published(party: { readonly address: Address }, channel: Channel): string[] {
    return this.sentTo(party, 'publish')
      .map(({ request }) => request.commands[0] ?? [])
      .filter(([, where]) => where === channel)
      .map(([, , payload = '']) => payload);
  }

  linkTo(address: Address): Link {
    for (const master of this.core.topology.masters.values()) {
      const node = this.core.topology.findNode(master, address);
      if (node !== null) return node.link;
    }
    const shared = this.core.topology.peerLinks.get(addressKey(address));
    if (shared === undefined) throw new Error(`no link to ${addressKey(address)}`);
    return shared.link;
  }

  // Performing effects

  #drain(): void {
    for (const effect of this.sentinel.drain()) {
      this.log.push({ at: this.now, effect });
      this.#perform(effect);
    }
  }

  #perform(effect: Effect): void {
    switch (effect.kind) {
      case 'open':
        return this.#open(effect.link, effect.address);
      case 'close':
        this.#connections.delete(effect.link);
        return;
      case 'send': {
        const connection = this.#connections.get(effect.link);
        if (connection === undefined && effect.link === this.#breaking) return;
        if (connection === undefined || !connection.isUp) throw new Error(`sent on closed link ${effect.link}`);
        if (connection.party?.condition === 'up') this.#answer(effect.link, connection, effect.request);
        else connection.unanswered.push(effect.request);
        return;
      }
      case 'save':
        freshSnapshot(this.sentinel);
        return this.#save(effect.version);
      case 'resolve': {
        const ip = this.hosts.get(effect.host) ?? null;
        this.#later(LATENCY, () => this.receive({ kind: 'resolved', host: effect.host, ip }));
        return;
      }
      default:
      // Replies, events, scripts and exits are only recorded.
    }
  }

  #open(link: LinkId, address: Address): void {
    const party = this.parties.get(addressKey(address)) ?? null;
    const connection: Connection = { party, isUp: false, unanswered: [] };
    if (this.#connections.has(link)) throw new Error(`link ${link} was opened twice`);
    this.#connections.set(link, connection);
    this.#later(party?.condition === 'silent' ? CONNECT_TIMEOUT : LATENCY, () => this.#finishOpening(link, connection));
  }

  #finishOpening(link: LinkId, connection: Connection): void {
    if (this.#connections.get(link) !== connection || connection.isUp) return;
    const { party } = connection;
    if (party?.condition === 'up') {
      connection.isUp = true;
      this.receive({ kind: 'link-up', link, localHost: LOCAL_HOST });
      return;
    }
    this.#connections.delete(link);
    const isThere = party?.condition === 'silent';
    const reason = isThere ? 'connect timeout' : 'connection refused';
    this.receive({ kind: 'link-down', link, reason, refused: !isThere });
  }

  #answer(link: LinkId, connection: Connection, request: Request): void {
    const replies = connection.party?.respond(request.commands) ?? [];
    this.#later(LATENCY, () => {
      if (this.#connections.get(link) === connection) this.receive({ kind: 'reply', link, request, replies });
    });
  }

  #save(version: number): void {
    if (this.savesInFlight.length > 0) throw new Error('two saves in flight');
    this.savesInFlight.push(version);
    if (this.disk === 'held') return;
    const { disk } = this;
    this.#later(LATENCY, () => this.answerSave(disk === 'working' ? null : disk.failure));
  }

  #later(delay: Millis, act: () => void): void {
    const due = { at: this.now + delay, act };
    const index = this.#agenda.findIndex(({ at }) => at > due.at);
    if (index < 0) this.#agenda.push(due);
    else this.#agenda.splice(index, 0, due);
  }

  #deliver(): void {
    for (let due = this.#agenda[0]; due !== undefined && due.at <= this.now; due = this.#agenda[0]) {
      this.#agenda.shift();
      due.act();
    }
  }
}
