// Applies answers to our own questions, one function for each purpose.

import { readListings, viewField } from '../protocol/listing.js';
import { ErrorReply, type Reply, SimpleString } from '../protocol/reply.js';
import type { Core } from './core.js';
import type { DataNode } from './data-node.js';
import type { Purpose, Request } from './effect.js';
import { reportKept } from './forget.js';
import { receiveHello } from './hello.js';
import { holdAnswered } from './hold.js';
import type { Link, SubscriptionState } from './link.js';
import type { Master } from './master.js';
import { stopBlockingScript } from './monitoring.js';
import { isPlaced } from './names.js';
import { pauseAnswered } from './pause.js';
import type { Peer, PeerConfiguration } from './peer.js';
import { applyInfo } from './report.js';
import { isNotNow, learnRoleCommand, rewriteAnswered, roleChangeAnswered } from './role-change.js';
import { applyDownAnswer } from './speech.js';
import type { PeerLink } from './topology.js';
import { type Channel, HELLO_CHANNEL, MAX_EPOCH, type Millis, unreachable } from './types.js';
import { acquaintanceAnswered, identityTold, identityWithheld, sentinelsListed } from './verification.js';

export function nodeAnswered(
  core: Core,
  master: Master,
  node: DataNode,
  request: Request,
  replies: readonly Reply[],
  now: Millis,
): void {
  const { purpose } = request;
  const [first = null] = replies;
  switch (purpose.kind) {
    case 'ping':
      return pingAnsweredByNode(core, master, node, first, now);
    case 'info':
      node.infoInFlight = Math.max(0, node.infoInFlight - 1);
      if (typeof first === 'string') applyInfo(core, master, node, first, purpose.askedAt, now);
      return;
    case 'subscribe':
      return subscribed(node.link, purpose.channel, first);
    case 'probe-role-command':
      return learnRoleCommand(core, master, node, replies, now);
    case 'change-role': {
      const report = roleChangeAnswered(core, master, node, purpose, replies, now);
      if (report !== null) applyInfo(core, master, node, report, purpose.askedAt, now);
      return;
    }
    case 'rewrite-configuration':
      rewriteAnswered(core, master, node, first, now);
      return;
    case 'pause':
      return pauseAnswered(core, master, node, purpose, replies, now);
    case 'publish':
    case 'kill-script':
    case 'unpause':
      // Their effect shows elsewhere, or they are repeated.
      return;
    case 'ask-id':
    case 'ask-acquaintance':
    case 'ask-sentinels':
    case 'tell-hold':
    case 'tell-forget':
    case 'ask-master-down':
    case 'ask-configuration':
      throw new Error(`a data node was asked ${purpose.kind}`);
    default:
      return unreachable(purpose);
  }
}

function pingAnsweredByNode(core: Core, master: Master, node: DataNode, reply: Reply, now: Millis): void {
  const text = statusText(reply);
  pingAnswered(node.link, text, now);
  if (text === 'PONG') {
    node.rebootedAt = null;
    node.hasBeenAskedToKillScript = false;
  }
  if (text.startsWith('BUSY')) stopBlockingScript(core, master, node);
}

/** Only these count as alive (documentation: "valid replies to PING"). */
function pingAnswered(link: Link, text: string, now: Millis): void {
  link.pingsInFlight = Math.max(0, link.pingsInFlight - 1);
  link.lastPingReplyAt = now;
  link.lastRoundTrip = Math.max(0, now - link.lastPingSentAt);
  if (text === 'PONG' || text.startsWith('LOADING') || text.startsWith('MASTERDOWN')) link.showAlive(now);
  else if (text.startsWith('NOAUTH')) link.isLockedOut = true;
}

function subscribed(link: Link, channel: Channel, reply: Reply): void {
  const state = subscriptionState(reply);
  if (channel === HELLO_CHANNEL) {
    link.subscriptions.hello = state;
    link.unheardHellos = 0;
  } else link.subscriptions.vote = state;
}

function subscriptionState(reply: Reply): SubscriptionState {
  if (!(reply instanceof ErrorReply)) return 'subscribed';
  return isNotNow(reply) ? 'postponed' : 'refused';
}

