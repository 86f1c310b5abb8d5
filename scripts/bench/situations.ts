// The situations of the failover benchmark: each knows how one round of it is measured, and what there is to see of it.

import { MASTER_NAME } from '../../test/support/group.js';
import { obstacleToNetworks } from '../../test/support/network.js';
import type { SentinelKind } from '../../test/support/sentinel-process.js';
import { FAULTS } from './faults.js';
import { FAULT_FIGURES, type Figure, PARTITION_FIGURES, type Round } from './figures.js';
import { measurePartition, PARTITION_SECONDS } from './partition.js';
import { measureRound } from './round.js';

export interface Situation {
  readonly name: string;
  /** What happens, for a table. */
  readonly title: string;
  /** down-after-milliseconds, unless the command line says otherwise. */
  readonly downAfterMillis: number;
  readonly figures: readonly Figure[];
  /** What a kind or its data nodes are configured with beyond the common, in words for a table; null for nothing. */
  settingOf(kind: SentinelKind): string | null;
  /** Why it cannot be measured on this machine; null if it can. */
  obstacle(): string | null;
  measure(kind: SentinelKind, downAfterMillis: number): Promise<Round>;
}

const PARTITION_DOWN_AFTER = 1000;
/** The best that is to be had without fencing: the old master refuses writes once no replica has reported for a second. */
const MIN_REPLICAS = ['min-replicas-to-write 1', 'min-replicas-max-lag 1'] as const;
const partitionTitle = `partition of ${PARTITION_SECONDS} s, the master on the smaller side`;

export const SITUATIONS: readonly Situation[] = [
  ...FAULTS.map((fault) => ({
    name: fault.name,
    title: fault.title,
    downAfterMillis: fault.downAfterMillis,
    figures: FAULT_FIGURES,
    settingOf: () => null,
    obstacle: () => null,
    measure: (kind: SentinelKind, downAfterMillis: number) => measureRound({ kind, fault, downAfterMillis }),
  })),
  {
    name: 'partition',
    title: partitionTitle,
    downAfterMillis: PARTITION_DOWN_AFTER,
    figures: PARTITION_FIGURES,
    settingOf: () => null,
    obstacle: obstacleToNetworks,
    measure: (kind, downAfterMillis) => measurePartition({ kind, downAfterMillis, directives: [], nodeDirectives: [] }),
  },
  {
    name: 'fenced-partition',
    title: `${partitionTitle}, with what either has against lost writes`,
    downAfterMillis: PARTITION_DOWN_AFTER,
    figures: PARTITION_FIGURES,
    settingOf: (kind) => (kind === 'vedette' ? 'fence-isolated-master yes' : MIN_REPLICAS.join(', ')),
    obstacle: obstacleToNetworks,
    measure: (kind, downAfterMillis) =>
      measurePartition({
        kind,
        downAfterMillis,
        directives: kind === 'vedette' ? [`sentinel fence-isolated-master ${MASTER_NAME} yes`] : [],
        nodeDirectives: kind === 'vedette' ? [] : MIN_REPLICAS,
      }),
  },
];
