// Bounds of the Sentinel port: what one client can make this process hold. Redis's figures where clients know them.

import type { Millis } from '../core/types.js';

const MEBIBYTE = 1024 * 1024;

/** Replies are handed to the socket whenever this much has gathered, so that a long pipeline needs no long string. */
export const WRITE_BYTES = 64 * 1024;
/**
 * While more than this waits in a client's socket nothing is read from it. Redis lets the replies of a normal client
 * grow without a limit; here a client that does not read its replies is simply not heard any more.
 */
export const UNREAD_REPLIES_BYTES = MEBIBYTE;
/**
 * While commands of a client cannot be executed, it is read from until so much waits: its end is noticed sooner when something is
 * read. One chunk more may come.
 */
export const READ_AHEAD_BYTES = 64 * 1024;
/** Replies owed to one client, all waiting for the disk. Other Sentinels ask for one vote a master in one go. */
export const MAX_OWED_REPLIES = 1024;
/** A client that is to be closed has this long to read its last replies. */
export const CLOSING_TIME: Millis = 5_000;
/**
 * How long the commands of all clients together may keep everything else waiting: short against the periods of PINGs, long
 * against what it costs to come back.
 */
export const TURN_TIME: Millis = 10;
/** How often clients are looked at for having been idle, slow or closing for too long. */
export const SWEEP_PERIOD: Millis = 1_000;
