// Bounds on everything that others can make grow, and the fixed times of our own rules. Each with its reason.

import type { Millis } from './types.js';

/** Other Sentinels per master. Real groups have three to seven; ten invented ones cost a stock group its majority. */
export const MAX_PEERS_PER_MASTER = 64;
/** Announced Sentinels of an established group that are being asked who they are: each costs a connection. */
export const MAX_NEWCOMERS = 16;
/** Replicas per master that are watched; a server reports more only when it lies. */
export const MAX_REPLICAS_PER_MASTER = 256;
/** Names of hosts from others that are looked up and remembered: what all masters, replicas and peers of a big installation use. */
export const MAX_NAMES_HEARD = 1_000;
/** Of those so many are looked up at the same time: each occupies the name server, and whoever may publish can invent them. */
export const MAX_OPEN_LOOKUPS = 64;
/** How often such a name is looked up while it is in use: as often as INFO tells it (documentation: INFO every ten seconds). */
export const NAME_LOOKUP_PERIOD: Millis = 10_000;
/** Commands sent on a link and not answered: beyond it the other end is stuck, and more would only queue up. */
export const MAX_PENDING_COMMANDS = 100;
/** INFO text kept for `SENTINEL INFO-CACHE`, in bytes. */
export const MAX_INFO_TEXT = 1 << 20;
/** Replication histories remembered for each master. */
export const MAX_REIGNS = 32;
/** Failovers remembered for each master. */
export const MAX_HISTORY = 32;

/**
 * Many masters are attended to in batches: a tick takes along those whose next duty is due within the foresight, up to this share of
 * all. A process that wakes twenty times a second and has much to say each time costs half of one that wakes for each of them. Few
 * masters are each attended to at their own time.
 */
export const BATCHES = 16;
export const FORESIGHT: Millis = 50;

/**
 * Beyond so many masters their nodes are told of us less often, up to this many times, while nothing is the matter. Short of the ten
 * seconds after which a newcomer that is not heard again is forgotten.
 */
export const FEW_MASTERS = 100;
export const RAREST_NODE_HELLO = 4;

/** The longest delay between two ticks: how finely our own lateness is noticed. */
export const MAX_TICK_DELAY: Millis = 100;
/** A step that comes later than this judges nobody. */
export const LATENESS_TOLERANCE: Millis = 100;
/** Lateness excuses a silence for at most this many times down-after: a throttled process must judge in the end. */
export const LATENESS_EXCUSE_IN_DOWN_AFTERS = 3;
/** After a stall every link is asked again and given this long to answer. */
export const ANSWER_TIME_AFTER_STALL: Millis = 1_000;

/** How long a vote binds its giver: longer than a leader's authority, which counts from the first request. */
export const PROMISE: Millis = 3_000;
/** A leader whose promotion is not accepted within this time of its first vote request gives up the epoch. */
export const AUTHORITY: Millis = 2_000;
/** The least head start each rank of candidates has over the next. */
export const LEAST_HEAD_START: Millis = 25;
/** … and the most, however slow a peer has answered once. */
export const LONGEST_HEAD_START: Millis = 250;
/** For every further master that is down at the same time each rank waits so much longer: what an election costs a busy machine … */
export const CROWD_HEAD_START: Millis = 5;
/** … together up to this. A candidate that died while it was first must not hold up its masters any longer than a promise does. */
export const LONGEST_CROWD_HEAD_START: Millis = 3_000;
/** A lost election is retried after a random pause between these, doubled for every fruitless attempt … */
export const RETRY_AFTER_AT_LEAST: Millis = 200;
export const RETRY_AFTER_AT_MOST: Millis = 2_000;
/** … or this, for who has another's promise of support: so that it is mostly the first to stand again … */
export const RETRY_WITH_SUPPORT_AT_MOST: Millis = 500;
/** … up to this. */
export const LONGEST_RETRY: Millis = 30_000;
/** A stock candidate publishes the epoch it first asked for, even if it is elected with a later one. */
export const STOCK_EPOCH_BINDING: Millis = 10_000;
/**
 * A vote that cannot be saved within this time is not told: nothing may queue behind its reply. Longer than a disk takes; where the last
 * save took longer, because much fails over at once, twice as long as that, within bounds: the save under way and the next one.
 */
export const LONGEST_UNSAVED_VOTE: Millis = 200;
export const LONGEST_UNSAVED_VOTE_WHEN_BUSY: Millis = 600;

/** Fresh INFO of the candidates is awaited for at most this long before one is chosen. */
export const SELECTION_PATIENCE: Millis = 250;
/** With no replica that passes the filters for this long, the filters of freshness and history fall. */
export const DESPERATION: Millis = 5_000;
/** A role change that stays unanswered this long: the connection is reset before it is sent again. */
export const ROLE_CHANGE_PATIENCE: Millis = 1_000;
/** How often replicas are asked for INFO while a failover watches them. */
export const WATCH_PERIOD: Millis = 200;
/** How often at most INFO is asked while a master is objectively down or fails over (documentation: once a second). */
export const URGENT_INFO_PERIOD: Millis = 1_000;
/** A verdict of a peer counts for this many ask periods (Redis Sentinel's value). */
export const VERDICT_LIFE_IN_ASK_PERIODS = 5;
/** How long each question before the demotion of a stale master may stay open. */
export const STALE_MASTER_PATIENCE: Millis = 1_000;

/** The longest `SENTINEL PAUSE`: one that is forgotten must not outlive the next working day. */
export const LONGEST_HOLD: Millis = 86_400_000;

/** A failed save is tried again after this. */
export const SAVE_RETRY: Millis = 500;
/** Changes that nobody is waiting for are saved at most this often. */
export const CASUAL_SAVE_PERIOD: Millis = 100;
