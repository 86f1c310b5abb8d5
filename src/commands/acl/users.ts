// ACL SETUSER, DELUSER, GETUSER, LIST, USERS and WHOAMI: the users of this port, seen and changed.

import { ErrorReply, MapReply, OK, type Reply, SetReply } from '../../protocol/reply.js';
import { error } from '../arguments.js';
import type { Argument, Description } from '../command.js';
import type { Catalog } from './catalog.js';
import { closeThoseWithoutRights, keepUsers, ruleBook } from './changes.js';
import { ADMINISTRATION, HARMLESS } from './flags.js';
import { hasBlanks } from './permission-rules.js';
import { type Permissions, renderChannels, renderCommands, renderKeys } from './permissions.js';
import { explain } from './rule-error.js';
import { aNewUser, DEFAULT_USER, renderUser, type User, userFlags } from './user.js';
import { applyRules, joinSelectors } from './user-rules.js';

const INVALID_NAME = new ErrorReply("ERR Usernames can't contain spaces or null characters");
const NOT_REMOVABLE = new ErrorReply("ERR The 'default' user cannot be removed");
const USER_NAME: Argument = { name: 'username', type: 'string' };

export function setUser(catalog: Catalog): Description {
  return {
    name: 'setuser',
    arity: -3,
    since: '6.0.0',
    summary: 'Create a user, or change one, by rules.',
    complexity: 'O(N) where N is the number of rules',
    flags: ADMINISTRATION,
    arguments: [USER_NAME, { name: 'rule', type: 'string', isOptional: true, isMultiple: true }],
    run(context, words) {
      const { access, host } = context;
      const name = words[2] ?? '';
      if (hasBlanks(name)) return INVALID_NAME;
      const rules = joinSelectors(words.slice(3));
      if ('unclosed' in rules) return error(`Unmatched parenthesis in acl selector starting at '${rules.unclosed}'.`);
      const user = applyRules(access.user(name) ?? aNewUser(name), rules, ruleBook(catalog, host));
      if ('error' in user) return error(`Error in ACL SETUSER modifier '${user.rule}': ${explain(user.error)}`);
      access.put(user);
      closeThoseWithoutRights(context);
      return keepUsers(context, OK);
    },
  };
}

export const deleteUser: Description = {
  name: 'deluser',
  arity: -3,
  since: '6.0.0',
  summary: 'Remove users and close their connections.',
  complexity: 'O(N) where N is the number of client connections',
  flags: ADMINISTRATION,
  arguments: [{ ...USER_NAME, isMultiple: true }],
  run(context, words) {
    const names = words.slice(2);
    if (names.includes(DEFAULT_USER)) return NOT_REMOVABLE;
    const removed = names.filter((name) => context.access.remove(name)).length;
    if (removed === 0) return 0;
    closeThoseWithoutRights(context);
    return keepUsers(context, removed);
  },
};

export const getUser: Description = {
  name: 'getuser',
  arity: 3,
  since: '6.0.0',
  summary: 'The flags, the hashes of passwords and the permissions of a user.',
  complexity: 'O(N) where N is the number of rules of the user',
  flags: ADMINISTRATION,
  arguments: [USER_NAME],
  run({ access }, words) {
    const user = access.user(words[2] ?? '');
    return user === undefined ? null : describe(user);
  },
};

export const list: Description = {
  name: 'list',
  arity: 2,
  since: '6.0.0',
  summary: 'All users and their rules, as they stand in a configuration.',
  complexity: 'O(N) where N is the number of users',
  flags: ADMINISTRATION,
  run: ({ access }) => access.users.map((user) => `user ${user.name} ${renderUser(user)}`),
};

export const users: Description = {
  name: 'users',
  arity: 2,
  since: '6.0.0',
  summary: 'The names of all users.',
  complexity: 'O(N) where N is the number of users',
  flags: ADMINISTRATION,
  run: ({ access }) => access.users.map(({ name }) => name),
};

export const whoAmI: Description = {
  name: 'whoami',
  arity: 2,
  since: '6.0.0',
  summary: 'The user that this connection acts as.',
  complexity: 'O(1)',
  flags: HARMLESS,
  run: ({ client }) => client.user,
};

function describe(user: User): Reply {
  return new MapReply([
    ['flags', new SetReply(userFlags(user))],
    ['passwords', user.passwords],
    ...describePermissions(user.permissions),
    ['selectors', user.selectors.map((selector) => new MapReply(describePermissions(selector)))],
  ]);
}

function describePermissions(permissions: Permissions): [string, string][] {
  return [
    ['commands', renderCommands(permissions)],
    ['keys', renderKeys(permissions)],
    ['channels', renderChannels(permissions)],
  ];
}
