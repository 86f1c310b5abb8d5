// Rules about commands: `+ping`, `-sentinel|set`, `+@admin`, `allcommands`. A rule gives new permissions or says what is wrong.

import { CATEGORIES, type Catalog, type CatalogEntry, everything, membersOf } from './catalog.js';
import type { Permissions } from './permissions.js';
import type { RuleError } from './rule-error.js';

/** Null: this is not a rule about commands. */
export function applyCommandRule(
  permissions: Permissions,
  rule: string,
  catalog: Catalog,
): Permissions | RuleError | null {
  const word = rule.toLowerCase();
  if (word === 'allcommands' || word === '+@all') {
    const allowed = new Set(everything(catalog).map(({ fullName }) => fullName));
    return { ...permissions, startsWithAll: true, commandRules: [], allowed };
  }
  if (word === 'nocommands' || word === '-@all') {
    return { ...permissions, startsWithAll: false, commandRules: [], allowed: new Set() };
  }
  if (word.startsWith('+@') || word.startsWith('-@')) return applyCategory(permissions, word, catalog);
  if (word.startsWith('+')) return applyAllowance(permissions, word, catalog);
  return word.startsWith('-') ? applyRefusal(permissions, word, catalog) : null;
}

function applyCategory(permissions: Permissions, rule: string, catalog: Catalog): Permissions | RuleError {
  const category = rule.slice(2);
  if (!CATEGORIES.includes(category)) return 'unknown-command';
  return withRule(permissions, rule, (allowed) => {
    for (const member of membersOf(catalog, category)) change(allowed, member, rule.startsWith('+'));
  });
}

function applyAllowance(permissions: Permissions, rule: string, catalog: Catalog): Permissions | RuleError {
  const command = catalog.lookUp(rule.slice(1));
  if (command !== undefined) return withRule(permissions, rule, (allowed) => change(allowed, command, true));
  const bar = rule.lastIndexOf('|');
  if (bar === -1) return 'unknown-command';
  const container = catalog.lookUp(rule.slice(1, bar));
  if (container === undefined) return 'unknown-command';
  if (container.fullName.includes('|')) return 'first-argument-of-subcommand';
  if (bar === rule.length - 1) return 'syntax';
  if (container.subcommands.size > 0) return 'unknown-command';
  // A first argument: the command may be called with this one.
  return withRule(permissions, rule, (allowed) => allowed.add(rule.slice(1)));
}

function applyRefusal(permissions: Permissions, rule: string, catalog: Catalog): Permissions | RuleError {
  const command = catalog.lookUp(rule.slice(1));
  if (command === undefined) return 'unknown-command';
  return withRule(permissions, rule, (allowed) => change(allowed, command, false));
}

function withRule(permissions: Permissions, rule: string, apply: (allowed: Set<string>) => void): Permissions {
  const allowed = new Set(permissions.allowed);
  apply(allowed);
  const subject = rule.slice(1);
  const kept = permissions.commandRules.filter((earlier) => !isSuperseded(earlier.slice(1), subject));
  return { ...permissions, allowed, commandRules: [...kept, rule] };
}

/** A rule about the same command, or about one of its subcommands, has nothing left to say. */
function isSuperseded(earlier: string, subject: string): boolean {
  return earlier === subject || earlier.startsWith(`${subject}|`);
}

/** A command stands for its subcommands, and the first arguments it was allowed with are forgotten. */
function change(allowed: Set<string>, command: CatalogEntry, isAllowed: boolean): void {
  for (const name of [...allowed]) if (name.startsWith(`${command.fullName}|`)) allowed.delete(name);
  allowed.delete(command.fullName);
  if (!isAllowed) return;
  allowed.add(command.fullName);
  for (const subcommand of command.subcommands.values()) allowed.add(subcommand.fullName);
}
