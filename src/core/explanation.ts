// Why things are as they are, for operators: would a failover start now, who agrees, whom would it promote. Changes nothing.

import type { Core } from './core.js';
import { saysDown } from './down.js';
import { isStock, promiseUntil, turnAt, whyNotStand } from './election.js';
import { looksAlive, majority, votesNeeded } from './electorate.js';
import { whyNoHandover } from './handover.js';
import { holdRemaining, isHeld } from './hold.js';
import type { Master } from './master.js';
import type { Newcomer } from './newcomer.js';
import type { Peer } from './peer.js';
import { type Selection, select } from './selection.js';
import type { Millis } from './types.js';

export interface PeerExplanation {
  readonly peer: Peer;
  /** `agrees`: says the master is down; `stale`: said so too long ago; `disagrees`; `silent`: not asked or no answer. */
  readonly verdict: 'agrees' | 'stale' | 'disagrees' | 'silent';
  readonly isAlive: boolean;
  readonly isStock: boolean;
}

export interface Explanation {
  /** Null if a failover would start now; otherwise the first thing in its way, in words. */
  readonly obstacle: string | null;
  /** Null if a planned failover would hand over; otherwise why it would be the classic kind. */
  readonly handoverObstacle: string | null;
  /** How much longer an operator's pause lasts; 0 without one. */
  readonly pausedFor: Millis;
  readonly agreeing: number;
  readonly votesNeeded: number;
  readonly majority: number;
  /** Since when the master's writes are paused because it is cut off; null if they are not. */
  readonly fencedSince: Millis | null;
  readonly peers: readonly PeerExplanation[];
  /** Whether newcomers count only when they have proved themselves; see `verification.ts`. */
  readonly isEstablished: boolean;
  /** Who announces itself and is not believed (yet), and whether it counts towards the majority all the same. */
  readonly newcomers: readonly { readonly newcomer: Newcomer; readonly isCounted: boolean }[];
  readonly selection: Selection;
}

export function explain(core: Core, master: Master, now: Millis): Explanation {
  const peers = [...master.peers.values()].map((peer) => explainPeer(core, peer, now));
  const isDown = master.node.isSubjectivelyDown;
  const agreeing = (isDown ? 1 : 0) + peers.filter(({ verdict }) => verdict === 'agrees').length;
  return {
    obstacle: findObstacle(core, master, agreeing, now),
    handoverObstacle: whyNoHandover(master),
    pausedFor: holdRemaining(master, now),
    agreeing,
    votesNeeded: votesNeeded(master),
    majority: majority(master),
    fencedSince: master.fence?.since ?? null,
    peers,
    isEstablished: master.isEstablished,
    newcomers: [...master.newcomers.values()].map((newcomer) => ({
      newcomer,
      isCounted: !master.isEstablished && newcomer.disprovedAt === null,
    })),
    selection: select(master, now),
  };
}

function explainPeer(core: Core, peer: Peer, now: Millis): PeerExplanation {
  const { verdict } = peer;
  let word: PeerExplanation['verdict'] = 'silent';
  if (verdict !== null && !verdict.down) word = 'disagrees';
  if (verdict?.down === true) word = saysDown(core, peer, now) ? 'agrees' : 'stale';
  return { peer, verdict: word, isAlive: looksAlive(peer), isStock: isStock(peer) };
}

function findObstacle(core: Core, master: Master, agreeing: number, now: Millis): string | null {
  const { failure } = core.durability;
  if (failure !== null) return `nothing can be saved, and so neither voted nor led: ${failure}`;
  if (master.failover !== null) return `a failover is in progress: ${master.failover.state}`;
  if (isHeld(master, now)) return `an operator has paused it for ${Math.ceil(holdRemaining(master, now) / 1_000)} s`;
  if (core.tilt !== null) return 'TILT: this Sentinel has just been stalled';
  if (!master.node.isSubjectivelyDown) return 'the master is not down';
  const { quorum } = master.settings;
  if (master.objectivelyDownSince === null)
    return `${agreeing} Sentinels find the master down, the quorum is ${quorum}`;
  const promised = promiseUntil(master, core.myId);
  if (promised > now) return `our vote in epoch ${master.vote.epoch} supports ${master.vote.leader ?? 'somebody else'}`;
  const { candidateFrom } = master;
  const turn = candidateFrom === null ? 0 : turnAt(core, master, candidateFrom, now);
  const wait = Math.max(master.notCandidateBefore, turn) - now;
  if (wait > 0) return `our turn as a candidate comes in ${Math.ceil(wait)} ms`;
  return whyNotStand(core, master, 'outage', now);
}
