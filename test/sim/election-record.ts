// Who voted for whom, and who led, over a whole run: what no single process remembers and every safety rule refers to.
// Throws a `Violation` at the first contradiction.

import type { Epoch, RunId } from '../../src/core/types.js';

/** A safety rule was broken. The message says by whom and how. */
export class Violation extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'Violation';
  }
}

export class ElectionRecord {
  /** Votes that are on disk or were spoken, by master, epoch and voter. */
  readonly #votes = new Map<string, Map<RunId, RunId>>();
  readonly #leaders = new Map<string, RunId>();
  readonly #addresses = new Map<string, string>();
  #elections = 0;

  get elections(): number {
    return this.#elections;
  }

  /** One vote for each voter, master and epoch, whatever happens to the voter in between. */
  vote(master: string, epoch: Epoch, voter: RunId, leader: RunId): void {
    const key = `${master} ${epoch}`;
    let votes = this.#votes.get(key);
    if (votes === undefined) {
      votes = new Map();
      this.#votes.set(key, votes);
    }
    const former = votes.get(voter);
    if (former !== undefined && former !== leader) {
      throw new Violation(
        `${short(voter)} voted for ${short(former)} and for ${short(leader)} in epoch ${epoch} of ${master}`,
      );
    }
    votes.set(voter, leader);
  }

  hasVoted(master: string, epoch: Epoch, voter: RunId, leader: RunId): boolean {
    return this.#votes.get(`${master} ${epoch}`)?.get(voter) === leader;
  }

  votesFor(master: string, epoch: Epoch, leader: RunId): number {
    let count = 0;
    for (const one of this.#votes.get(`${master} ${epoch}`)?.values() ?? []) if (one === leader) count++;
    return count;
  }

  /**
   * Whether this leader lacks votes of that epoch, and has enough with those that `originals` gave it later. An original counts the
   * votes of the epoch it has opened since, perhaps for another master, for the one it stood in; where originals alone are enough
   * for that, no Vedette could have prevented it.
   */
  isMadeByLaterVotes(
    master: string,
    epoch: Epoch,
    leader: RunId,
    originals: ReadonlySet<RunId>,
    needed: number,
  ): boolean {
    if (this.votesFor(master, epoch, leader) >= needed) return false;
    const voters = new Set<RunId>();
    for (const [key, votes] of this.#votes) {
      const space = key.lastIndexOf(' ');
      if (key.slice(0, space) !== master || Number(key.slice(space + 1)) < epoch) continue;
      for (const [voter, one] of votes) if (one === leader && originals.has(voter)) voters.add(voter);
    }
    return voters.size >= needed;
  }

  /** One leader for each master and epoch, elected by at least `needed` votes. */
  elect(master: string, epoch: Epoch, leader: RunId, needed: number): void {
    const key = `${master} ${epoch}`;
    const former = this.#leaders.get(key);
    if (former !== undefined && former !== leader) {
      throw new Violation(`${short(former)} and ${short(leader)} both lead in epoch ${epoch} of ${master}`);
    }
    const votes = this.votesFor(master, epoch, leader);
    if (votes < needed) {
      throw new Violation(
        `${short(leader)} leads in epoch ${epoch} of ${master} with ${votes} votes of ${needed} needed`,
      );
    }
    this.#elections++;
    this.#leaders.set(key, leader);
  }

  isLeader(master: string, epoch: Epoch, leader: RunId): boolean {
    return this.#leaders.get(`${master} ${epoch}`) === leader;
  }

  /** One address for each configuration epoch. */
  configuration(master: string, epoch: Epoch, address: string, by: string): void {
    if (epoch === 0) return;
    const key = `${master} ${epoch}`;
    const former = this.#addresses.get(key);
    if (former === undefined) this.#addresses.set(key, address);
    else if (former !== address) {
      throw new Violation(`configuration epoch ${epoch} of ${master} is ${former}, but ${address} for ${by}`);
    }
  }
}

export function short(id: RunId): string {
  return id.slice(0, 8);
}
