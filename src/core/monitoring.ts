// What is asked of data nodes and peers, by due time: connecting, PING, INFO, subscriptions.
//
// Duties that fall due about together leave together: on a PING's turn everything that is due within half a PING period goes
// along, so that a node costs one write for each turn. Nothing is decided here; answers are applied in `report.ts`.

import { close, keepConnected, send } from './connection.js';
import type { Core } from './core.js';
import type { DataNode } from './data-node.js';
import { URGENT_INFO_PERIOD, WATCH_PERIOD } from './limits.js';
import type { Link } from './link.js';
import type { Master } from './master.js';
import { mastersOf, type PeerLink } from './topology.js';
import { pingPeriod } from './tunables.js';
import {
  type Channel,
  type Credentials,
  HELLO_CHANNEL,
  type Login,
  type Millis,
  STANDARD_GREETING,
  VOTE_CHANNEL,
} from './types.js';
import { ASK_ID, greetingWords, info, killScript, ping as pingRequest, probeRoleCommand, subscribe } from './wire.js';

export function monitorNode(core: Core, master: Master, node: DataNode, now: Millis): void {
  const { link } = node;
  const { downAfter } = master.settings;
  master.wakeBy(keepConnected(core, link, nodeLogin(master), downAfter, now));
  if (link.isOpen && isDeaf(link)) close(core, link, 'nothing comes through its subscription', now, now);
  if (!link.isOpen) {
    if (link.state === 'closed') master.wakeBy(link.reconnectAt);
    return;
  }
  for (const [which, channel] of CHANNELS) subscribeTo(core, master, link, which, channel);
  const period = pingPeriodOf(core, master);
  const isPingTurn = ping(core, master, link, period, master.pingTurnAt === now ? period / 2 : 0, now);
  if (isPingTurn) askPostponed(core, master, link);
  master.wakeBy(link.lastPingSentAt + period);
  askInfo(core, master, node, isPingTurn ? period / 2 : 0, now);
}

/**
 * Our own hellos come back to us through a subscription. One that carried them and has stopped is dead, though commands are
 * still answered: without RESP3 it is a connection of its own. Counted in hellos, so that a stall of ours is no silence.
 */
function isDeaf(link: Link): boolean {
  return link.subscriptions.hello === 'subscribed' && link.hasHeardItself && link.unheardHellos > UNHEARD_HELLOS;
}
/** The last one may still be on its way. (The original waits for three periods.) */
const UNHEARD_HELLOS = 3;

/** What a new connection to a data node begins with, in one write. */
export function greetNode(core: Core, master: Master, node: DataNode, now: Millis): void {
  node.hasReportedOnConnection = false;
  node.infoInFlight = 0;
  node.infoWanted = true;
  node.roleChange = null;
  node.pause = null;
  node.pauseRefusal = null;
  node.link.lastPingSentAt = 0;
  send(core, node.link, probeRoleCommand(master));
  monitorNode(core, master, node, now);
}

export function monitorPeerLink(core: Core, shared: PeerLink, now: Millis): void {
  let downAfter = Number.POSITIVE_INFINITY;
  let period = Number.POSITIVE_INFINITY;
  for (const master of mastersOf(shared)) {
    downAfter = Math.min(downAfter, master.settings.downAfter);
    period = Math.min(period, pingPeriodOf(core, master));
  }
  const { link } = shared;
  shared.wakeAt = keepConnected(core, link, peerLogin(core), downAfter, now);
  if (!link.isOpen) return;
  ping(core, null, link, period, isPingTurnOf(shared, now) ? period / 2 : 0, now);
  shared.wakeAt = Math.min(shared.wakeAt, link.lastPingSentAt + period);
}

/** A fence stands after a fraction of down-after, and every moment before it costs writes: whoever may need one asks twice as often. */
function pingPeriodOf(core: Core, { settings }: Master): Millis {
  return pingPeriod(core.tunables, settings.fenceIsolatedMaster ? settings.downAfter / 2 : settings.downAfter);
}

export function greetPeer(core: Core, shared: PeerLink, now: Millis): void {
  shared.confirmedRunId = null;
  shared.isAnonymous = false;
  shared.link.lastPingSentAt = 0;
  send(core, shared.link, ASK_ID);
  monitorPeerLink(core, shared, now);
  for (const peer of shared.users.values()) {
    peer.lastHelloSentAt = 0;
    peer.lastAskedAt = null;
    peer.speaksVotes = null;
    peer.lastVoteSentAt = 0;
    peer.knownHold = 0;
    peer.holdToldAt = null;
  }
}

/**
 * When one node of a master is due for a PING, all that are due within half a period join in, the peers' links too:
 * a process that wakes once and writes to everybody costs a fraction of one that wakes for each of them.
 */
