// `SENTINEL FORGET`: drops one replica or one other Sentinel that is gone for good, without the blind moment of a RESET.
//
// Everybody who counts makes the majority greater, so to forget a Sentinel is to lower it: that is refused while the Sentinel
// gives any sign of life, and by a minority. Each Vedette is told and looks for itself; one that has a reason keeps what it has,
// and an event says who. Nothing is remembered of what was forgotten: whoever returns is discovered like anybody else.

import { send } from './connection.js';
import type { Core } from './core.js';
import type { DataNode } from './data-node.js';
import { describeMaster, describePeer, describeReplica } from './description.js';
import { touchMaster } from './durable.js';
import { countAlive, electorate, majority } from './electorate.js';
import type { Forgetting, Master } from './master.js';
import { dropLink, losePeer } from './peers.js';
import { type Address, addressKey, type Forgotten, type Millis, type RunId } from './types.js';
import { forgetNewcomer } from './verification.js';
import { tellForget } from './wire.js';

/** A Sentinel that was heard within so many hello periods is alive, whether we can reach it or not. */
const HEARD_IN_PUBLISH_PERIODS = 5;

/**
 * How long a Sentinel that was told waits for an objection of its own to pass: the master's newer list comes within ten seconds, and the
 * last hello of a Sentinel that the teller has not heard for long enough is hardly younger here.
 */
const OBJECTION_PATIENCE: Millis = 15_000;

/** Why something must not be forgotten now. */
export interface Objection {
  /** In words for an operator. */
  readonly reason: string;
  /** Whether it passes by itself if the thing is really gone. */
  readonly isPassing: boolean;
}

/** Whether there is such a replica or Sentinel. */
export function isKnown(core: Core, master: Master, what: Forgotten): boolean {
  if (what.kind === 'replica') return core.topology.findNode(master, what.address) !== null;
  return what.runId === core.myId || master.peers.has(what.runId) || master.newcomers.has(what.runId);
}

/** Null when nothing speaks against it. */
export function whyNotForget(core: Core, master: Master, what: Forgotten, now: Millis): Objection | null {
  if (master.failover !== null) return lasting('a failover is in progress');
  return what.kind === 'replica'
    ? whyNotForgetReplica(core, master, what.address)
    : whyNotForgetSentinel(core, master, what.runId, now);
}

function whyNotForgetReplica(core: Core, master: Master, address: Address): Objection | null {
  const node = core.topology.findNode(master, address);
  if (node === null) return null;
  if (node === master.node) return lasting('it is the master');
  if (master.node.isSubjectivelyDown) return lasting('the master is down, every replica may be needed');
  if (!node.isSubjectivelyDown) return lasting(NOT_DOWN);
  const isFollowing = master.node.info?.replicas.some((listed) => core.topology.isSame(listed, node.address)) ?? false;
  return isFollowing ? passing('the master still lists it as a replica') : null;
}
const NOT_DOWN = 'it is not subjectively down';

function lasting(reason: string): Objection {
  return { reason, isPassing: false };
}

function passing(reason: string): Objection {
  return { reason, isPassing: true };
}

/** What the master said may be ten seconds old: it is asked anew. */
export function askMasterAnew(master: Master, now: Millis): void {
  master.node.infoWanted = true;
  master.wakeAt = now;
}

/** Told by another Sentinel, for which nothing spoke against it: it is forgotten as soon as that is so here, too. */
export function forgetWhenPossible(master: Master, what: Forgotten, now: Millis): void {
  const others = master.forgettings.filter((forgetting) => !isSameThing(forgetting.what, what));
  master.forgettings = [...others, { what, until: now + OBJECTION_PATIENCE }];
  askMasterAnew(master, now);
}

function isSameThing(one: Forgotten, other: Forgotten): boolean {
  if (one.kind === 'replica') return other.kind === 'replica' && addressKey(one.address) === addressKey(other.address);
  return other.kind === 'sentinel' && one.runId === other.runId;
}

