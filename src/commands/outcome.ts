// What running a command leads to: a reply, several, none, or one that has to wait for the disk.

import type { Ticket } from '../core/effect.js';
import type { Reply } from '../protocol/reply.js';

/** The reply is not known yet. It arrives as a `reply` effect with this ticket; later replies of the client wait for it. */
export class Deferred {
  readonly ticket: Ticket;
  constructor(ticket: Ticket) {
    this.ticket = ticket;
  }
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

export type Outcome = Reply | Replies | Deferred | typeof NO_REPLY;