export function beginPingTurn(core: Core, master: Master, now: Millis): void {
  const period = pingPeriodOf(core, master);
  const slack = Math.min(core.foresight, period / PING_SLACK);
  for (const { link } of master.nodes()) {
    if (link.isOpen && now >= link.lastPingSentAt + period - slack) master.pingTurnAt = now;
  }
}

/** For the sake of other masters a turn may begin this fraction of its period early. */
const PING_SLACK = 8;

/** Whether a master that uses this link is just having its turn. */
export function isPingTurnOf(shared: PeerLink, now: Millis): boolean {
  for (const master of shared.users.keys()) if (master.pingTurnAt === now) return true;
  return false;
}

/** Sends a PING if one is due and says whether it did. Silence begins with the first PING that stays unanswered. */
function ping(core: Core, master: Master | null, link: Link, period: Millis, slack: Millis, now: Millis): boolean {
  if (now < link.lastPingSentAt + period - slack) return false;
  link.lastPingSentAt = now;
  if (!send(core, link, pingRequest(master))) return false;
  link.pingsInFlight++;
  link.fallSilent(now, core.lateness.total);
  return true;
}

/** After a stall of ours everybody is asked again at once. `master` is null for a link to another Sentinel. */
export function pingNow(core: Core, master: Master | null, link: Link, now: Millis): void {
  link.lastPingSentAt = 0;
  ping(core, master, link, 0, 0, now);
}

function subscribeTo(core: Core, master: Master, link: Link, which: 'hello' | 'vote', channel: Channel): void {
  if (link.subscriptions[which] !== 'none') return;
  if (send(core, link, subscribe(master, channel))) link.subscriptions[which] = 'asked';
}

/** A node that could not subscribe us when it was asked. */
function askPostponed(core: Core, master: Master, link: Link): void {
  for (const [which, channel] of CHANNELS) {
    if (link.subscriptions[which] !== 'postponed') continue;
    link.subscriptions[which] = 'none';
    subscribeTo(core, master, link, which, channel);
  }
}

const CHANNELS = [
  ['hello', HELLO_CHANNEL],
  ['vote', VOTE_CHANNEL],
] as const;

function askInfo(core: Core, master: Master, node: DataNode, slack: Millis, now: Millis): void {
  const dueAt = node.infoSentAt === null ? now : node.infoSentAt + infoPeriod(core, master, node);
  const isDue = now >= dueAt - slack;
  if (!node.infoWanted && !isDue) {
    master.wakeBy(dueAt);
    return;
  }
  if (!send(core, node.link, info(master, now))) return;
  node.infoSentAt = now;
  node.infoInFlight++;
  node.infoWanted = false;
  master.wakeBy(now + infoPeriod(core, master, node));
}

/**
 * Replicas of a master in trouble are watched more closely, so that their offsets are fresh when one must be chosen;
 * a failover that waits for replicas to follow looks five times a second.
 */
function infoPeriod(core: Core, master: Master, node: DataNode): Millis {
  const period = core.tunables.infoPeriod;
  if (master.dualMaster !== null && node.info?.role === 'master') return Math.min(period, URGENT_INFO_PERIOD);
  const isAtRest = master.failover === null && node.reboot === null;
  if (node === master.node) return isAtRest ? period : Math.min(period, URGENT_INFO_PERIOD);
  if (master.failover?.state === 'reconfigure-replicas' && node.reconfiguration !== 'done') {
    return Math.min(period, WATCH_PERIOD);
  }
  const isInTrouble = master.node.isSubjectivelyDown || master.failover !== null;
  const isCutOff = node.info?.role === 'slave' && !node.info.masterLinkUp;
  return isInTrouble || isCutOff ? Math.min(period, URGENT_INFO_PERIOD) : period;
}

/** A node answered BUSY: if it counts as down for it, its script is asked to stop, once for each time it blocks. */
export function stopBlockingScript(core: Core, master: Master, node: DataNode): void {
  if (!node.isSubjectivelyDown || node.hasBeenAskedToKillScript) return;
  if (send(core, node.link, killScript(master))) node.hasBeenAskedToKillScript = true;
}

function nodeLogin(master: Master): Login {
  const { authUser, authPass, renamedCommands } = master.settings;
  const credentials = authPass === null ? null : { user: authUser, password: authPass };
  return { credentials, words: renamedCommands.size === 0 ? STANDARD_GREETING : greetingWords(master) };
}

/** Other Sentinels rename nothing. */
function peerLogin(core: Core): Login {
  return { credentials: peerCredentials(core), words: STANDARD_GREETING };
}

function peerCredentials(core: Core): Credentials | null {
  const { sentinelUser, sentinelPass } = core.settings;
  if (sentinelPass !== null) return { user: sentinelUser, password: sentinelPass };
  return core.portPassword === null ? null : { user: null, password: core.portPassword };
}
