// Opening, closing and writing to links: the small steps that every duty of `monitoring.ts` shares.

import type { Core } from './core.js';
import type { Request } from './effect.js';
import { LATENESS_EXCUSE_IN_DOWN_AFTERS, MAX_PENDING_COMMANDS } from './limits.js';
import type { Link } from './link.js';
import { pingPeriod } from './tunables.js';
import { type Login, type Millis, STANDARD_GREETING } from './types.js';

/** How many digits of our run id name our connections in the other end's CLIENT LIST. */
const CLIENT_NAME_DIGITS = 8;

export function open(core: Core, link: Link, { credentials, words }: Login, now: Millis): void {
  link.state = 'opening';
  link.stateSince = now;
  const { host, port } = link.address;
  // The name is looked up beside the connection, never before it: the last good address, or the name itself, will do.
  if (isHostName(host)) core.outbox.push({ kind: 'resolve', host });
  core.outbox.push({
    kind: 'open',
    link: link.id,
    address: { host: core.topology.ipOf(host), port },
    credentials,
    ...(words === STANDARD_GREETING ? {} : { words }),
    clientName: `sentinel-${core.myId.slice(0, CLIENT_NAME_DIGITS)}`,
  });
}

/** Drops the connection on our own account. It is opened again at `reconnectAt`. */
export function close(core: Core, link: Link, reason: string, reconnectAt: Millis, now: Millis): void {
  if (link.state === 'closed') return;
  core.outbox.push({ kind: 'close', link: link.id, reason });
  breakOff(core, link, reason, now);
  link.reconnectAt = reconnectAt;
}

/** Whether it is a name that would have to be looked up. */
export function isHostName(host: string): boolean {
  return !host.includes(':') && !/^\d+(\.\d+){3}$/.test(host);
}

/** What changes when a connection is gone, whoever ended it. */
export function breakOff(core: Core, link: Link, reason: string, now: Millis): void {
  link.state = 'closed';
  link.stateSince = now;
  link.lastFailure = reason;
  link.pendingRequests = 0;
  link.pendingCommands = 0;
  link.pingsInFlight = 0;
  link.subscriptions.hello = 'none';
  link.subscriptions.vote = 'none';
  link.unheardHellos = 0;
  link.hasHeardItself = false;
  link.fallSilent(now, core.lateness.total);
}

/** Sends unless the link is closed or already has more unanswered commands than it will ever work off. */
export function send(core: Core, link: Link, request: Request): boolean {
  if (!link.isOpen || link.pendingCommands >= MAX_PENDING_COMMANDS * link.references) return false;
  link.pendingRequests++;
  link.pendingCommands += request.commands.length;
  core.outbox.push({ kind: 'send', link: link.id, request });
  return true;
}

/**
 * How long the other end has given no sign of life, less the time we ourselves have lost since.
 * The excuse is bounded: a process that is always late must judge in the end.
 */
export function silence(core: Core, link: Link, downAfter: Millis, now: Millis): Millis {
  if (link.silentSince === null) return 0;
  return now - link.silentSince - excuse(core, link, downAfter);
}

/** Whether we have been late for so long during this silence that we judge even in a late step. */
export function isExcuseUsedUp(core: Core, link: Link, downAfter: Millis): boolean {
  return excuse(core, link, downAfter) >= downAfter * LATENESS_EXCUSE_IN_DOWN_AFTERS;
}

function excuse(core: Core, link: Link, downAfter: Millis): Millis {
  const late = core.lateness.total - link.latenessAtSilence;
  return Math.min(late, downAfter * LATENESS_EXCUSE_IN_DOWN_AFTERS);
}

/** Connects when it is time, and replaces a connection that has gone quiet: perhaps only the connection is stuck. */
export function keepConnected(core: Core, link: Link, login: Login, downAfter: Millis, now: Millis): Millis {
  if (link.state === 'closed') {
    if (now < link.reconnectAt) return link.reconnectAt;
    open(core, link, login, now);
  }
  if (link.state !== 'open' || link.silentSince === null) return Number.POSITIVE_INFINITY;
  const leastAge = Math.min(core.tunables.minLinkReconnectPeriod, Math.max(downAfter / 2, LEAST_CONNECTION_AGE));
  const stuckAt = Math.max(link.silentSince + downAfter / 2, link.stateSince + leastAge);
  if (now < stuckAt) return stuckAt;
  close(core, link, 'no answer for half of down-after', now, now);
  open(core, link, login, now);
  return Number.POSITIVE_INFINITY;
}
const LEAST_CONNECTION_AGE: Millis = 500;

/** A broken link is tried again at the pace of PINGs; a refusal that counts is to be seen again before it does. */
export function reconnectDelay(core: Core, downAfter: Millis, downAfterRefused: Millis): Millis {
  const period = pingPeriod(core.tunables, downAfter);
  if (downAfterRefused === 0) return period;
  return Math.min(period, Math.max(SHORTEST_RECONNECT, downAfterRefused / REFUSALS_NEEDED));
}
/**
 * A lost master is tried a few times more in the first second, at growing intervals: should it be back without its data, every
 * moment counts (`reboot.ts`).
 */
export function quickened(link: Link, delay: Millis, now: Millis): Millis {
  if (link.workedUntil === null) return delay;
  return Math.min(delay, Math.max(QUICK_RECONNECT, now - link.workedUntil));
}
const QUICK_RECONNECT: Millis = 50;
const SHORTEST_RECONNECT: Millis = 20;
const REFUSALS_NEEDED = 4;
