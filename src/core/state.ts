// What a Sentinel is started with and what it saves: settings the operator decides and facts that must survive a restart.
// `config/` turns a sentinel.conf into these values and back; the core never sees text.

import type { FailoverRecord } from './failover-record.js';
import type { Address, Epoch, Millis, RunId } from './types.js';

/** Settings of one master; `SENTINEL SET` changes them at run time. */
export interface MasterSettings {
  /** How many Sentinels must agree that the master is down. At least 1. */
  quorum: number;
  downAfter: Millis;
  failoverTimeout: Millis;
  /** How many replicas may resynchronise with the new master at the same time. */
  parallelSyncs: number;
  notificationScript: string | null;
  clientReconfigScript: string | null;
  authUser: string | null;
  authPass: string | null;
  /** The names that commands have on the data nodes, by upper-case standard name. */
  renamedCommands: Map<string, string>;
  /** How long a rebooted master may answer LOADING before it counts as down; 0 switches the rule off. */
  masterRebootDownAfter: Millis;
  /**
   * Vedette's own: after this long of nothing but refused connections a node counts as down, whatever down-after is.
   * A port that refuses on a host that answers is a dead process, not a slow network. 0 switches the rule off.
   */
  downAfterRefused: Millis;
  /** Vedette's own: whether writes on a master are paused that others may be about to replace; see `fencing.ts`. */
  fenceIsolatedMaster: boolean;
}

/** Settings of the whole process that matter to the core. */
export interface ProcessSettings {
  /** The port other Sentinels and clients reach us at unless `announcePort` says otherwise. */
  port: number;
  announceHost: string | null;
  announcePort: number | null;
  resolveHostnames: boolean;
  announceHostnames: boolean;
  /** Credentials for the ports of other Sentinels. */
  sentinelUser: string | null;
  sentinelPass: string | null;
  denyScriptsReconfig: boolean;
  /** Vedette's own: no Sentinel is believed in that does not stand in the configuration. */
  knownPeersOnly: boolean;
}

/** One replication history that a configured master of this name has had, oldest first. */
export interface Reign {
  readonly address: Address;
  readonly replicationId: string;
}

/** Until when nothing is started by ourselves; see `hold.ts`. */
export interface Hold {
  /** Orders what operators said: the greater one is the later. 0: nothing was said. */
  readonly stamp: number;
  /** Milliseconds since the Unix epoch; 0 after RESUME. */
  readonly until: Millis;
}

export const NO_HOLD: Hold = { stamp: 0, until: 0 };

export interface SavedPeer {
  readonly runId: RunId;
  readonly address: Address;
  /** It announced itself to a Sentinel that counted everybody, and had not proved itself; see `verification.ts`. */
  readonly isUnproven?: true;
}

export interface SavedMaster {
  readonly name: string;
  /** The advertised address; with `configEpoch` one pair, saved together. */
  readonly address: Address;
  readonly configEpoch: Epoch;
  readonly settings: MasterSettings;
  /** The epoch of the last vote given, and for whom; the leader is null where the original saved it. */
  readonly voteEpoch: Epoch;
  readonly voteLeader: RunId | null;
  readonly replicas: readonly Address[];
  readonly peers: readonly SavedPeer[];
  /** The group was still meeting: whoever announces itself counts, also if no more than half have proved themselves. */
  readonly isMeeting: boolean;
  readonly reigns: readonly Reign[];
  /** Null when nothing was said lately. */
  readonly hold: Hold | null;
  /** Past failovers and perhaps one under way, oldest first. */
  readonly history: readonly FailoverRecord[];
}

export interface SavedState {
  /** Null on the very first start: an identity is drawn and saved. */
  readonly myId: RunId | null;
  readonly currentEpoch: Epoch;
  readonly settings: ProcessSettings;
  readonly masters: readonly SavedMaster[];
}

export const DEFAULT_PORT = 26379;
export const DEFAULT_DOWN_AFTER: Millis = 30_000;
export const DEFAULT_FAILOVER_TIMEOUT: Millis = 180_000;
export const DEFAULT_PARALLEL_SYNCS = 1;

export function defaultMasterSettings(quorum: number): MasterSettings {
  return {
    quorum,
    downAfter: DEFAULT_DOWN_AFTER,
    failoverTimeout: DEFAULT_FAILOVER_TIMEOUT,
    parallelSyncs: DEFAULT_PARALLEL_SYNCS,
    notificationScript: null,
    clientReconfigScript: null,
    authUser: null,
    authPass: null,
    renamedCommands: new Map(),
    masterRebootDownAfter: 0,
    downAfterRefused: 0,
    fenceIsolatedMaster: false,
  };
}

export function defaultProcessSettings(): ProcessSettings {
  return {
    port: DEFAULT_PORT,
    announceHost: null,
    announcePort: null,
    resolveHostnames: false,
    announceHostnames: false,
    sentinelUser: null,
    sentinelPass: null,
    denyScriptsReconfig: true,
    knownPeersOnly: false,
  };
}
