// The connection a command came from, as commands see it. `io/session.ts` implements it; a test builds one in memory.
// What commands may ask of the process stands in `host.ts`.

import type { Millis } from '../core/types.js';

/** Whether replies are written. `skip-next` was asked for by the running command, `skip` silences the one after it. */
export type ReplyMode = 'on' | 'off' | 'skip-next' | 'skip';

export type SubscriptionKind = 'channel' | 'pattern';

/**
 * `CLIENT TRACKING`: clients ask for it to keep what they read fresh. There is nothing to read here, so it is only
 * remembered, as a Redis Sentinel remembers it.
 */
export interface Tracking {
  /** The client that would be told; 0 is the one that asked. */
  readonly redirect: number;
  readonly isBroadcast: boolean;
  readonly prefixes: readonly string[];
  /** Whether keys are followed only, or not, after `CLIENT CACHING`; null is always. */
  readonly choice: 'optin' | 'optout' | null;
  readonly isSilentAboutItself: boolean;
  /** `CLIENT CACHING` was called for the next command. */
  readonly hasChosen: boolean;
}

export interface Client {
  /** Counts up from 1 over the life of the process; never reused. */
  readonly id: number;
  /** As set with `CLIENT SETNAME` or HELLO; empty when it has none. */
  name: string;
  /** As told with `CLIENT SETINFO`; empty when not told. */
  libraryName: string;
  libraryVersion: string;
  /** The RESP version that replies are encoded in. */
  protocol: 2 | 3;
  /** The user it acts as. Means nothing while `isAuthenticated` is false. */
  user: string;
  isAuthenticated: boolean;
  replyMode: ReplyMode;
  /** `CLIENT NO-EVICT`: shown in `CLIENT LIST`. No client is evicted for its memory here, so it has no other effect. */
  isExemptFromEviction: boolean;
  /** Null while it is off. */
  tracking: Tracking | null;
  /** Full name of the command that runs or ran last, such as `client|list`; null before the first. */
  lastCommand: string | null;
  /** `ip:port` of both ends, IPv6 addresses in brackets. */
  readonly remoteAddress: string;
  readonly localAddress: string;
  readonly connectedAt: Millis;
  /** When its last bytes arrived. */
  readonly lastInteractionAt: Millis;
  readonly channels: ReadonlySet<string>;
  readonly patterns: ReadonlySet<string>;
  /** Bytes received and not yet executed, and bytes of replies not yet taken by the operating system. */
  readonly queryBufferBytes: number;
  readonly outputBufferBytes: number;

  /** Idempotent: subscribing twice is subscribing once. */
  subscribe(kind: SubscriptionKind, name: string): void;
  /** Idempotent. */
  unsubscribe(kind: SubscriptionKind, name: string): void;
  /** Executes nothing more and closes the connection once every reply so far has been written. */
  closeAfterReplies(): void;
}

/** How many channels and patterns a client listens to. */
export function subscriptionCount(client: Client): number {
  return client.channels.size + client.patterns.size;
}
