// `fence-isolated-master`, Vedette's own and off unless asked for: a master that others may be about to replace without being able
// to tell it stops taking writes.
//
// Seen from the Sentinel beside an isolated master, the world has fallen silent: so many Sentinels that they could elect a leader,
// and a replica for them to promote. What that master still acknowledged would be lost with its demotion. So its writes are paused
// before the others can have found it down, and stay so until a majority, asked again, knows nothing newer than our configuration.
// If it does, the pause goes over into the demotion.
//
// A pause holds up every PUBLISH on the node and what is queued behind it on the same connection. So, on the side of the master,
// nothing is published there as soon as the others fall silent; and no Sentinel that knows nothing of this may be on that side.
// This file decides when a fence stands; `pause.ts` keeps it up.

import { silence } from './connection.js';
import type { Core } from './core.js';
import type { DataNode } from './data-node.js';
import { describeMaster } from './description.js';
import { isStock } from './election.js';
import { looksAlive, majority, votesNeeded } from './electorate.js';
import { whyNoHandover } from './handover.js';
import { isHeld } from './hold.js';
import { STALE_MASTER_PATIENCE } from './limits.js';
import type { Link } from './link.js';
import type { Fence, Master } from './master.js';
import { endPause, keepPaused } from './pause.js';
import type { Peer } from './peer.js';
import { followsMaster } from './report.js';
import { askForConfigurations, countAgreeing } from './stale-master.js';
import type { Millis } from './types.js';

/**
 * How long the others are silent before writes are paused: a quarter of down-after, because what is acknowledged until then will be
 * lost. But no shorter than a busy network is silent now and then, as long as that is within half of down-after.
 */
const FENCING_SHARE = 0.25;
const LEAST_FENCING_SILENCE: Millis = 250;
const GREATEST_FENCING_SHARE = 0.5;
/** After this share of that silence nothing is published on the master: neighbours, whose PINGs differ in phase, may pause already. */
const SUSPICIOUS_SHARE = 0.5;
/** How long a pause lasts that nobody renews, within bounds: as long as it takes others to find the master down. */
const SHORTEST_FENCE: Millis = 1_000;
const LONGEST_FENCE: Millis = 10_000;

export interface Isolation {
  readonly silentPeers: number;
  readonly silentReplicas: number;
}

/** Puts up a fence where one is due, keeps it up, and takes it down. */
export function fenceIfIsolated(core: Core, master: Master, now: Millis): void {
  const { fence } = master;
  if (fence !== null) {
    keep(core, master, fence, now);
    return;
  }
  if (!master.settings.fenceIsolatedMaster || core.tilt !== null || core.lateness.isLate) return;
  if (master.failover !== null || isHeld(master, now) || whyNoHandover(master) !== null) return;
  const isolation = findIsolation(core, master, fencingSilence(master), now);
  if (isolation === null) return;
  const { silentPeers, silentReplicas } = isolation;
  const extent = `silent: ${silentPeers} of ${master.peers.size} Sentinels, ${silentReplicas} of ${master.replicas.size} replicas`;
  core.announce('warning', '+fence', master, `${describeMaster(core, master)} #${extent}`, now);
  master.fence = { node: master.node, since: now, inquiry: null };
  keepPaused(core, master, now, master.node, fenceLength(master));
}

/** Whether a PUBLISH on the node might be held up by a fence, ours or that of another Sentinel on this side. */
export function isPublishingRisky(core: Core, master: Master, node: DataNode, now: Millis): boolean {
  if (!master.settings.fenceIsolatedMaster || node !== master.node) return false;
  return master.fence !== null || findIsolation(core, master, SUSPICIOUS_SHARE * fencingSilence(master), now) !== null;
}

function fencingSilence({ settings: { downAfter } }: Master): Millis {
  const least = Math.min(LEAST_FENCING_SILENCE, GREATEST_FENCING_SHARE * downAfter);
  return Math.max(FENCING_SHARE * downAfter, least);
}

