// What we tell others without being asked: hellos to everybody, votes the moment our verdict changes, and the questions that
// turn subjective verdicts into objective ones and candidacies into leadership.
//
// Everything here is derived from the present state each time it is evaluated. What may not be said yet because the disk has
// not answered is simply still due when it has.

import { send } from './connection.js';
import type { Core } from './core.js';
import { verdictOn } from './down.js';
import { looksAlive } from './electorate.js';
import { isPublishingRisky } from './fencing.js';
import { FEW_MASTERS, RAREST_NODE_HELLO } from './limits.js';
import type { Link } from './link.js';
import type { Failover, Master } from './master.js';
import { isPaused } from './pause.js';
import type { Peer } from './peer.js';
import type { Address, Epoch, Millis, RunId } from './types.js';
import { askMasterDown, hello, vote } from './wire.js';

export function speak(core: Core, master: Master, now: Millis): void {
  askPeers(core, master, now);
  tellVerdict(core, master, now);
  greet(core, master, now);
}

// Questions

/**
 * While the master is down for us, or while we stand as a candidate, every peer is asked once in an ask period; and while we fence the
 * master, which takes their verdicts to end.
 */
function askPeers(core: Core, master: Master, now: Millis): void {
  const candidacy = master.failover?.state === 'elect' ? master.failover : null;
  const isAsking = master.node.isSubjectivelyDown || candidacy !== null || master.fence !== null;
  if (!isAsking || core.tilt !== null) return;
  // A plain question tells nothing that the disk does not have, and a fence must come down though nothing can be saved.
  if ((candidacy !== null || master.fence === null) && !core.canSpeakOf(master)) return;
  const epoch = candidacy?.epoch ?? core.savedEpoch;
  for (const peer of master.peers.values()) {
    if (!peer.link.isOpen || peer.link.localHost === '') continue;
    const isVoteWanted = candidacy !== null && !hasAnsweredCandidacy(core, peer, epoch);
    const isNewQuestion = isVoteWanted && peer.lastAskedEpoch !== epoch;
    const dueAt = peer.lastAskedAt === null || isNewQuestion ? now : peer.lastAskedAt + core.tunables.askPeriod;
    if (now < dueAt) {
      master.wakeBy(dueAt);
      continue;
    }
    const candidate = isVoteWanted ? core.myId : null;
    const address = addressToAsk(master, peer, candidacy);
    if (!send(core, peer.link, askMasterDown(core, master, peer, address, epoch, candidate))) continue;
    peer.lastAskedAt = now;
    if (candidate !== null) peer.lastAskedEpoch = epoch;
    master.wakeBy(now + core.tunables.askPeriod);
  }
  if (candidacy !== null) candidacy.firstRequestAt ??= now;
}

/**
 * Who is asked finds the master by the address that it gives it itself. Where it names another one for our epoch, and we stand to
 * resolve just that, it would not know what we speak of, and a group that needs its vote would never come to agree.
 */
function addressToAsk(master: Master, peer: Peer, candidacy: Failover | null): Address {
  const isTie = candidacy?.purpose === 'reaffirmation';
  return (isTie ? peer.announced?.address : null) ?? master.node.address;
}

function hasAnsweredCandidacy(core: Core, peer: Peer, epoch: Epoch): boolean {
  return peer.refusedEpoch === epoch || (peer.vote?.epoch === epoch && peer.vote.leader === core.myId);
}

/** The answer to `askPeers`: a verdict, and what the peer's vote is. */
export interface DownAnswer {
  readonly isDown: boolean;
  /** Null for `*`: the peer has voted for nobody, or was not asked to. */
  readonly leader: RunId | null;
  readonly leaderEpoch: Epoch;
}

export function applyDownAnswer(
  core: Core,
  master: Master,
  peer: Peer,
  asked: { address: Address; epoch: Epoch; candidate: RunId | null },
  answer: DownAnswer,
  now: Millis,
): void {
  if (core.topology.isSame(asked.address, master.node.address)) peer.verdict = { down: answer.isDown, at: now };
  peer.lastAnsweredAt = now;
  peer.isAskedAtOnce = false;
  if (answer.leader === null || asked.candidate === null) return;
  peer.vote = { leader: answer.leader, epoch: answer.leaderEpoch, at: now };
  if (answer.leader !== core.myId || answer.leaderEpoch !== asked.epoch) peer.refusedEpoch = asked.epoch;
}

