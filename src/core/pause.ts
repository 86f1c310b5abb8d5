// Pausing the writes of a data node, and ending only what we ourselves have paused.
//
// A pause expires by itself, so that a Sentinel that dies leaves nothing behind; it is renewed well before that. While it
// lasts nothing is published on the node's link: a PUBLISH would wait for the end of the pause, and everything behind it too.
// UNPAUSE lifts everybody's pauses, so it is sent only within an unbroken pause of our own.

import { ErrorReply, type Reply } from '../protocol/reply.js';
import { send } from './connection.js';
import type { Core } from './core.js';
import type { DataNode } from './data-node.js';
import { describeNode } from './description.js';
import type { Purpose } from './effect.js';
import type { Master } from './master.js';
import { applyInfo } from './report.js';
import { isNotNow } from './role-change.js';
import type { Millis } from './types.js';
import { pauseWrites, unpauseWrites } from './wire.js';

/** Shorter than half of down-after, lest somebody finds the paused master down; and never longer than this. */
const LONGEST_PAUSE: Millis = 2_000;
const SHARE_OF_DOWN_AFTER = 0.4;
/** A pause is renewed when this share of it is over. */
const RENEWAL = 1 / 4;

export function pauseLength(master: Master): Millis {
  return Math.floor(Math.min(LONGEST_PAUSE, master.settings.downAfter * SHARE_OF_DOWN_AFTER));
}

/** No earlier than this does our pause of the node end; 0 without one that has been confirmed. */
export function pausedUntil(node: DataNode): Millis {
  const { pause } = node;
  return pause === null ? 0 : pause.sentAt + pause.lasts;
}

/** Whether writes on the node may be blocked by us, so that nothing may be published there. */
export function isPaused(node: DataNode, now: Millis): boolean {
  return now < pausedUntil(node);
}

/** Pauses the node's writes, the configured master's unless said otherwise, or renews the pause when it is time. */
export function keepPaused(
  core: Core,
  master: Master,
  now: Millis,
  node: DataNode = master.node,
  lasts: Millis = pauseLength(master),
): void {
  const { pause, pauseRefusal } = node;
  const firstAt = pauseRefusal === null ? now : pauseRefusal.at + RETRY_AFTER_REFUSAL;
  const renewAt = pause === null ? firstAt : pause.sentAt + lasts * RENEWAL;
  if (now < renewAt) {
    master.wakeBy(renewAt);
    return;
  }
  if (pause !== null && pause.answeredAt === null) return;
  const attempt = (pause?.attempt ?? 0) + 1;
  if (!send(core, node.link, pauseWrites(master, lasts, attempt, now))) return;
  const isUnbroken = pause !== null && now < pausedUntil(node);
  node.pause = {
    attempt,
    sentAt: now,
    lasts,
    unbrokenSince: isUnbroken ? pause.unbrokenSince : now,
    answeredAt: null,
    offset: pause?.offset ?? 0,
    replicationId: pause?.replicationId ?? '',
  };
  master.wakeBy(now + lasts * RENEWAL);
}

export function pauseAnswered(
  core: Core,
  master: Master,
  node: DataNode,
  purpose: Extract<Purpose, { kind: 'pause' }>,
  replies: readonly Reply[],
  now: Millis,
): void {
  const [paused = null, report = null] = replies;
  if (paused instanceof ErrorReply) {
    pauseRefused(core, master, node, paused, now);
    return;
  }
  node.pauseRefusal = null;
  if (typeof report !== 'string') return;
  applyInfo(core, master, node, report, purpose.askedAt, now);
  if (node.pause?.attempt !== purpose.attempt || node.info === null) return;
  node.pause.answeredAt = now;
  node.pause.offset = node.info.offset;
  node.pause.replicationId = node.info.replicationId;
}

/** Told once for each reason. A node that only cannot do it now, because a script blocks it, is asked again after a moment. */
function pauseRefused(core: Core, master: Master, node: DataNode, error: ErrorReply, now: Millis): void {
  const reason = error.message;
  const isNews = node.pauseRefusal?.reason !== reason;
  node.pause = null;
  node.pauseRefusal = { reason, at: now, isLasting: !isNotNow(error) };
  master.wakeBy(now + RETRY_AFTER_REFUSAL);
  if (!isNews) return;
  const message = `${describeNode(core, master, node)} CLIENT PAUSE: ${reason}`;
  core.announce('warning', '-role-change-refused', master, message, now);
}
const RETRY_AFTER_REFUSAL: Millis = 20;

/** Ends what we have paused for a failover before its time, as far as it certainly still is ours. A fence stays. */
export function releasePause(core: Core, master: Master, now: Millis): void {
  for (const node of master.nodes()) if (node !== master.fence?.node) endPause(core, master, node, now);
}

export function endPause(core: Core, master: Master, node: DataNode, now: Millis): void {
  if (isPaused(node, now)) send(core, node.link, unpauseWrites(master));
  node.pause = null;
}
