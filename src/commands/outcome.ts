// What running a command leads to: a reply, several, none, or one that has to wait, for the disk or for the address of a host.

import type { Ticket } from '../core/effect.js';
import type { Master } from '../core/master.js';
import type { Reply } from '../protocol/reply.js';

/** The reply is not known yet. It arrives as a `reply` effect with this ticket; later replies of the client wait for it. */
export class Deferred {
  readonly ticket: Ticket;
  /** The one master that the command concerned; null if it may have been more. */
  readonly master: Master | null;
  constructor(ticket: Ticket, master: Master | null = null) {
    this.ticket = ticket;
    this.master = master;
  }
}

/**
 * Nothing was done: the command needs the address of this host first. It is to be run once more with the answer in its context, before
 * any later command of the client.
 */
export class Postponed {
  readonly host: string;
  constructor(host: string) {
    this.host = host;
  }
}

/** The answer about a host name; the core has received it, too. */
export interface LookedUp {
  readonly host: string;
  /** Null: there is no known address. */
  readonly ip: string | null;
}

/** Several replies to one command, as SUBSCRIBE gives one for each channel. Not an array reply. */
export class Replies {
  readonly all: readonly Reply[];
  constructor(all: readonly Reply[]) {
    this.all = all;
  }
}

/** The command is never answered: `CLIENT REPLY OFF`, SHUTDOWN. */
export const NO_REPLY = Symbol('no reply');

export type Outcome = Reply | Replies | Deferred | Postponed | typeof NO_REPLY;
