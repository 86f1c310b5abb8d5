// How much a configuration may hold. Each limit is far above sensible use and keeps a damaged or poisoned file from
// filling the memory; stock Sentinel has none of them and saves whatever it was told by forged gossip.

/** Supervising more in one process is possible, but one failure domain should not be larger. */
export const MAX_MASTERS = 4096;
/** Sentinels for one master besides ourselves. Real groups have three to nine. */
export const MAX_PEERS = 64;
/** Replicas of one master. What is left out is found again by INFO. */
export const MAX_REPLICAS = 1024;
/** Replication histories of one master: enough for 32 failovers while an old master was away. */
export const MAX_REIGNS = 32;
/** Redis's own limit on `bind`. */
export const MAX_BIND_ADDRESSES = 16;
/** Files that include files that include files: deeper than this it is a circle. */
export const MAX_INCLUDE_DEPTH = 16;
