// A user of this port: whether it may log in, with which passwords, and what it may do then. A value that is never changed.

import { NO_PERMISSIONS, type Permissions, renderPermissions } from './permissions.js';

export interface User {
  readonly name: string;
  /** Whether it may log in; connections that have are not closed by switching it off. */
  readonly isOn: boolean;
  readonly needsNoPassword: boolean;
  /** About a command that no Sentinel has; kept because configurations of servers name it. Null if never named. */
  readonly payload: 'skip-sanitize-payload' | 'sanitize-payload' | null;
  /** SHA-256 of each, in lower case hexadecimal digits. */
  readonly passwords: readonly string[];
  readonly permissions: Permissions;
  /** Further sets of permissions: what any of them allows is allowed. */
  readonly selectors: readonly Permissions[];
}

export const DEFAULT_USER = 'default';

/** Somebody who may neither log in nor do anything. */
export function aNewUser(name: string): User {
  return {
    name,
    isOn: false,
    needsNoPassword: false,
    payload: null,
    passwords: [],
    permissions: NO_PERMISSIONS,
    selectors: [],
  };
}

export function userFlags({ isOn, needsNoPassword, payload }: User): string[] {
  return [isOn ? 'on' : 'off', ...(needsNoPassword ? ['nopass'] : []), ...(payload === null ? [] : [payload])];
}

/** The rules that make this user out of a new one, as ACL LIST shows them and configurations keep them. */
export function renderUser(user: User): string {
  const selectors = user.selectors.map((selector) => `(${renderPermissions(selector)})`);
  const passwords = user.passwords.map((hash) => `#${hash}`);
  return [...userFlags(user), ...passwords, renderPermissions(user.permissions), ...selectors].join(' ');
}
