// COMMAND: the commands of this port, described from the registry they are dispatched by.

import { docs } from './command/docs.js';
import { describeAll, info } from './command/info.js';
import { getKeys, getKeysAndFlags } from './command/keys.js';
import { count, list } from './command/list.js';
import { type Command, defineContainer } from './command.js';
import type { Registry } from './registry.js';

export function commandCommand(registry: Registry): Command {
  return defineContainer('server', {
    name: 'command',
    arity: -1,
    since: '2.8.13',
    summary: 'The commands of this port.',
    complexity: 'O(N) where N is the number of commands',
    flags: ['loading', 'stale'],
    categories: ['connection'],
    tips: ['nondeterministic_output_order'],
    run: () => describeAll(registry),
    subcommands: [count, docs, getKeys, getKeysAndFlags, info, list].map((define) => define(registry)),
    help: { since: '5.0.0', categories: ['connection'] },
  });
}
