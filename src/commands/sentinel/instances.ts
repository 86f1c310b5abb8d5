// SENTINEL REPLICAS, by its present and its former name, and SENTINELS: who else belongs to a master.

import type { Description } from '../command.js';
import { peerViews, replicaViews, WIRE_WORDS } from '../views.js';
import { ADMIN, MASTER_NAME, withMaster } from './common.js';

export const replicas: Description = {
  name: 'replicas',
  arity: 3,
  since: '5.0.0',
  summary: 'The replicas of this master and their state.',
  complexity: 'O(N) where N is the number of replicas',
  flags: ADMIN,
  arguments: MASTER_NAME,
  run: withMaster(({ sentinel, now }, master) => replicaViews(sentinel.core, master, now)),
};

export const formerReplicas: Description = {
  ...replicas,
  name: WIRE_WORDS.replicas,
  since: '2.8.0',
  deprecatedSince: '5.0.0',
  replacedBy: '`SENTINEL REPLICAS`',
};

export const sentinels: Description = {
  name: 'sentinels',
  arity: 3,
  since: '2.8.4',
  summary: 'The other Sentinels that watch this master and their state.',
  complexity: 'O(N) where N is the number of Sentinels',
  flags: ADMIN,
  arguments: MASTER_NAME,
  run: withMaster(({ sentinel, now }, master) => peerViews(sentinel.core, master, now)),
};
