// SHUTDOWN: end the process. Everything that must survive is on disk already, so there is nothing to save; the options of
// a server with a dataset are understood and change nothing.

import { ErrorReply } from '../protocol/reply.js';
import { SYNTAX_ERROR } from './arguments.js';
import { defineCommand } from './command.js';
import { NO_REPLY } from './outcome.js';

const NOT_SHUTTING_DOWN = new ErrorReply('ERR No shutdown in progress.');
const OPTIONS = new Set(['nosave', 'save', 'now', 'force', 'abort']);

export const shutdown = defineCommand('server', {
  name: 'shutdown',
  arity: -1,
  since: '1.0.0',
  summary: 'End this process. It is not answered: the connection closes.',
  complexity: 'O(1)',
  flags: ['admin', 'noscript', 'loading', 'stale', 'no_multi', 'allow_busy'],
  arguments: [
    {
      name: 'save-selector',
      type: 'oneof',
      isOptional: true,
      arguments: [
        { name: 'nosave', type: 'pure-token', token: 'NOSAVE' },
        { name: 'save', type: 'pure-token', token: 'SAVE' },
      ],
    },
    { name: 'now', type: 'pure-token', token: 'NOW', isOptional: true },
    { name: 'force', type: 'pure-token', token: 'FORCE', isOptional: true },
    { name: 'abort', type: 'pure-token', token: 'ABORT', isOptional: true },
  ],
  run({ host }, words) {
    const options = new Set(words.slice(1).map((word) => word.toLowerCase()));
    for (const option of options) if (!OPTIONS.has(option)) return SYNTAX_ERROR;
    if (options.has('save') && options.has('nosave')) return SYNTAX_ERROR;
    if (options.has('abort')) return options.size > 1 ? SYNTAX_ERROR : NOT_SHUTTING_DOWN;
    host.requestShutdown();
    return NO_REPLY;
  },
});
