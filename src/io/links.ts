// Performs the effects `open`, `close` and `send`, and turns what the network does into inputs of the core.
//
// It decides nothing: when to connect, what to ask and what silence means is the core's business. Here links are only looked up,
// and their writes gathered so that everything one drain sends to one server leaves in one piece.

import type { SecureContext } from 'node:tls';

import type { Effect, Request } from '../core/effect.js';
import type { Input } from '../core/input.js';
import { type LinkId, STANDARD_GREETING } from '../core/types.js';
import type { LinkConnections } from './link-connections.js';

/**
 * Attempts to connect that are begun in one turn of the event loop. A thousand at once would keep it so busy that their own time
 * limit passes before their replies are read; the next turn comes when what these have led to is done.
 */
const ATTEMPTS_PER_TURN = 64;

type OpenEffect = Extract<Effect, { kind: 'open' }>;
type Maker = typeof LinkConnections;

export interface LinksOptions {
  /** Receives every input; never called from within a call of ours, `resolved` excepted. */
  deliver(input: Input): void;
  /** The last good IP address of a host name, an IP address itself, or null while there is none. Never blocks. */
  ipOf(host: string): string | null;
  /** Something an operator should read in the log. Contains no secret. */
  warn(message: string): void;
  /** The certificates for a new link; null for links without TLS, which they are if this is not given. */
  secureContext?(): SecureContext | null;
}

export class Links {
  readonly #options: LinksOptions;
  readonly #links = new Map<LinkId, LinkConnections>();
  readonly #unresolved = new Map<LinkId, OpenEffect>();
  /** Attempts for later turns, oldest first. */
  readonly #queued = new Map<LinkId, { readonly effect: OpenEffect; readonly host: string }>();
  /** What links are made of; null until it is loaded. */
  #maker: Maker | null = null;
  #attemptsThisTurn = 0;
  readonly #unflushed = new Set<LinkConnections>();

  constructor(options: LinksOptions) {
    this.#options = options;
  }

  /**
   * Loads what links are made of; attempts that were begun before wait for it. Rejects when that is missing or broken.
   *
   * Not loaded together with this file: ioredis alone takes a fifth of a start, and meanwhile the port can answer already.
   */
  async load(): Promise<void> {
    const { LinkConnections } = await import('./link-connections.js');
    this.#maker = LinkConnections;
    this.#nextTurn(LinkConnections);
  }

  /** Starts to connect; yields one `link-up` or `link-down`. A host name without an address waits for `resolved`. */
  open(effect: OpenEffect): void {
    this.close(effect.link);
    const host = this.#options.ipOf(effect.address.host);
    if (host === null) this.#unresolved.set(effect.link, effect);
    else this.#attempt(effect, host);
  }

  /** A host name was looked up: links that wait for it connect, or go down if it has no address. */
  resolved(name: string, ip: string | null): void {
    for (const effect of [...this.#unresolved.values()]) {
      if (effect.address.host !== name) continue;
      this.#unresolved.delete(effect.link);
      const reason = `the host name ${name} has no known address`;
      if (ip !== null) this.#attempt(effect, ip);
      else this.#options.deliver({ kind: 'link-down', link: effect.link, reason, refused: false });
    }
  }

  /** Drops the link. Nothing of it is delivered any more. */
  close(link: LinkId): void {
    this.#unresolved.delete(link);
    this.#queued.delete(link);
    const connections = this.#links.get(link);
    if (connections === undefined) return;
    this.#forget(link, connections);
    connections.close();
  }

  /** Queues the request for the next `flush`. A link that has just broken drops it: its `link-down` says so. */
  send(link: LinkId, request: Request): void {
    const connections = this.#links.get(link);
    if (connections === undefined) return;
    connections.send(request);
    this.#unflushed.add(connections);
  }

  /** Writes what was sent since the last call: one write for each connection, however many requests it had. */
  flush(): void {
    for (const connections of this.#unflushed) connections.flush();
    this.#unflushed.clear();
  }

  closeAll(): void {
    for (const link of [...this.#links.keys(), ...this.#unresolved.keys(), ...this.#queued.keys()]) this.close(link);
  }

  #attempt(effect: OpenEffect, host: string): void {
    const maker = this.#maker;
    if (maker !== null && this.#attemptsThisTurn === 0) setImmediate(() => this.#nextTurn(maker));
    if (maker !== null && this.#attemptsThisTurn++ < ATTEMPTS_PER_TURN) this.#connect(effect, host, maker);
    else this.#queued.set(effect.link, { effect, host });
  }

  #nextTurn(maker: Maker): void {
    this.#attemptsThisTurn = 0;
    for (const [link, { effect, host }] of this.#queued) {
      if (this.#attemptsThisTurn++ === ATTEMPTS_PER_TURN) break;
      this.#queued.delete(link);
      this.#connect(effect, host, maker);
    }
    if (this.#attemptsThisTurn > 0) setImmediate(() => this.#nextTurn(maker));
  }

  #connect(effect: OpenEffect, host: string, maker: Maker): void {
    const { link, address, credentials, words = STANDARD_GREETING, clientName } = effect;
    const secureContext = this.#options.secureContext?.() ?? null;
    const login = { host, port: address.port, credentials, words, clientName, secureContext };
    const connections = new maker(link, login, {
      deliver: (input) => this.#options.deliver(input),
      warn: (message) => this.#options.warn(message),
      ended: () => this.#forget(link, connections),
    });
    this.#links.set(link, connections);
  }

  #forget(link: LinkId, connections: LinkConnections): void {
    if (this.#links.get(link) === connections) this.#links.delete(link);
    this.#unflushed.delete(connections);
  }
}
