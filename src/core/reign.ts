// Whether a node that calls itself master owes that to the past: the one question between a stale master and a promotion
// that has not been announced yet.

import type { Core } from './core.js';
import type { DataNode } from './data-node.js';
import type { Master } from './master.js';

/** A configured master of the past with its history unchanged, or seen reigning before the configuration in force. */
export function isOlderReign(core: Core, master: Master, node: DataNode): boolean {
  if (node.reignReportedAt < master.configurationSince) return true;
  return master.reigns.some(
    (reign) =>
      reign.replicationId === node.info?.replicationId &&
      core.topology.isSame(reign.address, node.address) &&
      !core.topology.isSame(reign.address, master.node.address),
  );
}
