// What a command is: its name, how many words it takes, what it is for, and the function that runs it. COMMAND, HELP and the
// access check all read the same description, so that nothing has to be said twice.
//
// Flags, categories, arity and versions are those of Redis: clients route by them.

import type { Core } from '../core/core.js';
import type { Master } from '../core/master.js';
import type { Millis } from '../core/types.js';
import { SimpleString } from '../protocol/reply.js';
import type { Access } from './access.js';
import type { ChannelUse } from './acl/catalog.js';
import type { Client } from './client.js';
import type { Host } from './host.js';
import type { LookedUp, Outcome } from './outcome.js';

/** Everything a command may look at or change. */
export interface Context {
  /** The algorithm. `evaluate` makes it reconsider at once what a command changed, `attend` where that concerns one master alone. */
  readonly sentinel: { readonly core: Core; evaluate(now: Millis): void; attend(master: Master, now: Millis): void };
  readonly host: Host;
  readonly access: Access;
  readonly client: Client;
  /** What the command was postponed for; null when it is run for the first time. */
  readonly lookedUp: LookedUp | null;
  readonly now: Millis;
}

/** In the order in which COMMAND INFO lists them. */
export type Flag =
  | 'admin'
  | 'pubsub'
  | 'noscript'
  | 'loading'
  | 'stale'
  | 'fast'
  | 'no_auth'
  | 'no_multi'
  | 'allow_busy';
const FLAG_ORDER: readonly Flag[] = [
  'admin',
  'pubsub',
  'noscript',
  'loading',
  'stale',
  'fast',
  'no_auth',
  'no_multi',
  'allow_busy',
];

/** In the order in which COMMAND INFO lists them, without the `@`. */
export type Category = 'pubsub' | 'admin' | 'fast' | 'slow' | 'dangerous' | 'connection';
const CATEGORY_ORDER: readonly Category[] = ['pubsub', 'admin', 'fast', 'slow', 'dangerous', 'connection'];

/** One argument in the words of COMMAND DOCS. */
export interface Argument {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'pattern' | 'pure-token' | 'oneof' | 'block';
  /** The literal word before the value, or the whole of a `pure-token`. */
  readonly token?: string;
  readonly isOptional?: boolean;
  readonly isMultiple?: boolean;
  /** Of several values with a token: whether it stands before each of them, and not once before them all. */
  readonly repeatsToken?: boolean;
  readonly arguments?: readonly Argument[];
}

/** How a command is run: the words include the command's own name, and a subcommand's container before it. */
export type Run = (context: Context, words: readonly string[]) => Outcome;

export interface Description {
  /** Lower case. A subcommand's name is its own word only. */
  readonly name: string;
  /** How many words, the names included; negative for "at least". */
  readonly arity: number;
  readonly since: string;
  readonly summary: string;
  readonly run: Run;
  readonly flags?: readonly Flag[];
  /** Beyond those that follow from the flags. */
  readonly categories?: readonly Category[];
  readonly arguments?: readonly Argument[];
  readonly complexity?: string;
  readonly tips?: readonly string[];
  readonly deprecatedSince?: string;
  readonly replacedBy?: string;
  /**
   * Every call may change what the core decides by, so the core reconsiders at once. Not needed where the reply is
   * deferred: that implies it, for all masters or for the one that the reply is about. False unless given.
   */
  readonly changesState?: boolean;
  /**
   * The reply follows from the words and from what the core knows, and giving it changes nothing. Where a pipeline asks the same again
   * at once, it is given again. False unless given.
   */
  readonly isRepeatable?: boolean;
  /** Which words are channels that the user needs access to; none unless given. */
  readonly channelUse?: ChannelUse;
  /** False for commands that COMMAND does not mention, because the original has none of that name. True unless given. */
  readonly isListed?: boolean;
}

export type Group = 'connection' | 'pubsub' | 'sentinel' | 'server';

export interface Command {
  readonly name: string;
  /** With the container's name before it, such as `client|id`. */
  readonly fullName: string;
  readonly arity: number;
  readonly group: Group;
  readonly since: string;
  readonly summary: string;
  readonly flags: ReadonlySet<Flag>;
  readonly categories: ReadonlySet<Category>;
  readonly arguments: readonly Argument[];
  readonly complexity: string | null;
  readonly tips: readonly string[];
  readonly deprecatedSince: string | null;
  readonly replacedBy: string | null;
  readonly changesState: boolean;
  readonly isRepeatable: boolean;
  readonly channelUse: ChannelUse | null;
  readonly isListed: boolean;
  /** By name; empty for a plain command. */
  readonly subcommands: ReadonlyMap<string, Command>;
  /** Null for a container that does nothing without a subcommand. */
  readonly run: Run | null;
}

