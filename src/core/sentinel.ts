// The core of Vedette: one synchronous, single-threaded object that decides everything a Sentinel decides.
//
// Inputs and `now` come in as arguments, randomness is injected, and everything it wants done is appended to an outbox as
// plain data. It has no clock, no sockets, no promises: the same saved state, seed and inputs give the same effects.
//
// Contract with whoever drives it (the daemon, the simulator):
//   1. Calls are synchronous and never nested. After every `receive`, `tick` or command the driver calls `drain` and performs
//      the effects in their order, then arranges for `tick` at `dueAt`.
//   2. `now` never decreases.
//   3. After `link-down` nothing of that connection is delivered. Every `send` yields one `reply`, or the link goes down.
//   4. Every `save` yields one `saved` or `save-failed`; at most one is in flight.
//   5. A command that may have changed something is followed by `evaluate`, or by `attend` if that concerned one master alone.
//
// This file dispatches; the rules stand in the modules it calls.

import type { Reply } from '../protocol/reply.js';
import { restoreMaster } from './administration.js';
import { breakOff, quickened, reconnectDelay } from './connection.js';
import { Core } from './core.js';
import type { Effect, Request } from './effect.js';
import { evaluateMaster } from './evaluation.js';
import { receiveHello } from './hello.js';
import type { Input } from './input.js';
import { BATCHES, FORESIGHT, MAX_TICK_DELAY } from './limits.js';
import type { Link } from './link.js';
import type { Master } from './master.js';
import { greetNode, greetPeer, isPingTurnOf, monitorPeerLink } from './monitoring.js';
import { nameResolved } from './names.js';
import type { Random } from './random.js';
import { nodeAnswered, peerAnswered } from './replies.js';
import { discoverNamed } from './report.js';
import { snapshot } from './snapshot.js';
import type { SavedState } from './state.js';
import { enterTilt, leaveTiltIfDue } from './tilt.js';
import { mastersOf, type PeerLink } from './topology.js';
import { type Channel, type Epoch, HELLO_CHANNEL, type LinkId, type Millis, unreachable } from './types.js';
import { receiveVote } from './vote.js';

const RUN_ID_DIGITS = 40;
/** A connection that lasted this long has worked. */
const LEAST_WORKING_TIME: Millis = 100;
/** The least pause before a peer or replica is tried again that has never answered at its address. */
const STRANGER_RECONNECT: Millis = 1_000;

export class Sentinel {
  readonly core: Core;
  /** When the earliest deadline of any master or link is due. */
  #dueAt: Millis;
  /** The current epoch in the save that is under way. */
  #epochBeingSaved: Epoch;

  constructor(saved: SavedState, random: Random, now: Millis) {
    const myId = saved.myId ?? random.hex(RUN_ID_DIGITS);
    this.core = new Core(myId, saved.settings, greatestEpoch(saved), random, now);
    for (const master of saved.masters) restoreMaster(this.core, master, now);
    if (saved.myId === null) this.core.drawnIdentity();
    this.#dueAt = now;
    this.#epochBeingSaved = this.core.currentEpoch;
  }

  /** When the driver has to call `tick`, at the latest. It may move closer with every call. */
  get dueAt(): Millis {
    return this.core.lateness.dueAt;
  }

  receive(input: Input, now: Millis): void {
    this.#begin(now, false, input.kind === 'link-down' ? input.link : null);
    this.#apply(input, now);
    this.#end(now);
  }

  /** Returns the delay until the next tick. */
  tick(now: Millis): Millis {
    this.#begin(now, true, null);
    const { core } = this;
    const tiltDueAt = leaveTiltIfDue(core, now);
    this.#dueAt = tiltDueAt;
    this.#attendMasters(now);
    for (const shared of core.topology.peerLinks.values()) {
      if (shared.wakeAt <= now || isPingTurnOf(shared, now)) monitorPeerLink(core, shared, now);
    }
    this.#end(now);
    return this.dueAt - now;
  }

