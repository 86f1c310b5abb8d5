// Believing in other Sentinels only after asking back.
//
// Whoever may PUBLISH on a data node can announce Sentinels that do not exist, and everybody who counts makes the majority
// greater. So somebody who announces itself is a newcomer (`newcomer.ts`) until its address, asked over our own link, has said
// its run id; until a Sentinel that cannot say its id (before 6.2, or without the permission) answers for this master; or until
// a verified Sentinel lists it. An established group needs that proof. Before, when more than half of those announced have not
// proved themselves to us, every announced address counts: we may be the one that cannot reach the others, and counting too few
// would let two halves of a group elect a leader each.

import type { Listing } from '../protocol/listing.js';
import { send } from './connection.js';
import type { Core } from './core.js';
import { touchMaster } from './durable.js';
import { electorate, looksAlive } from './electorate.js';
import { MAX_NEWCOMERS, MAX_PEERS_PER_MASTER } from './limits.js';
import type { Master } from './master.js';
import type { Newcomer } from './newcomer.js';
import type { Peer } from './peer.js';
import { dropLink, losePeer, peerAt, seatPeer } from './peers.js';
import { reportRefusal } from './refusal.js';
import type { PeerLink } from './topology.js';
import { type Address, addressKey, isRunId, type Millis, type RunId } from './types.js';
import { askAcquaintance, askSentinels } from './wire.js';

/** A newcomer that does not announce itself any more is forgotten, … */
const NEWCOMER_LIFE: Millis = 10_000;
/** … but not so soon while it counts. */
const COUNTED_NEWCOMER_LIFE: Millis = 600_000;
/** One that could not be asked in this time makes room for another. */
const CHANCE: Millis = 2_000;
/** A newcomer that has not proved itself for this long is looked for in the lists of verified Sentinels, … */
const VOUCHING_PATIENCE: Millis = 1_000;
/** … this often. */
const VOUCHING_PERIOD: Millis = 5_000;
/** All that are alive have announced themselves within this many hello periods of the first. */
const ANNOUNCED_IN_PUBLISH_PERIODS = 2;
/** A Sentinel that cannot say its id holds its address while it is heard this often, in hello periods. */
const OCCUPIED_IN_PUBLISH_PERIODS = 3;

const SOMEBODY_ELSE = 'another Sentinel answers at its address';
const NO_SENTINEL = 'no Sentinel of this master answers at its address';
const OCCUPIED = 'its address belongs to a Sentinel that is heard';
const NOT_CONFIGURED = 'it is not in the configuration';
const TOO_MANY = 'too many Sentinels are announced';
const NAMED_HOST = 'its host is a name, and names are not resolved here';

/**
 * The peer that announces itself with this run id and address; `unproven` while it has to prove itself, `refused` when it is
 * not to be believed.
 */
export function meet(
  core: Core,
  master: Master,
  runId: RunId,
  address: Address,
  now: Millis,
): Peer | 'unproven' | 'refused' {
  master.firstHeardAt ??= now;
  const known = master.peers.get(runId);
  if (known !== undefined) {
    const isThere = isSameAddress(known.address, address);
    // Many addresses may lead to one Sentinel; the one where it answers is good enough.
    if (isThere || (looksAlive(known) && confirmedRunId(core, known.address) === runId)) return known;
  }
  const former = master.newcomers.get(runId);
  if (former !== undefined && isSameAddress(former.address, address)) {
    former.heardAt = now;
    return former.disprovedAt === null ? 'unproven' : 'refused';
  }
  const reason = whyRefuse(core, master, runId, address, now);
  if (reason !== null) {
    reportRefusal(core, master, { runId, address }, reason, now);
    return 'refused';
  }
  if (former !== undefined) forgetNewcomer(core, master, former);
  return receive(core, master, runId, address, now);
}

function whyRefuse(core: Core, master: Master, runId: RunId, address: Address, now: Millis): string | null {
  if (core.settings.knownPeersOnly && !master.peers.has(runId)) return NOT_CONFIGURED;
  if (!core.topology.mayUse(address.host)) return NAMED_HOST;
  const confirmed = confirmedRunId(core, address);
  if (confirmed !== null && confirmed !== runId) return SOMEBODY_ELSE;
  return makeRoom(core, master, now) ? null : TOO_MANY;
}

