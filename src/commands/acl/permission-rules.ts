// One rule that may stand in a selector: about keys, channels or commands.

import type { Catalog } from './catalog.js';
import { applyCommandRule } from './command-rules.js';
import type { KeyPattern, Permissions } from './permissions.js';
import type { RuleError } from './rule-error.js';

export function applyPermissionRule(permissions: Permissions, rule: string, catalog: Catalog): Permissions | RuleError {
  switch (rule.toLowerCase()) {
    case 'allkeys':
    case '~*':
      return { ...permissions, hasAllKeys: true, keyPatterns: [] };
    case 'resetkeys':
      return { ...permissions, hasAllKeys: false, keyPatterns: [] };
    case 'allchannels':
    case '&*':
      return { ...permissions, hasAllChannels: true, channels: [] };
    case 'resetchannels':
      return { ...permissions, hasAllChannels: false, channels: [] };
  }
  if (rule.startsWith('~') || rule.startsWith('%')) return addKeyPattern(permissions, rule);
  if (rule.startsWith('&')) return addChannel(permissions, rule.slice(1));
  return applyCommandRule(permissions, rule, catalog) ?? 'syntax';
}

const SEPARATORS = ' \t\n\v\f\r\0';

/** Whether it would fall apart in a line of words. */
export function hasBlanks(text: string): boolean {
  return [...text].some((character) => SEPARATORS.includes(character));
}

function addChannel(permissions: Permissions, pattern: string): Permissions | RuleError {
  if (permissions.hasAllChannels) return 'pattern-after-all-channels';
  if (hasBlanks(pattern)) return 'syntax';
  if (permissions.channels.includes(pattern)) return permissions;
  return { ...permissions, channels: [...permissions.channels, pattern] };
}

function addKeyPattern(permissions: Permissions, rule: string): Permissions | RuleError {
  if (permissions.hasAllKeys) return 'pattern-after-all-keys';
  const added = parseKeyPattern(rule);
  if (added === null || hasBlanks(added.pattern)) return 'syntax';
  const { keyPatterns } = permissions;
  if (!keyPatterns.some(({ pattern }) => pattern === added.pattern)) {
    return { ...permissions, keyPatterns: [...keyPatterns, added] };
  }
  const merged = keyPatterns.map((known) => (known.pattern === added.pattern ? merge(known, added) : known));
  return { ...permissions, keyPatterns: merged };
}

function merge(known: KeyPattern, added: KeyPattern): KeyPattern {
  return {
    pattern: known.pattern,
    mayRead: known.mayRead || added.mayRead,
    mayWrite: known.mayWrite || added.mayWrite,
  };
}

function parseKeyPattern(rule: string): KeyPattern | null {
  if (rule.startsWith('~')) return { pattern: rule.slice(1), mayRead: true, mayWrite: true };
  const tilde = rule.indexOf('~');
  const rights = rule.slice(1, Math.max(tilde, 1)).toLowerCase();
  if (!['r', 'w', 'rw', 'wr'].includes(rights)) return null;
  return { pattern: rule.slice(tilde + 1), mayRead: rights.includes('r'), mayWrite: rights.includes('w') };
}
