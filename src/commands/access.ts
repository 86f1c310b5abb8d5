// Who may do what on the Sentinel port. The one place that knows: commands and dispatcher ask here and nowhere else.
//
// It holds the users and the list of refusals; what the rules of users mean is the business of `acl/`.

import type { Millis } from '../core/types.js';
import { ErrorReply } from '../protocol/reply.js';
import type { Guarded } from './acl/catalog.js';
import { type Refusal, whyRefused } from './acl/check.js';
import type { Users } from './acl/configured-users.js';
import { DenialLog } from './acl/denial-log.js';
import { allowsChannel } from './acl/permissions.js';
import { DEFAULT_USER, renderUser, type User } from './acl/user.js';
import { oneLine } from './arguments.js';
import { describeClient } from './client/description.js';
import type { Client } from './client.js';
import type { Host } from './host.js';

const NOT_AUTHENTICATED = new ErrorReply('NOAUTH Authentication required.');
const FORBIDDEN_CHANNEL = new ErrorReply(
  'NOPERM this user has no permissions to access one of the channels used as arguments',
);
const MICROS_PER_MILLI = 1000;

/** Who tries something and when: what a permission and the memory of its lack need of a command's context. */
export interface Attempt {
  readonly client: Client;
  readonly host: Host;
  readonly now: Millis;
}

export class Access {
  readonly denials = new DenialLog();
  #users: Map<string, User>;

  /** @param users must hold one named `default`. */
  constructor(users: Users) {
    this.#users = new Map(users);
  }

  /** Whether a new connection is the default user without having to say so. */
  get letsStrangersIn(): boolean {
    const user = this.#users.get(DEFAULT_USER);
    return user?.isOn === true && user.needsNoPassword;
  }

  /** By name in the order of bytes. */
  get users(): readonly User[] {
    return [...this.#users.values()].sort((one, other) => (one.name < other.name ? -1 : 1));
  }

  /** The words of a `user` line for each user. */
  get lines(): readonly (readonly string[])[] {
    return this.users.map((user) => [user.name, ...renderUser(user).split(' ')]);
  }

  user(name: string): User | undefined {
    return this.#users.get(name);
  }

  hasUser(name: string): boolean {
    return this.#users.has(name);
  }

  /** Adds a user or replaces the one of that name. */
  put(user: User): void {
    this.#users.set(user.name, user);
  }

  /** Whether there was such a user. Its connections are the caller's business. */
  remove(name: string): boolean {
    return this.#users.delete(name);
  }

  replaceAll(users: Users): void {
    this.#users = new Map(users);
  }

  /** Whether these are the credentials of a user who may log in. One without a password is let in with any. */
  accepts(name: string, password: string, digest: (text: string) => string): boolean {
    const user = this.#users.get(name);
    if (user === undefined || !user.isOn) return false;
    if (user.needsNoPassword) return true;
    const hash = digest(password);
    return user.passwords.includes(hash);
  }

  /** Why the client of this attempt may not run this command; null when it may. A lack of permission is remembered. */
  refusal(attempt: Attempt, command: Guarded, words: readonly string[]): ErrorReply | null {
    const { client } = attempt;
    if (!client.isAuthenticated && !this.letsStrangersIn) {
      return command.flags.has('no_auth') ? null : NOT_AUTHENTICATED;
    }
    const user = this.#users.get(client.user);
    if (user === undefined) return NOT_AUTHENTICATED;
    const refusal = whyRefused(user, command, words);
    if (refusal === null) return null;
    this.#remember(attempt, refusal.reason, refusal.object, user.name);
    return noPermission(refusal);
  }

  /** Remembers that somebody tried to log in with wrong credentials. `word` is the command that was used. */
  rememberFailedLogin(attempt: Attempt, word: string, name: string): void {
    this.#remember(attempt, 'auth', word, name);
  }

  /** Whether the client listens to something that its user may not hear, or is nobody any more. */
  hasOutlivedItsRights(client: Client): boolean {
    const user = this.#users.get(client.user);
    if (user === undefined) return client.isAuthenticated;
    const all = [user.permissions, ...user.selectors];
    const mayHear = (kind: 'channel' | 'pattern') => (name: string) =>
      all.some((permissions) => allowsChannel(permissions, kind, name));
    return ![...client.channels].every(mayHear('channel')) || ![...client.patterns].every(mayHear('pattern'));
  }

  #remember(
    { client, host, now }: Attempt,
    reason: Refusal['reason'] | 'auth',
    object: string,
    username: string,
  ): void {
    const clientInfo = describeClient(client, now);
    const shownAt = Math.floor(host.wallClockMicros() / MICROS_PER_MILLI);
    this.denials.add({ reason, object, username, clientInfo, at: now, shownAt });
  }
}

function noPermission({ reason, object }: Refusal): ErrorReply {
  if (reason === 'channel') return FORBIDDEN_CHANNEL;
  return new ErrorReply(oneLine(`NOPERM this user has no permissions to run the '${object}' command`));
}
