// What a reply says, as a list of named facts, so that a difference can be excused by name without excusing the rest of the
// reply. Most replies are a single fact. Those whose inside clients parse are taken apart here: INFO, CLIENT LIST, COMMAND, ACL.

import type { Exchange } from './exchange.js';
import { byBytes, masked, render, type Value } from './value.js';

export interface Fact {
  readonly name: string;
  readonly value: string;
}

/** Takes a reply apart; null for one of another shape, such as an error. */
type Reader = (reply: Value) => Fact[] | null;

const READERS: readonly (readonly [line: RegExp, reader: Reader])[] = [
  [/^info/i, readInfo],
  [/^client (list|info)/i, readClients],
  [/^(command list|acl cat$|acl cat |command getkeys )/i, readNames],
  [/^command( info|$)/i, readCommands],
  [/^command docs/i, readDocs],
  [/^(client|command|sentinel|acl) help/i, readHelp],
  [/^acl list/i, readUsers],
  [/^acl log/i, readDenials],
  [/^sentinel (config get|master )/i, (reply) => readRecord(reply, '')],
];

/** The facts in the order of the reply. A name that occurs twice is one fact of both. */
export function factsOf({ line, replies, isLast }: Exchange): Fact[] {
  const [only] = replies;
  const reader = READERS.find(([pattern]) => pattern.test(line))?.[1];
  const facts = reader !== undefined && replies.length === 1 && only !== undefined ? reader(only) : null;
  // UNSUBSCRIBE confirms channels in the order of a hash table.
  return (
    facts ?? [{ name: '', value: [...replies.map(render).sort(byBytes), ...(isLast ? ['closed'] : [])].join(' ') }]
  );
}

/** `section.field`, with what kind of value it has. */
function readInfo(reply: Value): Fact[] | null {
  const text = textOf(reply);
  if (text === null) return null;
  let section = '';
  return text.split('\r\n').flatMap((line) => {
    if (line.startsWith('# ')) {
      section = line.slice(2);
      return [{ name: section, value: 'a section' }];
    }
    const [, name, value = ''] = /^([^:]+):(.*)$/.exec(line) ?? [];
    return name === undefined ? [] : [{ name: `${section}.${name}`, value: masked(value) }];
  });
}

/** The fields of the connection that asks; of the only one where it does not list itself. */
function readClients(reply: Value): Fact[] | null {
  const lines = textOf(reply)?.trimEnd().split('\n');
  if (lines === undefined || lines[0] === '') return null;
  const [line = ''] = lines.filter((one) => lines.length === 1 || one.includes('cmd=client|list'));
  return line
    .replace(/^txt:/, '')
    .split(' ')
    .map((field) => {
      const [, name = '', value = ''] = /^([^=]+)=(.*)$/.exec(field) ?? [];
      return { name, value: masked(value) };
    });
}

/** Names in the order of a hash table. */
function readNames(reply: Value): Fact[] | null {
  const names = itemsOf(reply)?.map(wordOf);
  return names?.sort(byBytes).map((name) => ({ name, value: 'is listed' })) ?? null;
}

const COMMAND_FIELDS = ['arity', 'flags', 'first key', 'last key', 'step', 'categories', 'tips', 'keys'] as const;

/** `command.field`, subcommands like commands. The commands stand in the order of a hash table, as flags and categories do. */
function readCommands(reply: Value): Fact[] | null {
  const commands = itemsOf(reply);
  if (commands === null) return null;
  return commands
    .flatMap((command, index): Fact[] => {
      const [name, ...fields] = itemsOf(command) ?? [];
      if (name === undefined) return [{ name: `unknown ${index + 1}`, value: render(command) }];
      const facts = COMMAND_FIELDS.map((field, at) => ({
        name: `${wordOf(name)}.${field}`,
        value: memberText(fields[at]),
      }));
      const subcommands = fields[COMMAND_FIELDS.length];
      return [...facts, ...(subcommands === undefined ? [] : (readCommands(subcommands) ?? []))];
    })
    .sort(byName);
}