/** Newcomers that had their chance give way to others; those that count do not. */
function makeRoom(core: Core, master: Master, now: Millis): boolean {
  const room = MAX_PEERS_PER_MASTER - master.peers.size;
  if (master.newcomers.size < (master.isEstablished ? Math.min(room, MAX_NEWCOMERS) : room)) return true;
  for (const newcomer of master.newcomers.values()) {
    if (newcomer.disprovedAt === null && !(master.isEstablished && now >= newcomer.metAt + CHANCE)) continue;
    forgetNewcomer(core, master, newcomer);
    return room > 0;
  }
  return false;
}

function receive(
  core: Core,
  master: Master,
  runId: RunId,
  address: Address,
  now: Millis,
): Peer | 'unproven' | 'refused' {
  const newcomer = addNewcomer(core, master, runId, address, now);
  const shared = core.topology.peerLinkOf(newcomer.link.id);
  if (shared?.confirmedRunId === runId) return admit(core, master, newcomer, true, now) ?? 'refused';
  if (shared?.isAnonymous === true) send(core, shared.link, askAcquaintance(master, runId));
  master.wakeAt = now;
  if (!master.isEstablished) touchMaster(core, master);
  return 'unproven';
}

export function addNewcomer(core: Core, master: Master, runId: RunId, address: Address, now: Millis): Newcomer {
  const link = core.topology.linkToPeer(address, now, core.lateness.total);
  const newcomer = { runId, address, link, metAt: now, heardAt: now, lastHello: null, disprovedAt: null };
  core.topology.addNewcomer(master, newcomer);
  return newcomer;
}

export function forgetNewcomer(core: Core, master: Master, newcomer: Newcomer): void {
  master.newcomers.delete(newcomer.runId);
  const link = core.topology.releaseNewcomer(newcomer);
  if (link !== null) dropLink(core, link, 'not verified');
  if (!master.isEstablished) touchMaster(core, master);
}

function admit(core: Core, master: Master, newcomer: Newcomer, isProven: boolean, now: Millis): Peer | null {
  const { runId, address } = newcomer;
  const peer = seatPeer(core, master, runId, address, now);
  if (peer === null) reportRefusal(core, master, newcomer, TOO_MANY, now);
  else if (isProven) peer.isVerified = true;
  forgetNewcomer(core, master, newcomer);
  master.wakeAt = now;
  return peer;
}

function disprove(core: Core, master: Master, newcomer: Newcomer, reason: string, now: Millis): void {
  newcomer.disprovedAt = now;
  const link = core.topology.releaseNewcomer(newcomer);
  if (link !== null) dropLink(core, link, reason);
  master.wakeAt = now;
  if (!master.isEstablished) touchMaster(core, master);
  reportRefusal(core, master, newcomer, reason, now);
}

/**
 * The other end of a link says who it is. Peers that were known there under another id are replaced by that one: the same
 * place, reinstalled, counts once. Returns the hellos of those who have proved themselves by it.
 */
export function identityTold(core: Core, shared: PeerLink, runId: string, now: Millis): string[] {
  if (!isRunId(runId)) return [];
  shared.confirmedRunId = runId;
  for (const [master, peer] of [...shared.users]) {
    if (peer.runId === runId) peer.isVerified = true;
    else replace(core, master, peer, runId, now);
    master.wakeAt = now;
  }
  const hellos: string[] = [];
  for (const [newcomer, master] of [...shared.newcomers]) {
    if (newcomer.runId !== runId || runId === core.myId) disprove(core, master, newcomer, SOMEBODY_ELSE, now);
    else if (admit(core, master, newcomer, true, now) !== null && newcomer.lastHello !== null) {
      hellos.push(newcomer.lastHello);
    }
  }
  shared.wakeAt = now;
  return hellos;
}

function replace(core: Core, master: Master, peer: Peer, runId: RunId, now: Millis): void {
  if (runId === core.myId) {
    // A stale entry that points at ourselves: there is nobody to replace it with.
    losePeer(core, master, peer, 'we ourselves answer there');
    touchMaster(core, master);
    return;
  }
  const seated = seatPeer(core, master, runId, peer.address, now);
  if (seated !== null) seated.isVerified = true;
}

/** The other end does not know `SENTINEL MYID` or may not answer it: then it may at least know the master. */
export function identityWithheld(core: Core, shared: PeerLink): void {
  shared.isAnonymous = true;
  for (const [newcomer, master] of shared.newcomers) send(core, shared.link, askAcquaintance(master, newcomer.runId));
}

