// CLIENT PAUSE, UNPAUSE and UNBLOCK: for servers whose commands can be held up. A Sentinel must never be: votes and verdicts
// would arrive too late. The words are understood and checked, and nobody is held up.

import { ErrorReply, OK } from '../../protocol/reply.js';
import { NOT_AN_INTEGER, parseInteger, wrongCount } from '../arguments.js';
import type { Description, Flag } from '../command.js';

const FLAGS: readonly Flag[] = ['admin', 'noscript', 'loading', 'stale'];
const NOT_A_TIMEOUT = new ErrorReply('ERR timeout is not an integer or out of range');
const NEGATIVE_TIMEOUT = new ErrorReply('ERR timeout is negative');
const UNKNOWN_MODE = new ErrorReply('ERR CLIENT PAUSE mode must be WRITE or ALL');
const UNKNOWN_REASON = new ErrorReply('ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR');

export const pause: Description = {
  name: 'pause',
  arity: -3,
  since: '2.9.50',
  summary: 'Hold up commands for some milliseconds: none is ever held up here.',
  complexity: 'O(1)',
  flags: FLAGS,
  categories: ['connection'],
  arguments: [
    { name: 'timeout', type: 'integer' },
    {
      name: 'mode',
      type: 'oneof',
      isOptional: true,
      arguments: [
        { name: 'write', type: 'pure-token', token: 'WRITE' },
        { name: 'all', type: 'pure-token', token: 'ALL' },
      ],
    },
  ],
  run(_context, words) {
    if (words.length > 4) return wrongCount('CLIENT', words);
    const mode = (words[3] ?? 'all').toLowerCase();
    if (mode !== 'write' && mode !== 'all') return UNKNOWN_MODE;
    const timeout = parseInteger(words[2] ?? '');
    if (timeout === null) return NOT_A_TIMEOUT;
    return timeout < 0 ? NEGATIVE_TIMEOUT : OK;
  },
};

export const unpause: Description = {
  name: 'unpause',
  arity: 2,
  since: '6.2.0',
  summary: 'End a pause: there is none here.',
  complexity: 'O(1)',
  flags: FLAGS,
  categories: ['connection'],
  run: () => OK,
};

export const unblock: Description = {
  name: 'unblock',
  arity: -3,
  since: '5.0.0',
  summary: 'Wake a connection that waits in a command: none ever does here.',
  complexity: 'O(1)',
  flags: FLAGS,
  categories: ['connection'],
  arguments: [
    { name: 'client-id', type: 'integer' },
    {
      name: 'timeout_error',
      type: 'oneof',
      isOptional: true,
      arguments: [
        { name: 'timeout', type: 'pure-token', token: 'TIMEOUT' },
        { name: 'error', type: 'pure-token', token: 'ERROR' },
      ],
    },
  ],
  run(_context, words) {
    if (words.length > 4) return wrongCount('CLIENT', words);
    const reason = words[3]?.toLowerCase();
    if (reason !== undefined && reason !== 'timeout' && reason !== 'error') return UNKNOWN_REASON;
    return parseInteger(words[2] ?? '') === null ? NOT_AN_INTEGER : 0;
  },
};
