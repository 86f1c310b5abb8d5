// Gaining and losing other Sentinels: one record for each id, one id for each address. Whether somebody is to be believed is
// decided in `verification.ts`.

import { breakOff } from './connection.js';
import type { Core } from './core.js';
import { describeMaster, describePeer } from './description.js';
import { touchMaster } from './durable.js';
import { MAX_PEERS_PER_MASTER } from './limits.js';
import type { Link } from './link.js';
import type { Master } from './master.js';
import { Peer } from './peer.js';
import type { Address, Millis, RunId } from './types.js';

/**
 * Gives a peer its place: one that was known elsewhere moves, and one that was known at this address gives way. Null when
 * there are too many already.
 */
export function seatPeer(core: Core, master: Master, runId: RunId, address: Address, now: Millis): Peer | null {
  const known = master.peers.get(runId) ?? null;
  const occupant = peerAt(master, address);
  if (known === null && occupant === null && master.peers.size >= MAX_PEERS_PER_MASTER) return null;
  if (known !== null) {
    const message = `${describeMaster(core, master)} ip ${address.host} port ${address.port} for ${runId}`;
    core.announce('notice', '+sentinel-address-switch', master, message, now);
  }
  if (occupant !== null) {
    core.announce('notice', '+sentinel-invalid-addr', master, describePeer(core, master, occupant), now);
  }
  const peer = addPeer(core, master, runId, address, now);
  for (const former of [known, occupant]) if (former !== null) losePeer(core, master, former, 'replaced');
  if (known === null) core.announce('notice', '+sentinel', master, describePeer(core, master, peer), now);
  touchMaster(core, master);
  return peer;
}

export function addPeer(core: Core, master: Master, runId: RunId, address: Address, now: Millis): Peer {
  const link = core.topology.linkToPeer(address, now, core.lateness.total);
  const peer = new Peer(runId, address, link, now);
  core.topology.addPeer(master, peer);
  return peer;
}

export function peerAt(master: Master, address: Address): Peer | null {
  for (const peer of master.peers.values()) {
    if (peer.address.host === address.host && peer.address.port === address.port) return peer;
  }
  return null;
}

export function losePeer(core: Core, master: Master, peer: Peer, reason: string): void {
  const link = core.topology.removePeer(master, peer);
  if (link !== null) dropLink(core, link, reason);
}

/** Closes a link that nobody uses any more; it is never opened again. */
export function dropLink(core: Core, link: Link, reason: string): void {
  if (link.state !== 'closed') core.outbox.push({ kind: 'close', link: link.id, reason });
  breakOff(core, link, reason, link.stateSince);
}
