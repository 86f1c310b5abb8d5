// Votes: when we give one, what it binds us to, when we stand ourselves, and who has won.
//
// A vote is given once for each epoch and master and saved before it is answered. It is also a promise: for a while its giver
// supports nobody else, itself included, so that a leader has time to act before another can be elected. Votes count for the
// epoch of the failover they were asked for; the elections of other masters do not touch them.

import type { Core } from './core.js';
import { crowdSize } from './crowd.js';
import { describeMaster, replicaName } from './description.js';
import { castVote, nextEpoch } from './durable.js';
import { countAlive, looksAlive, majority, rank, votesNeeded } from './electorate.js';
import { believeEpoch } from './epoch-guard.js';
import { endRecord, openRecord } from './history.js';
import { isHeld } from './hold.js';
import {
  AUTHORITY,
  CROWD_HEAD_START,
  LEAST_HEAD_START,
  LONGEST_CROWD_HEAD_START,
  LONGEST_HEAD_START,
  LONGEST_RETRY,
  PROMISE,
  RETRY_AFTER_AT_LEAST,
  RETRY_AFTER_AT_MOST,
  RETRY_WITH_SUPPORT_AT_MOST,
  SELECTION_PATIENCE,
  STOCK_EPOCH_BINDING,
} from './limits.js';
import type { Failover, ManualOptions, Master, Purpose } from './master.js';
import { releasePause } from './pause.js';
import type { Peer } from './peer.js';
import { contradictionSince } from './reaffirmation.js';
import { findUnannouncedPromotion, type Selection, select } from './selection.js';
import type { Epoch, Millis, RunId } from './types.js';

// Giving votes

/**
 * A peer asks for our vote. Whatever we decide, the caller answers with `master.vote`.
 * The vote is refused without a word: an answer that names somebody else, or an older epoch, is the refusal.
 */
export function considerVoteRequest(
  core: Core,
  master: Master,
  request: { epoch: Epoch; candidate: RunId },
  now: Millis,
): void {
  const { epoch, candidate } = request;
  const peer = master.peers.get(candidate);
  // What a candidate asks for is no report of what was: only hellos count for that, and a stranger shows how few we have heard.
  const isKnown = candidate === core.myId || peer !== undefined;
  recallVotes(core, master, now);
  const isInformed = isKnown && whyNoVotes(core, master, epoch, now) === null;
  if (!believeEpoch(core, master, epoch, now)) return;
  master.wakeAt = now;
  if (!isInformed) return;
  if (candidate === core.myId) {
    spendVote(core, master, epoch, now);
    return;
  }
  if (peer === undefined || !mayVote(core, master, peer, epoch, now)) return;
  castVote(core, master, candidate, epoch, now);
  standBack(core, master, peer, now);
}

/**
 * Somebody names ourselves as the candidate. The original grants it, and its own suite asks for it. It is safe: the vote is spent,
 * because we act only in epochs that we stand in ourselves. Nothing is granted that would end a promise or a candidacy of ours.
 */
function spendVote(core: Core, master: Master, epoch: Epoch, now: Millis): void {
  if (epoch <= master.vote.epoch || epoch <= master.configEpoch) return;
  if (master.failover !== null || promiseUntil(master, core.myId) > now) return;
  castVote(core, master, core.myId, epoch, now);
}

function mayVote(core: Core, master: Master, candidate: Peer, epoch: Epoch, now: Millis): boolean {
  if (epoch <= master.vote.epoch || epoch <= master.configEpoch) return false;
  if (promiseUntil(master, core.myId) > now && master.vote.leader !== candidate.runId) return false;
  // An original asks only for failovers of its own accord; it cannot know that an operator wants none.
  if (isHeld(master, now) && isStock(candidate)) return false;
  return !isStock(candidate) || isWithinStockBinding(master, candidate, epoch, now);
}

