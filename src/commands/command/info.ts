// COMMAND and COMMAND INFO: how commands are called, for clients that route and check by it. The reply's shape is that of
// Redis 7; there are no keys on a Sentinel, so the three numbers about keys are zero.

import { type Reply, SetReply, SimpleString } from '../../protocol/reply.js';
import type { Command, Description } from '../command.js';
import type { Registry } from '../registry.js';
import { listedSubcommands } from './list.js';

export function info(registry: Registry): Description {
  return {
    name: 'info',
    arity: -2,
    since: '2.8.13',
    summary: 'How these commands, or all, are called.',
    complexity: 'O(N) where N is the number of commands to look up',
    flags: ['loading', 'stale'],
    categories: ['connection'],
    tips: ['nondeterministic_output_order'],
    arguments: [{ name: 'command-name', type: 'string', isOptional: true, isMultiple: true }],
    run(_context, words) {
      if (words.length === 2) return describeAll(registry);
      return words.slice(2).map((name) => {
        const command = registry.getByFullName(name);
        return command === undefined ? null : describe(command);
      });
    },
  };
}

export function describeAll(registry: Registry): Reply {
  return registry.listed().map(describe);
}

function describe(command: Command): Reply {
  const subcommands = listedSubcommands(command).map(describe);
  return [
    command.fullName,
    command.arity,
    new SetReply([...command.flags].map((flag) => new SimpleString(flag))),
    0,
    0,
    0,
    new SetReply([...command.categories].map((category) => new SimpleString(`@${category}`))),
    new SetReply(command.tips),
    new SetReply([]),
    subcommands.length === 0 ? new SetReply([]) : subcommands,
  ];
}
