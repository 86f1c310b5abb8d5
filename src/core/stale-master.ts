// Puts right the nodes that contradict the configuration in force: a former master that returns as a master, and a replica
// that follows somebody else.
//
// Demoting the wrong node loses data or makes two nodes follow each other, so four things are needed, in this order:
//   1. the sighting: the node's own INFO on the present connection;
//   2. a majority of the Sentinels, asked after it, has our configuration and has promised its support to nobody newer;
//   3. the configured master itself, asked after that, says that it is a master;
//   4. the role change leaves on the connection that gave the sighting.
// A master is demoted only if its reign is known to be older than the configuration in force; an unknown one may be a promotion
// that has not been announced yet. If it never is, a re-affirmation makes a configuration that is newer than it.

import { send } from './connection.js';
import type { Core } from './core.js';
import type { DataNode } from './data-node.js';
import { describeReplica } from './description.js';
import { promiseUntil } from './election.js';
import { looksAlive, majority } from './electorate.js';
import { isHeld } from './hold.js';
import { STALE_MASTER_PATIENCE } from './limits.js';
import type { Master, StaleCheck } from './master.js';
import type { Peer } from './peer.js';
import { isOlderReign } from './reign.js';
import { followsMaster } from './report.js';
import { requestRole } from './role-change.js';
import type { Epoch, Millis } from './types.js';
import { askConfiguration } from './wire.js';

/** How long a replica may follow the wrong master, in hello periods. */
const WRONG_MASTER_IN_PUBLISH_PERIODS = 2;

export function repairWrongNodes(core: Core, master: Master, now: Millis): void {
  let wrong: DataNode[] | null = null;
  for (const node of master.replicas.values()) {
    if (!isRepairDue(core, master, node, now)) continue;
    wrong ??= [];
    wrong.push(node);
  }
  if (wrong === null || !isInPosition(core, master, now)) {
    master.staleCheck = null;
    return;
  }
  const check = proceed(core, master, now);
  if (check.state !== 'confirmed') return;
  const isBusyElsewhere = isSomebodyReconfiguring(master, check);
  for (const node of wrong) {
    const isMaster = node.info?.role === 'master';
    if (!isSameSighting(node, check)) continue;
    if (!isMaster && isBusyElsewhere) continue;
    if (!requestRole(core, master, node, master.node.address, now)) continue;
    const type = isMaster ? '+convert-to-slave' : '+fix-slave-config';
    core.announce('notice', type, master, describeReplica(core, master, node), now);
  }
}

/** A newer report may only repeat what was sighted; anything that changed in between starts a new round. */
function isSameSighting(node: DataNode, check: StaleCheck): boolean {
  return Math.max(node.roleReportedAt, node.configurationReportedAt) <= check.startedAt;
}

function isInPosition(core: Core, master: Master, now: Millis): boolean {
  // While an operator has paused the group, only what belongs to a failover under way is done.
  if (isHeld(master, now) && master.failover === null) return false;
  if (core.tilt !== null || master.node.isSubjectivelyDown || !master.node.link.isOpen) return false;
  return master.failover === null || master.failover.state === 'reconfigure-replicas';
}

function isRepairDue(core: Core, master: Master, node: DataNode, now: Millis): boolean {
  const { info } = node;
  if (!node.link.isOpen || !node.hasReportedOnConnection || info === null || node.isSubjectivelyDown) return false;
  if (info.role === 'master') return isOlderReign(core, master, node);
  const dueAt = repointingDueAt(core, master, node);
  if (now < dueAt) master.wakeBy(dueAt);
  return now >= dueAt;
}

function repointingDueAt(core: Core, master: Master, node: DataNode): Millis {
  const isLeadersBusiness = master.failover !== null;
  if (node.info?.role !== 'slave' || isLeadersBusiness || followsMaster(core, master, node))
    return Number.POSITIVE_INFINITY;
  const since = Math.max(node.configurationReportedAt, master.configurationSince);
  return since + WRONG_MASTER_IN_PUBLISH_PERIODS * core.tunables.publishPeriod;
}

