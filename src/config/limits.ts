// How much a configuration may hold besides what the core limits anyway. Each limit is far above sensible use and keeps a
// damaged or poisoned file from filling the memory; stock Sentinel has only the one on `bind`.

/** Supervising more in one process would work, but one failure domain should not be larger. */
export const MAX_MASTERS = 4096;
/** Redis's own limit on `bind`. */
export const MAX_BIND_ADDRESSES = 16;
/** Files that include files that include files: deeper than this it is a circle. */
export const MAX_INCLUDE_DEPTH = 16;
