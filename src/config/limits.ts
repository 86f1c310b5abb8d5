// How much a configuration may hold besides what the core limits anyway. Each limit is far above sensible use and keeps a
// damaged or poisoned file from filling the memory; stock Sentinel has only the one on `bind`.

/** Supervising more in one process would work, but one failure domain should not be larger. */
export const MAX_MASTERS = 4096;
/** Redis's own limit on `bind`. */
export const MAX_BIND_ADDRESSES = 16;
/**
 * Past failovers in one file, over all masters. A line of one takes some 200 bytes and the whole file is written for every vote:
 * up to 128 masters keep all their `MAX_HISTORY`, a thousand keep their last four each.
 */
export const MAX_SAVED_FAILOVERS = 4096;
/** Files that include files that include files: deeper than this it is a circle. */
export const MAX_INCLUDE_DEPTH = 16;