/**
 * Until when our last vote binds us to its leader. A vote for ourselves binds as long as the candidacy it was given for.
 * A vote that only the file remembers binds anew after a restart, to a leader it may not name.
 */
export function promiseUntil(master: Master, myId: RunId): Millis {
  const { leader, epoch, at } = master.vote;
  if (epoch <= master.configEpoch) return 0;
  if (leader !== myId) return at + PROMISE;
  const { failover } = master;
  const isActing = failover !== null && failover.epoch === epoch && failover.state !== 'reconfigure-replicas';
  return isActing ? Number.POSITIVE_INFINITY : 0;
}

/** A Sentinel that does not speak our vote messages follows the original's rules. */
export function isStock(peer: Peer): boolean {
  return peer.speaksVotes === false && peer.lastVoteMessageAt === null;
}

/**
 * An original Sentinel asks for votes with its current epoch but publishes the epoch it first asked for. A later one is
 * granted to it only if we have voted for nobody else in between: two configurations with one epoch would never be resolved.
 */
function isWithinStockBinding(master: Master, candidate: Peer, epoch: Epoch, now: Millis): boolean {
  const first = candidate.firstRequest;
  if (first === null || now - first.at > STOCK_EPOCH_BINDING) {
    candidate.firstRequest = { epoch, at: now };
    return true;
  }
  return master.vote.leader === candidate.runId || master.vote.at < first.at;
}

/** Having voted for somebody else we end our own candidacy and give the other time to act. */
function standBack(core: Core, master: Master, leader: Peer, now: Millis): void {
  const patience = isStock(leader) ? 2 * master.settings.failoverTimeout : PROMISE;
  master.notCandidateBefore = Math.max(master.notCandidateBefore, now + patience);
  master.candidateFrom = null;
  abandonUnlessPromoted(core, master, now);
}

/** Ends a failover of ours whose promotion has not been observed: somebody else may be acting. */
export function abandonUnlessPromoted(core: Core, master: Master, now: Millis): void {
  const { failover } = master;
  if (failover === null || failover.state === 'reconfigure-replicas') return;
  releasePause(core, master, now);
  master.failover = null;
  endRecord(master, 'aborted-other-leader', now);
  core.announce('warning', '-failover-abort-not-elected', master, describeMaster(core, master), now);
}

// Votes that are not on our disk

/**
 * Why we neither vote nor stand in this epoch, in words for an operator; null when we may.
 *
 * A new or reinstalled Sentinel may have voted in epochs it has forgotten, until a majority has told theirs. If it knew nobody when it
 * began, it cannot tell what a majority is, and waits besides until every promise of an earlier life is over. Only in the first epoch of
 * all, as far as anybody says, nobody has voted before: a new group is ready at once.
 */
export function whyNoVotes(core: Core, master: Master, epoch: Epoch, now: Millis): string | null {
  const { heardEpochs } = master;
  if (heardEpochs === null) return null;
  const isFirst = epoch === FIRST_EPOCH && Math.max(...heardEpochs.values()) < FIRST_EPOCH;
  const freeAt = forgottenPromisesEndAt(core, master);
  if (!isFirst && now < freeAt) {
    master.wakeBy(freeAt);
    return 'this Sentinel has just begun, and may have voted before';
  }
  return heardEpochs.size < majority(master) ? 'no majority has reported its epoch yet' : null;
}

/** Ends our ignorance of our votes when enough have told their epochs, and nobody can be missing among them who has our promise. */
function recallVotes(core: Core, master: Master, now: Millis): void {
  const { heardEpochs } = master;
  if (heardEpochs === null || now < forgottenPromisesEndAt(core, master)) return;
  if (heardEpochs.size < majority(master) || (master.beganBlank && master.peers.size === 0)) return;
  master.heardEpochs = null;
  const greatest = Math.max(...heardEpochs.values());
  if (greatest <= master.vote.epoch) return;
  // Whom it bound us to is forgotten with the rest, so that it binds from the moment we began.
  master.vote = { leader: null, epoch: greatest, at: master.vote.at };
  core.touchBeforeSpeakingOf(master);
}