/**
 * Who has been silent for so long, if they could replace the master: enough Sentinels to elect a leader, and a
 * replica. Who refuses connections is not isolated but dead. Null while a majority of the replicas is with us and attached.
 */
function findIsolation(core: Core, master: Master, least: Millis, now: Millis): Isolation | null {
  let silentPeers = 0;
  for (const peer of master.peers.values()) {
    if (isSilent(core, master, peer.link, least, now)) silentPeers++;
    else if (isStock(peer)) return null;
  }
  if (silentPeers < votesNeeded(master)) return null;
  let silentReplicas = 0;
  let attached = 0;
  for (const node of master.replicas.values()) {
    if (isSilent(core, master, node.link, least, now)) silentReplicas++;
    else if (node.link.isOpen && node.info?.masterLinkUp === true && followsMaster(core, master, node)) attached++;
  }
  return silentReplicas === 0 || attached * 2 > master.replicas.size ? null : { silentPeers, silentReplicas };
}

function isSilent(core: Core, master: Master, link: Link, least: Millis, now: Millis): boolean {
  if (link.silentSince === null || link.refusedSince !== null) return false;
  const { downAfter } = master.settings;
  const remaining = least - silence(core, link, downAfter, now);
  if (remaining > 0) master.wakeBy(now + remaining);
  return remaining <= 0;
}

function keep(core: Core, master: Master, fence: Fence, now: Millis): void {
  const { node } = fence;
  const isInForce = node === master.node;
  if (![...master.nodes()].includes(node)) return takeDown(core, master, fence, 'it is no longer watched', now);
  if (node.isSubjectivelyDown) return takeDown(core, master, fence, 'it does not answer', now);
  if (!isInForce && (node.info?.role !== 'master' || node.roleChange?.isAnswered === true)) {
    return takeDown(core, master, fence, 'it has been demoted', now);
  }
  if (isInForce && !master.settings.fenceIsolatedMaster) {
    endPause(core, master, node, now);
    return takeDown(core, master, fence, 'switched off', now);
  }
  if (isInForce && isConfirmed(core, master, fence, now)) {
    endPause(core, master, node, now);
    return takeDown(core, master, fence, 'a majority has no newer configuration', now);
  }
  if (node.pauseRefusal?.isLasting === true) return takeDown(core, master, fence, 'it refuses CLIENT PAUSE', now);
  keepPaused(core, master, now, node, fenceLength(master));
}

function takeDown(core: Core, master: Master, { since }: Fence, reason: string, now: Millis): void {
  master.fence = null;
  const description = describeMaster(core, master);
  core.announce('warning', '-fence', master, `${description} #${reason}, after ${Math.round(now - since)} ms`, now);
}

/**
 * Whether a majority that is back within reach, asked after that, has our configuration, has promised its support to nobody newer,
 * and does not find the master down. Who finds it down may replace it at any moment.
 */
function isConfirmed(core: Core, master: Master, fence: Fence, now: Millis): boolean {
  const isBack = (peer: Peer) => looksAlive(peer) && peer.link.silentSince === null;
  if ([...master.peers.values()].filter(isBack).length + 1 < majority(master)) {
    fence.inquiry = null;
    return false;
  }
  if (fence.inquiry === null || now >= fence.inquiry.askedAt + STALE_MASTER_PATIENCE) {
    fence.inquiry = { round: askForConfigurations(core, master), askedAt: now };
    for (const peer of master.peers.values()) peer.lastAskedAt = null;
  }
  const { round, askedAt } = fence.inquiry;
  master.wakeBy(askedAt + STALE_MASTER_PATIENCE);
  const isUp = ({ verdict }: Peer) => verdict !== null && !verdict.down && verdict.at >= askedAt;
  const counts = (peer: Peer) => isBack(peer) && isUp(peer);
  return countAgreeing(core, master, round, now, counts) >= majority(master);
}

function fenceLength(master: Master): Millis {
  return Math.min(LONGEST_FENCE, Math.max(SHORTEST_FENCE, master.settings.downAfter));
}
