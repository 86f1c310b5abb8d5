// The planned failover that loses nothing: the healthy master's writes are paused, the replica catches up with the offset
// read under the pause, and only then is it promoted, while enough of the pause is left. The old master is demoted in the same
// breath (`reconfiguration.ts`), so that no write is ever accepted by a node that is no longer to be master.

import type { Core } from './core.js';
import type { DataNode } from './data-node.js';
import { describeReplica } from './description.js';
import type { Failover, Master } from './master.js';
import { keepPaused, pausedUntil, pauseLength } from './pause.js';
import type { Millis } from './types.js';

/** The first version whose CLIENT PAUSE knows WRITE. */
const PAUSE_SINCE = [6, 2] as const;
/** A replica whose offset is not there yet is asked again after this. */
const CATCH_UP_PERIOD: Millis = 2;
/** Writes are paused for at most this long unless the operator allows more or less. */
const DEFAULT_TIMEOUT: Millis = 1_000;

export type Drained = 'waiting' | 'caught-up' | 'impossible' | 'too-late';

/** Whether writes can be paused on the present master at all; in words for an operator if not. */
export function whyNoHandover(master: Master): string | null {
  const { node } = master;
  if (!node.link.isOpen || node.isSubjectivelyDown) return 'the master does not answer';
  if (node.info?.role !== 'master') return 'the master does not report itself as one';
  if (!hasWritePause(node.info.version)) return `the master's version ${node.info.version} cannot pause writes`;
  if (node.pauseRefusal?.isLasting === true) return 'the master refuses CLIENT PAUSE';
  if (node.roleCommand === 'refused') return 'the master refuses role changes';
  return null;
}

export function isHandoverPossible(master: Master, failover: Failover): boolean {
  if (failover.manual === null || failover.manual.way === 'force') return false;
  return failover.manual.way === 'coordinated' || whyNoHandover(master) === null;
}

function hasWritePause(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > PAUSE_SINCE[0] || (major === PAUSE_SINCE[0] && minor >= PAUSE_SINCE[1]);
}

/** Until when writes may be paused for the sake of this handover, unless the replica has been told to take over. */
export function handoverEndsAt(failover: Extract<Failover, { state: 'hand-over' }>): Millis {
  return Math.min(failover.since + (failover.manual?.timeout ?? DEFAULT_TIMEOUT), failover.authorityUntil);
}

/** Pauses the master and looks whether the replica has everything. */
export function drain(
  core: Core,
  master: Master,
  failover: Extract<Failover, { state: 'hand-over' }>,
  now: Millis,
): Drained {
  const obstacle = whyNoHandover(master);
  if (obstacle !== null) {
    report(core, master, failover.promoted, obstacle, now);
    return 'impossible';
  }
  const deadline = handoverEndsAt(failover);
  if (now >= deadline) {
    const reason = `${whyNotDrained(master, failover.promoted)} after ${now - failover.since} ms`;
    report(core, master, failover.promoted, reason, now);
    return 'too-late';
  }
  master.wakeBy(deadline);
  return keepDrained(core, master, failover.promoted, now) ? 'caught-up' : 'waiting';
}

/**
 * Keeps the master's writes paused. Whether the replica has everything that was acknowledged, and enough of the pause is left to promote
 * it: to be asked whenever the order to do so is about to leave, because a pause that broke meanwhile has let writes in.
 */
export function keepDrained(core: Core, master: Master, promoted: DataNode, now: Millis): boolean {
  keepPaused(core, master, now);
  if (hasCaughtUp(master, promoted) && now <= pausedUntil(master.node) - pauseLength(master) / 2) return true;
  askAgain(master, promoted, now);
  return false;
}

function whyNotDrained({ node }: Master, promoted: DataNode): string {
  if (node.pauseRefusal !== null) return `the master does not pause (${node.pauseRefusal.reason})`;
  return `the replica is ${(node.pause?.offset ?? 0) - (promoted.info?.offset ?? 0)} bytes behind`;
}

function report(core: Core, master: Master, node: DataNode, reason: string, now: Millis): void {
  core.announce('warning', '-handover', master, `${describeReplica(core, master, node)} ${reason}`, now);
}

/** The replica reports, asked under the pause, the same history and at least the paused master's offset. */
function hasCaughtUp(master: Master, promoted: DataNode): boolean {
  const { pause } = master.node;
  if (pause === null || pause.answeredAt === null || promoted.info === null || promoted.infoAskedAt === null)
    return false;
  if (promoted.infoAskedAt < pause.unbrokenSince || promoted.info.replicationId !== pause.replicationId) return false;
  return promoted.info.offset >= pause.offset;
}

/**
 * The first question leaves together with the pause, for the replica may have everything already; the second as soon as the master
 * has answered, and further ones after a while each.
 */
function askAgain(master: Master, promoted: DataNode, now: Millis): void {
  const { pause } = master.node;
  if (pause === null || promoted.infoInFlight > 0) return;
  const askedAt = promoted.infoSentAt ?? 0;
  const isAskedWithPause = askedAt >= pause.unbrokenSince;
  if (isAskedWithPause && pause.answeredAt === null) return;
  const dueAt = askedAt + CATCH_UP_PERIOD;
  if (isAskedWithPause && askedAt >= (pause.answeredAt ?? 0) && now < dueAt) {
    master.wakeBy(dueAt);
    return;
  }
  promoted.infoWanted = true;
  master.wakeBy(now);
}
