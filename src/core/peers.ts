// Meeting and losing other Sentinels: who they are, where they are, and what the address itself says about it.

import { breakOff } from './connection.js';
import type { Core } from './core.js';
import { describeMaster, describePeer } from './description.js';
import { touch } from './durable.js';
import { MAX_PEERS_PER_MASTER } from './limits.js';
import type { Link } from './link.js';
import type { Master } from './master.js';
import { Peer } from './peer.js';
import type { PeerLink } from './topology.js';
import { type Address, addressKey, isRunId, type Millis, type RunId } from './types.js';

/**
 * The peer that announces itself with this run id and address, met now if it is new. Null when it is not to be believed:
 * there are too many, or the address itself has said that it is somebody else.
 */
export function meetPeer(core: Core, master: Master, runId: RunId, address: Address, now: Millis): Peer | null {
  const known = master.peers.get(runId);
  if (known !== undefined && isSameAddress(known, address)) return known;
  const confirmed = core.topology.peerLinks.get(addressKey(address))?.confirmedRunId ?? null;
  if (confirmed !== null && confirmed !== runId) return null;
  const former = known ?? peerAt(master, address);
  if (former === null && master.peers.size >= MAX_PEERS_PER_MASTER) return null;
  if (known !== undefined) {
    const message = `${describeMaster(core, master)} ip ${address.host} port ${address.port} for ${runId}`;
    core.announce('notice', '+sentinel-address-switch', master, message, now);
  } else if (former !== null) {
    core.announce('notice', '+sentinel-invalid-addr', master, describePeer(core, master, former), now);
  }
  if (former !== null) losePeer(core, master, former, 'replaced');
  const peer = addPeer(core, master, runId, address, now);
  if (known === undefined) core.announce('notice', '+sentinel', master, describePeer(core, master, peer), now);
  touch(core);
  return peer;
}

export function addPeer(core: Core, master: Master, runId: RunId, address: Address, now: Millis): Peer {
  const link = core.topology.linkToPeer(address, now, core.lateness.total);
  const peer = new Peer(runId, address, link, now);
  core.topology.addPeer(master, peer);
  return peer;
}

/** Another id where one is known: the same place, reinstalled. It takes the place of the old one and is counted once. */
function peerAt(master: Master, address: Address): Peer | null {
  for (const peer of master.peers.values()) if (isSameAddress(peer, address)) return peer;
  return null;
}

function isSameAddress(peer: Peer, address: Address): boolean {
  return peer.address.host === address.host && peer.address.port === address.port;
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

/** The other end of a link says who it is: peers that were known there under another id are replaced by that one. */
export function confirmId(core: Core, shared: PeerLink, runId: string, now: Millis): void {
  if (!isRunId(runId)) return;
  shared.confirmedRunId = runId;
  for (const [master, peer] of [...shared.users]) {
    if (peer.runId === runId) continue;
    losePeer(core, master, peer, 'another Sentinel answers there');
    if (runId === core.myId) {
      // A stale entry that points at ourselves: there is nobody to replace it with.
      touch(core);
      continue;
    }
    meetPeer(core, master, runId, peer.address, now);
  }
}
