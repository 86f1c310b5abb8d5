// ACL LOAD and SAVE: the file of users, where the configuration names one.

import { ErrorReply, OK } from '../../protocol/reply.js';
import { error } from '../arguments.js';
import type { Description } from '../command.js';
import type { UserFile } from '../host.js';
import type { Catalog } from './catalog.js';
import { closeThoseWithoutRights, ruleBook } from './changes.js';
import { type Users, usersOfFile } from './configured-users.js';
import { ADMINISTRATION } from './flags.js';
import { renderUser } from './user.js';
import type { RuleBook } from './user-rules.js';

const NO_FILE = new ErrorReply(
  'ERR This Redis instance is not configured to use an ACL file. You may want to specify users via the ACL SETUSER command and then issue a CONFIG REWRITE (assuming you have a Redis configuration file set) in order to store users in the Redis configuration.',
);
const SAVE_FAILED = new ErrorReply(
  'ERR There was an error trying to save the ACLs. Please check the server logs for more information',
);

export function load(catalog: Catalog): Description {
  return {
    name: 'load',
    arity: 2,
    since: '6.0.0',
    summary: 'Read the users anew from their file.',
    complexity: 'O(N) where N is the number of users',
    flags: ADMINISTRATION,
    run(context) {
      const { access, host } = context;
      if (host.userFile === null) return NO_FILE;
      const users = readUsers(host.userFile, ruleBook(catalog, host));
      if ('complaint' in users) return error(users.complaint);
      access.replaceAll(users);
      closeThoseWithoutRights(context);
      return OK;
    },
  };
}

export const save: Description = {
  name: 'save',
  arity: 2,
  since: '6.0.0',
  summary: 'Write the users into their file.',
  complexity: 'O(N) where N is the number of users',
  flags: ADMINISTRATION,
  run({ access, host }) {
    if (host.userFile === null) return NO_FILE;
    try {
      host.userFile.write(access.users.map((user) => `user ${user.name} ${renderUser(user)}\n`).join(''));
    } catch (failure) {
      host.log('warning', `Saving the users failed: ${reasonOf(failure)}`);
      return SAVE_FAILED;
    }
    return OK;
  },
};

/** The users in the file, or why there are none to be had. */
export function readUsers(file: UserFile, book: RuleBook): Users | { readonly complaint: string } {
  let text: string;
  try {
    text = file.read();
  } catch (failure) {
    return { complaint: `Error loading ACLs, opening file '${file.path}': ${reasonOf(failure)}` };
  }
  return usersOfFile(text, file.path, book);
}

function reasonOf(failure: unknown): string {
  return failure instanceof Error ? failure.message : String(failure);
}
