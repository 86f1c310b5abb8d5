// One connection to one address, as the core sees it: open or not, and for how long it has been silent.
//
// Links to other Sentinels are shared by all masters they watch. The core decides when to connect; the driver only obeys.
// Silence is counted from the first unanswered PING or from the moment the connection broke, never from the last PING sent:
// asking more often must not make a dead node look alive.

import type { Address, LinkId, Millis } from './types.js';

export type LinkState = 'closed' | 'opening' | 'open';
/** `postponed`: the node could not do it then (a script blocks it) and is asked again with the next PING. */
export type SubscriptionState = 'none' | 'asked' | 'postponed' | 'subscribed' | 'refused';

export class Link {
  readonly id: LinkId;
  address: Address;
  state: LinkState = 'closed';
  /** Since when it has been in its state. */
  stateSince: Millis;
  /** First unanswered PING, or the moment the connection broke; null while the other end answers. */
  silentSince: Millis | null;
  /** Our own lateness accumulated when the silence began; see `lateness.ts`. */
  latenessAtSilence: Millis;
  /** The last reply to a PING that counts as alive. */
  lastAliveAt: Millis;
  /** The last reply to a PING, whatever it said. */
  lastPingReplyAt: Millis;
  lastPingSentAt: Millis = 0;
  /** How long the last PING took to be answered; 0 before the first. */
  lastRoundTrip: Millis = 0;
  pingsInFlight = 0;
  /** When the next attempt to connect is due. */
  reconnectAt: Millis;
  /** Requests sent and not yet answered. */
  pendingRequests = 0;
  /** Commands in those requests; `link-pending-commands` on the wire. */
  pendingCommands = 0;
  readonly subscriptions: { hello: SubscriptionState; vote: SubscriptionState } = { hello: 'none', vote: 'none' };
  /** Our own IP address on this connection; empty before the first connection. */
  localHost = '';
  /** Hellos published here since a message came back; see `isDeaf` in `monitoring.ts`. */
  unheardHellos = 0;
  /** A hello of our own has come back on this connection. */
  hasHeardItself = false;
  /** How many masters use this link; 1 for a data node. */
  references = 1;
  /** Why it was last closed, for operators. */
  lastFailure = '';
  /** The last answer to a PING was that we must log in first: connected, but of no use. Outlasts reconnecting. */
  isLockedOut = false;
  /** When the last connection that worked broke; null before the first. */
  workedUntil: Millis | null = null;
  /** Since when connections have been refused without interruption by an answer; null if not. */
  refusedSince: Millis | null = null;

  constructor(id: LinkId, address: Address, now: Millis, lateness: Millis) {
    this.id = id;
    this.address = address;
    this.stateSince = now;
    this.silentSince = now;
    this.latenessAtSilence = lateness;
    this.lastAliveAt = now;
    this.lastPingReplyAt = now;
    this.reconnectAt = now;
  }

  get isOpen(): boolean {
    return this.state === 'open';
  }

  /** What others call connected: open, and let in. */
  get isUsable(): boolean {
    return this.isOpen && !this.isLockedOut;
  }

  /** Starts the count of silence unless it is already running. */
  fallSilent(now: Millis, lateness: Millis): void {
    if (this.silentSince !== null) return;
    this.silentSince = now;
    this.latenessAtSilence = lateness;
  }

  /** A silence that has begun before counts from now on only. */
  countSilenceFrom(now: Millis, lateness: Millis): void {
    if (this.silentSince === null) return;
    this.silentSince = now;
    this.latenessAtSilence = lateness;
  }

  showAlive(now: Millis): void {
    this.silentSince = null;
    this.lastAliveAt = now;
    this.refusedSince = null;
    this.isLockedOut = false;
  }
}
