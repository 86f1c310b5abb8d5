// Which replica a modelled stock Sentinel promotes: its filters with their ages, and its order.

import type { Millis } from '../../src/core/types.js';
import type { StockInstance } from './stock-instance.js';
import type { StockMaster } from './stock-master.js';

/** Ages are counted in PING periods and in INFO periods. */
const OLDEST_PONG: Millis = 5_000;
const OLDEST_REPORT_IN_TROUBLE: Millis = 5_000;
const OLDEST_REPORT: Millis = 30_000;
const CUT_IN_DOWN_AFTERS = 10;

export function selectStockReplica(master: StockMaster, now: Millis): StockInstance | null {
  const { downSince } = master.instance;
  const longestCut = CUT_IN_DOWN_AFTERS * master.settings.downAfter + (downSince === null ? 0 : now - downSince);
  const validity = downSince === null ? OLDEST_REPORT : OLDEST_REPORT_IN_TROUBLE;
  const eligible = [...master.replicas.values()].filter((replica) => {
    const { info } = replica;
    if (replica.downSince !== null || !replica.isConnected || info === null || info.priority === 0) return false;
    if (now - replica.lastAvailableAt > OLDEST_PONG || now - replica.infoAt > validity) return false;
    return (info.masterLinkDownFor ?? 0) <= longestCut;
  });
  return eligible.sort(compare)[0] ?? null;
}

function compare(one: StockInstance, other: StockInstance): number {
  const byPriority = (one.info?.priority ?? 0) - (other.info?.priority ?? 0);
  const byOffset = (other.info?.offset ?? 0) - (one.info?.offset ?? 0);
  return byPriority || byOffset || (one.runId < other.runId ? -1 : 1);
}