// Votes

/** Our verdict goes out the moment it changes, through every reachable replica and directly, and again while it is "down". */
function tellVerdict(core: Core, master: Master, now: Millis): void {
  const isDown = verdictOn(core, master);
  if (isDown !== master.toldDown) {
    master.toldDown = isDown;
    for (const node of master.replicas.values()) node.lastVoteSentAt = 0;
    for (const peer of master.peers.values()) peer.lastVoteSentAt = 0;
  }
  const again = isDown ? core.tunables.askPeriod : Number.POSITIVE_INFINITY;
  for (const node of master.replicas.values()) {
    if (!node.link.isOpen || isPaused(node, now) || node.link.subscriptions.vote === 'refused') continue;
    if (isDown || node.lastVoteSentAt === 0) tell(core, master, node.link, node, isDown, again, true, now);
  }
  for (const peer of master.peers.values()) {
    if (!peer.link.isOpen || peer.speaksVotes === false) continue;
    tell(core, master, peer.link, peer, isDown, again, false, now);
  }
}

function tell(
  core: Core,
  master: Master,
  link: Link,
  listener: { lastVoteSentAt: Millis },
  isDown: boolean,
  again: Millis,
  toNode: boolean,
  now: Millis,
): void {
  if (link.localHost === '') return;
  const dueAt = listener.lastVoteSentAt === 0 ? now : listener.lastVoteSentAt + again;
  if (now < dueAt) {
    master.wakeBy(dueAt);
    return;
  }
  if (!core.canSpeakOf(master) || !send(core, link, vote(core, master, link, isDown, toNode))) return;
  listener.lastVoteSentAt = now;
  master.wakeBy(now + again);
}

// Hellos

function greet(core: Core, master: Master, now: Millis): void {
  const period = nodeHelloPeriod(core, master);
  for (const node of master.nodes()) {
    if (isPaused(node, now) || isPublishingRisky(core, master, node, now)) continue;
    greetOne(core, master, node.link, node, true, period, now);
  }
  const { publishPeriod } = core.tunables;
  for (const peer of master.peers.values()) {
    if (looksAlive(peer)) greetOne(core, master, peer.link, peer, false, publishPeriod, now);
  }
}

/**
 * Through the nodes others find us; those who know us hear from us directly as well. Where many masters are watched, most of what there
 * is to send and to read are hellos on nodes that tell nobody anything: there they become rarer, as long as everybody is in touch.
 */
function nodeHelloPeriod(core: Core, master: Master): Millis {
  const { publishPeriod } = core.tunables;
  const load = core.topology.masters.size / FEW_MASTERS;
  return load <= 1 || !isSettled(master) ? publishPeriod : publishPeriod * Math.min(RAREST_NODE_HELLO, load);
}

function isSettled(master: Master): boolean {
  if (!master.isEstablished || master.newcomers.size > 0 || master.claim !== null || master.dualMaster !== null)
    return false;
  if (master.failover !== null || master.node.isSubjectivelyDown) return false;
  for (const peer of master.peers.values()) if (!looksAlive(peer)) return false;
  return true;
}

/** A hello that is due within a PING's turn goes along with it: see `monitoring.ts` for why duties leave together. */
function greetOne(
  core: Core,
  master: Master,
  link: Link,
  listener: { lastHelloSentAt: Millis },
  toNode: boolean,
  period: Millis,
  now: Millis,
): void {
  if (!link.isOpen || link.localHost === '') return;
  const isPingTurn = link.lastPingSentAt === now;
  const dueAt = listener.lastHelloSentAt === 0 ? now : listener.lastHelloSentAt + period;
  if (now < dueAt - (isPingTurn ? period / HELLO_SLACK : core.foresight)) {
    master.wakeBy(dueAt);
    return;
  }
  if (!core.canSpeakOf(master) || !send(core, link, hello(core, master, link, toNode))) return;
  listener.lastHelloSentAt = now;
  if (toNode) link.unheardHellos++;
  master.wakeBy(now + period);
}
/** A hello may leave this fraction of its period early. */
const HELLO_SLACK = 8;
