// Subjectively and objectively down (documentation, sections "SDOWN and ODOWN failure state").
//
// A node is subjectively down when it has been silent for down-after; a master is objectively down when as many Sentinels
// as its quorum, ourselves included, say so within a short time. A verdict takes two looks: a node that is overdue must
// still be overdue at the next step that is on time, so that answers which arrived meanwhile have been read.

import { isExcuseUsedUp, silence } from './connection.js';
import type { Core } from './core.js';
import type { DataNode } from './data-node.js';
import { describeMaster, describeNode, describePeer } from './description.js';
import { VERDICT_LIFE_IN_ASK_PERIODS } from './limits.js';
import type { Link } from './link.js';
import type { Master } from './master.js';
import type { Peer } from './peer.js';
import { hasRebootedEmpty } from './reboot.js';
import type { Millis } from './types.js';

/** Something that can be overdue: a data node or a peer. */
interface Watched {
  readonly link: Link;
  subjectivelyDownSince: Millis | null;
  overdueSince: Millis | null;
}

export function judge(core: Core, master: Master, now: Millis): void {
  if (core.tilt !== null) return;
  const isEmpty = hasRebootedEmpty(core, master, now);
  for (const node of master.nodes()) {
    const isWrong =
      isRefusing(master, node, now) ||
      (node === master.node && (reportsWrongRole(core, master, now) || isRebootOverdue(master, node, now) || isEmpty));
    if (changesVerdict(core, master, node, isWrong, now)) {
      announceVerdict(core, master, node, describeNode(core, master, node), now);
    }
  }
  for (const peer of master.peers.values()) {
    if (changesVerdict(core, master, peer, false, now)) {
      announceVerdict(core, master, peer, describePeer(core, master, peer), now);
    }
  }
  judgeObjectively(core, master, now);
}

/** Whether it is down now and was not before, or the other way round. */
function changesVerdict(core: Core, master: Master, watched: Watched, isWrong: boolean, now: Millis): boolean {
  const isDown = isWrong || isOverdue(core, master, watched, now);
  if (isDown === (watched.subjectivelyDownSince !== null)) return false;
  watched.subjectivelyDownSince = isDown ? now : null;
  return true;
}

function announceVerdict(core: Core, master: Master, watched: Watched, description: string, now: Millis): void {
  const isDown = watched.subjectivelyDownSince !== null;
  core.announce('warning', isDown ? '+sdown' : '-sdown', master, description, now);
  // Should this lead to a failover, the offsets are fresh by the time somebody has to choose.
  if (isDown && watched === master.node) for (const node of master.replicas.values()) node.infoWanted = true;
}

function isOverdue(core: Core, master: Master, watched: Watched, now: Millis): boolean {
  const { downAfter } = master.settings;
  const remaining = downAfter - silence(core, watched.link, downAfter, now);
  if (remaining > 0) {
    watched.overdueSince = null;
    if (watched.link.silentSince !== null) master.wakeBy(now + remaining);
    return false;
  }
  if (watched.subjectivelyDownSince !== null) return true;
  if (core.lateness.isLate && !isExcuseUsedUp(core, watched.link, downAfter)) {
    master.wakeBy(now + SECOND_LOOK);
    return false;
  }
  watched.overdueSince ??= now;
  if (watched.overdueSince < now) return true;
  master.wakeBy(now + SECOND_LOOK);
  return false;
}
const SECOND_LOOK: Millis = 1;

/** The configured master calls itself a replica and no failover of ours is behind it: it will never serve writes again. */
function reportsWrongRole(core: Core, master: Master, now: Millis): boolean {
  const { node } = master;
  if (node.roleReported !== 'slave') return false;
  const dueAt = node.roleReportedAt + master.settings.downAfter + 2 * core.tunables.infoPeriod;
  if (now < dueAt) master.wakeBy(dueAt);
  return now >= dueAt;
}

/** `down-after-refused-milliseconds`: somebody answers for the host, and says that nobody listens. No lateness excuses that. */
function isRefusing(master: Master, node: DataNode, now: Millis): boolean {
  const { downAfterRefused } = master.settings;
  const { refusedSince } = node.link;
  if (refusedSince === null || downAfterRefused === 0) return false;
  const dueAt = refusedSince + downAfterRefused;
  if (now < dueAt) master.wakeBy(dueAt);
  return now >= dueAt;
}

/** `master-reboot-down-after-period`: a rebooted master that is still loading may count as down. */
function isRebootOverdue(master: Master, node: DataNode, now: Millis): boolean {
  const { masterRebootDownAfter } = master.settings;
  if (node.rebootedAt === null || masterRebootDownAfter === 0) return false;
  const dueAt = node.rebootedAt + masterRebootDownAfter;
  if (now < dueAt) master.wakeBy(dueAt);
  return now >= dueAt;
}

function judgeObjectively(core: Core, master: Master, now: Millis): void {
  const agreeing = countAgreeing(core, master, now);
  const { quorum } = master.settings;
  const isDown = agreeing >= quorum;
  if (isDown === (master.objectivelyDownSince !== null)) return;
  master.objectivelyDownSince = isDown ? now : null;
  master.candidateFrom = null;
  const description = describeMaster(core, master);
  if (isDown) {
    core.announce('warning', '+odown', master, `${description} #quorum ${agreeing}/${quorum}`, now);
  } else {
    master.fruitlessAttempts = 0;
    core.announce('warning', '-odown', master, description, now);
  }
}

/** How many Sentinels say that the master is down, as far as we have heard lately; 0 while we do not say so ourselves. */
function countAgreeing(core: Core, master: Master, now: Millis): number {
  if (!master.node.isSubjectivelyDown) return 0;
  let agreeing = 1;
  for (const peer of master.peers.values()) if (hasVerdictDown(core, master, peer, now)) agreeing++;
  return agreeing;
}

/** Whether the peer's last answer was "down", and has not expired. */
export function hasVerdictDown(core: Core, master: Master, peer: Peer, now: Millis): boolean {
  if (!saysDown(core, peer, now)) return false;
  master.wakeBy(verdictExpiresAt(core, peer) + 1);
  return true;
}

/** The same for views: without a promise to look again. */
export function saysDown(core: Core, peer: Peer, now: Millis): boolean {
  return peer.verdict?.down === true && now <= verdictExpiresAt(core, peer);
}

function verdictExpiresAt(core: Core, peer: Peer): Millis {
  return (peer.verdict?.at ?? 0) + VERDICT_LIFE_IN_ASK_PERIODS * core.tunables.askPeriod;
}

/** What we answer to peers that ask whether the master is down: never "down" while we distrust our own clock. */
export function verdictOn(core: Core, master: Master): boolean {
  return core.tilt === null && master.node.isSubjectivelyDown;
}
