// What one set of rules permits: commands, channels, and keys, which a Sentinel only repeats. Redis calls such a set a selector;
// every user has one, and may have more that count as alternatives.
//
// A value that is never changed. The rules are kept as they were given, so that a configuration reads as its author wrote it;
// what they allow is worked out when they are added, so that checking a command is one look into a set.

import { matchesGlob } from '../../protocol/glob.js';
import type { SubscriptionKind } from '../client.js';

/** `~name*` (both), `%R~name*`, `%W~name*`. There are no keys here: parsed and shown, so that configurations stay whole. */
export interface KeyPattern {
  readonly pattern: string;
  readonly mayRead: boolean;
  readonly mayWrite: boolean;
}

export interface Permissions {
  /** Whether every command is allowed, also one that will exist only in a later version, but for the rules that follow. */
  readonly startsWithAll: boolean;
  /** `+ping`, `-@admin`, `+sentinel|myid`: lower case, in force in this order. */
  readonly commandRules: readonly string[];
  /**
   * The full names that are allowed. `ping|hello` with a command that has no subcommands stands for a first argument: PING
   * may be called with this one only.
   */
  readonly allowed: ReadonlySet<string>;
  readonly hasAllKeys: boolean;
  readonly keyPatterns: readonly KeyPattern[];
  readonly hasAllChannels: boolean;
  readonly channels: readonly string[];
}

export const NO_PERMISSIONS: Permissions = {
  startsWithAll: false,
  commandRules: [],
  allowed: new Set(),
  hasAllKeys: false,
  keyPatterns: [],
  hasAllChannels: false,
  channels: [],
};

export function allowsCommand(permissions: Permissions, fullName: string, words: readonly string[]): boolean {
  const { allowed } = permissions;
  return allowed.has(fullName) || allowed.has(`${fullName}|${(words[1] ?? '').toLowerCase()}`);
}

/** A channel's name must match one of the patterns; a pattern to subscribe to must stand among them literally. */
export function allowsChannel(permissions: Permissions, kind: SubscriptionKind, name: string): boolean {
  const { channels, hasAllChannels } = permissions;
  if (hasAllChannels) return true;
  return channels.some((pattern) => (kind === 'pattern' ? pattern === name : matchesGlob(pattern, name)));
}

/** The rules that give these permissions to somebody who has none, as they stand in a configuration. */
export function renderPermissions(permissions: Permissions): string {
  const { channels, hasAllChannels } = permissions;
  const keys = renderKeys(permissions);
  const channelRules = hasAllChannels ? ['&*'] : ['resetchannels', ...channels.map((pattern) => `&${pattern}`)];
  return [...(keys === '' ? [] : [keys]), ...channelRules, renderCommands(permissions)].join(' ');
}

export function renderCommands({ startsWithAll, commandRules }: Permissions): string {
  return [startsWithAll ? '+@all' : '-@all', ...commandRules].join(' ');
}

export function renderKeys({ hasAllKeys, keyPatterns }: Permissions): string {
  return hasAllKeys ? '~*' : keyPatterns.map(renderKey).join(' ');
}

export function renderChannels({ hasAllChannels, channels }: Permissions): string {
  return hasAllChannels ? '&*' : channels.map((pattern) => `&${pattern}`).join(' ');
}

function renderKey({ pattern, mayRead, mayWrite }: KeyPattern): string {
  if (mayRead && mayWrite) return `~${pattern}`;
  return `%${mayRead ? 'R' : 'W'}~${pattern}`;
}
