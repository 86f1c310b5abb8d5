// ROLE: a Sentinel says that it is one, and whom it watches.

import { defineCommand } from './command.js';

export const role = defineCommand('server', {
  name: 'role',
  arity: 1,
  since: '2.8.12',
  summary: 'The word "sentinel" and the names of the monitored masters.',
  complexity: 'O(1)',
  flags: ['noscript', 'loading', 'stale', 'fast'],
  categories: ['admin', 'dangerous'],
  run: ({ sentinel }) => ['sentinel', [...sentinel.core.topology.masters.keys()]],
});
