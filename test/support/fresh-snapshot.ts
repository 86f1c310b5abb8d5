// What is saved is what is so. Snapshots of masters are remembered until something about them changes, and nothing but the places
// that change something says so: here each save is compared with what is really there.

import { isDeepStrictEqual } from 'node:util';

import type { Sentinel } from '../../src/core/sentinel.js';
import { snapshotMaster } from '../../src/core/snapshot.js';
import type { SavedState } from '../../src/core/state.js';

/** The state to save. Throws if it is not the present one. */
export function freshSnapshot(sentinel: Sentinel): SavedState {
  const state = sentinel.snapshot();
  const masters = [...sentinel.core.topology.masters.values()];
  masters.forEach((master, index) => {
    const saved = state.masters[index];
    if (isDeepStrictEqual(saved, snapshotMaster(master))) return;
    throw new Error(`${master.name} would be saved as it was, not as it is: ${JSON.stringify(saved)}`);
  });
  return state;
}
