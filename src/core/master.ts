// One monitored master: a name, its configuration, the data nodes and peers known for it, and the state of its failover.

import type { DataNode } from './data-node.js';
import type { FailoverRecord } from './failover-record.js';
import type { Newcomer } from './newcomer.js';
import type { Peer } from './peer.js';
import { type Hold, type MasterSettings, NO_HOLD, type Reign, type SavedMaster } from './state.js';
import type { Address, Epoch, Forgotten, Millis, RunId } from './types.js';

/** Our vote. Saved before it is spoken; a promise for a while: see `election.ts`. */
export interface Vote {
  /** Null when only the epoch is known (restored from an original Sentinel's file). */
  readonly leader: RunId | null;
  readonly epoch: Epoch;
  readonly at: Millis;
}

/**
 * Why there is an election: the master is objectively down; an operator said `SENTINEL FAILOVER`; or the group contradicts
 * itself, and a newer epoch is to confirm the address that is master (`reaffirmation.ts`).
 */
export type Purpose = 'outage' | 'manual' | 'reaffirmation';

/** How an operator wants a failover done. */
export interface ManualOptions {
  /**
   * `handover`: writes are paused and nothing is lost, or, where that is impossible, the classic way; `coordinated`: the
   * handover or nothing; `force`: the classic way at once, even without a majority's votes.
   */
  readonly way: 'handover' | 'coordinated' | 'force';
  /** The replica to promote; null to choose by the usual order. */
  readonly target: Address | null;
  /** How long writes may be paused while the replica catches up; null for the default. */
  readonly timeout: Millis | null;
}

/** Something that is to be forgotten as soon as nothing speaks against it any more, until when. */
export interface Forgetting {
  readonly what: Forgotten;
  readonly until: Millis;
}

/** A round of questions to all Sentinels within reach; see `askForConfigurations`. */
export interface Inquiry {
  readonly round: number;
  readonly askedAt: Millis;
}

interface Candidacy {
  readonly epoch: Epoch;
  readonly startedAt: Millis;
  readonly purpose: Purpose;
  /** Null unless the purpose is `manual`. */
  readonly manual: ManualOptions | null;
}

/** The failover state machine; the transitions stand in `failover.ts`. */
export type Failover =
  | (Candidacy & { readonly state: 'elect'; firstRequestAt: Millis | null })
  | (Candidacy & { readonly state: 'select'; readonly since: Millis; readonly authorityUntil: Millis })
  | (Candidacy & {
      readonly state: 'hand-over';
      readonly since: Millis;
      readonly authorityUntil: Millis;
      readonly promoted: DataNode;
    })
  | (Candidacy & {
      readonly state: 'promote';
      readonly since: Millis;
      readonly authorityUntil: Millis;
      readonly promoted: DataNode;
      /** Who it was when it was chosen: after a restart it may have lost what it was chosen for. */
      readonly promotedRunId: RunId;
      /** The old master's writes are paused until the new one is in force. */
      readonly isHandover: boolean;
      /** By when the role change has to leave. */
      readonly orderBy: Millis;
      /** Whether the role change is on its way; false until the node's link is ready for it. */
      isSent: boolean;
      /** Asked of the others when the promotion is observed so late that they may have voted anew. */
      inquiry: Inquiry | null;
    })
  | (Candidacy & {
      readonly state: 'reconfigure-replicas';
      readonly since: Millis;
      readonly promoted: DataNode;
      readonly demoted: DataNode;
      readonly isHandover: boolean;
    });

/** A newer configuration in somebody's hello. */
export interface Claim {
  readonly sender: RunId;
  readonly epoch: Epoch;
  readonly address: Address;
  /** When this sender announced it first, and last. */
  readonly since: Millis;
  readonly heardAt: Millis;
  readonly askedAt: Millis | null;
  /** Operators have been told that it is not believed. */
  readonly isRefused: boolean;
}

/** Before a node is demoted: is our configuration the majority's, and does its master reign? */
export interface StaleCheck {
  readonly round: number;
  readonly startedAt: Millis;
  readonly state: 'asking' | 'confirming' | 'confirmed';
  readonly since: Millis;
}

/** The writes of a master that has been cut off are paused; see `fencing.ts`. */
export interface Fence {
  readonly node: DataNode;
  readonly since: Millis;
  /** What those who are back within reach were asked last. */
  inquiry: Inquiry | null;
}

