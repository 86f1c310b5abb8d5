// QUIT: goodbye. A Redis Sentinel does not know it, but every Redis server did for years, and clients still send it when
// they close; it is answered and not listed.

import { OK } from '../protocol/reply.js';
import { defineCommand } from './command.js';

export const quit = defineCommand('connection', {
  name: 'quit',
  arity: -1,
  since: '1.0.0',
  summary: 'Close the connection.',
  complexity: 'O(1)',
  flags: ['noscript', 'loading', 'stale', 'fast', 'no_auth', 'allow_busy'],
  categories: ['connection'],
  isListed: false,
  run({ client }) {
    client.closeAfterReplies();
    return OK;
  },
});
