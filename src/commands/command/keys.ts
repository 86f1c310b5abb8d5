// COMMAND GETKEYS and GETKEYSANDFLAGS: which words of a command are keys. On a Sentinel none ever are; what is left is to say
// so, or that the command does not exist.

import { error } from '../arguments.js';
import type { Description } from '../command.js';
import type { Registry } from '../registry.js';

export function getKeys(registry: Registry): Description {
  return describe(registry, 'getkeys', '2.8.13', 'The keys in a command: there are none here.');
}

export function getKeysAndFlags(registry: Registry): Description {
  return describe(
    registry,
    'getkeysandflags',
    '7.0.0',
    'The keys in a command and how it uses them: there are none here.',
  );
}

function describe(registry: Registry, name: string, since: string, summary: string): Description {
  return {
    name,
    arity: -3,
    since,
    summary,
    complexity: 'O(1)',
    flags: ['loading', 'stale'],
    categories: ['connection'],
    arguments: [
      { name: 'command', type: 'string' },
      { name: 'arg', type: 'string', isOptional: true, isMultiple: true },
    ],
    run(_context, words) {
      const isKnown = registry.resolve(words.slice(2)) !== undefined;
      return error(isKnown ? 'The command has no key arguments' : 'Invalid command specified');
    },
  };
}
