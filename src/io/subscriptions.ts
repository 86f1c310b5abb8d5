// Who listens to which events. Knows names and listeners, not sockets: whoever listens has a `hear`.
//
// An event that nobody listens to costs one comparison, and one that many listen to is encoded once for each version.

import type { SubscriptionKind } from '../commands/client.js';
import { matchesGlob } from '../protocol/glob.js';
import { PushReply } from '../protocol/reply.js';
import { encode, type RespVersion } from '../protocol/resp-encoder.js';

export interface Listener {
  readonly protocol: RespVersion;
  /** Takes an encoded message. */
  hear(text: string): void;
}

export class Subscriptions {
  readonly #channels = new Map<string, Set<Listener>>();
  readonly #patterns = new Map<string, Set<Listener>>();

  /** How many different channels somebody listens to. */
  get channelCount(): number {
    return this.#channels.size;
  }

  get patternCount(): number {
    return this.#patterns.size;
  }

  add(kind: SubscriptionKind, name: string, listener: Listener): void {
    const table = this.#table(kind);
    const listeners = table.get(name);
    if (listeners === undefined) table.set(name, new Set([listener]));
    else listeners.add(listener);
  }

  remove(kind: SubscriptionKind, name: string, listener: Listener): void {
    const table = this.#table(kind);
    const listeners = table.get(name);
    if (listeners?.delete(listener) && listeners.size === 0) table.delete(name);
  }

  /** A listener hears the message once for its channel and once for each of its patterns that match, as in Redis. */
  publish(channel: string, payload: string): void {
    const listeners = this.#channels.get(channel);
    if (listeners !== undefined) send(listeners, ['message', channel, payload]);
    for (const [pattern, matching] of this.#patterns) {
      if (matchesGlob(pattern, channel)) send(matching, ['pmessage', pattern, channel, payload]);
    }
  }

  #table(kind: SubscriptionKind): Map<string, Set<Listener>> {
    return kind === 'channel' ? this.#channels : this.#patterns;
  }
}

function send(listeners: ReadonlySet<Listener>, words: readonly string[]): void {
  const message = new PushReply(words);
  const encoded: Partial<Record<RespVersion, string>> = {};
  // A copy: a listener that is closed for being slow leaves the set.
  for (const listener of [...listeners]) {
    const text = encoded[listener.protocol] ?? encode(message, listener.protocol);
    encoded[listener.protocol] = text;
    listener.hear(text);
  }
}
