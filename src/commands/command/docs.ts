// COMMAND DOCS: what commands are for, as `redis-cli` shows it while one types.

import { MapReply, type Reply, SetReply, SimpleString } from '../../protocol/reply.js';
import type { Argument, Command, Description } from '../command.js';
import type { Registry } from '../registry.js';
import { listedSubcommands } from './list.js';

type Entry = readonly [string, Reply];

export function docs(registry: Registry): Description {
  return {
    name: 'docs',
    arity: -2,
    since: '7.0.0',
    summary: 'What these commands, or all, are for.',
    complexity: 'O(N) where N is the number of commands to look up',
    flags: ['loading', 'stale'],
    categories: ['connection'],
    tips: ['nondeterministic_output_order'],
    arguments: [{ name: 'command-name', type: 'string', isOptional: true, isMultiple: true }],
    run(_context, words) {
      const named = words.slice(2).flatMap((name) => registry.getByFullName(name) ?? []);
      const commands = words.length === 2 ? registry.listed() : named;
      return new MapReply(commands.map((command) => [command.fullName, describe(command)]));
    },
  };
}

function describe(command: Command): MapReply {
  const subcommands = listedSubcommands(command);
  const entries: (Entry | null)[] = [
    ['summary', command.summary],
    ['since', command.since],
    ['group', command.group],
    command.complexity === null ? null : ['complexity', command.complexity],
    command.deprecatedSince === null ? null : ['doc_flags', new SetReply([new SimpleString('deprecated')])],
    command.deprecatedSince === null ? null : ['deprecated_since', command.deprecatedSince],
    command.replacedBy === null ? null : ['replaced_by', command.replacedBy],
    command.arguments.length === 0 ? null : ['arguments', command.arguments.map(describeArgument)],
    subcommands.length === 0
      ? null
      : ['subcommands', new MapReply(subcommands.map((subcommand) => [subcommand.fullName, describe(subcommand)]))],
  ];
  return new MapReply(entries.filter((entry) => entry !== null));
}

function describeArgument(argument: Argument): MapReply {
  const { name, type, token, isOptional, isMultiple, repeatsToken, arguments: nested } = argument;
  const flags = [isOptional && 'optional', isMultiple && 'multiple', repeatsToken && 'multiple_token'].filter(
    (flag) => typeof flag === 'string',
  );
  const entries: (Entry | null)[] = [
    ['name', name],
    ['type', type],
    type === 'oneof' || type === 'block' ? null : ['display_text', name],
    token === undefined ? null : ['token', token],
    flags.length === 0 ? null : ['flags', new SetReply(flags.map((flag) => new SimpleString(flag)))],
    nested === undefined ? null : ['arguments', nested.map(describeArgument)],
  ];
  return new MapReply(entries.filter((entry) => entry !== null));
}
