// Notices that two nodes of one group call themselves master at the same time, says so once, and says when it is over.
//
// It changes nothing: what is to be done about it is the business of `stale-master.ts` and `reaffirmation.ts`. "At the same
// time" is taken at its word: reports count only if they were asked for a moment after the last of the nodes turned master. So a
// failover, in which one report is merely older than the other, is no sighting, and neither is a handover, whose old master is
// demoted within that moment. A node whose writes we have paused is a master in name only.

import type { Core } from './core.js';
import type { DataNode } from './data-node.js';
import { describeMaster, replicaName } from './description.js';
import type { Master } from './master.js';
import { isPaused } from './pause.js';
import type { Millis } from './types.js';

/** How long a planned failover may take from the promotion to the demotion. A master that returns later has no such grace. */
const SETTLING: Millis = 1_000;

export function noticeDualMaster(core: Core, master: Master, now: Millis): void {
  if (master.dualMaster === null && !areSeveralClaiming(master, now)) return;
  const claimants = [...master.nodes()].filter((node) => isClaimant(node, now));
  const sighted = claimants.length < 2 ? [] : claimants.filter((node) => isSighted(master, node, claimants, now));
  const addresses = sighted.length < 2 ? null : sighted.map((node) => replicaName(core, node.address)).sort(byText);
  const text = addresses?.join(' ') ?? null;
  const former = master.dualMaster;
  if (text === former) return;
  master.dualMaster = text;
  const [type, which] = text === null ? ['-dual-master', former] : ['+dual-master', text];
  core.announce('warning', type, master, `${describeMaster(core, master)} #masters ${which}`, now);
}

/** The ordinary answer is no, and costs nothing. */
function areSeveralClaiming(master: Master, now: Millis): boolean {
  let claimants = 0;
  for (const node of master.nodes()) if (isClaimant(node, now)) claimants++;
  return claimants > 1;
}

/** Its last word is that it is a master, and nothing has been heard since that would cast doubt on it. */
function isClaimant(node: DataNode, now: Millis): boolean {
  return node.info?.role === 'master' && !node.isSubjectivelyDown && !isPaused(node, now);
}

/** Said so when all had been masters for a moment; a node whose report is too old for that is asked again. */
function isSighted(master: Master, node: DataNode, claimants: readonly DataNode[], now: Millis): boolean {
  if (master.dualMaster !== null) return true;
  if (!node.link.isOpen || !node.hasReportedOnConnection) return false;
  const settledAt = Math.max(...claimants.map(({ roleReportedAt }) => roleReportedAt)) + SETTLING;
  if (now < settledAt) {
    master.wakeBy(settledAt);
    return false;
  }
  if ((node.infoAskedAt ?? 0) >= settledAt) return true;
  if (node.infoInFlight === 0 && !node.infoWanted) {
    node.infoWanted = true;
    master.wakeBy(now);
  }
  return false;
}

/** The same nodes make the same text, whichever of them is the configured master. */
function byText(one: string, other: string): number {
  return one < other ? -1 : 1;
}