/** Asks what is to be asked next and returns how far the questions have come. */
function proceed(core: Core, master: Master, now: Millis): StaleCheck {
  const current = master.staleCheck;
  if (current === null || now >= current.since + STALE_MASTER_PATIENCE) return begin(core, master, now);
  master.wakeBy(current.since + STALE_MASTER_PATIENCE);
  if (current.state === 'asking' && countAgreeing(core, master, current.round, now) >= majority(master)) {
    master.node.infoWanted = true;
    return enter(master, { ...current, state: 'confirming', since: now });
  }
  if (current.state === 'confirming' && isReigning(master, current)) {
    return enter(master, { ...current, state: 'confirmed', since: now });
  }
  return current;
}

function begin(core: Core, master: Master, now: Millis): StaleCheck {
  const round = askForConfigurations(core, master);
  master.wakeBy(now + STALE_MASTER_PATIENCE);
  const check = enter(master, { round, startedAt: now, state: 'asking', since: now });
  if (majority(master) > 1) return check;
  master.node.infoWanted = true;
  master.wakeBy(now);
  return enter(master, { ...check, state: 'confirming' });
}

/** Asks every Sentinel within reach for its configuration and promise; returns the number of the round of questions. */
export function askForConfigurations(core: Core, master: Master): number {
  const round = ++master.staleCheckRound;
  for (const peer of master.peers.values()) {
    if (looksAlive(peer)) send(core, peer.link, askConfiguration(master, peer, round));
  }
  return round;
}

function enter(master: Master, check: StaleCheck): StaleCheck {
  master.staleCheck = check;
  if (check.state === 'confirming') master.wakeBy(check.since);
  return check;
}

/**
 * How many, ourselves included, have our configuration and have promised their support to nobody newer, as of that round of
 * questions. `counts` leaves out peers whose answer is not to be counted.
 */
export function countAgreeing(
  core: Core,
  master: Master,
  round: number,
  now: Millis,
  counts: (peer: Peer) => boolean = () => true,
): number {
  let agreeing = haveWePromised(core, master, now) ? 0 : 1;
  for (const peer of master.peers.values()) if (agrees(core, master, peer, round) && counts(peer)) agreeing++;
  return agreeing;
}

/**
 * How many, ourselves included, support nobody with a later epoch than this one of ours, and know no later configuration, as of that
 * round of questions.
 */
export function countSupporting(master: Master, round: number, epoch: Epoch): number {
  const supports = ({ configuration }: Peer) =>
    configuration?.round === round && configuration.epoch <= epoch && configuration.promisedEpoch <= epoch;
  return 1 + [...master.peers.values()].filter(supports).length;
}

/** Whether our own vote supports somebody with an epoch later than our configuration's. */
function haveWePromised(core: Core, master: Master, now: Millis): boolean {
  return promiseUntil(master, core.myId) > now && master.vote.epoch > master.configEpoch;
}

/** Whether the peer answered in that round that it has our configuration and has promised its support to nobody newer. */
function agrees(core: Core, master: Master, peer: Peer, round: number): boolean {
  const { configuration } = peer;
  if (configuration?.round !== round || configuration.epoch !== master.configEpoch) return false;
  if (configuration.promisedEpoch > master.configEpoch) return false;
  return core.topology.isSame(configuration.address, master.node.address);
}

function isSomebodyReconfiguring(master: Master, check: StaleCheck): boolean {
  for (const { configuration } of master.peers.values()) {
    if (configuration?.round === check.round && configuration.isReconfiguring) return true;
  }
  return false;
}

function isReigning(master: Master, check: StaleCheck): boolean {
  const { node } = master;
  return node.infoAskedAt !== null && node.infoAskedAt >= check.since && node.info?.role === 'master';
}
