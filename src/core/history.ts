// Remembers failovers: each as one record that is opened with the candidacy, filled in as it goes, and closed with its result.
//
// Nothing here decides anything. Attempts in one outage share a record, so that an hour of lost elections does not push out
// what was worth remembering. Records are saved with whatever is saved next; no message waits for them.

import type { Core } from './core.js';
import type { DataNode } from './data-node.js';
import { describeMaster } from './description.js';
import { touchMaster } from './durable.js';
import {
  type FailoverRecord,
  type FailoverResult,
  isAborted,
  noPhases,
  PHASES,
  type Phase,
} from './failover-record.js';
import { MAX_HISTORY } from './limits.js';
import type { Failover, ManualOptions, Master, Purpose } from './master.js';
import type { Peer } from './peer.js';
import type { Assessment } from './selection.js';
import { type Epoch, type Millis, unreachable } from './types.js';

/** A candidacy of ours begins: a new record, or another attempt of the last one. */
export function openRecord(core: Core, master: Master, failover: Failover, now: Millis): void {
  settleRecord(core, master, now);
  const { epoch, purpose, manual } = failover;
  const at = purpose === 'outage' ? outageBeganAt(master, now) : Math.round(now);
  const former = findAttempted(master, purpose, at);
  const record = former ?? newRecord(master, at, epoch);
  record.reason = reasonOf(master, purpose, manual);
  record.result = 'in-progress';
  record.epoch = epoch;
  record.attempts++;
  record.leader = core.myId;
  Object.assign(record.phases, noPhases());
  record.promotedOffset = null;
  record.runnerUpOffset = null;
  if (purpose === 'outage') noteVerdicts(record, master);
  if (former === null) remember(master, record);
  master.recordInProgress = record;
}

/** The phase is reached now; of several times the first counts. */
export function notePhase(master: Master, phase: Phase, now: Millis): void {
  const record = master.recordInProgress;
  if (record !== null) record.phases[phase] ??= since(record, now);
}

/** Which replica it is to be, and how far the next best one was. */
export function noteSelection(
  master: Master,
  promoted: DataNode,
  assessments: readonly Assessment[],
  now: Millis,
): void {
  const record = master.recordInProgress;
  if (record === null) return;
  const runnerUp = assessments.find(({ node, rejection }) => rejection === null && node !== promoted);
  record.promotedOffset = promoted.info?.offset ?? null;
  record.runnerUpOffset = runnerUp?.node.info?.offset ?? null;
  if (promoted.info?.role === 'master' && record.reason === 'objectively-down') record.reason = 'takeover';
  notePhase(master, 'selected', now);
}

/** The order to promote is about to be sent; after a handover with the offset that the replica has come to. */
export function notePromotionOrder(master: Master, promoted: DataNode, isHandover: boolean): void {
  const record = master.recordInProgress;
  if (record === null) return;
  if (isHandover) record.promotedOffset = promoted.info?.offset ?? null;
  else if (record.reason === 'planned-handover') record.reason = 'planned-classic';
}

/** Our own failover has brought a new configuration into force. */
export function noteConfiguration(master: Master, node: DataNode, now: Millis): void {
  const record = master.recordInProgress;
  if (record === null) return;
  record.newAddress = node.address;
  notePhase(master, 'promoted', now);
}

/** The failover of ours is over; `settleRecord` closes the record once everything about it is known. */
export function endRecord(master: Master, result: FailoverResult, now: Millis): void {
  const record = master.recordInProgress;
  if (record?.result !== 'in-progress') return;
  record.result = result;
  if (record.newAddress !== null) notePhase(master, 'finished', now);
  master.wakeBy(now);
}

/**
 * Somebody else's configuration is about to come into force. Call while `master` still has its old one.
 * `sender` is null when our own sight of the node confirmed what an unknown peer had announced.
 */
