// The saved state while a file is being read: mutable, and checked as each fact is added.
//
// The rules here are those that involve more than one line (duplicates, limits, whether host names are allowed); what a
// single directive looks like is the business of `directives.ts`.

import type { FailoverRecord } from '../core/failover-record.js';
import { MAX_HISTORY, MAX_PEERS_PER_MASTER, MAX_REIGNS, MAX_REPLICAS_PER_MASTER } from '../core/limits.js';
import type { Hold, MasterSettings, ProcessSettings, Reign, SavedPeer, SavedState } from '../core/state.js';
import { defaultMasterSettings, defaultProcessSettings } from '../core/state.js';
import type { Address, Epoch, RunId } from '../core/types.js';
import { isRunId, MAX_EPOCH } from '../core/types.js';
import { isHostName, isIpAddress } from '../protocol/host.js';
import { MAX_MASTERS } from './limits.js';
import { parseInteger, parsePort } from './values.js';

/** Why a line is refused: the sentence the operator reads. */
export type Reason = string;

const MALFORMED_EPOCH: Reason = `Malformed epoch: it must be between 0 and ${MAX_EPOCH} inclusive.`;

export interface MasterDraft {
  readonly name: string;
  readonly address: Address;
  configEpoch: Epoch;
  readonly settings: MasterSettings;
  voteEpoch: Epoch;
  voteLeader: RunId | null;
  readonly replicas: Address[];
  readonly peers: SavedPeer[];
  isMeeting: boolean;
  readonly reigns: Reign[];
  hold: Hold | null;
  readonly history: FailoverRecord[];
}

export interface Draft {
  myId: RunId | null;
  currentEpoch: Epoch;
  readonly settings: ProcessSettings;
  readonly masters: Map<string, MasterDraft>;
  /** Saved facts that were not believed: see `Configuration.ignoredFacts`. */
  ignoredFacts: number;
  readonly isExecutable: (path: string) => boolean;
}

export function emptyDraft(isExecutable: (path: string) => boolean): Draft {
  return {
    myId: null,
    currentEpoch: 0,
    settings: defaultProcessSettings(),
    masters: new Map(),
    ignoredFacts: 0,
    isExecutable,
  };
}

export function finishDraft(draft: Draft): SavedState {
  const { myId, currentEpoch, settings } = draft;
  return { myId, currentEpoch, settings, masters: [...draft.masters.values()] };
}

export function addMaster(draft: Draft, name: string, host: string, port: string, quorum: number): Reason | null {
  const address = readAddress(draft, host, port);
  if (typeof address === 'string') return address;
  if (draft.masters.has(name)) return 'Duplicate master name.';
  if (draft.masters.size === MAX_MASTERS) return `Too many masters: at most ${MAX_MASTERS} can be monitored.`;
  draft.masters.set(name, {
    name,
    address,
    configEpoch: 0,
    settings: defaultMasterSettings(quorum),
    voteEpoch: 0,
    voteLeader: null,
    replicas: [],
    peers: [],
    isMeeting: false,
    reigns: [],
    hold: null,
    history: [],
  });
  return null;
}

export function addReplica(draft: Draft, master: MasterDraft, host: string, port: string): Reason | null {
  const address = readAddress(draft, host, port);
  if (typeof address === 'string') return address;
  if (master.replicas.some((known) => known.host === address.host && known.port === address.port)) {
    return 'Duplicate hostname and port for replica.';
  }
  if (master.replicas.length < MAX_REPLICAS_PER_MASTER) master.replicas.push(address);
  else draft.ignoredFacts++;
  return null;
}

/**
 * The form without a run id, written by versions before 2.8, says too little to be of use. A run id that is not one was
 * never a Sentinel's: stock Sentinels save what forged gossip told them. Neither stops the start.
 */
export function addPeer(
  draft: Draft,
  master: MasterDraft,
  { host, port, runId }: { host: string; port: string; runId: string },
): Reason | null {
  if (runId === '') {
    draft.ignoredFacts++;
    return null;
  }
  const address = readAddress(draft, host, port);
  if (typeof address === 'string') return address;
  if (master.peers.some((known) => known.runId === runId)) return 'Duplicate runid for sentinel.';
  if (isRunId(runId) && master.peers.length < MAX_PEERS_PER_MASTER) master.peers.push({ runId, address });
  else draft.ignoredFacts++;
  return null;
}

/** Says of a Sentinel that is known by now that it has not proved itself; false if none of that id is known. */
export function markUnproven(master: MasterDraft, runId: RunId): boolean {
  const at = master.peers.findIndex((peer) => peer.runId === runId);
  const peer = master.peers[at];
  if (peer === undefined) return false;
  master.peers[at] = { ...peer, isUnproven: true };
  return true;
}

/** Remembers one more reign and forgets the oldest beyond the limit. */
export function addReign(master: MasterDraft, reign: Reign): void {
  master.reigns.push(reign);
  if (master.reigns.length > MAX_REIGNS) master.reigns.shift();
}

/** Likewise one more failover. */
export function addFailover(master: MasterDraft, failover: FailoverRecord): void {
  master.history.push(failover);
  if (master.history.length > MAX_HISTORY) master.history.shift();
}

/** An epoch beyond what a double counts by ones is an attack or damage, and no failover could ever exceed it. */
export function parseEpoch(text: string): Epoch | Reason {
  const epoch = parseInteger(text);
  return epoch === null || epoch < 0 ? MALFORMED_EPOCH : epoch;
}

/** Whether an address may name this host: an IP address always, a name only with `resolve-hostnames yes`. */
function isKnownHost(draft: Draft, host: string): boolean {
  return isIpAddress(host) || (draft.settings.resolveHostnames && isHostName(host));
}

function readAddress(draft: Draft, host: string, port: string): Address | Reason {
  const parsed = parsePort(port);
  if (parsed === null) return 'Invalid port number.';
  return isKnownHost(draft, host) ? { host, port: parsed } : "Can't resolve instance hostname.";
}