/** A container's own description: it may lack a `run` of its own. */
export type ContainerDescription = Omit<Description, 'run'> & {
  readonly run?: Run;
  readonly subcommands: readonly Description[];
  readonly help: { readonly since: string; readonly categories?: readonly Category[] };
};

export function defineCommand(group: Group, description: Description): Command {
  return define(group, description, null, description.run, []);
}

/** A command with subcommands, to which HELP is added from the descriptions of the others. */
export function defineContainer(group: Group, description: ContainerDescription): Command {
  const { name, subcommands, help } = description;
  const lines = helpLines(name, subcommands).map((line) => new SimpleString(line));
  const helpCommand: Description = {
    name: 'help',
    arity: 2,
    since: help.since,
    summary: 'Show this list.',
    flags: ['loading', 'stale'],
    categories: help.categories ?? [],
    complexity: 'O(1)',
    run: () => lines,
  };
  const defined = [...subcommands, helpCommand].map((one) => define(group, one, name, one.run, []));
  return define(group, description, null, description.run ?? null, defined);
}

function define(
  group: Group,
  description: Omit<Description, 'run'>,
  container: string | null,
  run: Run | null,
  subcommands: readonly Command[],
): Command {
  const flags = FLAG_ORDER.filter((flag) => description.flags?.includes(flag));
  return {
    name: description.name,
    fullName: container === null ? description.name : `${container}|${description.name}`,
    arity: description.arity,
    group,
    since: description.since,
    summary: description.summary,
    flags: new Set(flags),
    categories: new Set(categoriesOf(flags, description.categories ?? [])),
    arguments: description.arguments ?? [],
    complexity: description.complexity ?? null,
    tips: description.tips ?? [],
    deprecatedSince: description.deprecatedSince ?? null,
    replacedBy: description.replacedBy ?? null,
    changesState: description.changesState ?? false,
    isRepeatable: description.isRepeatable ?? false,
    channelUse: description.channelUse ?? null,
    isListed: description.isListed ?? true,
    subcommands: new Map(subcommands.map((one) => [one.name, one])),
    run,
  };
}

/** Whether a command is called with as many words as it takes, the names included. */
export function fitsArity(command: Command, count: number): boolean {
  return command.arity < 0 ? count >= -command.arity : count === command.arity;
}

/** Redis's rules: some flags imply a category, and what is not fast is slow. */
function categoriesOf(flags: readonly Flag[], explicit: readonly Category[]): Category[] {
  const all = new Set<Category>(explicit);
  if (flags.includes('admin')) all.add('admin').add('dangerous');
  if (flags.includes('pubsub')) all.add('pubsub');
  all.add(flags.includes('fast') ? 'fast' : 'slow');
  return CATEGORY_ORDER.filter((category) => all.has(category));
}

function helpLines(container: string, subcommands: readonly Description[]): string[] {
  const lines = [`${container.toUpperCase()} <subcommand> [<arg> [value] [opt] ...]. Subcommands are:`];
  for (const { name, arguments: list = [], summary, isListed = true } of subcommands) {
    if (isListed) lines.push([name.toUpperCase(), ...list.map(usage)].join(' '), `    ${summary}`);
  }
  return [...lines, 'HELP', '    Show this list.'];
}

/**
 * How an argument is written in a usage line: `<value>`, `[TOKEN <value>]`, `(ON|OFF)`, `[ON|OFF]`, `<name> [<name> ...]`,
 * `TOKEN <name> [<name> ...]`.
 */
export function usage(argument: Argument): string {
  const { type, token, isMultiple, repeatsToken, isOptional } = argument;
  const value = usageOfValue(argument);
  const one = token === undefined || type === 'pure-token' ? value : `${token} ${value}`;
  const all = isMultiple ? `${one} [${repeatsToken ? one : value} ...]` : one;
  return isOptional ? `[${all}]` : all;
}

function usageOfValue(argument: Argument): string {
  const { name, type, token, isOptional, isMultiple, arguments: list = [] } = argument;
  switch (type) {
    case 'pure-token':
      return token ?? name.toUpperCase();
    case 'oneof': {
      const alternatives = list.map(usage).join('|');
      // The brackets around what may be left out hold its alternatives together as well.
      return isOptional && !isMultiple && token === undefined ? alternatives : `(${alternatives})`;
    }
    case 'block':
      return list.map(usage).join(' ');
    default:
      return `<${name}>`;
  }
}
