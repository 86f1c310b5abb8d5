// Everything the core can ask of the outside world, as plain data. Effects are performed in the order drained.

import type { Reply } from '../protocol/reply.js';
import type { SentinelEvent } from './event.js';
import type { Address, Channel, Credentials, Epoch, GreetingWords, LinkId, Millis, RunId } from './types.js';

export type Effect =
  /** Connect. Yields exactly one `link-up` or `link-down`; a `link-down` may follow a `link-up` at any time. */
  | {
      readonly kind: 'open';
      readonly link: LinkId;
      readonly address: Address;
      readonly credentials: Credentials | null;
      /** The standard ones unless given. */
      readonly words?: GreetingWords;
      readonly clientName: string;
    }
  /** Drop the connection, or the attempt at one. No `link-down` follows: the core knows. */
  | { readonly kind: 'close'; readonly link: LinkId; readonly reason: string }
  /** Write all commands of the request in one go. Yields exactly one `reply`, or a `link-down`. */
  | { readonly kind: 'send'; readonly link: LinkId; readonly request: Request }
  /** Render the state as of now and make it durable. Yields exactly one `saved` or `save-failed`. */
  | { readonly kind: 'save'; readonly version: number }
  /** Answer a client command that was deferred (see `Outcome`). */
  | { readonly kind: 'reply'; readonly ticket: Ticket; readonly reply: Reply }
  | { readonly kind: 'event'; readonly event: SentinelEvent }
  | { readonly kind: 'run-script'; readonly path: string; readonly args: readonly string[] }
  /** Look the name up. Yields one `resolved`. */
  | { readonly kind: 'resolve'; readonly host: string }
  /** Leave at once, without saving: `SENTINEL SIMULATE-FAILURE`. */
  | { readonly kind: 'exit'; readonly code: number };

/** Names a client command whose reply is not known yet; drawn from `Outbox.ticket()`. */
export type Ticket = number;

/**
 * One write to one link. `commands` are the very words on the wire, so that whoever performs the effect needs to know
 * nothing of their meaning; `purpose` comes back with the replies and tells the core what it asked.
 */
export interface Request {
  readonly purpose: Purpose;
  readonly commands: readonly (readonly string[])[];
}

/** Purposes carry names and numbers, never object references: what they name may be gone when the reply arrives. */
export type Purpose =
  | { readonly kind: 'ping' }
  | { readonly kind: 'info'; readonly askedAt: Millis }
  | { readonly kind: 'subscribe'; readonly channel: Channel }
  | { readonly kind: 'publish'; readonly channel: Channel; readonly master: string }
  | { readonly kind: 'probe-role-command' }
  | { readonly kind: 'ask-id' }
  /** Whether a Sentinel that cannot say who it is knows the master; `peer` is the newcomer in question. */
  | { readonly kind: 'ask-acquaintance'; readonly master: string; readonly peer: RunId }
  /** Which other Sentinels this one knows. */
  | { readonly kind: 'ask-sentinels'; readonly master: string; readonly peer: RunId }
  /** Another Sentinel is told of an operator's pause. */
  | { readonly kind: 'tell-hold'; readonly master: string; readonly peer: RunId }
  /** Another Sentinel is told to look whether something can be forgotten. */
  | { readonly kind: 'tell-forget'; readonly master: string; readonly peer: RunId }
  | { readonly kind: 'kill-script' }
  | { readonly kind: 'rewrite-configuration' }
  | { readonly kind: 'pause'; readonly master: string; readonly attempt: number; readonly askedAt: Millis }
  | { readonly kind: 'unpause' }
  | {
      readonly kind: 'ask-master-down';
      readonly master: string;
      readonly peer: RunId;
      /** Where the master is that the question is about. */
      readonly address: Address;
      readonly epoch: Epoch;
      /** Our own run id when we ask for a vote, otherwise null. */
      readonly candidate: RunId | null;
    }
  | { readonly kind: 'ask-configuration'; readonly master: string; readonly peer: RunId; readonly round: number }
  /** A role change; `attempt` tells a late answer from the current one. */
  | {
      readonly kind: 'change-role';
      readonly master: string;
      readonly target: Address | null;
      readonly attempt: number;
      readonly askedAt: Millis;
      /** The standard names of the parts sent, the role change itself first. */
      readonly parts: readonly string[];
      /** Whether the parts were wrapped in MULTI … EXEC or, after a refusal, sent one by one. */
      readonly whole: boolean;
    };
