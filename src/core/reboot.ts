// A master that comes back without its data: quick to restart, empty, and about to make every replica as empty as itself.
//
// It answers PING, so nothing would ever find it down. But its run id has changed, its replication history is new and owes
// nothing to the old one, its keys are gone, and a replica still has them. Then it counts as subjectively down at once, and the
// usual agreement, election and selection promote such a replica, if that happens before the replica has resynchronised with it.
// As the empty history is not recorded as a reign meanwhile, a replica that has resynchronised is not eligible.
//
// A master that was empty before, FLUSHALL, a reload, a resynchronisation and a failover lack at least one of these signs.

import type { InfoReport } from '../protocol/info.js';
import type { Core } from './core.js';
import type { DataNode } from './data-node.js';
import { describeMaster, replicaName } from './description.js';
import { recordReign } from './durable.js';
import type { Master } from './master.js';
import type { Millis } from './types.js';

/** A data set has collapsed when at most this share of its keys is left: clients may have written a few since the restart. */
const COLLAPSE = 0.1;
/** How long the replicas' answers to "do you still have the data?" are awaited. */
const ANSWER_PATIENCE: Millis = 1_000;

/** The configured master has another run id than in its former report. */
export function noteReboot(node: DataNode, former: InfoReport, now: Millis): void {
  node.reboot = { former, state: 'unclear', noticedAt: now, askedAt: now };
}

/** Whether the node's replication history may be that of an empty restart, so that it must not count as a reign. */
export function isHistoryDoubtful(node: DataNode): boolean {
  return node.reboot !== null;
}

/** Judged anew with every report; `judge` takes the answer for a verdict. */
export function hasRebootedEmpty(core: Core, master: Master, now: Millis): boolean {
  const { node } = master;
  const { info } = node;
  if (node.reboot === null || info === null) return false;
  if (node.reboot.state === 'unclear') {
    if (info.loading || !node.hasReportedOnConnection) return false;
    if (!hasLostEverything(info, node.reboot.former)) {
      dismiss(core, master);
      return false;
    }
    node.reboot = { ...node.reboot, state: 'suspected', askedAt: now };
    for (const replica of master.replicas.values()) replica.infoWanted = true;
    master.wakeBy(now);
  }
  const { reboot } = node;
  const holder = [...master.replicas.values()].find((replica) => holdsData(replica, reboot));
  if (holder !== undefined) {
    if (reboot.state !== 'empty') {
      node.reboot = { ...reboot, state: 'empty' };
      const reason = `it restarted with ${info.keys} of ${reboot.former.keys} keys and a new replication history`;
      const message = `${describeMaster(core, master)} ${reason}, ${replicaName(core, holder.address)} still has the data`;
      core.announce('warning', '+reboot-empty', master, message, now);
    }
    return true;
  }
  if (areAnswersAwaited(master, reboot.askedAt, now)) return reboot.state === 'empty';
  if (reboot.state === 'empty') {
    const message = `${describeMaster(core, master)} no replica that can be asked has the data any more`;
    core.announce('warning', '-reboot-empty', master, message, now);
  }
  dismiss(core, master);
  return false;
}

function hasLostEverything(info: InfoReport, former: InfoReport): boolean {
  if (info.role !== 'master' || info.replicationId === '' || former.replicationId === '') return false;
  const isNewHistory = info.replicationId !== former.replicationId && info.secondReplicationId !== former.replicationId;
  return isNewHistory && info.historyOffset < former.historyOffset && isCollapsed(info.keys, former.keys);
}

function isCollapsed(keys: number, formerKeys: number): boolean {
  return formerKeys > 0 && keys <= formerKeys * COLLAPSE;
}

/**
 * Asked since the reboot it reports the old history, no less of it than the master last did, and the keys. A replica that has
 * just been promoted still does.
 */
function holdsData(node: DataNode, { former, noticedAt }: Reboot): boolean {
  const { info } = node;
  if (info === null || info.loading || node.isSubjectivelyDown) return false;
  if (!node.link.isOpen || (node.infoAskedAt ?? 0) < noticedAt) return false;
  const history = info.role === 'master' ? info.secondReplicationId : info.replicationId;
  if (history !== former.replicationId || info.historyOffset < former.historyOffset) return false;
  return !isCollapsed(info.keys, former.keys);
}
type Reboot = NonNullable<DataNode['reboot']>;

function areAnswersAwaited(master: Master, since: Millis, now: Millis): boolean {
  const until = since + ANSWER_PATIENCE;
  if (now >= until) return false;
  for (const node of master.replicas.values()) {
    if (!node.link.isOpen || node.isSubjectivelyDown || (node.infoAskedAt ?? 0) >= since) continue;
    master.wakeBy(until);
    return true;
  }
  return false;
}

/** It is a master like any other, and so is its history. */
function dismiss(core: Core, master: Master): void {
  const { node } = master;
  node.reboot = null;
  if (node.info?.role === 'master') recordReign(core, master, node, node.info.replicationId);
}
