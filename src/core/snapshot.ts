// The present state as it is to be saved: what `restoreMaster` and the constructor of `Sentinel` start from.

import type { Core } from './core.js';
import type { Master } from './master.js';
import type { Hold, SavedMaster, SavedPeer, SavedState } from './state.js';

export function snapshot(core: Core): SavedState {
  return {
    myId: core.myId,
    currentEpoch: core.currentEpoch,
    settings: { ...core.settings },
    masters: [...core.topology.masters.values()].map(presentSnapshot),
  };
}

/**
 * The same object as long as nothing of it has changed: where a thousand masters are watched a save concerns a few of them, and what
 * was made of the others can be used again. A record in progress changes with every phase.
 */
function presentSnapshot(master: Master): SavedMaster {
  if (master.recordInProgress !== null) master.snapshot = null;
  const snapshot = master.snapshot ?? snapshotMaster(master);
  if (master.recordInProgress === null) master.snapshot = snapshot;
  return snapshot;
}

/** Anew, whatever is remembered. */
export function snapshotMaster(master: Master): SavedMaster {
  const { settings } = master;
  return {
    name: master.name,
    address: master.advertisedAddress,
    configEpoch: master.configEpoch,
    settings: { ...settings, renamedCommands: new Map(settings.renamedCommands) },
    voteEpoch: master.vote.epoch,
    voteLeader: master.vote.leader,
    replicas: [...master.replicas.values()].map((node) => node.address),
    peers: snapshotPeers(master),
    isMeeting: !master.isEstablished && master.peers.size > 0,
    reigns: [...master.reigns],
    hold: snapshotHold(master),
    history: master.history.map((record) => ({ ...record, phases: { ...record.phases } })),
  };
}

/** Whoever counts is saved: a restart must not make the electorate smaller. */
function snapshotPeers(master: Master): SavedPeer[] {
  const peers: SavedPeer[] = [...master.peers.values()].map(({ runId, address }) => ({ runId, address }));
  if (master.isEstablished) return peers;
  for (const { runId, address, disprovedAt } of master.newcomers.values()) {
    if (disprovedAt === null && !master.peers.has(runId)) peers.push({ runId, address, isUnproven: true });
  }
  return peers;
}

export function snapshotHold({ hold }: Master): Hold | null {
  return hold.stamp === 0 ? null : hold;
}
