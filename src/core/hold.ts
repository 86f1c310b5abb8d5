// An operator's `SENTINEL PAUSE`: for a while the group starts nothing by itself.
//
// Held, a Sentinel watches, judges, publishes and follows newer configurations as ever, and votes for Vedettes that ask; but it
// stands for no election of its own accord, neither to replace a dead master nor to resolve a contradiction, and puts no node
// right. What is under way when the hold begins is brought to its end, and what an operator asks for (`SENTINEL FAILOVER`) is
// done. Original Sentinels cannot know of it; they are refused votes instead.
//
// A hold is told to every other Vedette over our own links. The later word wins, which its stamp decides: milliseconds of the
// sender's clock, but always greater than every stamp that it knows.

import { send } from './connection.js';
import type { Core } from './core.js';
import { describeMaster } from './description.js';
import { touchMaster } from './durable.js';
import { LONGEST_HOLD } from './limits.js';
import type { Master } from './master.js';
import type { Peer } from './peer.js';
import { type Hold, NO_HOLD } from './state.js';
import type { Millis } from './types.js';
import { tellHold } from './wire.js';

/** Ends that are no further apart differ by the way of the message only. */
const SAME_END: Millis = 1_000;
/** A stamp is forgotten when everything it could be compared with is over. */
const STAMP_LIFE: Millis = LONGEST_HOLD + 3_600_000;
/** No clock is that far ahead. A greater stamp could hardly be outdone, and would be remembered for as long. */
const FARTHEST_STAMP: Millis = 7 * LONGEST_HOLD;

export function isHeld(master: Master, now: Millis): boolean {
  return now < master.hold.until;
}

/** For how long still; 0 when there is no hold. */
export function holdRemaining(master: Master, now: Millis): Millis {
  return Math.max(0, Math.ceil(master.hold.until - now));
}

/** `SENTINEL PAUSE`, and with a duration of 0 `SENTINEL RESUME`. */
export function beginHold(core: Core, master: Master, lasts: Millis, now: Millis): void {
  const stamp = Math.max(master.hold.stamp + 1, Math.floor(now));
  adoptHold(core, master, stamp, lasts, now);
}

/**
 * Another Sentinel, or an operator through one, has said this last. Older words are ignored. Of the same word the longer rest
 * counts: the clock by which ours was saved may have been set since.
 */
export function adoptHold(core: Core, master: Master, stamp: number, remaining: Millis, now: Millis): void {
  if (stamp < master.hold.stamp || stamp > now + FARTHEST_STAMP) return;
  const lasts = Math.min(Math.max(0, remaining), LONGEST_HOLD);
  const { until } = master.hold;
  if (stamp === master.hold.stamp && (until === 0 || now + lasts <= until + SAME_END)) return;
  master.hold = { stamp, until: lasts === 0 ? 0 : Math.ceil(now + lasts) };
  master.wakeAt = now;
  touchMaster(core, master);
}

/** A saved hold goes on for what is left of it. */
export function restoreHold(saved: Hold | null, now: Millis): Hold {
  if (saved === null) return NO_HOLD;
  return { stamp: saved.stamp, until: Math.min(saved.until, now + LONGEST_HOLD) };
}

/** Says when a hold begins and ends, and tells the others. */
export function attendHold(core: Core, master: Master, now: Millis): void {
  const { hold } = master;
  if (hold.stamp === 0) return;
  announce(core, master, now);
  if (isHeld(master, now)) master.wakeBy(hold.until);
  else if (now >= hold.stamp + STAMP_LIFE) {
    master.hold = NO_HOLD;
    touchMaster(core, master);
    return;
  }
  for (const peer of master.peers.values()) tell(core, master, peer, now);
}

function announce(core: Core, master: Master, now: Millis): void {
  const isOn = isHeld(master, now);
  const told = isOn ? master.hold.stamp : null;
  if (told === master.toldHold) return;
  master.toldHold = told;
  if (isOn) {
    const seconds = Math.round(holdRemaining(master, now) / 1_000);
    core.announce('warning', '+pause', master, `${describeMaster(core, master)} for ${seconds} seconds`, now);
    return;
  }
  const reason = master.hold.until === 0 ? 'resumed' : 'expired';
  core.announce('warning', '-pause', master, `${describeMaster(core, master)} ${reason}`, now);
}

/** Repeated until it is answered, and once on every new connection: the other may have been away. */
function tell(core: Core, master: Master, peer: Peer, now: Millis): void {
  const { hold } = master;
  const isOver = hold.until !== 0 && !isHeld(master, now);
  if (isOver || peer.knownHold >= hold.stamp || peer.speaksVotes === false || !peer.link.isOpen) return;
  const { askPeriod } = core.tunables;
  const isNews = peer.holdToldStamp !== hold.stamp;
  const dueAt = peer.holdToldAt === null || isNews ? now : peer.holdToldAt + askPeriod;
  if (now < dueAt) {
    master.wakeBy(dueAt);
    return;
  }
  master.wakeBy(now + askPeriod);
  if (!send(core, peer.link, tellHold(master, peer, hold.stamp, holdRemaining(master, now)))) return;
  peer.holdToldAt = now;
  peer.holdToldStamp = hold.stamp;
}

/** It has what we have, or something newer, which holds for us, too. Null: it knows no such command and is not told again. */
export function holdAnswered(
  core: Core,
  master: Master,
  peer: Peer,
  answer: { readonly stamp: number; readonly remaining: Millis } | null,
  now: Millis,
): void {
  peer.knownHold = answer?.stamp ?? Number.POSITIVE_INFINITY;
  if (answer !== null) adoptHold(core, master, answer.stamp, answer.remaining, now);
}
