// SUBSCRIBE, PSUBSCRIBE and their opposites: listen to events by their type (`+switch-master`) or by a pattern (`*`).
// Each channel is confirmed by a reply of its own that counts what the client listens to in all.

import { ErrorReply, PushReply, type Reply } from '../protocol/reply.js';
import { type Client, type SubscriptionKind, subscriptionCount } from './client.js';
import { type Command, defineCommand } from './command.js';
import { Replies } from './outcome.js';

/** Channels and patterns of one client. Events have a few dozen types; more than this is only memory. */
const MAX_SUBSCRIPTIONS = 4096;
const TOO_MANY = new ErrorReply(`ERR Too many subscriptions, at most ${MAX_SUBSCRIPTIONS} are kept`);

/** How the words of the two kinds begin: `psubscribe` confirms a pattern. */
const PREFIX: Readonly<Record<SubscriptionKind, string>> = { channel: '', pattern: 'p' };

export const subscribe = subscribeCommand('channel');
export const psubscribe = subscribeCommand('pattern');
export const unsubscribe = unsubscribeCommand('channel');
export const punsubscribe = unsubscribeCommand('pattern');

function subscribeCommand(kind: SubscriptionKind): Command {
  const word = `${PREFIX[kind]}subscribe`;
  return defineCommand('pubsub', {
    name: word,
    arity: -2,
    since: '2.0.0',
    summary: kind === 'channel' ? 'Listen to events of these types.' : 'Listen to events whose type matches a pattern.',
    complexity: `O(N) where N is the number of ${kind}s to subscribe to`,
    flags: ['pubsub', 'noscript', 'loading', 'stale'],
    channelUse: { kind, words: 'rest' },
    arguments: [{ name: kind, type: kind === 'channel' ? 'string' : 'pattern', isMultiple: true }],
    run({ client }, words) {
      return new Replies(
        words.slice(1).map((name) => {
          if (subscriptionCount(client) >= MAX_SUBSCRIPTIONS) return TOO_MANY;
          client.subscribe(kind, name);
          return confirmation(client, word, name);
        }),
      );
    },
  });
}

function unsubscribeCommand(kind: SubscriptionKind): Command {
  const word = `${PREFIX[kind]}unsubscribe`;
  return defineCommand('pubsub', {
    name: word,
    arity: -1,
    since: '2.0.0',
    summary: `Stop listening to these ${kind}s, or to all.`,
    complexity: `O(N) where N is the number of ${kind}s to unsubscribe from`,
    flags: ['pubsub', 'noscript', 'loading', 'stale'],
    arguments: [{ name: kind, type: kind === 'channel' ? 'string' : 'pattern', isOptional: true, isMultiple: true }],
    run({ client }, words) {
      const current = kind === 'channel' ? client.channels : client.patterns;
      const names = words.length > 1 ? words.slice(1) : [...current];
      if (names.length === 0) return confirmation(client, word, null);
      return new Replies(
        names.map((name) => {
          client.unsubscribe(kind, name);
          return confirmation(client, word, name);
        }),
      );
    },
  });
}

function confirmation(client: Client, word: string, name: string | null): Reply {
  return new PushReply([word, name, subscriptionCount(client)]);
}