export function peerAnswered(
  core: Core,
  shared: PeerLink,
  request: Request,
  replies: readonly Reply[],
  now: Millis,
): Master | null {
  const { purpose } = request;
  const [first = null] = replies;
  switch (purpose.kind) {
    case 'ping':
      pingAnswered(shared.link, statusText(first), now);
      return null;
    case 'ask-id':
      if (typeof first === 'string') believe(core, identityTold(core, shared, first, now), now);
      else if (isRefusal(first)) identityWithheld(core, shared);
      return null;
    case 'ask-acquaintance': {
      const master = core.topology.masters.get(purpose.master) ?? null;
      if (master === null || isRefusedForNow(first)) return null;
      const isAcquainted = Array.isArray(first) && viewField(first, 'name') === master.name;
      const hello = acquaintanceAnswered(core, master, purpose.peer, isAcquainted, now);
      if (hello !== null) believe(core, [hello], now);
      return master;
    }
    case 'ask-sentinels': {
      const [master, peer] = find(core, shared, purpose);
      if (master === null || peer === null) return null;
      believe(core, sentinelsListed(core, master, peer, readListings(first), now), now);
      return master;
    }
    case 'publish':
      return publishAnswered(core, shared, purpose, first);
    case 'tell-forget': {
      const [master, peer] = find(core, shared, purpose);
      if (master !== null && peer !== null && first instanceof ErrorReply)
        reportKept(core, master, peer.runId, first.message, now);
      return null;
    }
    case 'tell-hold': {
      const [master, peer] = find(core, shared, purpose);
      if (master === null || peer === null) return null;
      if (isRefusal(first)) holdAnswered(core, master, peer, null, now);
      const answer = readHold(first);
      if (answer !== null) holdAnswered(core, master, peer, answer, now);
      return master;
    }
    case 'ask-master-down': {
      const [master, peer] = find(core, shared, purpose);
      if (master === null || peer === null) return null;
      const answer = readDownAnswer(first);
      if (answer !== null) applyDownAnswer(core, master, peer, purpose, answer, now);
      return master;
    }
    case 'ask-configuration': {
      const [master, peer] = find(core, shared, purpose);
      if (master === null || peer === null) return null;
      peer.configuration = readConfiguration(purpose.round, replies, now) ?? peer.configuration;
      // Whether it is our master's is asked later (`claim.ts`, `stale-master.ts`).
      if (peer.configuration !== null) isPlaced(core, master, peer.configuration.address.host, now);
      return master;
    }
    case 'info':
    case 'subscribe':
    case 'probe-role-command':
    case 'kill-script':
    case 'rewrite-configuration':
    case 'change-role':
    case 'pause':
    case 'unpause':
      throw new Error(`a Sentinel was asked ${purpose.kind}`);
    default:
      return unreachable(purpose);
  }
}

/** The master and the peer that a question was about, if both are still there and still that link's. */
function find(
  core: Core,
  shared: PeerLink,
  purpose: { readonly master: string; readonly peer: string },
): [Master | null, Peer | null] {
  const master = core.topology.masters.get(purpose.master) ?? null;
  const peer = master?.peers.get(purpose.peer) ?? null;
  return [master, peer?.link === shared.link ? peer : null];
}

/** Those who have proved themselves are believed what they have said before. */
function believe(core: Core, hellos: readonly string[], now: Millis): void {
  for (const hello of hellos) receiveHello(core, hello, now);
}

/** Not answered because it is unknown or forbidden there, for as long as the connection lasts. */
function isRefusal(reply: Reply): boolean {
  return reply instanceof ErrorReply && /^(NOPERM|ERR )/.test(reply.message);
}

/** An answer that says nothing about the question: log in first, or lack of permission. */
function isRefusedForNow(reply: Reply): boolean {
  return reply instanceof ErrorReply && /^(NOPERM|NOAUTH|LOADING|BUSY)/.test(reply.message);
}

/** An original Sentinel refuses our vote messages; from then on it is asked the classic way only. */
function publishAnswered(
  core: Core,
  shared: PeerLink,
  purpose: Extract<Purpose, { kind: 'publish' }>,
  reply: Reply,
): Master | null {
  if (purpose.channel === HELLO_CHANNEL) return null;
  const master = core.topology.masters.get(purpose.master);
  const peer = master === undefined ? undefined : shared.users.get(master);
  if (peer !== undefined) peer.speaksVotes = !(reply instanceof ErrorReply);
  return null;
}

function readDownAnswer(reply: Reply): { isDown: boolean; leader: string | null; leaderEpoch: number } | null {
  if (!Array.isArray(reply)) return null;
  const [down, leader, epoch] = reply;
  if (typeof down !== 'number' || typeof leader !== 'string' || !isEpoch(epoch)) return null;
  return { isDown: down === 1, leader: leader === '*' ? null : leader, leaderEpoch: epoch };
}

function readHold(reply: Reply): { stamp: number; remaining: Millis } | null {
  if (!Array.isArray(reply)) return null;
  const [stamp, remaining] = reply;
  return isEpoch(stamp) && isEpoch(remaining) ? { stamp, remaining } : null;
}

function isPort(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value > 0 && value <= 65_535;
}

function isEpoch(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= MAX_EPOCH;
}

/** Either a Vedette's own answer, or what an original Sentinel's views say; see `askConfiguration`. */
function readConfiguration(round: number, replies: readonly Reply[], now: Millis): PeerConfiguration | null {
  const [own, address, view] = replies;
  if (Array.isArray(own)) {
    const [host, port, epoch, promisedEpoch, currentEpoch, isReconfiguring] = own;
    if (typeof host !== 'string' || !isPort(port) || !isEpoch(epoch) || !isEpoch(promisedEpoch)) return null;
    const reportedEpoch = isEpoch(currentEpoch) ? Math.max(currentEpoch, epoch) : epoch;
    const configuration = { address: { host, port }, epoch, promisedEpoch, isReconfiguring: isReconfiguring === 1 };
    return { round, at: now, reportedEpoch, ...configuration };
  }
  if (!Array.isArray(address) || !Array.isArray(view)) return null;
  const [host, port] = address;
  const epoch = Number(viewField(view, 'config-epoch'));
  if (typeof host !== 'string' || !isPort(Number(port)) || !isEpoch(epoch)) return null;
  const isReconfiguring = viewField(view, 'flags').includes('failover_in_progress');
  return {
    round,
    at: now,
    address: { host, port: Number(port) },
    epoch,
    promisedEpoch: 0,
    isReconfiguring,
    reportedEpoch: epoch,
  };
}

function statusText(reply: Reply): string {
  if (typeof reply === 'string') return reply;
  if (reply instanceof SimpleString) return reply.value;
  return reply instanceof ErrorReply ? reply.message : '';
}
