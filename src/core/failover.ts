// The failover state machine (documentation, section "Failover"): elect → select → [hand-over] → promote →
// reconfigure-replicas → done.
//
//   elect                 votes of our epoch are asked for and counted
//   select                fresh offsets are awaited for a moment, then one replica is chosen
//   hand-over             planned only: the master's writes are paused until the replica has all of them
//   promote               it is told to become a master, until its INFO says that it is
//   reconfigure-replicas  the configuration is in force and announced; the other replicas are made to follow
//
// Each state has one function that looks at what is so and either moves on or says when to look again; it is evaluated after
// every input that concerns the master, so no state waits for a tick. Up to the observed promotion everything may be given up
// without a trace; from then on it must be finished.

import type { Core } from './core.js';
import type { DataNode } from './data-node.js';
import { describeMaster, describeNode, describeReplica } from './description.js';
import { adoptConfiguration } from './durable.js';
import { authorityUntil, count, retryLater } from './election.js';
import { majority } from './electorate.js';
import { drain, handoverEndsAt, isHandoverPossible, keepDrained } from './handover.js';
import { endRecord, noteConfiguration, notePhase, notePromotionOrder, noteSelection } from './history.js';
import { AUTHORITY, PROMISE, SELECTION_PATIENCE, STALE_MASTER_PATIENCE } from './limits.js';
import type { Failover, Master } from './master.js';
import { releasePause } from './pause.js';
import { findReigning } from './reaffirmation.js';
import { reconfigureReplicas } from './reconfiguration.js';
import { requestRole } from './role-change.js';
import { findUnannouncedPromotion, selectFor } from './selection.js';
import { askForConfigurations, countSupporting } from './stale-master.js';
import { announceNow, switchMaster } from './switch-master.js';
import { type Millis, unreachable } from './types.js';

type In<State extends Failover['state']> = Extract<Failover, { state: State }>;

/** Moves the failover on as far as what is known allows. */
export function advance(core: Core, master: Master, now: Millis): void {
  let before: Failover['state'] | null;
  do {
    const { failover } = master;
    if (failover === null) return;
    before = failover.state;
    step(core, master, failover, now);
  } while (master.failover !== null && master.failover.state !== before);
}

function step(core: Core, master: Master, failover: Failover, now: Millis): void {
  if (core.tilt !== null) {
    if (failover.state !== 'reconfigure-replicas') abort(core, master, '-failover-abort-not-elected', now);
    return;
  }
  switch (failover.state) {
    case 'elect':
      return elect(core, master, failover, now);
    case 'select':
      return choose(core, master, failover, now);
    case 'hand-over':
      return handOver(core, master, failover, now);
    case 'promote':
      return promote(core, master, failover, now);
    case 'reconfigure-replicas':
      return reconfigureReplicas(core, master, failover, now);
    default:
      return unreachable(failover);
  }
}

function elect(core: Core, master: Master, failover: In<'elect'>, now: Millis): void {
  if (isNoLongerDown(core, master, failover, now)) return;
  const isForced = failover.manual?.way === 'force';
  const outcome = isForced ? 'won' : count(core, master, failover.epoch);
  const deadline = authorityUntil(core, failover);
  if (outcome === 'lost' || now >= deadline) {
    abort(core, master, '-failover-abort-not-elected', now);
    return;
  }
  master.wakeBy(deadline);
  // Alone we are our whole electorate, but not before our own vote is on disk.
  if (outcome === 'open' || !core.canSpeakOf(master)) return;
  core.announce('warning', '+elected-leader', master, describeMaster(core, master), now);
  notePhase(master, 'elected', now);
  crashIfSimulated(core, 'crash-after-election');
  master.failover = { ...candidacyOf(failover), state: 'select', since: now, authorityUntil: deadline };
  core.announce('warning', '+failover-state-select-slave', master, describeMaster(core, master), now);
}

function choose(core: Core, master: Master, failover: In<'select'>, now: Millis): void {
  if (isNoLongerDown(core, master, failover, now)) return;
  if (failover.purpose === 'reaffirmation') {
    reaffirm(core, master, failover, now);
    return;
  }
  const patientUntil = failover.since + SELECTION_PATIENCE;
  if (now < patientUntil && isWaitingForReports(master, failover)) {
    master.wakeBy(patientUntil);
    return;
  }
  const promoted = findUnannouncedPromotion(master, now);
  if (promoted !== null && failover.purpose === 'outage') {
    noteSelection(master, promoted, [], now);
    beginPromotion(core, master, failover, promoted, now);
    return;
  }
  const { chosen, assessments, isDesperate } = selectFor(core, master, failover.manual?.target ?? null, now);
  if (chosen === null) {
    abort(core, master, '-failover-abort-no-good-slave', now);
    return;
  }
  if (isDesperate) {
    core.announce('warning', '+selection-without-age-limits', master, describeReplica(core, master, chosen), now);
  }
  noteSelection(master, chosen, assessments, now);
  beginPromotion(core, master, failover, chosen, now);
}

