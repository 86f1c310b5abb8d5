// From rules to a user: the language of ACL SETUSER, of `user` lines and of ACL files.
//
// All or nothing: rules are applied one after the other to a value, and the first that is wrong stops everything.

import type { Catalog } from './catalog.js';
import { applyPermissionRule } from './permission-rules.js';
import { NO_PERMISSIONS, type Permissions } from './permissions.js';
import type { RuleError } from './rule-error.js';
import type { User } from './user.js';

/** What the meaning of rules depends on. */
export interface RuleBook {
  readonly catalog: Catalog;
  /** SHA-256 of a byte string in lower case hexadecimal digits. */
  digest(text: string): string;
}

export interface WrongRule {
  readonly rule: string;
  readonly error: RuleError;
}

/** The words of a selector that was written with blanks as one rule again; or the rule whose parenthesis is never closed. */
export function joinSelectors(words: readonly string[]): readonly string[] | { readonly unclosed: string } {
  const rules: string[] = [];
  let open: string[] | null = null;
  for (const word of words) {
    if (open === null && word.startsWith('(') && !word.endsWith(')')) {
      open = [word];
      continue;
    }
    if (open === null) {
      rules.push(word);
      continue;
    }
    open.push(word);
    if (!word.endsWith(')')) continue;
    rules.push(open.join(' '));
    open = null;
  }
  return open === null ? rules : { unclosed: open[0] ?? '' };
}

export function applyRules(user: User, rules: readonly string[], book: RuleBook): User | WrongRule {
  let changed = user;
  for (const rule of rules) {
    const next = applyRule(changed, rule, book);
    if (typeof next === 'string') return { rule, error: next };
    changed = next;
  }
  return changed;
}

export function applyRule(user: User, rule: string, book: RuleBook): User | RuleError {
  return (
    applyWord(user, rule.toLowerCase()) ?? applyPasswordRule(user, rule, book) ?? applyPermissions(user, rule, book)
  );
}

/** Null: not one of the words that stand alone and are about the user as a whole. */
function applyWord(user: User, word: string): User | null {
  switch (word) {
    case 'on':
      return { ...user, isOn: true };
    case 'off':
      return { ...user, isOn: false };
    case 'nopass':
      return { ...user, needsNoPassword: true, passwords: [] };
    case 'resetpass':
      return { ...user, needsNoPassword: false, passwords: [] };
    case 'skip-sanitize-payload':
    case 'sanitize-payload':
      return { ...user, payload: word };
    case 'clearselectors':
      return { ...user, selectors: [] };
    case 'reset':
      return {
        name: user.name,
        isOn: false,
        needsNoPassword: false,
        payload: 'sanitize-payload',
        passwords: [],
        permissions: NO_PERMISSIONS,
        selectors: [],
      };
    default:
      return null;
  }
}

const HASH = /^[0-9a-f]{64}$/;

/** Null: not a rule about passwords. `>` adds and `<` removes a password, `#` and `!` do so by its hash. */
function applyPasswordRule(user: User, rule: string, { digest }: RuleBook): User | RuleError | null {
  const kind = rule.charAt(0);
  if (kind !== '>' && kind !== '<' && kind !== '#' && kind !== '!') return null;
  const text = rule.slice(1);
  const isHash = kind === '#' || kind === '!';
  if (isHash && !HASH.test(text)) return 'malformed-hash';
  const hash = isHash ? text : digest(text);
  const isKnown = user.passwords.includes(hash);
  if (kind === '>' || kind === '#') {
    return { ...user, needsNoPassword: false, passwords: isKnown ? user.passwords : [...user.passwords, hash] };
  }
  return isKnown ? { ...user, passwords: user.passwords.filter((known) => known !== hash) } : 'no-such-password';
}

function applyPermissions(user: User, rule: string, { catalog }: RuleBook): User | RuleError {
  if (rule.startsWith('(') && rule.endsWith(')')) {
    const selector = parseSelector(rule.slice(1, -1), catalog);
    return typeof selector === 'string' ? selector : { ...user, selectors: [...user.selectors, selector] };
  }
  const permissions = applyPermissionRule(user.permissions, rule, catalog);
  return typeof permissions === 'string' ? permissions : { ...user, permissions };
}

function parseSelector(text: string, catalog: Catalog): Permissions | RuleError {
  let selector = NO_PERMISSIONS;
  for (const rule of text.split(' ').filter((word) => word !== '')) {
    const next = applyPermissionRule(selector, rule, catalog);
    if (typeof next === 'string') return next;
    selector = next;
  }
  return selector;
}
