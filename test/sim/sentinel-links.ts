// Performs a simulated Sentinel's `open`, `close` and `send`: the twin of the daemon's links on simulated connections.

import type { Effect, Request } from '../../src/core/effect.js';
import type { Input } from '../../src/core/input.js';
import { type Channel, HELLO_CHANNEL, type LinkId, VOTE_CHANNEL } from '../../src/core/types.js';
import { ErrorReply, type Reply } from '../../src/protocol/reply.js';
import type { Network } from './network.js';
import { Pipe, type PipeOptions } from './pipe.js';
import type { Process } from './process.js';

export interface LinkWorld {
  readonly process: Process;
  readonly network: Network;
  receive(input: Input): void;
}

/** The connection behind one link, or the two: servers without RESP3 need a second one for messages. */
class LinkPipes {
  readonly #id: LinkId;
  readonly #options: Omit<PipeOptions, 'wantsResp3'>;
  readonly #world: LinkWorld;
  readonly #main: Pipe;
  #second: Pipe | null = null;
  #subscribing: Request[] = [];

  constructor(id: LinkId, options: Omit<PipeOptions, 'wantsResp3'>, world: LinkWorld, ended: () => void) {
    this.#id = id;
    this.#options = options;
    this.#world = world;
    this.#main = new Pipe(
      world.process,
      world.network,
      { ...options, wantsResp3: true },
      {
        opened: (localHost) => world.receive({ kind: 'link-up', link: id, localHost }),
        closed: (reason, refused) => {
          this.#second?.close();
          ended();
          world.receive({ kind: 'link-down', link: id, reason, refused });
        },
        message: (channel, payload) => this.#message(channel, payload),
      },
    );
  }

  send(request: Request): void {
    if (request.purpose.kind !== 'subscribe' || this.#main.hasResp3) {
      this.#main.send(request.commands, (replies) => this.#answer(request, replies));
      return;
    }
    this.#subscribing.push(request);
    if (this.#second === null) this.#second = this.#openSecond();
    else if (this.#second.isOpen) this.#subscribe(this.#second, request);
  }

  flush(): void {
    this.#main.flush();
    this.#second?.flush();
  }

  close(): void {
    this.#main.close();
    this.#second?.close();
  }

  get unanswered(): number {
    return this.#main.unanswered;
  }

  #openSecond(): Pipe {
    const pipe: Pipe = new Pipe(
      this.#world.process,
      this.#world.network,
      { ...this.#options, wantsResp3: false },
      {
        opened: () => {
          for (const request of this.#subscribing) this.#subscribe(pipe, request);
          pipe.flush();
        },
        closed: (reason) => this.#loseSecond(reason),
        message: (channel, payload) => this.#message(channel, payload),
      },
    );
    return pipe;
  }

  #subscribe(pipe: Pipe, request: Request): void {
    pipe.send(request.commands, (replies) => {
      this.#subscribing = this.#subscribing.filter((waiting) => waiting !== request);
      this.#answer(request, replies);
    });
  }

  #loseSecond(reason: string): void {
    this.#second = null;
    for (const request of this.#subscribing.splice(0)) this.#answer(request, [new ErrorReply(`ERR ${reason}`)]);
    this.#world.receive({ kind: 'subscriptions-lost', link: this.#id, reason });
  }

  #answer(request: Request, replies: readonly Reply[]): void {
    this.#world.receive({ kind: 'reply', link: this.#id, request, replies });
  }

  #message(channel: string, payload: string): void {
    if (isGossip(channel)) this.#world.receive({ kind: 'message', link: this.#id, channel, payload });
  }
}

export class SentinelLinks {
  readonly #world: LinkWorld;
  readonly #links = new Map<LinkId, LinkPipes>();
  readonly #unflushed = new Set<LinkPipes>();

  constructor(world: LinkWorld) {
    this.#world = world;
  }

  open({ link, address, credentials, clientName }: Extract<Effect, { kind: 'open' }>): void {
    if (this.#links.has(link)) throw new Error(`link ${link} is open already`);
    const pipes: LinkPipes = new LinkPipes(link, { address, credentials, clientName }, this.#world, () => {
      if (this.#links.get(link) === pipes) this.#links.delete(link);
    });
    this.#links.set(link, pipes);
  }

  close(link: LinkId): void {
    this.#links.get(link)?.close();
    this.#links.delete(link);
  }

  /** False where there is no such link: the core sent on a connection that it knows to be gone. */
  send(link: LinkId, request: Request): boolean {
    const pipes = this.#links.get(link);
    if (pipes === undefined) return false;
    pipes.send(request);
    this.#unflushed.add(pipes);
    return true;
  }

  /** One write for each connection, however many requests it had. */
  flush(): void {
    if (this.#unflushed.size === 0) return;
    for (const pipes of this.#unflushed) pipes.flush();
    this.#unflushed.clear();
  }

  /** The longest queue of unanswered commands. */
  get longestQueue(): number {
    let longest = 0;
    for (const pipes of this.#links.values()) longest = Math.max(longest, pipes.unanswered);
    return longest;
  }
}

function isGossip(channel: string): channel is Channel {
  return channel === HELLO_CHANNEL || channel === VOTE_CHANNEL;
}