/** A master that answers again is not failed over: nothing has been touched yet. */
function isNoLongerDown(core: Core, master: Master, failover: Failover, now: Millis): boolean {
  if (failover.purpose !== 'outage' || master.node.isSubjectivelyDown) return false;
  abort(core, master, '-failover-abort-master-is-back', now);
  return true;
}

/** Whether a node that might be chosen has yet to answer the INFO asked when this candidacy began. */
function isWaitingForReports(master: Master, failover: In<'select'>): boolean {
  const isMasterAsked = failover.purpose === 'reaffirmation';
  for (const node of master.nodes()) {
    if (!node.link.isOpen || node.isSubjectivelyDown || (node === master.node && !isMasterAsked)) continue;
    if (node.infoAskedAt === null || node.infoAskedAt < failover.startedAt) return true;
  }
  return false;
}

/** Nothing is promoted: the node that is master gets the newer epoch, and everybody hears of it. */
function reaffirm(core: Core, master: Master, failover: In<'select'>, now: Millis): void {
  const patientUntil = failover.since + SELECTION_PATIENCE;
  if (now < patientUntil && isWaitingForReports(master, failover)) {
    master.wakeBy(patientUntil);
    return;
  }
  const reigning = findReigning(core, master, failover.startedAt);
  if (reigning === null) {
    abort(core, master, '-reaffirmation-abort-no-master', now);
    return;
  }
  const former = master.node;
  noteConfiguration(master, reigning, now);
  core.announce('warning', '+reaffirmed', master, describeNode(core, master, reigning), now);
  adoptConfiguration(core, master, failover.epoch, reigning, now);
  enterReconfiguration(master, failover, reigning, former, false, now);
  master.fruitlessAttempts = 0;
  if (reigning === former) announceNow(master);
  else switchMaster(core, master, former, 'leader', now);
}

function beginPromotion(core: Core, master: Master, failover: In<'select'>, promoted: DataNode, now: Millis): void {
  core.announce('warning', '+selected-slave', master, describeReplica(core, master, promoted), now);
  const { authorityUntil: until } = failover;
  if (isHandoverPossible(master, failover)) {
    core.announce('notice', '+failover-state-handover', master, describeReplica(core, master, promoted), now);
    master.failover = { ...candidacyOf(failover), state: 'hand-over', since: now, authorityUntil: until, promoted };
    return;
  }
  sendPromotion(core, master, failover, promoted, false, now);
}

function sendPromotion(
  core: Core,
  master: Master,
  failover: In<'select' | 'hand-over'>,
  promoted: DataNode,
  isHandover: boolean,
  now: Millis,
): void {
  const { authorityUntil: until } = failover;
  notePromotionOrder(master, promoted, isHandover);
  const message = describeReplica(core, master, promoted);
  core.announce('notice', '+failover-state-send-slaveof-noone', master, message, now);
  master.failover = {
    ...candidacyOf(failover),
    state: 'promote',
    since: now,
    authorityUntil: until,
    promoted,
    promotedRunId: promoted.runId,
    isHandover,
    orderBy: failover.state === 'hand-over' ? handoverEndsAt(failover) : until,
    isSent: false,
    inquiry: null,
  };
}

/** Writes are paused and the replica catches up; see `handover.ts`. */
function handOver(core: Core, master: Master, failover: In<'hand-over'>, now: Millis): void {
  const outcome = drain(core, master, failover, now);
  switch (outcome) {
    case 'waiting':
      return;
    case 'caught-up':
      return sendPromotion(core, master, failover, failover.promoted, true, now);
    case 'impossible':
      if (failover.manual?.way !== 'coordinated')
        return sendPromotion(core, master, failover, failover.promoted, false, now);
      return abort(core, master, '-failover-abort-handover', now);
    case 'too-late':
      return abort(core, master, '-failover-abort-handover', now);
    default:
      return unreachable(outcome);
  }
}

function promote(core: Core, master: Master, failover: In<'promote'>, now: Millis): void {
  const { promoted } = failover;
  const isObserved = promoted.info?.role === 'master' && isReportedSince(promoted, failover);
  if (isObserved && isStillOurs(core, master, failover, now)) {
    completePromotion(core, master, failover, now);
    return;
  }
  if (now >= failover.authorityUntil && !isBeingConfirmed(failover, now)) {
    abort(core, master, '-failover-abort-slave-timeout', now);
    return;
  }
  if (isObserved) return;
  if (promoted.roleCommand === 'refused') {
    abort(core, master, '-failover-abort-no-good-slave', now);
    return;
  }
  if (promoted.runId !== failover.promotedRunId) {
    chooseAnew(core, master, failover, now);
    return;
  }
  if (failover.isHandover && !failover.isSent && now >= failover.orderBy) {
    abort(core, master, '-failover-abort-handover', now);
    return;
  }
  master.wakeBy(failover.isSent ? failover.authorityUntil : failover.orderBy);
  if (failover.isHandover && !keepDrained(core, master, promoted, now)) return;
  if (!requestRole(core, master, promoted, null, now) || failover.isSent) return;
  failover.isSent = true;
  const replica = describeReplica(core, master, promoted);
  core.announce('notice', '+failover-state-wait-promotion', master, replica, now);
}

