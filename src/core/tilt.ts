// TILT (documentation, section "TILT mode"): after a long stall of our own we distrust what we believe about others.
//
// Unlike the original the trigger is lateness on a monotonic clock, so a stepped wall clock is no stall, and the mode ends as
// soon as every link has had the time to answer, instead of after a fixed half minute in which nobody would be failed over.

import type { Core } from './core.js';
import { ANSWER_TIME_AFTER_STALL } from './limits.js';
import type { Link } from './link.js';
import type { Master } from './master.js';
import { pingNow } from './monitoring.js';
import type { LinkId, Millis } from './types.js';

/** Asks everybody anew but `broken`, the link whose end is just being reported: nothing can be sent on it any more. */
export function enterTilt(core: Core, broken: LinkId | null, now: Millis): void {
  if (core.tilt === null) core.announce('warning', '+tilt', null, '#tilt mode entered', now);
  core.tilt = { since: now };
  for (const [master, link] of links(core)) if (link.isOpen && link.id !== broken) pingNow(core, master, link, now);
}

/** Leaves TILT when it is time; otherwise returns when to look again. */
export function leaveTiltIfDue(core: Core, now: Millis): Millis {
  if (core.tilt === null) return Number.POSITIVE_INFINITY;
  const { since } = core.tilt;
  const deadline = since + Math.min(core.tunables.tiltPeriod, ANSWER_TIME_AFTER_STALL);
  if (now < deadline && [...links(core)].some(([, link]) => isOwedAnswer(link, since))) return deadline;
  core.tilt = null;
  for (const master of core.topology.masters.values()) master.wakeAt = now;
  core.announce('warning', '-tilt', null, '#tilt mode exited', now);
  return Number.POSITIVE_INFINITY;
}

/** A link that was asked after the stall and has neither answered nor broken since. */
function isOwedAnswer(link: Link, since: Millis): boolean {
  if (link.state === 'opening') return true;
  return link.isOpen && link.lastPingReplyAt < since;
}

/** Every link with the master whose data node is at its other end, null for those to other Sentinels. */
function* links(core: Core): IterableIterator<[Master | null, Link]> {
  for (const master of core.topology.masters.values()) for (const node of master.nodes()) yield [master, node.link];
  for (const shared of core.topology.peerLinks.values()) yield [null, shared.link];
}
