// Resolves what no failover resolves: a group that contradicts itself about who its master is, while nobody is down.
//
//   * two Sentinels have different addresses for one configuration epoch: neither is newer, so neither gives way;
//   * the configured master says it is a replica while another known node says it is a master;
//   * a node turned master and nobody has announced a configuration for it.
//
// Somebody wins an election and confirms, with the new epoch, the address that *is* master. Nothing is promoted by it. From
// then on the other one's reign is older than the configuration in force, and `stale-master.ts` demotes it.

import type { Core } from './core.js';
import type { DataNode } from './data-node.js';
import { describeMaster, replicaName } from './description.js';
import { looksAlive } from './electorate.js';
import type { Master } from './master.js';
import { isPlaced } from './names.js';
import { isOlderReign } from './reign.js';
import type { Millis } from './types.js';

/** How long a contradiction may be mere delay, in hello periods (for a replica turned master: Redis Sentinel's patience). */
const PATIENCE_IN_PUBLISH_PERIODS = 4;

/** Since when an election has been due to end a contradiction; null while there is none, or while it may still be delay. */
export function contradictionSince(core: Core, master: Master, now: Millis): Millis | null {
  const patience = PATIENCE_IN_PUBLISH_PERIODS * core.tunables.publishPeriod;
  const contradiction = findTie(core, master, now) ?? findMisplacedRole(core, master);
  if (contradiction === null) {
    master.contradiction = null;
    return null;
  }
  const dueAt = contradiction.since + patience;
  if (now < dueAt) {
    master.wakeBy(dueAt);
    return null;
  }
  if (master.contradiction !== contradiction.text) {
    master.contradiction = contradiction.text;
    const message = `${describeMaster(core, master)} ${contradiction.text}`;
    core.announce('warning', '+contradiction', master, message, now);
  }
  return dueAt;
}

interface Contradiction {
  readonly text: string;
  readonly since: Millis;
}

/** A peer announces another address for our configuration's epoch, and still does. */
function findTie(core: Core, master: Master, now: Millis): Contradiction | null {
  const lifetime = PATIENCE_IN_PUBLISH_PERIODS * core.tunables.publishPeriod;
  for (const peer of master.peers.values()) {
    const { announced } = peer;
    if (announced === null || announced.epoch !== master.configEpoch || now - peer.lastHelloAt > lifetime) continue;
    // Anybody who may publish can speak for a Sentinel that is gone; one that is there contradicts it itself.
    if (!looksAlive(peer)) continue;
    if (core.topology.isSame(announced.address, master.node.address)) continue;
    if (!isPlaced(core, master, announced.address.host, now)) continue;
    const text = `${replicaName(core, announced.address)} is announced for the same epoch ${announced.epoch}`;
    return { text, since: Math.max(peer.announcedSince, master.configurationSince) };
  }
  return null;
}

/** A replica says that it is a master, and no configuration explains it. */
function findMisplacedRole(core: Core, master: Master): Contradiction | null {
  if (!isReporting(master.node)) return null;
  for (const node of master.replicas.values()) {
    if (!isReporting(node) || node.info?.role !== 'master') continue;
    const isMasterReplica = master.node.info?.role === 'slave';
    if (!isMasterReplica && isOlderReign(core, master, node)) continue;
    const since = Math.max(node.roleReportedAt, master.configurationSince, node.link.stateSince);
    return { text: `${replicaName(core, node.address)} reports itself as master`, since };
  }
  return null;
}

function isReporting(node: DataNode): boolean {
  return node.link.isOpen && node.hasReportedOnConnection && !node.isSubjectivelyDown;
}

/**
 * The node that is master, by INFO asked since this candidacy began. Of several, the one that most Sentinels name;
 * if as many name one as the other, the configured one, and else the one with the most data.
 */
export function findReigning(core: Core, master: Master, since: Millis): DataNode | null {
  const reigning = [...master.nodes()].filter(
    (node) => isReporting(node) && node.info?.role === 'master' && (node.infoAskedAt ?? 0) >= since,
  );
  const order = (node: DataNode): [number, number, number] => [
    countNaming(core, master, node),
    Number(node === master.node),
    node.info?.offset ?? 0,
  ];
  reigning.sort((one, other) => compareDescending(order(one), order(other)));
  return reigning[0] ?? null;
}

function countNaming(core: Core, master: Master, node: DataNode): number {
  let naming = Number(node === master.node);
  for (const peer of master.peers.values()) {
    if (looksAlive(peer) && peer.announced !== null && core.topology.isSame(peer.announced.address, node.address))
      naming++;
  }
  return naming;
}

function compareDescending(one: readonly number[], other: readonly number[]): number {
  for (const [index, value] of one.entries()) {
    const difference = (other[index] ?? 0) - value;
    if (difference !== 0) return difference;
  }
  return 0;
}
