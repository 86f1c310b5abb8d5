// Everything that can reach the core from outside, besides the passing of time (`tick`) and operators' commands.

import type { Reply } from '../protocol/reply.js';
import type { Request } from './effect.js';
import type { Channel, LinkId } from './types.js';

export type Input =
  /** The link's connection is established, authenticated and greeted. `localHost` is our own end's IP address. */
  | { readonly kind: 'link-up'; readonly link: LinkId; readonly localHost: string }
  /** The connection broke, could not be made, or was refused. Nothing of that connection is delivered any more. */
  | { readonly kind: 'link-down'; readonly link: LinkId; readonly reason: string; readonly refused: boolean }
  /** A request was answered: one reply for each of its commands, in order. */
  | { readonly kind: 'reply'; readonly link: LinkId; readonly request: Request; readonly replies: readonly Reply[] }
  /** A message arrived on a subscribed channel. */
  | { readonly kind: 'message'; readonly link: LinkId; readonly channel: Channel; readonly payload: string }
  /** The link's separate subscription connection broke (servers without RESP3); the link itself is still up. */
  | { readonly kind: 'subscriptions-lost'; readonly link: LinkId; readonly reason: string }
  | { readonly kind: 'resolved'; readonly host: string; readonly ip: string | null }
  | { readonly kind: 'saved'; readonly version: number }
  | { readonly kind: 'save-failed'; readonly version: number; readonly reason: string };
