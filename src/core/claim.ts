// A newer configuration that somebody announces, until it is confirmed.
//
// Whoever may PUBLISH on a data node can forge a hello. So a hello by itself changes nothing: it makes us ask its sender over
// our own link, and the answer is what we adopt. Our own INFO does as well: a known replica that says it is a master, and does
// not owe that to the past, confirms the claim that it is. In a failover one of the two is there within a round trip.

import { send } from './connection.js';
import type { Core } from './core.js';
import type { DataNode } from './data-node.js';
import { describePeer } from './description.js';
import { adoptConfiguration } from './durable.js';
import { abandonUnlessPromoted } from './election.js';
import { believeEpoch } from './epoch-guard.js';
import { endRecord, recordAdoption } from './history.js';
import type { Claim, Master } from './master.js';
import { isPlaced } from './names.js';
import type { Peer } from './peer.js';
import { endReconfiguration } from './reconfiguration.js';
import { reportRefusal } from './refusal.js';
import { isOlderReign } from './reign.js';
import { addReplica } from './report.js';
import { switchMaster } from './switch-master.js';
import type { Address, Epoch, Millis, RunId } from './types.js';
import { askConfiguration } from './wire.js';

/** The same sender is asked again after this while its claim is neither confirmed nor refuted. */
const ASK_AGAIN: Millis = 200;
/** A question that was under way when the claim was heard has been answered after this. */
const CONTRADICTION_PATIENCE: Millis = 1_000;
/** An unconfirmed claim that is not repeated is forgotten. */
const CLAIM_LIFE: Millis = 10_000;

/** A hello announces a configuration that is newer than ours. */
export function hearClaim(master: Master, sender: RunId, epoch: Epoch, address: Address, now: Millis): void {
  const { claim } = master;
  const isSame = claim !== null && claim.sender === sender && claim.epoch === epoch;
  const first = { since: now, askedAt: null, isRefused: false };
  const { since, askedAt, isRefused } = isSame ? claim : first;
  master.claim = { sender, epoch, address, since, heardAt: now, askedAt, isRefused };
}

/** Adopts what is confirmed and asks about what is not. */
export function considerClaim(core: Core, master: Master, now: Millis): void {
  for (const peer of master.peers.values()) {
    const { configuration } = peer;
    if (configuration === null || configuration.epoch <= master.configEpoch || !isTheOneThere(core, peer)) continue;
    if (!isRecognised(core, master, configuration.address, now)) continue;
    adopt(core, master, peer, configuration.epoch, configuration.address, now);
  }
  const { claim } = master;
  if (claim === null) return;
  const sender = master.peers.get(claim.sender) ?? null;
  if (claim.epoch <= master.configEpoch || now > claim.heardAt + CLAIM_LIFE) {
    if (claim.epoch > master.configEpoch) refuse(core, master, sender, claim, now);
    master.claim = null;
    return;
  }
  const isKnown = isRecognised(core, master, claim.address, now);
  const node = isKnown ? core.topology.findNode(master, claim.address) : null;
  if (node !== null && node !== master.node && confirms(core, master, node, claim)) {
    adopt(core, master, sender, claim.epoch, claim.address, now);
    return;
  }
  if (node !== null && (node.infoSentAt ?? 0) < claim.since) node.infoWanted = true;
  if (sender === null) return;
  ask(core, master, sender, claim, now);
  if (isContradicted(sender, claim, now)) refuse(core, master, sender, claim, now);
}

/** Its sender, asked after it, still says that it has an older configuration: it never sent that hello. */
function isContradicted(sender: Peer, claim: Claim, now: Millis): boolean {
  const { configuration } = sender;
  if (configuration === null || now < claim.since + CONTRADICTION_PATIENCE) return false;
  return configuration.at > claim.since && configuration.epoch < claim.epoch;
}

/** Counts it, and tells operators, once for each claim. It stays a claim: what it announces may still come true. */
function refuse(core: Core, master: Master, sender: Peer | null, claim: Claim, now: Millis): void {
  if (claim.isRefused) return;
  core.counters.claimsRefused++;
  if (master.claim !== null) master.claim = { ...master.claim, isRefused: true };
  if (sender === null) return;
  const { host, port } = claim.address;
  reportRefusal(core, master, sender, `nobody confirms that ${host} ${port} is the master`, now);
}

/** The address has not said that it is somebody else. (Sentinels before 6.2 cannot say who they are.) */
function isTheOneThere(core: Core, peer: Peer): boolean {
  const confirmed = core.topology.peerLinkOf(peer.link.id)?.confirmedRunId ?? null;
  return confirmed === null || confirmed === peer.runId;
}

/** The node itself says so, asked after the claim was heard: before, it may have been something else. */
function confirms(core: Core, master: Master, node: DataNode, claim: Claim): boolean {
  if (!node.link.isOpen || !node.hasReportedOnConnection || node.info?.role !== 'master') return false;
  if (node.infoAskedAt === null || node.infoAskedAt < claim.since) return false;
  return !isOlderReign(core, master, node);
}

/** Whether it is known which node is at the address, or that it is none that we know. */
function isRecognised(core: Core, master: Master, address: Address, now: Millis): boolean {
  return core.topology.findNode(master, address) !== null || isPlaced(core, master, address.host, now);
}

function ask(core: Core, master: Master, sender: Peer, claim: Claim, now: Millis): void {
  const dueAt = claim.askedAt === null ? now : claim.askedAt + ASK_AGAIN;
  if (now < dueAt) {
    master.wakeBy(dueAt);
    return;
  }
  if (!send(core, sender.link, askConfiguration(master, sender, master.staleCheckRound))) return;
  master.claim = { ...claim, askedAt: now };
  master.wakeBy(now + ASK_AGAIN);
}

function adopt(core: Core, master: Master, sender: Peer | null, epoch: Epoch, address: Address, now: Millis): void {
  if (!core.topology.mayUse(address.host) || !believeEpoch(core, master, epoch, now)) return;
  master.claim = null;
  const former = master.node;
  const node = core.topology.findNode(master, address) ?? addReplica(core, master, address, now);
  abandonUnlessPromoted(core, master, now);
  endReconfiguration(master);
  endRecord(master, 'superseded', now);
  if (node !== former) recordAdoption(core, master, node, epoch, sender, now);
  if (sender !== null && node !== former) {
    core.announce('warning', '+config-update-from', master, describePeer(core, master, sender), now);
  }
  adoptConfiguration(core, master, epoch, node, now);
  if (node === former) return;
  switchMaster(core, master, former, 'observer', now);
}
