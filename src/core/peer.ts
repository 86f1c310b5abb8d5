// Another Sentinel watching the same master. One record for each master it watches with us; they share its link.

import type { Link } from './link.js';
import type { Address, Epoch, Millis, RunId } from './types.js';

/** What a peer says about our master. Only answers to our own question count; gossip merely makes us ask. */
export interface Verdict {
  readonly down: boolean;
  readonly at: Millis;
}

export interface PeerVote {
  readonly leader: RunId;
  readonly epoch: Epoch;
  readonly at: Millis;
}

export class Peer {
  readonly runId: RunId;
  readonly address: Address;
  readonly link: Link;
  /** It has proved who it is, to us or before the last restart; false for one that a verified peer vouches for. */
  isVerified = false;
  verdict: Verdict | null = null;
  vote: PeerVote | null = null;
  /** The last epoch of ours in which it answered our request by naming somebody else. */
  refusedEpoch: Epoch = 0;
  /** The first of an original Sentinel's recent requests for our vote; see `election.ts`. */
  firstRequest: { readonly epoch: Epoch; readonly at: Millis } | null = null;
  /** When it was last asked for its verdict, and for a vote. */
  lastAskedAt: Millis | null = null;
  /** The epoch in which it was last asked for a vote. */
  lastAskedEpoch: Epoch = 0;
  /** A vote message of its contradicts its last answer: it is asked again without waiting, once. */
  isAskedAtOnce = false;
  /** When it last answered such a question. */
  lastAnsweredAt: Millis | null = null;
  /** Its last hello about this master, from anywhere. */
  lastHelloAt: Millis;
  /** What that hello said beside the epoch, by which its repetitions are recognised; only `topology.ts` changes it. */
  lastHello = '';
  /** The configuration in its last hello. */
  announced: { readonly epoch: Epoch; readonly address: Address } | null = null;
  /** Since when it has announced that. */
  announcedSince: Millis = 0;
  /** When the peer last sent a vote message: stock Sentinels never do. */
  lastVoteMessageAt: Millis | null = null;
  lastHelloSentAt: Millis = 0;
  lastVoteSentAt: Millis = 0;
  /** The stamp of the newest hold it has confirmed on this connection, and when and of which it was told last; see `hold.ts`. */
  knownHold = 0;
  holdToldAt: Millis | null = null;
  holdToldStamp = 0;
  subjectivelyDownSince: Millis | null = null;
  overdueSince: Millis | null = null;
  /** What it answered when asked for its configuration of this master, and in which round of questions. */
  configuration: PeerConfiguration | null = null;
  /** Whether the peer takes `PUBLISH __sentinel__:vote`; unknown until the first answer on this connection. */
  speaksVotes: boolean | null = null;

  constructor(runId: RunId, address: Address, link: Link, now: Millis) {
    this.runId = runId;
    this.address = address;
    this.link = link;
    this.lastHelloAt = now;
  }
}

export interface PeerConfiguration {
  readonly round: number;
  readonly at: Millis;
  readonly epoch: Epoch;
  readonly address: Address;
  /** The epoch of the peer's last vote while its promise lasts; 0 when it has promised nothing or does not say. */
  readonly promisedEpoch: Epoch;
  /** It leads a failover and is making replicas follow. */
  readonly isReconfiguring: boolean;
  /** The epoch it lives in, or at least that of its configuration. */
  readonly reportedEpoch: Epoch;
}
