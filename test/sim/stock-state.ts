// What a modelled stock Sentinel is configured with, what it saves, and how far a failover of its has come.

import type { Address, Epoch, Millis } from '../../src/core/types.js';
import type { StockInstance } from './stock-instance.js';

export interface StockSettings {
  readonly name: string;
  readonly quorum: number;
  readonly downAfter: Millis;
  readonly failoverTimeout: Millis;
  readonly parallelSyncs: number;
}

export interface SavedStockMaster {
  readonly address: Address;
  readonly configEpoch: Epoch;
  readonly leaderEpoch: Epoch;
  readonly replicas: readonly Address[];
  readonly sentinels: readonly { readonly runId: string; readonly address: Address }[];
}

export type FailoverState = 'elect' | 'select' | 'promote' | 'wait-promotion' | 'reconfigure';

export interface StockFailover {
  state: FailoverState;
  readonly epoch: Epoch;
  readonly isForced: boolean;
  changedAt: Millis;
  promoted: StockInstance | null;
}
