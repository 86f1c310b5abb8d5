// Tells a data node to become a master or to follow one, safely.
//
// A role change leaves only on a connection that has answered the INFO it rests on (compare and set: if the node restarted
// meanwhile, the connection is gone), and a connection that leaves it unanswered is reset before it is sent again.
// Whether it worked is never concluded from the reply, only from the INFO that comes with it.

import type { Reply } from '../protocol/reply.js';
import { ErrorReply } from '../protocol/reply.js';
import { close, send } from './connection.js';
import type { Core } from './core.js';
import type { DataNode } from './data-node.js';
import { describeNode } from './description.js';
import type { Purpose } from './effect.js';
import { ROLE_CHANGE_PATIENCE } from './limits.js';
import type { Master } from './master.js';
import { areTwins } from './twins.js';
import type { Address, Millis } from './types.js';
import { changeRole, probeRoleCommand, REWRITE_PART, ROLE_COMMANDS, ROLE_PART, rewriteConfiguration } from './wire.js';

/**
 * Sends the role change unless one is under way or was sent a moment ago; returns whether it left now.
 * To be called again as long as it is wanted: a lost one is repeated.
 */
export function requestRole(core: Core, master: Master, node: DataNode, target: Address | null, now: Millis): boolean {
  const { roleChange } = node;
  if (roleChange !== null) {
    const isSame = isSameTarget(roleChange.target, target);
    if ((isSame || !roleChange.isAnswered) && now < roleChange.sentAt + ROLE_CHANGE_PATIENCE) {
      master.wakeBy(roleChange.sentAt + ROLE_CHANGE_PATIENCE);
      return false;
    }
    if (!roleChange.isAnswered) {
      close(core, node.link, 'a role change stayed unanswered', now, now);
      node.roleChange = null;
      master.wakeBy(now);
      return false;
    }
  }
  if (target !== null && areTwins(core, node, master.node)) return false;
  if (!node.hasReportedOnConnection || node.roleCommand === 'unknown' || !core.canSpeakOf(master)) return false;
  const announced = target === null ? null : { host: core.topology.announced(target), port: target.port };
  const attempt = (roleChange?.attempt ?? 0) + 1;
  if (!send(core, node.link, changeRole(master, node, announced, attempt, now))) return false;
  node.roleChange = { target, attempt, sentAt: now, isAnswered: false };
  master.wakeBy(now + ROLE_CHANGE_PATIENCE);
  return true;
}

function isSameTarget(one: Address | null, other: Address | null): boolean {
  if (one === null || other === null) return one === other;
  return one.host === other.host && one.port === other.port;
}

/** Returns the INFO text that came with the reply, or null. A refused part is remembered, announced once, and left out. */
export function roleChangeAnswered(
  core: Core,
  master: Master,
  node: DataNode,
  purpose: Extract<Purpose, { kind: 'change-role' }>,
  replies: readonly Reply[],
  now: Millis,
): string | null {
  const report = replies[replies.length - 1];
  if (node.roleChange?.attempt === purpose.attempt) node.roleChange.isAnswered = true;
  node.pause = null;
  const { parts } = purpose;
  const perPart = purpose.whole ? replies.slice(1, 1 + parts.length) : replies.slice(0, parts.length);
  let wasRefused = purpose.whole && noteRefusal(core, master, node, 'MULTI', replies[0], now);
  parts.forEach((part, index) => {
    wasRefused = noteRefusal(core, master, node, part, perPart[index], now) || wasRefused;
  });
  if (wasRefused) node.roleChange = null;
  const isRewritable = !node.refusedParts.has(REWRITE_PART);
  if (isRewritable && wasExecuted(purpose, replies)) send(core, node.link, rewriteConfiguration(master));
  return typeof report === 'string' ? report : null;
}

/** EXEC answers an array, or an error when the transaction was discarded; without one the role command answers for itself. */
function wasExecuted(purpose: Extract<Purpose, { kind: 'change-role' }>, replies: readonly Reply[]): boolean {
  const outcome = purpose.whole ? replies[replies.length - 2] : replies[0];
  return outcome !== undefined && outcome !== null && !(outcome instanceof ErrorReply);
}

/** The new role may not outlive a restart of the node; its new configuration is then repaired like any stale one. */
export function rewriteAnswered(core: Core, master: Master, node: DataNode, reply: Reply, now: Millis): void {
  noteRefusal(core, master, node, REWRITE_PART, reply, now);
}

/** A missing permission or a renamed command; any other error (such as "no config file") leaves the node willing. */
function noteRefusal(
  core: Core,
  master: Master,
  node: DataNode,
  part: string,
  reply: Reply | undefined,
  now: Millis,
): boolean {
  if (!(reply instanceof ErrorReply) || !isRefusal(reply)) return false;
  if (part === ROLE_PART) learnAnew(core, master, node);
  if (node.refusedParts.has(part)) return false;
  node.refusedParts.add(part);
  const message = `${describeNode(core, master, node)} ${part}: ${reply.message}`;
  core.announce('warning', '-role-change-refused', master, message, now);
  return true;
}

/** Permissions may have changed since the link came up, or it came up when the node could not say: which word is there now? */
function learnAnew(core: Core, master: Master, node: DataNode): void {
  if (node.roleCommand === 'refused') return;
  if (send(core, node.link, probeRoleCommand(master))) node.roleCommand = 'unknown';
}

function isRefusal(reply: ErrorReply): boolean {
  return /^NOPERM|^ERR unknown (sub)?command|^ERR Unknown (sub)?command/.test(reply.message);
}

/** The answers to `probeRoleCommand`: the first word that is neither unknown nor forbidden is the one to use. */
export function learnRoleCommand(
  core: Core,
  master: Master,
  node: DataNode,
  replies: readonly Reply[],
  now: Millis,
): void {
  const index = replies.findIndex((reply) => reply instanceof ErrorReply && !isRefusal(reply) && !isNotNow(reply));
  const word = ROLE_COMMANDS[index];
  if (word === undefined && replies.some((reply) => reply instanceof ErrorReply && isNotNow(reply))) {
    // The node answers nothing yet (it loads, or wants a password): the next connection asks again; meanwhile the modern word.
    node.roleCommand = 'REPLICAOF';
    return;
  }
  const former = node.roleCommand;
  node.roleCommand = word ?? 'refused';
  if (node.roleCommand === 'refused' && former !== 'refused') {
    const message = `${describeNode(core, master, node)} role change: neither REPLICAOF nor SLAVEOF may be used`;
    core.announce('warning', '-role-change-refused', master, message, now);
  }
}

/** The node answers nothing of the kind now and will later: it loads, a script blocks it, it wants a password first. */
export function isNotNow(reply: ErrorReply): boolean {
  return /^(LOADING|NOAUTH|BUSY|MASTERDOWN)/.test(reply.message);
}
