// What the rules of users can name: commands, their subcommands, and categories.

import type { SubscriptionKind } from '../client.js';

/** What of a command its permission can depend on. */
export interface Guarded {
  readonly fullName: string;
  readonly flags: ReadonlySet<string>;
  readonly categories: ReadonlySet<string>;
  /** Which of its words are channels; null if none is. */
  readonly channelUse: ChannelUse | null;
}

/** `first`: the word after the name; `rest`: every word after it. */
export interface ChannelUse {
  readonly kind: SubscriptionKind;
  readonly words: 'first' | 'rest';
}

export interface CatalogEntry extends Guarded {
  readonly subcommands: ReadonlyMap<string, CatalogEntry>;
}

export interface Catalog {
  /** Every command, subcommands not included. */
  all(): readonly CatalogEntry[];
  /** By full name, such as `ping` or `client|id`, in any case. */
  lookUp(fullName: string): CatalogEntry | undefined;
}

/** Redis's categories in its order. On a Sentinel most hold no command; they may be named all the same. */
export const CATEGORIES: readonly string[] = [
  'keyspace',
  'read',
  'write',
  'set',
  'sortedset',
  'list',
  'hash',
  'string',
  'bitmap',
  'hyperloglog',
  'geo',
  'stream',
  'pubsub',
  'admin',
  'fast',
  'slow',
  'blocking',
  'dangerous',
  'connection',
  'transaction',
  'scripting',
];

/** The commands and subcommands of a category. */
export function membersOf(catalog: Catalog, category: string): CatalogEntry[] {
  return everything(catalog).filter(({ categories }) => categories.has(category));
}

export function everything(catalog: Catalog): CatalogEntry[] {
  return catalog.all().flatMap((command) => [command, ...command.subcommands.values()]);
}
