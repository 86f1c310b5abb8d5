// The present state as it is to be saved: what `restoreMaster` and the constructor of `Sentinel` start from.

import type { Core } from './core.js';
import type { Master } from './master.js';
import type { SavedMaster, SavedState } from './state.js';

export function snapshot(core: Core): SavedState {
  return {
    myId: core.myId,
    currentEpoch: core.currentEpoch,
    settings: { ...core.settings },
    masters: [...core.topology.masters.values()].map(snapshotMaster),
  };
}

function snapshotMaster(master: Master): SavedMaster {
  const { settings } = master;
  return {
    name: master.name,
    address: master.advertisedAddress,
    configEpoch: master.configEpoch,
    settings: { ...settings, renamedCommands: new Map(settings.renamedCommands) },
    voteEpoch: master.vote.epoch,
    voteLeader: master.vote.leader,
    replicas: [...master.replicas.values()].map((node) => node.address),
    peers: [...master.peers.values()].map(({ runId, address }) => ({ runId, address })),
    reigns: [...master.reigns],
    history: master.history.map((record) => ({ ...record, phases: { ...record.phases } })),
  };
}