/** Whether the address that cannot say its id answers for the master. Returns the newcomer's hello if it is believed now. */
export function acquaintanceAnswered(
  core: Core,
  master: Master,
  runId: RunId,
  isAcquainted: boolean,
  now: Millis,
): string | null {
  const newcomer = master.newcomers.get(runId);
  if (newcomer === undefined || newcomer.disprovedAt !== null) return null;
  const occupant = peerAt(master, newcomer.address);
  const freeAt = (occupant?.lastHelloAt ?? 0) + OCCUPIED_IN_PUBLISH_PERIODS * core.tunables.publishPeriod;
  if (!isAcquainted) disprove(core, master, newcomer, NO_SENTINEL, now);
  else if (occupant !== null && now < freeAt) disprove(core, master, newcomer, OCCUPIED, now);
  else if (admit(core, master, newcomer, true, now) !== null) return newcomer.lastHello;
  return null;
}

/**
 * A verified Sentinel lists the others it knows. An original Sentinel knows everybody it has heard of, so only those count that
 * it has a connection to. Returns the hellos of those who are believed now.
 */
export function sentinelsListed(
  core: Core,
  master: Master,
  lister: Peer,
  listings: readonly Listing[],
  now: Millis,
): string[] {
  const hellos: string[] = [];
  if (!lister.isVerified) return hellos;
  for (const { runId, isConnected, ...address } of listings) {
    const newcomer = master.newcomers.get(runId);
    if (newcomer === undefined || newcomer.disprovedAt !== null) continue;
    if (!isSameAddress(newcomer.address, address) || (lister.speaksVotes !== true && !isConnected)) continue;
    if (admit(core, master, newcomer, false, now) !== null && newcomer.lastHello !== null) {
      hellos.push(newcomer.lastHello);
    }
  }
  return hellos;
}

/** Forgets newcomers whose time is over, has the others vouched for, and looks whether the group is established. */
export function reviewNewcomers(core: Core, master: Master, now: Millis): void {
  if (!master.isEstablished) establish(core, master, now);
  if (master.newcomers.size === 0) return;
  let isVouchingWanted = false;
  for (const newcomer of [...master.newcomers.values()]) {
    const expiresAt = newcomer.disprovedAt ?? newcomer.heardAt;
    const isCounted = newcomer.disprovedAt === null && !master.isEstablished;
    const forgottenAt = expiresAt + (isCounted ? COUNTED_NEWCOMER_LIFE : NEWCOMER_LIFE);
    if (now >= forgottenAt) forgetNewcomer(core, master, newcomer);
    else master.wakeBy(forgottenAt);
    isVouchingWanted ||= newcomer.disprovedAt === null && now < forgottenAt;
  }
  if (isVouchingWanted) haveVouched(core, master, now);
  else master.vouchingDueAt = null;
}

function haveVouched(core: Core, master: Master, now: Millis): void {
  master.vouchingDueAt ??= now + VOUCHING_PATIENCE;
  if (now >= master.vouchingDueAt) {
    master.vouchingDueAt = now + VOUCHING_PERIOD;
    for (const peer of master.peers.values()) {
      if (peer.isVerified && looksAlive(peer)) send(core, peer.link, askSentinels(master, peer));
    }
  }
  master.wakeBy(master.vouchingDueAt);
}

/** Once more than half of all that announce themselves have proved who they are, later ones have to. */
function establish(core: Core, master: Master, now: Millis): void {
  if (master.firstHeardAt === null) return;
  const dueAt = master.firstHeardAt + ANNOUNCED_IN_PUBLISH_PERIODS * core.tunables.publishPeriod;
  if (now < dueAt) {
    master.wakeBy(dueAt);
    return;
  }
  let verified = 0;
  for (const peer of master.peers.values()) if (peer.isVerified) verified++;
  if (verified === 0 || 2 * (verified + 1) <= electorate(master)) return;
  master.isEstablished = true;
  touchMaster(core, master);
}

function confirmedRunId(core: Core, address: Address): RunId | null {
  return core.topology.peerLinks.get(addressKey(address))?.confirmedRunId ?? null;
}

function isSameAddress(one: Address, other: Address): boolean {
  return one.host === other.host && one.port === other.port;
}
