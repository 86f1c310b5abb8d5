// One node that is known as two: by its address and by a name that could not be looked up at first, or by two names. It would be
// counted twice, and be told to follow itself. Which it is shows when both have the same address and report the same run id.

import { isIpAddress } from '../protocol/host.js';
import type { Core } from './core.js';
import type { DataNode } from './data-node.js';
import { forgetReplica } from './forget.js';
import type { Master } from './master.js';
import type { Millis } from './types.js';

/** Forgets one of any two. The master stays, then what has a name, then what has been known longer. */
export function uniteTwins(core: Core, master: Master, now: Millis): void {
  if (master.failover !== null) return;
  const known = new Map([[master.node.runId, master.node]]);
  for (const node of [...master.replicas.values()]) {
    const twin = known.get(node.runId);
    if (twin === undefined) known.set(node.runId, node);
    else if (areTwins(core, twin, node)) {
      const isWorse = twin !== master.node && isIpAddress(twin.address.host) && !isIpAddress(node.address.host);
      if (isWorse) known.set(node.runId, node);
      forgetReplica(core, master, isWorse ? twin : node, now);
    }
  }
}

export function areTwins(core: Core, one: DataNode, other: DataNode): boolean {
  return one.runId !== '' && one.runId === other.runId && core.topology.isSame(one.address, other.address);
}
