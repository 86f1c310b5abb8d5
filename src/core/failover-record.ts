// What is remembered of one failover, for `SENTINEL HISTORY` and the configuration file: plain data, no rules.
//
// Times of phases count from `at`, the beginning: the moment the master's silence began, or the operator's command. A Sentinel
// records what it knows itself; a phase that it did not see is null, never 0.

import type { Address, Epoch, Millis, RunId } from './types.js';

/** What a failover goes through, in this order. What each means stands in `docs/history.md`. */
export const PHASES = [
  'detected',
  'agreed',
  'elected',
  'selected',
  'promoted',
  'published',
  'repointed',
  'finished',
] as const;
export type Phase = (typeof PHASES)[number];

/** Why there was a failover. */
export const FAILOVER_REASONS = [
  'objectively-down',
  /** The same, of a master that had restarted without its data. */
  'rebooted-empty',
  /** The same, but a promotion that another leader had begun was found and finished. */
  'takeover',
  /** Planned: with the handover that loses nothing; … that insisted on it; … that skipped it; … that could not do it. */
  'planned-handover',
  'planned-coordinated',
  'planned-forced',
  'planned-classic',
  'reaffirmation',
] as const;
export type FailoverReason = (typeof FAILOVER_REASONS)[number];

export const FAILOVER_RESULTS = [
  'in-progress',
  'completed',
  /** Another Sentinel led it; we have its configuration. */
  'adopted',
  /** Promoted and published; some replicas did not follow within failover-timeout. */
  'timed-out',
  /** Replicas were still being repointed when a newer configuration came into force. */
  'superseded',
  /** The process ended, or the master was reset, before the failover did. */
  'interrupted',
  'aborted-not-elected',
  'aborted-other-leader',
  'aborted-master-is-back',
  'aborted-no-good-replica',
  'aborted-replica-timeout',
  'aborted-handover',
  'aborted-no-reigning-master',
] as const;
export type FailoverResult = (typeof FAILOVER_RESULTS)[number];

export interface FailoverRecord {
  /** Milliseconds since the Unix epoch, whole. */
  readonly at: Millis;
  /** Null when we only learned the outcome. */
  reason: FailoverReason | null;
  result: FailoverResult;
  /** The epoch of the last attempt. */
  epoch: Epoch;
  /** How many candidacies of ours it took. */
  attempts: number;
  readonly oldAddress: Address;
  /** Null until the new configuration is in force. */
  newAddress: Address | null;
  /** Who led it: ourselves, or whom we voted for in that epoch; null if we do not know. */
  leader: RunId | null;
  /** Who told us of the new configuration; null if we made it. */
  readonly learnedFrom: RunId | null;
  /** Milliseconds from `at`, whole. */
  readonly phases: Record<Phase, Millis | null>;
  /** The replication offset of the promoted replica and of the next best one when the choice was made. */
  promotedOffset: number | null;
  runnerUpOffset: number | null;
}

export function noPhases(): Record<Phase, Millis | null> {
  return {
    detected: null,
    agreed: null,
    elected: null,
    selected: null,
    promoted: null,
    published: null,
    repointed: null,
    finished: null,
  };
}

export function isAborted(record: FailoverRecord): boolean {
  return record.result.startsWith('aborted-');
}
