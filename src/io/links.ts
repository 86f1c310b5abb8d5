// Performs the effects `open`, `close` and `send`, and turns what the network does into inputs of the core.
//
// It decides nothing: when to connect, what to ask and what silence means is the core's business. Here links are only looked up,
// and their writes gathered so that everything one drain sends to one server leaves in one piece.

import type { Effect, Request } from '../core/effect.js';
import type { Input } from '../core/input.js';
import type { LinkId } from '../core/types.js';
import { LinkConnections } from './link-connections.js';

export interface LinksOptions {
  /** Receives every input, always in a turn of the event loop of its own, never from within a call of ours. */
  deliver(input: Input): void;
  /** The last good IP address of a host name, an IP address itself, or null while there is none. Never blocks. */
  ipOf(host: string): string | null;
  /** Something an operator should read in the log. Contains no secret. */
  warn(message: string): void;
}

export class Links {
  readonly #options: LinksOptions;
  readonly #links = new Map<LinkId, LinkConnections>();
  readonly #unflushed = new Set<LinkConnections>();

  constructor(options: LinksOptions) {
    this.#options = options;
  }

  /** Starts to connect; yields one `link-up` or `link-down`. */
  open({ link, address, credentials, clientName }: Extract<Effect, { kind: 'open' }>): void {
    this.close(link);
    const host = this.#options.ipOf(address.host) ?? address.host;
    const login = { host, port: address.port, credentials, clientName };
    const connections = new LinkConnections(link, login, {
      deliver: (input) => this.#options.deliver(input),
      warn: (message) => this.#options.warn(message),
      ended: () => this.#forget(link, connections),
    });
    this.#links.set(link, connections);
  }

  /** Drops the link. Nothing of it is delivered any more. */
  close(link: LinkId): void {
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
    for (const link of [...this.#links.keys()]) this.close(link);
  }

  #forget(link: LinkId, connections: LinkConnections): void {
    if (this.#links.get(link) === connections) this.#links.delete(link);
    this.#unflushed.delete(connections);
  }
}
