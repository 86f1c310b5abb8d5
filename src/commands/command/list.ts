// COMMAND COUNT and LIST: which commands there are.

import { matchesGlob } from '../../protocol/glob.js';
import { SYNTAX_ERROR } from '../arguments.js';
import type { Command, Description } from '../command.js';
import type { Registry } from '../registry.js';

export function count(registry: Registry): Description {
  return {
    name: 'count',
    arity: 2,
    since: '2.8.13',
    summary: 'How many commands there are.',
    complexity: 'O(1)',
    flags: ['loading', 'stale'],
    categories: ['connection'],
    run: () => registry.listed().length,
  };
}

export function list(registry: Registry): Description {
  return {
    name: 'list',
    arity: -2,
    since: '7.0.0',
    summary: 'The names of all commands, or of those of a category or matching a pattern.',
    complexity: 'O(N) where N is the number of commands',
    flags: ['loading', 'stale'],
    categories: ['connection'],
    tips: ['nondeterministic_output_order'],
    arguments: [
      {
        name: 'filterby',
        type: 'oneof',
        token: 'FILTERBY',
        isOptional: true,
        arguments: [
          { name: 'module-name', type: 'string', token: 'MODULE' },
          { name: 'category', type: 'string', token: 'ACLCAT' },
          { name: 'pattern', type: 'pattern', token: 'PATTERN' },
        ],
      },
    ],
    run(_context, words) {
      const filter = words.length === 2 ? () => true : parseFilter(words.slice(2));
      if (filter === null) return SYNTAX_ERROR;
      return everyCommand(registry)
        .filter(filter)
        .map((command) => command.fullName);
    },
  };
}

function parseFilter(words: readonly string[]): ((command: Command) => boolean) | null {
  const [filterBy = '', kind = '', value = ''] = words;
  if (words.length !== 3 || filterBy.toLowerCase() !== 'filterby') return null;
  switch (kind.toLowerCase()) {
    case 'module':
      return () => false;
    case 'aclcat':
      return ({ categories }) => [...categories].some((category) => category === value.toLowerCase());
    case 'pattern':
      return ({ fullName }) => matchesGlob(value.toLowerCase(), fullName);
    default:
      return null;
  }
}

function everyCommand(registry: Registry): Command[] {
  return registry.listed().flatMap((command) => [command, ...listedSubcommands(command)]);
}

export function listedSubcommands(command: Command): Command[] {
  return [...command.subcommands.values()].filter((subcommand) => subcommand.isListed);
}
