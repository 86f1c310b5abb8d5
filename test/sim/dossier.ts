// What the checkers know of one Sentinel beyond its memory: its disk, its open connections, its candidacies.

import type { SavedMaster, SavedState } from '../../src/core/state.js';
import type { LinkId, Millis } from '../../src/core/types.js';

export interface Dossier {
  /** As it is on its disk. */
  saved: SavedState | null;
  readonly savedMasters: Map<string, SavedMaster>;
  readonly openLinks: Set<LinkId>;
  /** Its present candidacy by master: the epoch, and when the first vote was asked for. */
  readonly candidacies: Map<string, { epoch: number; firstRequestAt: Millis | null; isDesperate: boolean }>;
  effects: number;
  currentEpoch: number;
}

/** Of a Sentinel that has just been started with this on its disk. */
export function aDossier(restored: SavedState): Dossier {
  return {
    saved: restored,
    savedMasters: byName(restored),
    openLinks: new Set(),
    candidacies: new Map(),
    effects: 0,
    currentEpoch: restored.currentEpoch,
  };
}

export function byName(state: SavedState): Map<string, SavedMaster> {
  return new Map(state.masters.map((master) => [master.name, master]));
}
