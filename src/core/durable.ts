// The only ways to change what must survive a restart. Nobody else has to remember to save.
//
// A configuration is one pair: an epoch and an address. A new epoch beside the old address is the fault that only a crash
// exactly at the boundary of a save brings to light, so both are taken in one call.

import type { Core } from './core.js';
import type { DataNode } from './data-node.js';
import { MAX_REIGNS } from './limits.js';
import type { Master } from './master.js';
import type { Epoch, Millis, RunId } from './types.js';

/** Takes over a greater current epoch seen elsewhere. */
export function adoptEpoch(core: Core, master: Master, epoch: Epoch, now: Millis): void {
  if (epoch <= core.currentEpoch) return;
  core.currentEpoch = epoch;
  core.touchBeforeSpeakingOf(master);
  core.announce('warning', '+new-epoch', master, String(epoch), now);
}

/** Opens a new epoch for a candidacy of our own. */
export function nextEpoch(core: Core, master: Master, now: Millis): Epoch {
  adoptEpoch(core, master, core.currentEpoch + 1, now);
  return core.currentEpoch;
}

/** One vote for each epoch and master: the caller has checked that this one is later than the last. */
export function castVote(core: Core, master: Master, leader: RunId, epoch: Epoch, now: Millis): void {
  if (epoch <= master.vote.epoch) throw new Error(`a second vote of ${master.name} in epoch ${epoch}`);
  master.vote = { leader, epoch, at: now };
  core.touchBeforeSpeakingOf(master);
  core.announce('warning', '+vote-for-leader', master, `${leader} ${epoch}`, now);
}

export function adoptConfiguration(core: Core, master: Master, epoch: Epoch, node: DataNode, now: Millis): void {
  if (epoch <= master.configEpoch) throw new Error(`configuration epoch ${epoch} of ${master.name} is not newer`);
  master.configEpoch = epoch;
  master.configurationSince = now;
  if (node !== master.node) core.topology.exchangeMaster(master, node);
  core.touchBeforeSpeakingOf(master);
}

/** The configured master was seen reigning with this replication history. */
export function recordReign(core: Core, master: Master, node: DataNode, replicationId: string): void {
  const { host, port } = node.address;
  const known = master.reigns.some(
    (reign) => reign.replicationId === replicationId && reign.address.host === host && reign.address.port === port,
  );
  if (known || replicationId === '') return;
  master.reigns.push({ address: node.address, replicationId });
  if (master.reigns.length > MAX_REIGNS) master.reigns.shift();
  touchMaster(core, master);
}

/** Something else about the master that is saved has changed: settings, known replicas, known peers. */
export function touchMaster(core: Core, master: Master): void {
  master.snapshot = null;
  core.durability.touch();
}

/** Something that is saved and belongs to no master has changed. */
export function touch(core: Core): void {
  core.durability.touch();
}