export function recordAdoption(
  core: Core,
  master: Master,
  node: DataNode,
  epoch: Epoch,
  sender: Peer | null,
  now: Millis,
): void {
  settleRecord(core, master, now);
  const isOutage = master.node.isSubjectivelyDown;
  const at = isOutage ? outageBeganAt(master, now) : Math.round(now);
  const former = isOutage ? findAttempted(master, 'outage', at) : null;
  if (former !== null) master.history.splice(master.history.indexOf(former), 1);
  const record: FailoverRecord = {
    ...newRecord(master, at, epoch),
    attempts: former?.attempts ?? 0,
    result: 'adopted',
    newAddress: node.address,
    leader: master.vote.epoch === epoch ? master.vote.leader : null,
    learnedFrom: sender?.runId ?? null,
  };
  if (master.objectivelyDownSince !== null) record.reason = outageReason(master);
  noteVerdicts(record, master);
  remember(master, record);
  master.recordInProgress = record;
}

/** Closes a record that has ended; one with a new configuration not before our hellos may tell of it. */
export function settleRecord(core: Core, master: Master, now: Millis): void {
  const record = master.recordInProgress;
  if (record === null) return;
  const hasConfiguration = record.newAddress !== null;
  if (hasConfiguration && record.phases.published === null && core.canSpeakOf(master)) {
    record.phases.published = since(record, now);
  }
  if (record.result === 'in-progress' || (hasConfiguration && record.phases.published === null)) return;
  master.recordInProgress = null;
  touchMaster(core, master);
  if (!hasConfiguration) return;
  const message = `${describeMaster(core, master)} ${describeRecord(record)}`;
  core.announce('notice', '+failover-phases', master, message, now);
}

function describeRecord({ epoch, reason, result, phases }: FailoverRecord): string {
  const times = PHASES.map((phase) => `${phase}=${phases[phase] ?? '-'}`);
  return `#epoch=${epoch} reason=${reason ?? '-'} result=${result} ${times.join(' ')}`;
}

const OUTAGES: ReadonlySet<FailoverRecord['reason']> = new Set(['objectively-down', 'rebooted-empty', 'takeover']);

/** A given-up attempt that the candidacy continues: in the same outage, or towards the same re-affirmation. */
function findAttempted(master: Master, purpose: Purpose, at: Millis): FailoverRecord | null {
  const last = master.history.at(-1);
  if (last === undefined || !isAborted(last) || last.epoch <= master.configEpoch) return null;
  switch (purpose) {
    case 'outage':
      return last.at === at && OUTAGES.has(last.reason) ? last : null;
    case 'reaffirmation':
      return last.reason === 'reaffirmation' ? last : null;
    case 'manual':
      return null;
    default:
      return unreachable(purpose);
  }
}

function newRecord(master: Master, at: Millis, epoch: Epoch): FailoverRecord {
  return {
    at,
    reason: null,
    result: 'in-progress',
    epoch,
    attempts: 0,
    oldAddress: master.node.address,
    newAddress: null,
    leader: null,
    learnedFrom: null,
    phases: noPhases(),
    promotedOffset: null,
    runnerUpOffset: null,
  };
}

function remember(master: Master, record: FailoverRecord): void {
  master.history.push(record);
  if (master.history.length > MAX_HISTORY) master.history.shift();
}

function reasonOf(master: Master, purpose: Purpose, manual: ManualOptions | null): FailoverRecord['reason'] {
  if (purpose === 'outage') return outageReason(master);
  if (purpose === 'reaffirmation') return 'reaffirmation';
  return manual?.way === 'force'
    ? 'planned-forced'
    : manual?.way === 'coordinated'
      ? 'planned-coordinated'
      : 'planned-handover';
}

function outageReason({ node }: Master): FailoverRecord['reason'] {
  return node.reboot?.state === 'empty' ? 'rebooted-empty' : 'objectively-down';
}

/** A master can also be down without being silent: then the outage begins with our verdict. */
function outageBeganAt({ node }: Master, now: Millis): Millis {
  return Math.round(node.link.silentSince ?? node.subjectivelyDownSince ?? now);
}

function noteVerdicts(record: FailoverRecord, { node, objectivelyDownSince }: Master): void {
  if (node.subjectivelyDownSince !== null) record.phases.detected = since(record, node.subjectivelyDownSince);
  if (objectivelyDownSince !== null) record.phases.agreed = since(record, objectivelyDownSince);
}

function since(record: FailoverRecord, now: Millis): Millis {
  return Math.max(0, Math.round(now - record.at));
}
