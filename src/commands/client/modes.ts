// CLIENT REPLY and NO-EVICT: how this connection wants to be treated.

import { OK } from '../../protocol/reply.js';
import { SYNTAX_ERROR } from '../arguments.js';
import type { Argument, Description } from '../command.js';
import { NO_REPLY } from '../outcome.js';

const ON: Argument = { name: 'on', type: 'pure-token', token: 'ON' };
const OFF: Argument = { name: 'off', type: 'pure-token', token: 'OFF' };

export const reply: Description = {
  name: 'reply',
  arity: 3,
  since: '3.2.0',
  summary: 'Answer commands, answer none of them, or leave out the next one.',
  complexity: 'O(1)',
  flags: ['noscript', 'loading', 'stale'],
  categories: ['connection'],
  arguments: [
    { name: 'action', type: 'oneof', arguments: [ON, OFF, { name: 'skip', type: 'pure-token', token: 'SKIP' }] },
  ],
  run({ client }, words) {
    switch ((words[2] ?? '').toLowerCase()) {
      case 'on':
        client.replyMode = 'on';
        return OK;
      case 'off':
        client.replyMode = 'off';
        return NO_REPLY;
      case 'skip':
        if (client.replyMode !== 'off') client.replyMode = 'skip-next';
        return NO_REPLY;
      default:
        return SYNTAX_ERROR;
    }
  },
};

export const noEvict: Description = {
  name: 'no-evict',
  arity: 3,
  since: '7.0.0',
  summary: 'Mark this connection as one to keep when memory is short.',
  complexity: 'O(1)',
  flags: ['admin', 'noscript', 'loading', 'stale'],
  categories: ['connection'],
  arguments: [{ name: 'enabled', type: 'oneof', arguments: [ON, OFF] }],
  run({ client }, words) {
    const word = (words[2] ?? '').toLowerCase();
    if (word !== 'on' && word !== 'off') return SYNTAX_ERROR;
    client.isExemptFromEviction = word === 'on';
    return OK;
  },
};
