// Who may do what on the Sentinel port. The one place that knows: commands and dispatcher ask here and nowhere else.
//
// At present there is one user, `default`, with or without a password (`requirepass`).

import { ErrorReply } from '../protocol/reply.js';
import type { Client } from './client.js';

/** What of a command its permission can depend on. */
export interface Guarded {
  readonly fullName: string;
  readonly flags: ReadonlySet<string>;
  readonly categories: ReadonlySet<string>;
}

export const DEFAULT_USER = 'default';

const NOT_AUTHENTICATED = new ErrorReply('NOAUTH Authentication required.');

export class Access {
  /** Null when every client is let in. */
  readonly #password: string | null;

  /** @param password what `requirepass` says; an empty one is none. */
  constructor(password: string | null) {
    this.#password = password === '' ? null : password;
  }

  /** Whether a new connection is the default user without having to say so. */
  get letsStrangersIn(): boolean {
    return this.#password === null;
  }

  hasUser(name: string): boolean {
    return name === DEFAULT_USER;
  }

  /** Whether the credentials are good. A user without a password is let in with any. */
  accepts(user: string, password: string): boolean {
    if (!this.hasUser(user)) return false;
    return this.#password === null || isSameSecret(password, this.#password);
  }

  /** Why this client may not run this command; null when it may. */
  refusal(client: Client, command: Guarded): ErrorReply | null {
    return client.isAuthenticated || command.flags.has('no_auth') ? null : NOT_AUTHENTICATED;
  }
}

/** Compares in a time that depends on the guess alone, so that nobody learns the secret letter by letter. */
function isSameSecret(guess: string, secret: string): boolean {
  let difference = guess.length ^ secret.length;
  for (let index = 0; index < guess.length; index++) {
    difference |= guess.charCodeAt(index) ^ secret.charCodeAt(index % secret.length);
  }
  return difference === 0;
}