function forgottenPromisesEndAt(core: Core, master: Master): Millis {
  return master.beganBlank ? core.startedAt + PROMISE : 0;
}

const FIRST_EPOCH: Epoch = 1;

// Standing

/** Stands as a candidate if everything speaks for it; otherwise says by `wakeBy` when to look again. */
export function standIfDue(core: Core, master: Master, now: Millis): void {
  recallVotes(core, master, now);
  if (master.failover !== null || core.tilt !== null) return;
  const downSince = master.objectivelyDownSince;
  const since = downSince ?? contradictionSince(core, master, now);
  if (since === null) {
    master.candidateFrom = null;
    return;
  }
  if (isHeld(master, now)) {
    master.candidateFrom = null;
    reportObstacle(core, master, 'an operator has paused it', now);
    return;
  }
  const freeAt = Math.max(master.notCandidateBefore, promiseUntil(master, core.myId), supportFreeAt(core, master));
  master.candidateFrom ??= Math.max(since, freeAt);
  const due = Math.max(turnAt(core, master, master.candidateFrom, now), freeAt);
  if (now < due) {
    master.wakeBy(due);
    return;
  }
  const purpose = downSince === null ? 'reaffirmation' : 'outage';
  const obstacle = whyNotStand(core, master, purpose, now);
  if (obstacle === null) stand(core, master, purpose, now);
  else reportObstacle(core, master, obstacle, now);
}

/**
 * From when on so many Sentinels can support us as it takes to lead, as far as they have told us of their votes: each is bound to
 * whom it voted for as long as its promise lasts. Who would certainly lose does not disturb those who would not.
 */
function supportFreeAt(core: Core, master: Master): Millis {
  const freeAt: Millis[] = [];
  for (const peer of master.peers.values()) if (looksAlive(peer)) freeAt.push(boundUntil(core, master, peer));
  freeAt.sort((one, other) => one - other);
  return freeAt[votesNeeded(master) - 2] ?? 0;
}

function boundUntil(core: Core, master: Master, peer: Peer): Millis {
  const { vote } = peer;
  if (vote === null || isStock(peer) || vote.epoch <= master.configEpoch) return 0;
  // Whoever stands itself is free again when its candidacy is over.
  return vote.leader === core.myId || vote.leader === peer.runId ? 0 : vote.at + PROMISE;
}

/** Why a candidacy would be pointless now, in words for an operator; null when nothing speaks against it. */
export function whyNotStand(core: Core, master: Master, purpose: Purpose, now: Millis): string | null {
  const needed = votesNeeded(master);
  const alive = countAlive(master);
  if (alive < needed) return `${alive} Sentinels answer, ${needed} votes are needed`;
  const noVotes = whyNoVotes(core, master, core.currentEpoch + 1, now);
  if (noVotes !== null) return noVotes;
  if (purpose === 'reaffirmation' || findUnannouncedPromotion(master, now) !== null) return null;
  const selection = select(master, now);
  if (selection.chosen !== null || isReportAwaited(master, selection, now)) return null;
  const reasons = selection.assessments.map(({ node, rejection }) => `${replicaName(core, node.address)} ${rejection}`);
  return `no eligible replica: ${reasons.length === 0 ? 'none is known' : reasons.join(', ')}`;
}

/** INFO was asked when the master went down: until its answer is due, an old report is no reason to wait. */
function isReportAwaited(master: Master, selection: Selection, now: Millis): boolean {
  const since = master.node.subjectivelyDownSince ?? now;
  if (now - since > SELECTION_PATIENCE) return false;
  return selection.assessments.some(({ rejection }) => rejection === 'report too old');
}

