// PUBLISH: how other Sentinels talk to this one directly. Only the two channels of gossip are taken; nothing that a client
// publishes here ever reaches the subscribers, who hear events alone.

import { receiveHello } from '../core/hello.js';
import { HELLO_CHANNEL, VOTE_CHANNEL } from '../core/types.js';
import { receiveVote } from '../core/vote.js';
import { ErrorReply } from '../protocol/reply.js';
import { defineCommand } from './command.js';

const ONLY_GOSSIP = new ErrorReply('ERR Only HELLO messages are accepted by Sentinel instances.');

export const publish = defineCommand('pubsub', {
  name: 'publish',
  arity: 3,
  since: '2.0.0',
  summary: 'Tell this Sentinel what another one has to say.',
  complexity: 'O(N) where N is the number of Sentinels of that master',
  flags: ['pubsub', 'loading', 'stale', 'fast'],
  channelUse: { kind: 'channel', words: 'first' },
  arguments: [
    { name: 'channel', type: 'string' },
    { name: 'message', type: 'string' },
  ],
  run({ sentinel, now }, words) {
    const [, channel, payload = ''] = words;
    if (channel !== HELLO_CHANNEL && channel !== VOTE_CHANNEL) return ONLY_GOSSIP;
    const receive = channel === HELLO_CHANNEL ? receiveHello : receiveVote;
    const master = receive(sentinel.core, payload, now);
    // Most messages repeat the last one, and then there is nothing to reconsider.
    if (master !== null) sentinel.attend(master, now);
    return 1;
  },
});
