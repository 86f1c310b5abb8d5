// Chooses the replica to promote (documentation, section "Replica selection and priority"): a filter, then a total order.
// Pure of effects; every rejection has a reason that events and operators are shown.

import type { Core } from './core.js';
import type { DataNode } from './data-node.js';
import { DESPERATION } from './limits.js';
import type { Master } from './master.js';
import { type Address, addressKey, type Millis } from './types.js';

export type Rejection =
  | 'not connected'
  | 'subjectively down'
  | 'no report yet'
  | 'report too old'
  | 'reports itself as master'
  | 'priority 0'
  | 'not announced'
  | 'refuses role changes'
  | 'cut off from its master too long'
  | 'unknown replication history';

export interface Assessment {
  readonly node: DataNode;
  /** Null when the replica may be promoted. */
  readonly rejection: Rejection | null;
}

export interface Selection {
  readonly chosen: DataNode | null;
  /** The best first, the rejected ones last. */
  readonly assessments: readonly Assessment[];
  /** The filters of freshness and history were given up because nobody passed them for too long. */
  readonly isDesperate: boolean;
}

/** A report this old says nothing about the offset any more (Redis Sentinel's bound while a master is down). */
const REPORT_VALIDITY: Millis = 5_000;
/** While the master is up INFO is asked every ten seconds only, and anew before one is chosen (Redis Sentinel: three INFO periods). */
const REPORT_VALIDITY_WHILE_UP: Millis = 30_000;
/** How much longer than the others a replica may have been cut off, in down-afters (Redis Sentinel's factor). */
const CUT_OFF_BOUND_IN_DOWN_AFTERS = 10;

export function select(master: Master, now: Millis): Selection {
  const strict = assess(master, true, now);
  if (strict.chosen !== null || !isDesperate(master, now)) return strict;
  const lax = assess(master, false, now);
  return lax.chosen === null ? strict : lax;
}

/** As `select`; with a target named by an operator, that one or none. */
export function selectFor(core: Core, master: Master, target: Address | null, now: Millis): Selection {
  const selection = select(master, now);
  if (target === null) return selection;
  const wanted = selection.assessments.find(
    ({ node, rejection }) => rejection === null && core.topology.isSame(node.address, target),
  );
  return { ...selection, chosen: wanted?.node ?? null };
}

/**
 * A replica that says `role:master` and whose former history is this master's: a promotion that a leader began and could not
 * announce. It is to be finished rather than repeated with another replica, whose writes would then be lost.
 *
 * When nobody else has been eligible for too long, any node that is master will do: servers that all came back as masters
 * follow nobody, and waiting would not change that.
 */
export function findUnannouncedPromotion(master: Master, now: Millis): DataNode | null {
  const reigning = [...master.replicas.values()].filter(
    (node) => node.link.isOpen && !node.isSubjectivelyDown && node.info?.role === 'master',
  );
  const begun = reigning.find(
    ({ info }) =>
      info !== null && isOfHistory(master, info.secondReplicationId) && !isOfHistory(master, info.replicationId),
  );
  if (begun !== undefined) return begun;
  if (!isDesperate(master, now) || select(master, now).chosen !== null) return null;
  reigning.sort((one, other) => (other.info?.offset ?? 0) - (one.info?.offset ?? 0));
  return reigning[0] ?? null;
}

function isDesperate(master: Master, now: Millis): boolean {
  return master.objectivelyDownSince !== null && now - master.objectivelyDownSince >= DESPERATION;
}

function assess(master: Master, isStrict: boolean, now: Millis): Selection {
  const youngest = youngestCut(master, now);
  const assessments = [...master.replicas.values()].map((node) => ({
    node,
    rejection: reject(master, node, now) ?? (isStrict ? rejectByAge(master, node, youngest) : null),
  }));
  assessments.sort((one, other) => compare(one, other));
  const best = assessments[0];
  return {
    chosen: best !== undefined && best.rejection === null ? best.node : null,
    assessments,
    isDesperate: !isStrict,
  };
}

function reject(master: Master, node: DataNode, now: Millis): Rejection | null {
  if (!node.link.isOpen) return 'not connected';
  if (node.isSubjectivelyDown) return 'subjectively down';
  if (node.info === null || node.infoAt === null) return 'no report yet';
  const validity = master.node.isSubjectivelyDown ? REPORT_VALIDITY : REPORT_VALIDITY_WHILE_UP;
  if (now - node.infoAt > validity) return 'report too old';
  if (node.info.role !== 'slave') return 'reports itself as master';
  if (node.info.priority === 0) return 'priority 0';
  if (!node.info.isAnnounced) return 'not announced';
  if (node.roleCommand === 'refused') return 'refuses role changes';
  return null;
}

function rejectByAge(master: Master, node: DataNode, youngest: Millis): Rejection | null {
  const bound = youngest + CUT_OFF_BOUND_IN_DOWN_AFTERS * master.settings.downAfter;
  if (cutFor(node) > bound) return 'cut off from its master too long';
  const { info } = node;
  if (info === null || master.reigns.length === 0 || info.replicationId === '') return null;
  return isOfHistory(master, info.replicationId) ? null : 'unknown replication history';
}

/**
 * How long the best connected replica has been without its master. Ages are compared with this one and not with our own
 * count of the outage: after a restart or a stall of ours that count starts anew, while the replicas' goes on.
 * Only a replica that can be asked now and knows the answer counts: one that died with its master would for ever report a
 * link that is up, and one that restarted in the outage has had no link yet. Either would make all others look too old.
 */
function youngestCut(master: Master, now: Millis): Millis {
  let youngest = Number.POSITIVE_INFINITY;
  for (const node of master.replicas.values()) {
    const cut = node.info?.masterLinkDownFor ?? null;
    if (cut === null || !node.link.isOpen || node.isSubjectivelyDown) continue;
    if (now - (node.infoAt ?? 0) <= REPORT_VALIDITY) youngest = Math.min(youngest, cut);
  }
  return youngest;
}

/** A replica that has had no link since it started counts as never cut off; its offset speaks for itself. */
function cutFor(node: DataNode): Millis {
  return node.info?.masterLinkDownFor ?? 0;
}

function isOfHistory(master: Master, replicationId: string): boolean {
  return master.reigns.some((reign) => reign.replicationId === replicationId);
}

/** Priority ascending, offset descending, run id ascending; the address last, so that the order is total. */
function compare(one: Assessment, other: Assessment): number {
  const byEligibility = Number(one.rejection !== null) - Number(other.rejection !== null);
  if (byEligibility !== 0) return byEligibility;
  const [a, b] = [one.node, other.node];
  const byPriority = (a.info?.priority ?? 0) - (b.info?.priority ?? 0);
  if (byPriority !== 0) return byPriority;
  const byOffset = (b.info?.offset ?? 0) - (a.info?.offset ?? 0);
  if (byOffset !== 0) return byOffset;
  return compareText(a.runId, b.runId) || compareText(addressKey(a.address), addressKey(b.address));
}

function compareText(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}
