// What operators change at run time: which masters are watched, and their settings.

import { close } from './connection.js';
import type { Core } from './core.js';
import { describeMaster } from './description.js';
import { touch, touchMaster } from './durable.js';
import { promiseUntil } from './election.js';
import { restoreHold } from './hold.js';
import { PROMISE } from './limits.js';
import { Master, type Vote } from './master.js';
import { addPeer, dropLink } from './peers.js';
import { addReplica } from './report.js';
import { snapshotHold } from './snapshot.js';
import { defaultMasterSettings, type MasterSettings, type SavedMaster } from './state.js';
import type { Address, Millis } from './types.js';
import { addNewcomer } from './verification.js';

export interface NewMaster {
  readonly name: string;
  readonly address: Address;
  readonly quorum: number;
}

/** `SENTINEL MONITOR`. The caller has validated name, address and quorum. */
export function monitorMaster(core: Core, wanted: NewMaster, now: Millis): Master {
  const settings = defaultMasterSettings(wanted.quorum);
  settings.downAfter = core.tunables.defaultDownAfter;
  settings.failoverTimeout = core.tunables.defaultFailoverTimeout;
  const master = restoreMaster(core, newcomer(wanted, settings), now, recallVote(core, wanted.name, now));
  // Whoever adds a master, a script right after a start perhaps, expects it to be watched and failed over from now on.
  master.beganBlank = false;
  // A vote that was given before REMOVE may not be on the disk yet.
  core.touchBeforeSpeakingOf(master);
  return master;
}

/**
 * What our vote may still bind us to in a master of this name: the vote it was removed with. Otherwise a new master is free at once,
 * as operators and scripts that add one expect; what epochs a majority tells is only where its votes begin.
 */
function recallVote(core: Core, name: string, now: Millis): Vote {
  const removed = core.removedVotes.get(name);
  core.removedVotes.delete(name);
  if (removed !== undefined && now < removed.at + PROMISE) return removed;
  return { leader: null, epoch: 0, at: 0 };
}

function newcomer(wanted: NewMaster, settings: MasterSettings): SavedMaster {
  const { name, address } = wanted;
  return {
    name,
    address,
    settings,
    configEpoch: 0,
    voteEpoch: 0,
    voteLeader: null,
    replicas: [],
    peers: [],
    isMeeting: false,
    reigns: [],
    hold: null,
    history: [],
  };
}

/** Begins to watch a master as it was saved; `+monitor` says so. */
export function restoreMaster(
  core: Core,
  saved: SavedMaster,
  now: Millis,
  vote: Vote = { leader: saved.voteLeader, epoch: saved.voteEpoch, at: now },
): Master {
  const node = core.topology.newNode(saved.address, now, core.lateness.total);
  const master = new Master(saved.name, saved.settings, node, { ...saved, vote }, now);
  master.hold = restoreHold(saved.hold, now);
  if (vote.epoch === 0) master.heardEpochs = new Map([[core.myId, core.currentEpoch]]);
  master.beganBlank = vote.epoch === 0 && saved.peers.length === 0;
  core.topology.addMaster(master);
  core.topology.attachNode(master, node);
  for (const address of saved.replicas) {
    if (core.topology.findNode(master, address) === null) addReplica(core, master, address, now);
  }
  for (const { runId, address, isUnproven = false } of saved.peers) {
    if (runId === core.myId || master.peers.has(runId)) continue;
    if (isUnproven) addNewcomer(core, master, runId, address, now);
    else addPeer(core, master, runId, address, now).isVerified = true;
  }
  master.isEstablished = master.peers.size > 0 && master.newcomers.size === 0 && !saved.isMeeting;
  master.wakeAt = now;
  const message = `${describeMaster(core, master)} quorum ${saved.settings.quorum}`;
  core.announce('warning', '+monitor', master, message, now);
  return master;
}

/** `SENTINEL REMOVE`. No message about the master leaves any more, not even a hello that was due. */
export function removeMaster(core: Core, master: Master, now: Millis): void {
  core.announce('warning', '-monitor', master, describeMaster(core, master), now);
  for (const link of core.topology.removeMaster(master)) dropLink(core, link, 'no longer monitored');
  core.waitingToSpeak.delete(master);
  for (const [name, { at }] of core.removedVotes) if (now >= at + PROMISE) core.removedVotes.delete(name);
  // An epoch that is only heard of, or that only the file remembers, promises nothing to anybody that we could name.
  const isPromise = master.vote.leader !== null && now < promiseUntil(master, core.myId);
  if (isPromise) core.removedVotes.set(master.name, master.vote);
  touch(core);
}

/**
 * Who asks right after RESET is to see that everything is forgotten, which takes the original until its next tick to find again
 * and us a millisecond.
 */
const PAUSE_AFTER_RESET: Millis = 50;

/** `SENTINEL RESET`: forgets replicas, peers and any failover; configuration and votes stay. */
export function resetMaster(core: Core, master: Master, now: Millis): void {
  const saved: SavedMaster = {
    name: master.name,
    address: master.node.address,
    configEpoch: master.configEpoch,
    settings: master.settings,
    voteEpoch: master.vote.epoch,
    voteLeader: master.vote.leader,
    replicas: [],
    peers: [],
    isMeeting: false,
    reigns: master.reigns,
    hold: snapshotHold(master),
    history: master.history,
  };
  for (const link of core.topology.removeMaster(master)) dropLink(core, link, 'reset');
  core.waitingToSpeak.delete(master);
  const node = core.topology.newNode(saved.address, now, core.lateness.total);
  node.link.reconnectAt = now + PAUSE_AFTER_RESET;
  const fresh = new Master(saved.name, saved.settings, node, { ...saved, vote: master.vote }, now);
  fresh.heardEpochs = master.heardEpochs;
  fresh.beganBlank = master.beganBlank;
  fresh.hold = master.hold;
  fresh.toldHold = master.toldHold;
  fresh.wakeAt = now;
  core.topology.addMaster(fresh);
  core.topology.attachNode(fresh, node);
  core.announce('warning', '+reset-master', fresh, describeMaster(core, fresh), now);
  core.touchBeforeSpeakingOf(fresh);
}

/** After `SENTINEL SET`: new credentials take effect on new connections, so the present ones are replaced. */
export function applySettings(
  core: Core,
  master: Master,
  changed: ReadonlySet<keyof MasterSettings>,
  now: Millis,
): void {
  touchMaster(core, master);
  master.wakeAt = now;
  if (!changed.has('authUser') && !changed.has('authPass')) return;
  for (const node of master.nodes()) close(core, node.link, 'new credentials', now, now);
}

/** After `SENTINEL CONFIG SET sentinel-user` or `sentinel-pass`. */
export function applyPeerCredentials(core: Core, now: Millis): void {
  touch(core);
  for (const shared of core.topology.peerLinks.values()) {
    close(core, shared.link, 'new credentials', now, now);
    shared.wakeAt = now;
  }
}