/**
 * Whether nobody can have been elected after us yet. A promotion that is observed when the promises to us are over is announced only if a
 * majority, asked after it, has promised nothing to anybody later; else whoever leads next finds it and finishes it.
 */
function isStillOurs(core: Core, master: Master, failover: In<'promote'>, now: Millis): boolean {
  if (failover.manual?.way === 'force' || now < failover.authorityUntil + PROMISE - AUTHORITY) return true;
  if (failover.inquiry === null) {
    failover.inquiry = { round: askForConfigurations(core, master), askedAt: now };
  }
  master.wakeBy(failover.inquiry.askedAt + STALE_MASTER_PATIENCE);
  return countSupporting(master, failover.inquiry.round, failover.epoch) >= majority(master);
}

function isBeingConfirmed({ inquiry }: In<'promote'>, now: Millis): boolean {
  return inquiry !== null && now < inquiry.askedAt + STALE_MASTER_PATIENCE;
}

/** The replica has restarted, and is no master: what it was chosen for may be gone, and another one may be better now. */
function chooseAnew(core: Core, master: Master, failover: In<'promote'>, now: Millis): void {
  if (failover.isHandover) {
    abort(core, master, '-failover-abort-handover', now);
    return;
  }
  const { authorityUntil } = failover;
  master.failover = { ...candidacyOf(failover), state: 'select', since: now, authorityUntil };
  core.announce('warning', '+failover-state-select-slave', master, describeMaster(core, master), now);
}

function isReportedSince(node: DataNode, failover: In<'promote'>): boolean {
  return node.infoAskedAt !== null && node.infoAskedAt >= failover.startedAt;
}

/** The promotion is a fact. The configuration comes into force now; nobody waits for the other replicas. */
function completePromotion(core: Core, master: Master, failover: In<'promote'>, now: Millis): void {
  const { promoted, epoch, isHandover } = failover;
  const demoted = master.node;
  core.announce('warning', '+promoted-slave', master, describeReplica(core, master, promoted), now);
  noteConfiguration(master, promoted, now);
  crashIfSimulated(core, 'crash-after-promotion');
  core.announce('warning', '+failover-state-reconf-slaves', master, describeMaster(core, master), now);
  enterReconfiguration(master, failover, promoted, demoted, isHandover, now);
  master.fruitlessAttempts = 0;
  adoptConfiguration(core, master, epoch, promoted, now);
  switchMaster(core, master, demoted, 'leader', now);
}

function enterReconfiguration(
  master: Master,
  failover: Failover,
  promoted: DataNode,
  demoted: DataNode,
  isHandover: boolean,
  now: Millis,
): void {
  master.failover = {
    ...candidacyOf(failover),
    state: 'reconfigure-replicas',
    since: now,
    promoted,
    demoted,
    isHandover,
  };
}

function candidacyOf({
  epoch,
  startedAt,
  purpose,
  manual,
}: Failover): Pick<Failover, 'epoch' | 'startedAt' | 'purpose' | 'manual'> {
  return { epoch, startedAt, purpose, manual };
}

/** How a failover that is given up ends, by the event that says so. */
const RESULTS = {
  '-failover-abort-not-elected': 'aborted-not-elected',
  '-failover-abort-master-is-back': 'aborted-master-is-back',
  '-failover-abort-no-good-slave': 'aborted-no-good-replica',
  '-failover-abort-slave-timeout': 'aborted-replica-timeout',
  '-failover-abort-handover': 'aborted-handover',
  '-reaffirmation-abort-no-master': 'aborted-no-reigning-master',
} as const;

/** Gives up before anything has happened. */
function abort(core: Core, master: Master, type: keyof typeof RESULTS, now: Millis): void {
  const purpose = master.failover?.purpose;
  releasePause(core, master, now);
  master.failover = null;
  endRecord(master, RESULTS[type], now);
  core.announce('warning', type, master, describeMaster(core, master), now);
  if (purpose !== 'manual') retryLater(core, master, now);
  master.wakeBy(now);
}

function crashIfSimulated(core: Core, failure: 'crash-after-election' | 'crash-after-promotion'): void {
  if (core.simulatedFailures.has(failure)) core.outbox.push({ kind: 'exit', code: SIMULATED_CRASH_STATUS });
}
/** The exit status of a simulated failure in the original. */
const SIMULATED_CRASH_STATUS = 99;