export class Master {
  readonly name: string;
  readonly settings: MasterSettings;
  /** The configured master's node. With `configEpoch` one pair: only `durable.ts` changes them, together. */
  node: DataNode;
  configEpoch: Epoch;
  /** Since when that configuration has been in force for us. */
  configurationSince: Millis;
  vote: Vote;
  /** By address. */
  readonly replicas = new Map<string, DataNode>();
  /** Other Sentinels that are believed in; see `verification.ts`. */
  readonly peers = new Map<RunId, Peer>();
  /** Those who announce themselves and have to prove themselves first. */
  readonly newcomers = new Map<RunId, Newcomer>();
  /** Most of those announced have once been verified: from then on newcomers count only when they have proved themselves. */
  isEstablished = false;
  /** When another Sentinel of this master was heard first since we began. */
  firstHeardAt: Millis | null = null;
  vouchingDueAt: Millis | null = null;
  objectivelyDownSince: Millis | null = null;
  /** The verdict that was told last; telling it again is due when it changes. */
  toldDown = false;
  /** An operator's pause; see `hold.ts`. */
  hold: Hold = NO_HOLD;
  /** What another Sentinel wants forgotten and is known here, for each once; see `forget.ts`. */
  forgettings: readonly Forgetting[] = [];
  /** The stamp of the hold that was told to be on; null after it was told that none is. */
  toldHold: number | null = null;
  failover: Failover | null = null;
  /** No candidacy of ours before this moment: after a lost election, or while we support another candidate. */
  notCandidateBefore: Millis = 0;
  /** When the candidate of rank 0 may stand, once the master is objectively down; our rank counts from here. */
  candidateFrom: Millis | null = null;
  fruitlessAttempts = 0;
  /** Why no failover was started when it last was looked into; announced once each time it changes. */
  obstacle: string | null = null;
  /** The contradiction that was announced last; see `reaffirmation.ts`. */
  contradiction: string | null = null;
  /** The nodes that were sighted as masters at the same time, while they are; see `dual-master.ts`. */
  dualMaster: string | null = null;
  /** The epochs told by Sentinels, ourselves included, since we began without saved votes; null once enough have been. */
  heardEpochs: Map<RunId, Epoch> | null = null;
  /** Whether nothing was saved of it, not even who else watches it: it is new, or everything was lost. */
  beganBlank = false;
  /** Replication histories of configured masters, oldest first; see `stale-master.ts`. */
  reigns: Reign[];
  /** Failovers of this name, oldest first; see `history.ts`. */
  readonly history: FailoverRecord[];
  /** The last of them while it is not closed. */
  recordInProgress: FailoverRecord | null = null;
  /** The newest configuration that was announced to us and is not confirmed yet; see `claim.ts`. */
  claim: Claim | null = null;
  /** When an epoch was last refused; see `epoch-guard.ts`. */
  epochDoubtedAt: Millis = 0;
  /** Questions under way before wrong nodes are put right; see `stale-master.ts`. */
  staleCheck: StaleCheck | null = null;
  staleCheckRound = 0;
  fence: Fence | null = null;
  /** Nothing is said of it before the disk has this version; see `Core.canSpeakOf`. */
  spokenVersion = 0;
  /** As it is saved; null when that has changed since it was last looked at. See `snapshot.ts`. */
  snapshot: SavedMaster | null = null;
  /** When its nodes were last asked together; see `monitoring.ts`. */
  pingTurnAt: Millis = 0;
  /** When `evaluate` has to look at this master again, at the latest. */
  wakeAt: Millis = 0;

  constructor(
    name: string,
    settings: MasterSettings,
    node: DataNode,
    saved: { configEpoch: Epoch; vote: Vote; reigns: readonly Reign[]; history: readonly FailoverRecord[] },
    now: Millis,
  ) {
    this.name = name;
    this.settings = settings;
    this.node = node;
    this.configEpoch = saved.configEpoch;
    this.configurationSince = now;
    this.vote = saved.vote;
    this.reigns = [...saved.reigns];
    this.history = saved.history.map((record) => ({
      ...record,
      phases: { ...record.phases },
      result: record.result === 'in-progress' ? 'interrupted' : record.result,
    }));
  }

  /** The address clients and peers are told. */
  get advertisedAddress(): Address {
    return this.node.address;
  }

  wakeBy(at: Millis): void {
    if (at < this.wakeAt) this.wakeAt = at;
  }

  nodes(): IterableIterator<DataNode> {
    return new Nodes(this);
  }
}

/** Written out instead of as a generator: every evaluation goes through the nodes several times, and a compiler sees through this. */
class Nodes implements IterableIterator<DataNode> {
  readonly #master: Master;
  #hasBegun = false;
  #replicas: IterableIterator<DataNode> | null = null;

  constructor(master: Master) {
    this.#master = master;
  }

  next(): IteratorResult<DataNode> {
    if (this.#hasBegun) {
      this.#replicas ??= this.#master.replicas.values();
      return this.#replicas.next();
    }
    this.#hasBegun = true;
    return { done: false, value: this.#master.node };
  }

  [Symbol.iterator](): this {
    return this;
  }
}
