// How events name what they speak of: `<type> <name> <ip> <port>`, and for all but a master ` @ <master> <ip> <port>`
// (documentation, section "Pub/Sub messages", "instance details").

import type { Core } from './core.js';
import type { DataNode } from './data-node.js';
import type { Master } from './master.js';
import type { Peer } from './peer.js';
import type { Address } from './types.js';

export function describeMaster(core: Core, master: Master): string {
  return `master ${master.name} ${place(core, master.node.address)}`;
}

export function describeReplica(core: Core, master: Master, node: DataNode): string {
  return `slave ${replicaName(core, node.address)} ${place(core, node.address)} ${owner(core, master)}`;
}

export function describePeer(core: Core, master: Master, peer: Peer): string {
  return `sentinel ${peer.runId} ${place(core, peer.address)} ${owner(core, master)}`;
}

/** A data node by the role we give it, not by the one it reports. */
export function describeNode(core: Core, master: Master, node: DataNode): string {
  return node === master.node ? describeMaster(core, master) : describeReplica(core, master, node);
}

/** `ip:port`, with brackets around an IPv6 address. */
export function replicaName(core: Core, address: Address): string {
  const host = core.topology.announced(address);
  return host.includes(':') ? `[${host}]:${address.port}` : `${host}:${address.port}`;
}

function owner(core: Core, master: Master): string {
  return `@ ${master.name} ${place(core, master.node.address)}`;
}

function place(core: Core, address: Address): string {
  return `${core.topology.announced(address)} ${address.port}`;
}
