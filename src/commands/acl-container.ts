// ACL: who may use this port, and for what. How rules are read and checked stands in `acl/` beside the subcommands.

import { load, save } from './acl/file.js';
import { categories, dryRun, generatePassword, log } from './acl/questions.js';
import { deleteUser, getUser, list, setUser, users, whoAmI } from './acl/users.js';
import { type Command, defineContainer } from './command.js';
import type { Registry } from './registry.js';

export function aclCommand(registry: Registry): Command {
  return defineContainer('server', {
    name: 'acl',
    arity: -2,
    since: '6.0.0',
    summary: 'The users of this port.',
    complexity: 'Depends on subcommand.',
    subcommands: [
      categories(registry),
      deleteUser,
      dryRun(registry),
      getUser,
      generatePassword,
      list,
      load(registry),
      log,
      save,
      setUser(registry),
      users,
      whoAmI,
    ],
    help: { since: '6.0.0' },
  });
}
