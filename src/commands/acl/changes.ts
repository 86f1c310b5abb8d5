// What has to follow when users change: the configuration keeps them, and connections that have lost their rights are closed.

import type { Reply } from '../../protocol/reply.js';
import type { Client } from '../client.js';
import type { Context } from '../command.js';
import type { Host } from '../host.js';
import type { Outcome } from '../outcome.js';
import { replyAfterSave } from '../sentinel/common.js';
import type { Catalog } from './catalog.js';
import type { RuleBook } from './user-rules.js';

export function ruleBook(catalog: Catalog, host: Host): RuleBook {
  return { catalog, digest: (text) => host.sha256(text) };
}

/**
 * Gives the reply when the users are on disk: like everything that an operator changes here, they survive a crash that comes
 * after it. Where users have a file of their own, ACL SAVE writes that, and the reply need not wait.
 */
export function keepUsers(context: Context, reply: Reply): Outcome {
  if (context.host.userFile !== null) return reply;
  context.host.keepUsers(context.access.lines);
  return replyAfterSave(context, reply);
}

/** Closes connections of users who are gone, and those that listen to what they may not hear any more. */
export function closeThoseWithoutRights(context: Context): void {
  const { access, client: caller, host } = context;
  for (const client of [...host.clients()]) if (access.hasOutlivedItsRights(client)) close(client, caller, host);
}

/** The caller itself lives until it has its reply. */
function close(client: Client, caller: Client, host: Host): void {
  if (client === caller) client.closeAfterReplies();
  else host.kill(client);
}
