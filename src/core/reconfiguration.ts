// The last state of a failover: the other replicas are made to follow the new master, `parallel-syncs` at a time.
// How far each has come is read from its INFO; nothing is concluded from replies.

import type { Core } from './core.js';
import type { DataNode } from './data-node.js';
import { describeMaster, describeReplica } from './description.js';
import { endRecord, notePhase } from './history.js';
import type { Failover, Master } from './master.js';
import { isPaused, keepPaused } from './pause.js';
import { followsMaster } from './report.js';
import { requestRole } from './role-change.js';
import type { Millis } from './types.js';

export function reconfigureReplicas(
  core: Core,
  master: Master,
  failover: Extract<Failover, { state: 'reconfigure-replicas' }>,
  now: Millis,
): void {
  if (master.objectivelyDownSince !== null) {
    // Nobody can follow a dead master: what is left is the business of the next failover, which may be ours.
    finish(core, master, [], now);
    master.wakeBy(now);
    return;
  }
  demoteAfterHandover(core, master, failover, now);
  for (const node of others(master, failover.demoted)) observe(core, master, node, now);
  const open = [...others(master, failover.demoted)].filter((node) => node.reconfiguration !== 'done');
  const reachable = open.filter((node) => !node.isSubjectivelyDown);
  if (isEverybodyRepointed(core, master, failover.demoted)) notePhase(master, 'repointed', now);
  const deadline = failover.since + master.settings.failoverTimeout;
  if (reachable.length === 0 || now >= deadline) {
    finish(core, master, reachable, now);
    return;
  }
  master.wakeBy(deadline);
  let busy = reachable.filter((node) => node.reconfiguration !== 'none').length;
  for (const node of reachable) {
    if (node.reconfiguration === 'sent') requestRole(core, master, node, master.node.address, now);
    if (node.reconfiguration !== 'none' || busy >= master.settings.parallelSyncs) continue;
    if (!requestRole(core, master, node, master.node.address, now)) continue;
    enter(node, 'sent', now);
    core.announce('notice', '+slave-reconf-sent', master, describeReplica(core, master, node), now);
    busy++;
  }
}

/**
 * The paused old master is demoted in the moment the new configuration is on disk; until then its pause is kept up. If the
 * pause has ended first, writes may have been accepted there after the promotion, and an event says so.
 */
function demoteAfterHandover(
  core: Core,
  master: Master,
  failover: Extract<Failover, { state: 'reconfigure-replicas' }>,
  now: Millis,
): void {
  const { demoted, isHandover } = failover;
  if (!isHandover || demoted.pause === null || demoted.info?.role !== 'master') return;
  if (!isPaused(demoted, now)) {
    core.announce(
      'warning',
      '-handover',
      master,
      `${describeReplica(core, master, demoted)} the pause ended too early, writes may be lost`,
      now,
    );
    demoted.pause = null;
  }
  if (!isBeingDemoted(core, master, demoted)) {
    if (demoted.pause !== null) keepPaused(core, master, now, demoted);
    requestRole(core, master, demoted, master.node.address, now);
  }
}

/** A role change that was sent before the switch does not count. */
function isBeingDemoted(core: Core, master: Master, { roleChange }: DataNode): boolean {
  return roleChange?.target != null && core.topology.isSame(roleChange.target, master.node.address);
}

/**
 * All replicas but the old master, and but any other node that says it is a master: it may be a promotion that has not been
 * announced yet. Those are dealt with under the conditions of `stale-master.ts`.
 */
function* others(master: Master, demoted: DataNode): IterableIterator<DataNode> {
  for (const node of master.replicas.values()) {
    const role = node.info?.role ?? null;
    if (role === 'slave' || (role === null && node !== demoted)) yield node;
  }
}

/** As far as they can be reached, and whether or not they have resynchronised yet. */
function isEverybodyRepointed(core: Core, master: Master, demoted: DataNode): boolean {
  for (const node of others(master, demoted)) {
    if (!node.isSubjectivelyDown && !followsMaster(core, master, node)) return false;
  }
  return true;
}

function observe(core: Core, master: Master, node: DataNode, now: Millis): void {
  if (node.reconfiguration === 'done') return;
  const replica = describeReplica(core, master, node);
  const isFollowing = followsMaster(core, master, node);
  if (isFollowing && node.reconfiguration === 'sent') {
    enter(node, 'in-progress', now);
    core.announce('notice', '+slave-reconf-inprog', master, replica, now);
  }
  if (isFollowing && node.info?.masterLinkUp === true) {
    const wasAsked = node.reconfiguration !== 'none';
    enter(node, 'done', now);
    if (wasAsked) core.announce('notice', '+slave-reconf-done', master, replica, now);
    return;
  }
  if (node.reconfiguration !== 'sent') return;
  const givenUpAt = node.reconfigurationAt + core.tunables.replicaReconfigurationTimeout;
  if (now < givenUpAt) {
    master.wakeBy(givenUpAt);
    return;
  }
  // As in the original it no longer holds up the others; the repair of wrong masters takes care of it later.
  enter(node, 'done', now);
  core.announce('notice', '-slave-reconf-sent-timeout', master, replica, now);
}

function enter(node: DataNode, state: 'sent' | 'in-progress' | 'done', now: Millis): void {
  node.reconfiguration = state;
  node.reconfigurationAt = now;
}

/** Ends the failover; on a timeout the replicas that are left get the role change once more, for what it is worth. */
function finish(core: Core, master: Master, left: readonly DataNode[], now: Millis): void {
  const description = describeMaster(core, master);
  if (left.length > 0) core.announce('warning', '+failover-end-for-timeout', master, description, now);
  for (const node of left) {
    if (node.reconfiguration !== 'none') continue;
    if (!requestRole(core, master, node, master.node.address, now)) continue;
    core.announce('notice', '+slave-reconf-sent-be', master, describeReplica(core, master, node), now);
  }
  core.announce('warning', '+failover-end', master, description, now);
  endRecord(master, left.length > 0 ? 'timed-out' : 'completed', now);
  endReconfiguration(master);
}

/** Whatever is still to be repointed is left to whoever leads next, or to the repair of wrong masters. */
export function endReconfiguration(master: Master): void {
  master.failover = null;
  for (const node of master.nodes()) node.reconfiguration = 'none';
}
