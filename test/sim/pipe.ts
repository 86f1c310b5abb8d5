// A client's connection to one simulated server: it logs in, writes requests and puts their replies together again.
//
// It keeps the promises of the daemon's connections: one write for everything queued between two flushes, replies in order,
// and not a word after it has been closed or has reported its end.

import type { Address, Credentials, Millis } from '../../src/core/types.js';
import { ErrorReply, MapReply, type Reply } from '../../src/protocol/reply.js';
import type { Appointment } from './agenda.js';
import type { End, Network } from './network.js';
import type { Process } from './process.js';
import type { Command, Frame } from './wire.js';

/** The daemon's limit for connecting and logging in. */
export const CONNECT_TIMEOUT: Millis = 1_500;

export interface PipeOptions {
  readonly address: Address;
  readonly credentials: Credentials | null;
  readonly clientName: string;
  readonly wantsResp3: boolean;
}

export interface PipeListener {
  opened(localHost: string): void;
  /** Comes once, unless the pipe was closed from this side. */
  closed(reason: string, wasRefused: boolean): void;
  message(channel: string, payload: string): void;
}

interface Request {
  readonly count: number;
  readonly replies: Reply[];
  readonly answered: (replies: readonly Reply[]) => void;
}

export class Pipe {
  isOpen = false;
  hasResp3 = false;
  readonly #options: PipeOptions;
  readonly #listener: PipeListener;
  readonly #end: End;
  readonly #deadline: Appointment;
  #isClosed = false;
  #queued: Command[] = [];
  readonly #waiting: Request[] = [];

  constructor(process: Process, network: Network, options: PipeOptions, listener: PipeListener) {
    this.#options = options;
    this.#listener = listener;
    this.#deadline = process.later(CONNECT_TIMEOUT, () => this.#fail('connecting timed out', false));
    this.#end = network.connect(process, options.address, {
      opened: () => this.#logIn(),
      received: (frame) => this.#received(frame),
      closed: (reason, wasRefused) => this.#fail(reason, wasRefused),
    });
  }

  /** How many commands have no reply yet. */
  get unanswered(): number {
    return this.#waiting.reduce((sum, { count, replies }) => sum + count - replies.length, 0);
  }

  get end(): End {
    return this.#end;
  }

  /** Queues commands for the next `flush`. */
  send(commands: readonly Command[], answered: (replies: readonly Reply[]) => void): void {
    if (this.#isClosed) return;
    this.#queued.push(...commands);
    this.#waiting.push({ count: commands.length, replies: [], answered });
  }

  flush(): void {
    if (this.#queued.length === 0) return;
    const commands = this.#queued;
    this.#queued = [];
    this.#end.send({ kind: 'commands', commands });
  }

  close(): void {
    this.#isClosed = true;
    this.#deadline.cancel();
    this.#end.close();
  }

  #logIn(): void {
    const { credentials, clientName, wantsResp3 } = this.#options;
    if (credentials !== null) {
      const { user, password } = credentials;
      this.send([user === null ? ['AUTH', password] : ['AUTH', user, password]], () => undefined);
    }
    if (wantsResp3) {
      this.send([['HELLO', '3']], ([reply]) => {
        this.hasResp3 = !(reply instanceof ErrorReply);
      });
    }
    this.send([['CLIENT', 'SETNAME', clientName]], () => {
      this.#deadline.cancel();
      this.isOpen = true;
      this.#listener.opened(this.#end.localHost);
    });
    this.flush();
  }

  #received(frame: Frame): void {
    switch (frame.kind) {
      case 'message':
        this.#listener.message(frame.channel, frame.payload);
        return;
      case 'replies':
        for (const reply of frame.replies) this.#take(reply);
        return;
      default:
        throw new Error(`a client got ${frame.kind}`);
    }
  }

  #take(reply: Reply): void {
    if (this.#isClosed) return;
    const [request] = this.#waiting;
    if (request === undefined) throw new Error('a reply that nobody waits for');
    request.replies.push(plain(reply));
    if (request.replies.length < request.count) return;
    this.#waiting.shift();
    request.answered(request.replies);
  }

  #fail(reason: string, wasRefused: boolean): void {
    if (this.#isClosed) return;
    this.close();
    this.#listener.closed(reason, wasRefused);
  }
}

/** Maps arrive as alternating names and values, as client libraries hand them on. */
function plain(reply: Reply): Reply {
  if (reply instanceof MapReply) return reply.entries.flat().map(plain);
  return Array.isArray(reply) ? reply.map(plain) : reply;
}
