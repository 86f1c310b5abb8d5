// The small vocabulary that every module of the core shares: units, identities, addresses.

/** Milliseconds: a duration, or a point in time of the monotonic clock anchored to the Unix epoch. */
export type Millis = number;

/** A logical clock of elections and configurations. A safe integer: 0 … 2^53 − 1. */
export type Epoch = number;

/** 40 lower-case hexadecimal digits that name a Sentinel process's identity, or a Redis server's run. */
export type RunId = string;

/** Names one link of this Sentinel for as long as the process lives; never reused. */
export type LinkId = number;

/** A place to connect to. `host` is an IP address, or a host name where `resolve-hostnames` allows one. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

export interface Credentials {
  /** The ACL user; null for the `default` user's password alone. */
  readonly user: string | null;
  readonly password: string;
}

/** What the commands that every connection begins with are called at the other end (`rename-command`). */
export interface GreetingWords {
  readonly auth: string;
  readonly hello: string;
  readonly client: string;
}
export const STANDARD_GREETING: GreetingWords = { auth: 'AUTH', hello: 'HELLO', client: 'CLIENT' };

/** How a connection introduces itself. */
export interface Login {
  readonly credentials: Credentials | null;
  readonly words: GreetingWords;
}

/** What an operator wants forgotten; see `forget.ts`. */
export type Forgotten =
  | { readonly kind: 'replica'; readonly address: Address }
  | { readonly kind: 'sentinel'; readonly runId: RunId };

/** The two channels of gossip on every data node. */
export type Channel = '__sentinel__:hello' | '__sentinel__:vote';
export const HELLO_CHANNEL: Channel = '__sentinel__:hello';
export const VOTE_CHANNEL: Channel = '__sentinel__:vote';

/** The greatest epoch that is believed or stored: beyond it a double no longer counts by one. */
export const MAX_EPOCH: Epoch = Number.MAX_SAFE_INTEGER;

export function addressKey(address: Address): string {
  return `${address.host}:${address.port}`;
}

export function isRunId(text: string): boolean {
  return /^[0-9a-f]{40}$/.test(text);
}

/** Marks a switch as exhaustive: the compiler rejects the call when a variant is left over. */
export function unreachable(value: never): never {
  throw new Error(`unreachable: ${JSON.stringify(value)}`);
}
