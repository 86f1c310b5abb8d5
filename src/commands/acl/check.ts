// Whether a user may run a command with these words. The user's own permissions and each of its selectors are tried; what
// any of them allows is allowed.

import type { Guarded } from './catalog.js';
import { allowsChannel, allowsCommand, type Permissions } from './permissions.js';
import type { User } from './user.js';

export type Refusal =
  | { readonly reason: 'command'; readonly object: string }
  | { readonly reason: 'channel'; readonly object: string };

/** Null when it may. Otherwise why not: of several reasons the one that came closest to permission. */
export function whyRefused(user: User, command: Guarded, words: readonly string[]): Refusal | null {
  let closest = check(user.permissions, command, words);
  if (closest === null) return null;
  for (const permissions of user.selectors) {
    const refusal = check(permissions, command, words);
    if (refusal === null) return null;
    if (refusal.at > closest.at) closest = refusal;
  }
  return closest;
}

function check(
  permissions: Permissions,
  command: Guarded,
  words: readonly string[],
): (Refusal & { at: number }) | null {
  const { channelUse, flags, fullName } = command;
  if (!allowsCommand(permissions, fullName, words) && !flags.has('no_auth')) {
    return { reason: 'command', object: fullName, at: 0 };
  }
  if (channelUse === null || permissions.hasAllChannels) return null;
  const end = channelUse.words === 'first' ? 2 : words.length;
  for (let at = 1; at < end; at++) {
    const name = words[at] ?? '';
    if (!allowsChannel(permissions, channelUse.kind, name)) return { reason: 'channel', object: name, at };
  }
  return null;
}
