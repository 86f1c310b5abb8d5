// What the subcommands of SENTINEL share: finding the master that the client means, and answering after the disk.

import { touch } from '../../core/durable.js';
import type { Master } from '../../core/master.js';
import { ErrorReply, OK, type Reply } from '../../protocol/reply.js';
import type { Argument, Context, Flag, Run } from '../command.js';
import { Deferred, type Outcome } from '../outcome.js';

export const ADMIN: readonly Flag[] = ['admin'];

export const MASTER_NAME: readonly Argument[] = [{ name: 'master-name', type: 'string' }];

/** The quorum stands in a configuration that originals read, too: theirs is a signed 32-bit integer. */
export const MAX_QUORUM = 2 ** 31 - 1;

const NO_SUCH_MASTER = new ErrorReply('ERR No such master with that name');
const SAVE_FAILED = new ErrorReply('ERR Failed to save config file. Check server logs.');

/** Runs with the master that the third word names, or says that there is none. */
export function withMaster(run: (context: Context, master: Master, words: readonly string[]) => Outcome): Run {
  return (context, words) => {
    const master = context.sentinel.core.topology.masters.get(words[2] ?? '');
    return master === undefined ? NO_SUCH_MASTER : run(context, master, words);
  };
}

/** OK once everything changed so far is on disk; an error if it cannot be written, although the change stays in force. */
export function okAfterSave(context: Context): Deferred {
  return replyAfterSave(context, OK);
}

/** Likewise with another reply than OK. */
export function replyAfterSave({ sentinel }: Context, reply: Reply): Deferred {
  touch(sentinel.core);
  return new Deferred(sentinel.core.outbox.deferReply({ saved: reply, failed: SAVE_FAILED }));
}