  /** Looks at the masters that are due, and, where there are many, at some that soon will be. */
  #attendMasters(now: Millis): void {
    const { core } = this;
    const { masters } = core.topology;
    const batch = Math.floor(masters.size / BATCHES);
    core.foresight = batch === 0 ? 0 : FORESIGHT;
    let attended = 0;
    for (const master of masters.values()) {
      const isDue = master.wakeAt <= now || core.lateness.isLate;
      if (isDue || (attended < batch && master.wakeAt <= now + core.foresight)) {
        this.#evaluate(master, now);
        attended++;
      } else this.#dueAt = Math.min(this.#dueAt, master.wakeAt);
    }
    core.foresight = 0;
  }

  /** Looks at this master, after a command that concerned no other. */
  attend(master: Master, now: Millis): void {
    this.#begin(now, false, null);
    this.#evaluate(master, now);
    this.#end(now);
  }

  /** Looks at every master after a command. */
  evaluate(now: Millis): void {
    this.#begin(now, false, null);
    for (const master of this.core.topology.masters.values()) if (master.wakeAt <= now) this.#evaluate(master, now);
    this.#end(now);
  }

  drain(): readonly Effect[] {
    return this.core.outbox.drain();
  }

  snapshot(): SavedState {
    return snapshot(this.core);
  }

  #begin(now: Millis, isTick: boolean, broken: LinkId | null): void {
    const { core } = this;
    const late = core.lateness.begin(now, isTick);
    if (late >= core.tunables.tiltTrigger) enterTilt(core, broken, now);
  }

  /** Starts a save if one is due, gives the replies that waited for one, and promises the next tick. */
  #end(now: Millis): void {
    const { core } = this;
    const version = core.durability.begin(now);
    if (version !== null) {
      core.outbox.push({ kind: 'save', version });
      this.#epochBeingSaved = core.currentEpoch;
    }
    core.outbox.settle(now);
    let dueAt = Math.min(this.#dueAt, core.durability.dueAt, core.outbox.dueAt);
    for (const shared of core.topology.peerLinks.values()) dueAt = Math.min(dueAt, shared.wakeAt);
    core.lateness.promise(Math.max(now + 1, Math.min(dueAt, now + MAX_TICK_DELAY)));
  }

  #apply(input: Input, now: Millis): void {
    const { core } = this;
    switch (input.kind) {
      case 'link-up':
        return this.#linkUp(input.link, input.localHost, now);
      case 'link-down':
        return this.#linkDown(input.link, input.reason, input.refused, now);
      case 'reply':
        return this.#reply(input.link, input.request, input.replies, now);
      case 'message':
        this.#onLink(input.link, (link) => {
          link.unheardHellos = 0;
          link.hasHeardItself ||= input.channel === HELLO_CHANNEL && input.payload.includes(this.core.myId);
        });
        return this.#hear(input.channel, input.payload, now);
      case 'subscriptions-lost':
        return this.#subscriptionsLost(input.link, now);
      case 'resolved':
        return this.#resolved(input.host, input.ip, now);
      case 'saved':
        core.durability.succeeded(input.version, now);
        core.savedEpoch = this.#epochBeingSaved;
        return this.#speakUp(now);
      case 'save-failed':
        return this.#saveFailed(input.version, input.reason, now);
      default:
        return unreachable(input);
    }
  }

  #resolved(host: string, ip: string | null, now: Millis): void {
    for (const master of nameResolved(this.core, host, ip)) {
      discoverNamed(this.core, master, host, now);
      this.#evaluate(master, now);
    }
  }

  #linkUp(id: LinkId, localHost: string, now: Millis): void {
    this.#onLink(id, (link) => {
      link.state = 'open';
      link.stateSince = now;
      link.localHost = localHost;
      link.refusedSince = null;
    });
    const owner = this.core.topology.nodeOfLink(id);
    if (owner !== undefined) {
      greetNode(this.core, owner.master, owner.node, now);
      this.#evaluate(owner.master, now);
      return;
    }
    const shared = this.core.topology.peerLinkOf(id);
    if (shared === undefined) return;
    greetPeer(this.core, shared, now);
    this.#evaluateUsers(shared, now);
  }

  #linkDown(id: LinkId, reason: string, isRefused: boolean, now: Millis): void {
    const owner = this.core.topology.nodeOfLink(id);
    const shared = this.core.topology.peerLinkOf(id);
    const masters = owner === undefined ? [...(shared === undefined ? [] : mastersOf(shared))] : [owner.master];
    const downAfter = Math.min(...masters.map((master) => master.settings.downAfter));
    const downAfterRefused = owner?.master.settings.downAfterRefused ?? 0;
    this.#onLink(id, (link) => {
      // A connection that worked is worth an immediate attempt; one that could not be made, or that the other end
      // drops as soon as it stands, waits for its turn.
      const hasWorked = link.isOpen && now - link.stateSince >= LEAST_WORKING_TIME;
      breakOff(this.core, link, reason, now);
      if (hasWorked) link.workedUntil = now;
      const delay = reconnectDelay(this.core, downAfter, downAfterRefused);
      const isMaster = owner !== undefined && owner.node === owner.master.node;
      // Whoever may publish can invent peers, and a master replicas; attempts to reach them must not take the time of the real ones.
      const isStranger = shared === undefined ? !isMaster && link.lastRoundTrip === 0 : shared.confirmedRunId === null;
      const pause = isStranger ? Math.max(delay, STRANGER_RECONNECT) : delay;
      link.reconnectAt = hasWorked ? now : now + (isMaster ? quickened(link, delay, now) : pause);
      link.refusedSince = isRefused ? (link.refusedSince ?? now) : null;
    });
    for (const master of masters) this.#evaluate(master, now);
    if (shared !== undefined) monitorPeerLink(this.core, shared, now);
  }

  #reply(id: LinkId, request: Request, replies: readonly Reply[], now: Millis): void {
    this.#onLink(id, (link) => {
      link.pendingRequests--;
      link.pendingCommands -= request.commands.length;
    });
    const owner = this.core.topology.nodeOfLink(id);
    if (owner !== undefined) {
      nodeAnswered(this.core, owner.master, owner.node, request, replies, now);
      // An answered PING or PUBLISH of a healthy node changes nothing that is waited for.
      if (isNews(request, owner.master)) this.#evaluate(owner.master, now);
      return;
    }
    const shared = this.core.topology.peerLinkOf(id);
    if (shared === undefined) return;
    // The answers to a thousand hellos end nobody's silence.
    const wasSilent = shared.link.silentSince !== null && request.purpose.kind !== 'publish';
    const master = peerAnswered(this.core, shared, request, replies, now);
    if (master !== null) this.#evaluate(master, now);
    else if (wasSilent && isAnyPeerDown(shared)) this.#evaluateUsers(shared, now);
  }

  #hear(channel: Channel, payload: string, now: Millis): void {
    const apply = channel === HELLO_CHANNEL ? receiveHello : receiveVote;
    const master = apply(this.core, payload, now);
    if (master !== null) this.#evaluate(master, now);
  }

  #subscriptionsLost(id: LinkId, now: Millis): void {
    this.#onLink(id, (link) => {
      link.subscriptions.hello = 'none';
      link.subscriptions.vote = 'none';
    });
    const owner = this.core.topology.nodeOfLink(id);
    if (owner !== undefined) this.#evaluate(owner.master, now);
  }

  #saveFailed(version: number, reason: string, now: Millis): void {
    const { core } = this;
    const isFirst = core.durability.failure === null;
    core.durability.failed(version, reason, now);
    core.outbox.saveFailed();
    if (isFirst) core.announce('warning', '+save-failed', null, reason, now);
  }

  #speakUp(now: Millis): void {
    for (const master of this.core.takeThoseWhoCanSpeak()) this.#evaluate(master, now);
  }

  #onLink(id: LinkId, change: (link: Link) => void): void {
    const link = this.core.topology.nodeOfLink(id)?.node.link ?? this.core.topology.peerLinkOf(id)?.link;
    if (link !== undefined) change(link);
  }

  #evaluateUsers(shared: PeerLink, now: Millis): void {
    for (const master of [...shared.users.keys()]) this.#evaluate(master, now);
    monitorPeerLink(this.core, shared, now);
  }

  #evaluate(master: Master, now: Millis): void {
    evaluateMaster(this.core, master, now);
    this.#dueAt = Math.min(this.#dueAt, master.wakeAt);
  }
}

/** The current epoch is never behind what it has led to, whatever an edited file says. */
function greatestEpoch(saved: SavedState): Epoch {
  const epochs = saved.masters.flatMap((master) => [master.configEpoch, master.voteEpoch]);
  return Math.max(saved.currentEpoch, ...epochs);
}

function isNews(request: Request, master: Master): boolean {
  const { kind } = request.purpose;
  if (kind === 'publish') return false;
  if (kind !== 'ping' && kind !== 'subscribe') return true;
  for (const node of master.nodes()) if (node.isSubjectivelyDown || node.overdueSince !== null) return true;
  return false;
}

function isAnyPeerDown(shared: PeerLink): boolean {
  for (const peer of shared.users.values()) if (peer.subjectivelyDownSince !== null) return true;
  return false;
}