/** The numbers here are facts too. */
function memberText(value: Value | undefined): string {
  if (value === undefined) return 'missing';
  if ('line' in value) return value.kind + value.line;
  return `${value.kind}[${(itemsOf(value) ?? [])
    .map((item) => ('line' in item ? item.line : render(item)))
    .sort(byBytes)
    .join(' ')}]`;
}

/** `command.field`; of arguments, name and kind of each. */
function readDocs(reply: Value): Fact[] | null {
  return (
    entriesOf(reply)
      ?.flatMap(([command, docs]) => docsOf(command, docs))
      .sort(byName) ?? null
  );
}

function docsOf(command: string, docs: Value): Fact[] {
  return (entriesOf(docs) ?? []).flatMap(([field, value]): Fact[] => {
    if (field === 'subcommands') return readDocs(value) ?? [];
    return [{ name: `${command}.${field}`, value: field === 'arguments' ? `${value.kind}` : exactText(value) }];
  });
}

function exactText(value: Value): string {
  return 'text' in value ? `${value.kind}${value.text}` : memberText(value);
}

/** The words that can follow the command, and that the first and the last line are as everywhere. */
function readHelp(reply: Value): Fact[] | null {
  const lines = itemsOf(reply)?.map(wordOf);
  if (lines === undefined) return null;
  const words = lines.slice(1).flatMap((line) => (line.startsWith(' ') ? [] : [line.split(' ')[0] ?? '']));
  const subcommands = [...new Set(words)].sort(byBytes).map((name) => ({ name, value: 'is explained' }));
  return [{ name: 'title', value: lines[0] ?? '' }, ...subcommands];
}

/** `user.flags`, `user.passwords`, `user.keys`, `user.channels`, `user.commands`, `user.selectors`. */
function readUsers(reply: Value): Fact[] | null {
  return itemsOf(reply)?.flatMap((user) => usersFacts(wordOf(user))) ?? null;
}

function usersFacts(line: string): Fact[] {
  const [, name = ''] = line.split(' ');
  const [, rules = '', selectors = ''] = /^user \S+ ([^(]*)(.*)$/s.exec(line) ?? [];
  const all = rules.trimEnd().split(' ');
  const matching = (pattern: RegExp) => all.filter((rule) => pattern.test(rule)).join(' ');
  return [
    { name: `${name}.flags`, value: matching(/^[a-z]/) },
    { name: `${name}.passwords`, value: matching(/^#/) },
    { name: `${name}.keys`, value: matching(/^[~%]/) },
    { name: `${name}.channels`, value: matching(/^&/) },
    { name: `${name}.commands`, value: matching(/^[+-]/) },
    { name: `${name}.selectors`, value: selectors },
  ];
}

/** `entry.field`, the client field by field. */
function readDenials(reply: Value): Fact[] | null {
  const entries = itemsOf(reply);
  return entries?.flatMap((entry, index) => readRecord(entry, `${index + 1}.`) ?? []) ?? null;
}

function readRecord(record: Value, prefix: string): Fact[] | null {
  return (
    entriesOf(record)?.flatMap(([name, value]): Fact[] => {
      if (name !== 'client-info') return [{ name: prefix + name, value: render(value) }];
      return (readClients(value) ?? []).map((fact) => ({ ...fact, name: `${prefix}client.${fact.name}` }));
    }) ?? null
  );
}

function entriesOf(value: Value): (readonly [string, Value])[] | null {
  const items = itemsOf(value);
  if (items === null) return null;
  return items.flatMap((name, at) => {
    const next = items[at + 1];
    return at % 2 === 0 && next !== undefined ? [[wordOf(name), next] as const] : [];
  });
}

function itemsOf(value: Value): readonly Value[] | null {
  return 'items' in value ? value.items : null;
}

function textOf(value: Value): string | null {
  return 'text' in value ? value.text : null;
}

function wordOf(value: Value): string {
  if ('line' in value) return value.line;
  return textOf(value) ?? render(value);
}

function byName(one: Fact, other: Fact): number {
  return byBytes(one.name, other.name);
}
