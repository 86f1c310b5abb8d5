// Counting Sentinels: who counts, who looks alive, what is a majority. Arithmetic only; no rule of the election itself.

import type { Core } from './core.js';
import type { Master } from './master.js';
import type { Peer } from './peer.js';
import { addressKey, type RunId } from './types.js';

/**
 * All Sentinels that count for this master, ourselves included, alive or not: those we believe in, and, as long as the group is
 * not established, every other address that is announced and has not disproved itself (`verification.ts`).
 */
export function electorate(master: Master): number {
  return 1 + master.peers.size + countUnproven(master);
}

/** Announced addresses that count although nobody has proved anything there. */
export function countUnproven(master: Master): number {
  if (master.isEstablished || master.newcomers.size === 0) return 0;
  const known = new Set([...master.peers.values()].map(({ address }) => addressKey(address)));
  const unproven = new Set<string>();
  for (const { runId, address, disprovedAt } of master.newcomers.values()) {
    const key = addressKey(address);
    if (disprovedAt === null && !master.peers.has(runId) && !known.has(key)) unproven.add(key);
  }
  return unproven.size;
}

/** More than half of all that count. */
export function majority(master: Master): number {
  return Math.floor(electorate(master) / 2) + 1;
}

/** Votes needed to lead: the majority, or the quorum where that is greater. */
export function votesNeeded(master: Master): number {
  return Math.max(majority(master), master.settings.quorum);
}

export function looksAlive(peer: Peer): boolean {
  return peer.link.isOpen && peer.subjectivelyDownSince === null;
}

export function countAlive(master: Master): number {
  let alive = 1;
  for (const peer of master.peers.values()) if (looksAlive(peer)) alive++;
  return alive;
}

export interface QuorumCheck {
  /** Sentinels that are not subjectively down, and ourselves unless nothing can be saved: whoever cannot save does not vote. */
  readonly usable: number;
  readonly hasQuorum: boolean;
  readonly hasMajority: boolean;
}

/** `SENTINEL CKQUORUM`. */
export function quorumCheck({ durability }: Core, master: Master): QuorumCheck {
  let usable = durability.failure === null ? 1 : 0;
  for (const peer of master.peers.values()) if (peer.subjectivelyDownSince === null) usable++;
  return { usable, hasQuorum: usable >= master.settings.quorum, hasMajority: usable >= majority(master) };
}

/**
 * Our place among the Sentinels that look alive, drawn anew for each configuration: all can see a crash in the same millisecond,
 * and the one at place 0 should stand first. A place only delays; nobody waits for anybody. It is not drawn by the current epoch:
 * where many masters die at once everybody is in another one, and several would be first.
 */
export function rank(core: Core, master: Master): number {
  const epoch = master.configEpoch + 1;
  const mine = draw(core.myId, master.name, epoch);
  let before = 0;
  for (const peer of master.peers.values()) {
    if (!looksAlive(peer)) continue;
    const theirs = draw(peer.runId, master.name, epoch);
    if (theirs < mine || (theirs === mine && peer.runId < core.myId)) before++;
  }
  return before;
}

/** FNV-1a over the words, finished with a mixing step: neighbouring epochs must give unrelated orders. */
function draw(runId: RunId, masterName: string, epoch: number): number {
  let hash = 0x811c9dc5;
  for (const text of [runId, masterName, String(epoch)]) {
    for (let index = 0; index < text.length; index++) {
      hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
    }
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return (hash ^ (hash >>> 13)) >>> 0;
}