export function attendForgetting(core: Core, master: Master, now: Millis): void {
  const { forgettings } = master;
  if (forgettings.length === 0) return;
  const patient: Forgetting[] = [];
  for (const forgetting of forgettings) {
    const { what, until } = forgetting;
    const objection = whyNotForget(core, master, what, now);
    if (objection === null) forget(core, master, what, now);
    else if (objection.isPassing && now < until) patient.push(forgetting);
    else reportKept(core, master, core.myId, objection.reason, now);
  }
  master.forgettings = patient;
  for (const { until } of patient) master.wakeBy(Math.min(until, now + OBJECTION_PERIOD));
}
/** How often it is looked at whether an objection has passed, if nothing happens meanwhile. */
const OBJECTION_PERIOD: Millis = 1_000;

function whyNotForgetSentinel(core: Core, master: Master, runId: RunId, now: Millis): Objection | null {
  if (runId === core.myId) return lasting('it is this Sentinel itself');
  const peer = master.peers.get(runId) ?? null;
  if (peer !== null && peer.subjectivelyDownSince === null) return lasting(NOT_DOWN);
  const heardAt = peer?.lastHelloAt ?? master.newcomers.get(runId)?.heardAt ?? 0;
  const silence = Math.max(HEARD_IN_PUBLISH_PERIODS * core.tunables.publishPeriod, master.settings.downAfter);
  if (now < heardAt + silence) return passing(`it was heard ${Math.floor(now - heardAt)} ms ago`);
  const alive = countAlive(master);
  if (peer === null || alive >= majority(master)) return null;
  const count = `${alive} of ${electorate(master)}`;
  return lasting(`only ${count} Sentinels answer, and a minority must not lower the majority`);
}

/** Forgets it here. The caller has asked `whyNotForget`; what is not known is forgotten already. */
export function forget(core: Core, master: Master, what: Forgotten, now: Millis): void {
  const node = what.kind === 'replica' ? core.topology.findNode(master, what.address) : null;
  if (node !== null) forgetReplica(core, master, node, now);
  if (what.kind === 'sentinel') forgetSentinel(core, master, what.runId, now);
  master.wakeAt = now;
}

export function forgetReplica(core: Core, master: Master, node: DataNode, now: Millis): void {
  core.announce('warning', '-slave', master, describeReplica(core, master, node), now);
  master.replicas.delete(addressKey(node.address));
  master.staleCheck = null;
  dropLink(core, core.topology.removeNode(node), 'forgotten');
  touchMaster(core, master);
}

function forgetSentinel(core: Core, master: Master, runId: RunId, now: Millis): void {
  const newcomer = master.newcomers.get(runId);
  if (newcomer !== undefined) forgetNewcomer(core, master, newcomer);
  const peer = master.peers.get(runId);
  if (peer === undefined) return;
  core.announce('warning', '-sentinel', master, describePeer(core, master, peer), now);
  losePeer(core, master, peer, 'forgotten');
  touchMaster(core, master);
}

/** Has the other Sentinels forget it, too; those that cannot be told are named. */
export function spreadForgetting(core: Core, master: Master, what: Forgotten, now: Millis): void {
  for (const peer of master.peers.values()) {
    if (peer.speaksVotes === false) {
      reportKept(core, master, peer.runId, 'an original Sentinel forgets by SENTINEL RESET only', now);
    } else if (!send(core, peer.link, tellForget(master, peer, what))) {
      reportKept(core, master, peer.runId, 'it cannot be reached', now);
    }
  }
}

/** Somebody, perhaps ourselves, still knows what was to be forgotten. */
export function reportKept(core: Core, master: Master, keeper: RunId, reason: string, now: Millis): void {
  core.announce('warning', '-forget-refused', master, `${describeMaster(core, master)} by ${keeper}: ${reason}`, now);
}
