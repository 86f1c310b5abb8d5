// What this Sentinel knows of one Redis or Valkey server, whatever its role: its link, its last INFO, its health.
//
// A node keeps its record and its connection when roles change: after a failover the promoted node simply becomes its
// master's `node` and the old one joins the replicas. Nothing has to reconnect in the moment that matters most.

import type { InfoReport } from '../protocol/info.js';
import type { Link } from './link.js';
import type { Address, Millis } from './types.js';

export type Role = 'master' | 'slave';

/** How far a replica has come in following a new master. One fact, one place: never a set of flags. */
export type Reconfiguration = 'none' | 'sent' | 'in-progress' | 'done';

/** The word for a role change that the node accepts; `unknown` until the link has come up once. */
export type RoleCommand = 'unknown' | 'REPLICAOF' | 'SLAVEOF' | 'refused';

export interface RoleChange {
  /** Null makes the node a master. */
  readonly target: Address | null;
  readonly attempt: number;
  readonly sentAt: Millis;
  isAnswered: boolean;
}

/** Writes paused by us on a node (`CLIENT PAUSE … WRITE`); see `handover.ts`. */
export interface Pause {
  readonly attempt: number;
  readonly sentAt: Millis;
  /** Counted by the node from the moment it reads the command, so that it ends no earlier than `sentAt` plus this. */
  readonly lasts: Millis;
  /** Since when the pause has been unbroken: a renewal that arrives in time continues it. */
  readonly unbrokenSince: Millis;
  answeredAt: Millis | null;
  /** The replication offset and history read under the pause. */
  offset: number;
  replicationId: string;
}

/** The node answered a pause with an error. */
export interface PauseRefusal {
  readonly reason: string;
  readonly at: Millis;
  /** It is not tried again on this connection: permission is missing, or the command is not what it should be. */
  readonly isLasting: boolean;
}

/** A restart of the configured master of which it is not known yet, or feared, that it cost the data; see `reboot.ts`. */
export interface Reboot {
  /** The last report before it. */
  readonly former: InfoReport;
  readonly noticedAt: Millis;
  /** When the replicas were asked what they have. */
  readonly askedAt: Millis;
  /** `unclear` while the node loads; `suspected` while the replicas are asked; `empty` while one of them has the data. */
  readonly state: 'unclear' | 'suspected' | 'empty';
}

export class DataNode {
  readonly address: Address;
  readonly link: Link;
  /** The server's run id as of its last INFO; empty before the first. */
  runId = '';
  /** The role it reported last; null before the first INFO. */
  roleReported: Role | null = null;
  roleReportedAt: Millis;
  /** The role that events and replies have told: the one it reported last, or that of its place when it got another. */
  roleTold: Role | null = null;
  /** Since when it has called itself a master by the same claim to it: neither its role nor a promotion has come in between. */
  reignReportedAt: Millis;
  /** When the role or the configured master that it reports changed last. */
  configurationReportedAt: Millis;
  info: InfoReport | null = null;
  /** The text of that INFO, for `SENTINEL INFO-CACHE`. */
  infoText = '';
  infoAt: Millis | null = null;
  /** When the INFO that was answered last had been asked. */
  infoAskedAt: Millis | null = null;
  infoSentAt: Millis | null = null;
  infoInFlight = 0;
  /** INFO is asked again at once, whatever the period says. */
  infoWanted = false;
  lastHelloSentAt: Millis = 0;
  lastVoteSentAt: Millis = 0;
  /** The last hello seen about this node's group through its own channel. */
  lastHelloReceivedAt = 0;
  subjectivelyDownSince: Millis | null = null;
  /** The node was overdue in the last on-time step; a second one makes the verdict. See `down.ts`. */
  overdueSince: Millis | null = null;
  roleCommand: RoleCommand = 'unknown';
  reconfiguration: Reconfiguration = 'none';
  reconfigurationAt: Millis = 0;
  /** The role change that was sent last on the current connection. */
  roleChange: RoleChange | null = null;
  /** Our pause of its writes; nothing is published on its link meanwhile, because PUBLISH would block it. */
  pause: Pause | null = null;
  pauseRefusal: PauseRefusal | null = null;
  /** Parts of a role change that this node refused, by their standard names; they are not sent again. */
  readonly refusedParts = new Set<string>();
  /** Whether the current connection has answered an INFO: only then may it carry a role change. */
  hasReportedOnConnection = false;
  /** A script that blocks the node was asked to stop; asked once for each time it blocks. */
  hasBeenAskedToKillScript = false;
  /** A reboot was seen (the run id changed) and the node has not finished loading. */
  rebootedAt: Millis | null = null;
  reboot: Reboot | null = null;

  constructor(address: Address, link: Link, now: Millis) {
    this.address = address;
    this.link = link;
    this.roleReportedAt = now;
    this.reignReportedAt = now;
    this.configurationReportedAt = now;
  }

  get isSubjectivelyDown(): boolean {
    return this.subjectivelyDownSince !== null;
  }
}
