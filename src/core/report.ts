// Applies an INFO report of a data node: identity, role, replicas to discover, replication history.
//
// It records what is so. What follows from it (who is down, how far a failover has come, who must be repointed) is decided
// right afterwards by the modules that own those rules.

import type { InfoReport } from '../protocol/info.js';
import { parseInfo } from '../protocol/info.js';
import type { Core } from './core.js';
import type { DataNode } from './data-node.js';
import { describeNode, describeReplica } from './description.js';
import { recordReign, touchMaster } from './durable.js';
import { MAX_INFO_TEXT, MAX_REPLICAS_PER_MASTER } from './limits.js';
import type { Master } from './master.js';
import { isPlaced } from './names.js';
import { isHistoryDoubtful, noteReboot } from './reboot.js';
import { uniteTwins } from './twins.js';
import { type Address, addressKey, type Millis } from './types.js';

export function applyInfo(
  core: Core,
  master: Master,
  node: DataNode,
  text: string,
  askedAt: Millis,
  now: Millis,
): void {
  const report = parseInfo(text);
  const former = node.info;
  node.info = report;
  node.infoText = text.slice(0, MAX_INFO_TEXT);
  node.infoAt = now;
  node.infoAskedAt = askedAt;
  node.hasReportedOnConnection = true;
  noticeReboot(core, master, node, former, report, now);
  // Whether it is our master's is asked later (`followsMaster`).
  if (report.masterHost !== null) isPlaced(core, master, report.masterHost, now);
  noticeRole(core, master, node, report, now);
  if (report.role === 'master' && isNewReign(master, former, report)) node.reignReportedAt = now;
  if (report.role === 'slave' && !followsSame(former, report)) node.configurationReportedAt = now;
  if (node !== master.node) return;
  for (const line of report.replicas) discoverReplica(core, master, line, now);
  uniteTwins(core, master, now);
  if (report.role === 'master' && !isHistoryDoubtful(node)) recordReign(core, master, node, report.replicationId);
}

function noticeReboot(
  core: Core,
  master: Master,
  node: DataNode,
  former: InfoReport | null,
  report: InfoReport,
  now: Millis,
): void {
  if (report.runId === '' || report.runId === node.runId) return;
  if (node.runId !== '') {
    core.announce('notice', '+reboot', master, describeNode(core, master, node), now);
    if (node === master.node && master.settings.masterRebootDownAfter > 0) node.rebootedAt = now;
    if (node === master.node && former?.role === 'master') noteReboot(node, node.reboot?.former ?? former, now);
  }
  node.runId = report.runId;
}

function noticeRole(core: Core, master: Master, node: DataNode, report: InfoReport, now: Millis): void {
  if (report.role === null) return;
  if (report.role !== node.roleReported) {
    node.roleReported = report.role;
    node.roleReportedAt = now;
    node.configurationReportedAt = now;
  }
  const expected = node === master.node ? 'master' : 'slave';
  const told = node.roleTold ?? expected;
  node.roleTold = report.role;
  if (report.role === told) return;
  const type = report.role === expected ? '+role-change' : '-role-change';
  const message = `${describeNode(core, master, node)} new reported role is ${report.role}`;
  core.announce('verbose', type, master, message, now);
}

/**
 * Whether a node that calls itself a master has become one since its former report. Between two reports it may have followed
 * somebody and been promoted: that changes its history and keeps the old one as the second. A master that restarts with data
 * has a second history, too, and another run id: that of its data, which is its own or, from the time when it was a replica,
 * an earlier one.
 */
function isNewReign(master: Master, former: InfoReport | null, report: InfoReport): boolean {
  if (former?.role !== 'master') return true;
  const { secondReplicationId: second } = report;
  if (report.replicationId === former.replicationId || second === '') return false;
  return report.runId === former.runId || !isOfItsPast(master, former, second);
}

function isOfItsPast(master: Master, former: InfoReport, history: string): boolean {
  if (history === former.replicationId || history === former.secondReplicationId) return true;
  const place = (id: string) => master.reigns.findIndex(({ replicationId }) => replicationId === id);
  const loaded = place(history);
  return loaded !== -1 && loaded < place(former.replicationId);
}

function followsSame(former: InfoReport | null, report: InfoReport): boolean {
  return former !== null && former.masterHost === report.masterHost && former.masterPort === report.masterPort;
}

/** The name has been looked up: those who are listed by it can be told from those we know. */
export function discoverNamed(core: Core, master: Master, host: string, now: Millis): void {
  for (const line of master.node.info?.replicas ?? []) if (line.host === host) discoverReplica(core, master, line, now);
}

/** A replica in the configured master's list that we do not know yet. Replicas are forgotten only by RESET. */
function discoverReplica(core: Core, master: Master, address: Address, now: Millis): void {
  if (master.replicas.size >= MAX_REPLICAS_PER_MASTER || !core.topology.mayUse(address.host)) return;
  if (core.topology.findNode(master, address) !== null || !isPlaced(core, master, address.host, now)) return;
  const node = addReplica(core, master, { host: address.host, port: address.port }, now);
  core.announce('notice', '+slave', master, describeReplica(core, master, node), now);
  touchMaster(core, master);
}

export function addReplica(core: Core, master: Master, address: Address, now: Millis): DataNode {
  const node = core.topology.newNode(address, now, core.lateness.total);
  master.replicas.set(addressKey(address), node);
  core.topology.attachNode(master, node);
  return node;
}

/** Whether a replica says that it follows the configured master. */
export function followsMaster(core: Core, master: Master, node: DataNode): boolean {
  const { info } = node;
  if (info?.role !== 'slave' || info.masterHost === null || info.masterPort === null) return false;
  return core.topology.isSame({ host: info.masterHost, port: info.masterPort }, master.node.address);
}
