// What follows whenever another address becomes a master's configuration: by our own failover, or learned from a peer.

import type { Core } from './core.js';
import type { DataNode } from './data-node.js';
import { describeReplica } from './description.js';
import { recordReign } from './durable.js';
import type { Master } from './master.js';
import type { Millis } from './types.js';

/** Whether this Sentinel led the failover or heard of it: the second argument of the client-reconfig script. */
export type Part = 'leader' | 'observer';

/** Call after the configuration has been adopted; `former` is the node that was the master before. */
export function switchMaster(core: Core, master: Master, former: DataNode, part: Part, now: Millis): void {
  master.objectivelyDownSince = null;
  master.candidateFrom = null;
  master.obstacle = null;
  master.staleCheck = null;
  master.fruitlessAttempts = 0;
  // What we waited for, a leader's success or our next attempt, has happened; only a promise to a later epoch still binds.
  if (master.vote.epoch <= master.configEpoch) master.notCandidateBefore = 0;
  for (const peer of master.peers.values()) {
    peer.verdict = null;
    peer.lastAskedAt = null;
  }
  for (const node of master.nodes()) {
    node.reconfiguration = 'none';
    node.infoWanted = true;
    // From now on a report of another role than that of its new place is an event.
    node.roleTold = node === master.node ? 'master' : 'slave';
  }
  const { node } = master;
  node.roleReportedAt = now;
  node.configurationReportedAt = now;
  judgeAnew(node);
  judgeAnew(former);
  // Whoever was cut off with us from all that happened has not been silent as our master yet (the original starts anew, too).
  node.link.countSilenceFrom(now, core.lateness.total);
  if (node.info?.role === 'master') recordReign(core, master, node, node.info.replicationId);
  const from = `${core.topology.announced(former.address)} ${former.address.port}`;
  const to = `${core.topology.announced(node.address)} ${node.address.port}`;
  core.announce('warning', '+switch-master', master, `${master.name} ${from} ${to}`, now);
  for (const replica of master.replicas.values()) {
    core.announce('notice', '+slave', master, describeReplica(core, master, replica), now);
  }
  const script = master.settings.clientReconfigScript;
  if (script !== null) {
    const args = [master.name, part, 'start', ...from.split(' '), ...to.split(' ')];
    core.outbox.push({ kind: 'run-script', path: script, args });
  }
  announceNow(master);
}

/** In its new role a node is looked at afresh: if it is down, an event says so under its new name. */
function judgeAnew(node: DataNode): void {
  node.subjectivelyDownSince = null;
  node.overdueSince = null;
  node.reboot = null;
}

/** Makes hellos to everybody due at once. */
export function announceNow(master: Master): void {
  for (const node of master.nodes()) node.lastHelloSentAt = 0;
  for (const peer of master.peers.values()) peer.lastHelloSentAt = 0;
}
