// `SENTINEL FAILOVER`: fails over although the master may be healthy.
//
// Unlike the original we ask for votes, because two manual failovers in one epoch would split the group for good; and a
// healthy master hands over, so that nothing is lost (`handover.ts`).

import type { Core } from './core.js';
import { replicaName } from './description.js';
import { promiseUntil, stand, whyNoVotes } from './election.js';
import { countAlive, votesNeeded } from './electorate.js';
import { whyNoHandover } from './handover.js';
import type { ManualOptions, Master } from './master.js';
import { selectFor } from './selection.js';
import type { Address, Millis } from './types.js';

export type ManualRefusal = 'in-tilt' | 'in-progress' | 'no-good-replica' | 'no-majority' | 'no-handover';

export interface ManualPlan {
  readonly refusal: ManualRefusal | null;
  /** Which way would be taken. */
  readonly way: 'handover' | 'classic';
  /** Why it is refused, or why it is not a handover; null when there is nothing to explain. */
  readonly reason: string | null;
  readonly candidate: Address | null;
}

export const DEFAULT_MANUAL: ManualOptions = { way: 'handover', target: null, timeout: null };

/** What `SENTINEL FAILOVER` with these options would do now; changes nothing. */
export function planManualFailover(core: Core, master: Master, options: ManualOptions, now: Millis): ManualPlan {
  const obstacle = options.way === 'force' ? 'FORCE skips the handover' : whyNoHandover(master);
  const way = obstacle === null ? 'handover' : 'classic';
  const { chosen, assessments } = selectFor(core, master, options.target, now);
  const plan = { way, candidate: chosen?.address ?? null } as const;
  if (core.tilt !== null) return { ...plan, refusal: 'in-tilt', reason: 'this Sentinel has just been stalled' };
  if (master.failover !== null) return { ...plan, refusal: 'in-progress', reason: master.failover.state };
  if (chosen === null) {
    const reasons = assessments.map(
      ({ node, rejection }) => `${replicaName(core, node.address)} ${rejection ?? 'is not the one named'}`,
    );
    return { ...plan, refusal: 'no-good-replica', reason: reasons.join(', ') || 'no replica is known' };
  }
  if (options.way === 'coordinated' && obstacle !== null) return { ...plan, refusal: 'no-handover', reason: obstacle };
  if (options.way !== 'force') {
    const { leader, epoch } = master.vote;
    if (promiseUntil(master, core.myId) > now) {
      const reason = `we have just voted for ${leader ?? 'somebody'} in epoch ${epoch}`;
      return { ...plan, refusal: 'in-progress', reason };
    }
    const missing = whyNoMajority(core, master, now);
    if (missing !== null) return { ...plan, refusal: 'no-majority', reason: missing };
  }
  return { ...plan, refusal: null, reason: obstacle };
}

function whyNoMajority(core: Core, master: Master, now: Millis): string | null {
  const needed = votesNeeded(master);
  const alive = countAlive(master);
  if (alive < needed) return `${alive} Sentinels answer, ${needed} votes are needed`;
  return whyNoVotes(core, master, core.currentEpoch + 1, now);
}

/** Begins it if nothing is in the way; the plan says what. */
export function startManualFailover(
  core: Core,
  master: Master,
  now: Millis,
  options: ManualOptions = DEFAULT_MANUAL,
): ManualPlan {
  // What was refused may be permitted by now: whoever asks for it finds out.
  master.node.pauseRefusal = null;
  const plan = planManualFailover(core, master, options, now);
  if (plan.refusal === null) stand(core, master, 'manual', now, options);
  return plan;
}
