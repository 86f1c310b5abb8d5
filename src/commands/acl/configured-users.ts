// The users that a configuration asks for: by `requirepass`, by `user` lines, or by the text of an ACL file. Pure: whoever
// reads the files and gives up on errors does so elsewhere.

import { hasBlanks } from './permission-rules.js';
import { explain } from './rule-error.js';
import { aNewUser, DEFAULT_USER, type User } from './user.js';
import { applyRules, joinSelectors, type RuleBook } from './user-rules.js';

export type Users = ReadonlyMap<string, User>;

/** What stands in a configuration; `users` are the words of each line after the word `user`. */
export interface AccessSettings {
  readonly requirepass: string | null;
  readonly users: readonly (readonly string[])[];
}

/** Everybody is let in, or everybody with this password, and may do everything. */
export function openDefaultUser(password: string | null, book: RuleBook): User {
  const entry = password === null || password === '' ? 'nopass' : `>${password}`;
  const user = applyRules(aNewUser(DEFAULT_USER), ['on', entry, 'allkeys', 'allchannels', 'allcommands'], book);
  if ('error' in user) throw new Error(`the default user's own rules are wrong: ${user.rule}`);
  return user;
}

/** The users, or what is wrong with the lines. A line about `default` replaces what `requirepass` says, as in Redis. */
export function usersOfSettings({ requirepass, users: lines }: AccessSettings, book: RuleBook): Users | string {
  const users = new Map([[DEFAULT_USER, openDefaultUser(requirepass, book)]]);
  const named = new Set<string>();
  for (const [name = '', ...rules] of lines) {
    if (hasBlanks(name)) return 'Spaces not allowed in ACL usernames';
    if (named.has(name)) return 'Duplicate user found. A user can only be defined once in config files';
    named.add(name);
    const joined = joinSelectors(rules);
    if ('unclosed' in joined) return `Unmatched parenthesis in acl selector starting at '${joined.unclosed}'.`;
    const user = applyRules(aNewUser(name), joined, book);
    if ('error' in user) {
      return `Error loading ACL rule '${concealed(user.rule)}' for the user named '${name}': ${explain(user.error)}`;
    }
    users.set(name, user);
  }
  return users;
}

/** The users of an ACL file; without a line about `default` everybody is let in. Otherwise all complaints as one sentence. */
export function usersOfFile(text: string, path: string, book: RuleBook): Users | { readonly complaint: string } {
  const users = new Map<string, User>();
  const complaints: string[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    const words = line.trim().split(' ');
    if (words.length === 1 && words[0] === '') continue;
    const outcome = readLine(words, `${path}:${index + 1}`, book);
    if (Array.isArray(outcome)) complaints.push(...outcome);
    else if (users.has(outcome.name)) {
      complaints.push(`WARNING: Duplicate user '${outcome.name}' found on line ${index + 1}.`);
    } else users.set(outcome.name, outcome);
  }
  if (complaints.length > 0) {
    complaints.push('WARNING: ACL errors detected, no change to the previously active ACL rules was performed');
    return { complaint: complaints.join(' ') };
  }
  if (!users.has(DEFAULT_USER)) users.set(DEFAULT_USER, openDefaultUser(null, book));
  return users;
}

function readLine(words: readonly string[], place: string, book: RuleBook): User | string[] {
  const [keyword, name, ...rules] = words;
  if (keyword !== 'user' || name === undefined) {
    return [`${place} should start with user keyword followed by the username.`];
  }
  if (hasBlanks(name)) return [`'${place}: username '${name}' contains invalid characters.`];
  const joined = joinSelectors(rules.map((rule) => rule.trim()).filter((rule) => rule !== ''));
  if ('unclosed' in joined) return [`${place}: Unmatched parenthesis in selector definition.`];
  const user = applyRules(aNewUser(name), joined, book);
  if (!('error' in user)) return user;
  const { error, rule } = user;
  // Only the names of commands are no secrets.
  if (error !== 'unknown-command') return [`${place}: ${explain(error)}.`];
  return [`${place}: Error in applying operation '${rule}': ${explain(error)}.`];
}

/** A rule as it may be shown in a log. */
function concealed(rule: string): string {
  return /^[><#!]/.test(rule) ? `${rule.charAt(0)}...` : rule;
}
