// PING: is anybody there? Works while listening, where a RESP2 client gets the answer in the form of a message.

import { SimpleString } from '../protocol/reply.js';
import { error } from './arguments.js';
import { subscriptionCount } from './client.js';
import { defineCommand } from './command.js';

const PONG = new SimpleString('PONG');

export const ping = defineCommand('connection', {
  name: 'ping',
  arity: -1,
  since: '1.0.0',
  summary: 'Answer PONG, or repeat the message.',
  complexity: 'O(1)',
  flags: ['fast'],
  isRepeatable: true,
  categories: ['connection'],
  tips: ['request_policy:all_shards', 'response_policy:all_succeeded'],
  arguments: [{ name: 'message', type: 'string', isOptional: true }],
  run({ client }, words) {
    if (words.length > 2) return error("wrong number of arguments for 'ping' command");
    const message = words[1];
    if (client.protocol === 2 && subscriptionCount(client) > 0) return ['pong', message ?? ''];
    return message ?? PONG;
  },
});
