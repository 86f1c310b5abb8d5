// SENTINEL MASTERS and MASTER, and Valkey's names for them: the monitored masters as this Sentinel sees them.

import type { Description } from '../command.js';
import { masterView } from '../views.js';
import { ADMIN, MASTER_NAME, withMaster } from './common.js';

export const masters: Description = {
  name: 'masters',
  arity: 2,
  since: '2.8.4',
  summary: 'All monitored masters and their state.',
  complexity: 'O(N) where N is the number of masters',
  flags: ADMIN,
  run({ sentinel, now }) {
    const { core } = sentinel;
    return [...core.topology.masters.values()].map((master) => masterView(core, master, now));
  },
};

export const primaries: Description = { ...masters, name: 'primaries', since: '8.0.0' };

export const master: Description = {
  name: 'master',
  arity: 3,
  since: '2.8.4',
  summary: 'The state of this master.',
  complexity: 'O(1)',
  flags: ADMIN,
  arguments: MASTER_NAME,
  run: withMaster(({ sentinel, now }, found) => masterView(sentinel.core, found, now)),
};

export const primary: Description = { ...master, name: 'primary', since: '8.0.0' };