function reportObstacle(core: Core, master: Master, obstacle: string, now: Millis): void {
  master.wakeBy(now + OBSTACLE_PERIOD);
  if (master.obstacle === obstacle) return;
  master.obstacle = obstacle;
  core.announce('warning', '-failover-not-started', master, `${describeMaster(core, master)} ${obstacle}`, now);
}
/** Obstacles vanish by inputs that look again at once, or by age. */
const OBSTACLE_PERIOD: Millis = 100;

export function stand(
  core: Core,
  master: Master,
  purpose: Purpose,
  now: Millis,
  manual: ManualOptions | null = null,
): void {
  master.wakeAt = now;
  master.obstacle = null;
  master.candidateFrom = null;
  const epoch = nextEpoch(core, master, now);
  const type = purpose === 'reaffirmation' ? '+try-reaffirmation' : '+try-failover';
  core.announce('warning', type, master, describeMaster(core, master), now);
  castVote(core, master, core.myId, epoch, now);
  master.failover = { state: 'elect', epoch, startedAt: now, purpose, manual, firstRequestAt: null };
  openRecord(core, master, master.failover, now);
  for (const node of master.nodes()) node.infoWanted = true;
}

/** Our turn among the staggered candidates, as things are now. */
export function turnAt(core: Core, master: Master, from: Millis, now: Millis): Millis {
  const place = rank(core, master);
  if (place === 0) return from;
  // Where many masters are down together, who comes first has many elections to open before it gets to this one.
  const crowd = place * Math.max(0, crowdSize(core, now) - 1) * CROWD_HEAD_START;
  return from + place * headStart(core, master) + Math.min(LONGEST_CROWD_HEAD_START, crowd);
}

/** How much earlier each rank stands than the next: time to save a vote and for the requests to arrive everywhere. */
function headStart(core: Core, master: Master): Millis {
  let slowest = 0;
  for (const peer of master.peers.values()) if (looksAlive(peer)) slowest = Math.max(slowest, peer.link.lastRoundTrip);
  return Math.min(LONGEST_HEAD_START, Math.max(LEAST_HEAD_START, 4 * slowest) + core.durability.lastDuration);
}

// Counting

export type Outcome = 'won' | 'lost' | 'open';

export function count(core: Core, master: Master, epoch: Epoch): Outcome {
  const needed = votesNeeded(master);
  let ours = 1;
  let open = 0;
  for (const peer of master.peers.values()) {
    if (peer.vote?.epoch === epoch && peer.vote.leader === core.myId) ours++;
    else if (peer.refusedEpoch !== epoch && looksAlive(peer)) open++;
  }
  if (ours >= needed) return 'won';
  return ours + open < needed ? 'lost' : 'open';
}

/** Until when a candidate may act on the votes of its epoch. */
export function authorityUntil(core: Core, failover: Extract<Failover, { state: 'elect' }>): Millis {
  return (failover.firstRequestAt ?? failover.startedAt) + Math.min(AUTHORITY, core.tunables.electionTimeout);
}

/**
 * An epoch of ours came to nothing: the next attempt follows soon, and less soon each time. Who has somebody's promise is the only
 * one whom that one can support meanwhile, and tries again before those who have none.
 */
export function retryLater(core: Core, master: Master, now: Millis): void {
  const atMost = hasSupporter(core, master, now) ? RETRY_WITH_SUPPORT_AT_MOST : RETRY_AFTER_AT_MOST;
  const spread = RETRY_AFTER_AT_LEAST + core.random.below(atMost - RETRY_AFTER_AT_LEAST);
  const pause = Math.min(LONGEST_RETRY, spread * 2 ** Math.min(master.fruitlessAttempts, MAX_DOUBLINGS));
  master.fruitlessAttempts++;
  master.notCandidateBefore = Math.max(master.notCandidateBefore, now + pause);
  master.candidateFrom = null;
}
const MAX_DOUBLINGS = 8;

function hasSupporter(core: Core, master: Master, now: Millis): boolean {
  for (const { vote } of master.peers.values()) {
    if (vote !== null && vote.leader === core.myId && now < vote.at + PROMISE) return true;
  }
  return false;
}
