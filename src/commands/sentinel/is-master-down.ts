// SENTINEL IS-MASTER-DOWN-BY-ADDR: another Sentinel asks for our verdict and, if it names a candidate, for our vote.
//
// A vote must be on disk before it is told. If the disk is slow the verdict is answered without it, so that a peer's
// questions do not queue up behind our disk; it asks again.

import type { Core } from '../../core/core.js';
import { verdictOn } from '../../core/down.js';
import { considerVoteRequest } from '../../core/election.js';
import { LONGEST_UNSAVED_VOTE, LONGEST_UNSAVED_VOTE_WHEN_BUSY } from '../../core/limits.js';
import type { Master } from '../../core/master.js';
import { MAX_EPOCH, type Millis } from '../../core/types.js';
import type { Reply } from '../../protocol/reply.js';
import { NOT_AN_INTEGER, parseInteger } from '../arguments.js';
import type { Context, Description } from '../command.js';
import { Deferred } from '../outcome.js';
import { ADMIN } from './common.js';

/** In place of a run id: no vote is asked for, or none is told. */
const NOBODY = '*';

export const isMasterDown: Description = {
  name: 'is-master-down-by-addr',
  arity: 6,
  since: '2.8.4',
  summary: 'Whether this Sentinel finds the master at this address down, and, for a candidate, whom it votes for.',
  complexity: 'O(1)',
  flags: ADMIN,
  arguments: [
    { name: 'ip', type: 'string' },
    { name: 'port', type: 'integer' },
    { name: 'current-epoch', type: 'integer' },
    { name: 'runid', type: 'string' },
  ],
  run(context, words) {
    const [, , host = '', portWord = '', epochWord = '', candidate = NOBODY] = words;
    const port = parseInteger(portWord);
    const epoch = parseInteger(epochWord);
    if (port === null || epoch === null) return NOT_AN_INTEGER;
    const { core } = context.sentinel;
    const master = core.topology.masterAt(host, port);
    if (master === null) return verdict(false);
    const isVoteWanted = candidate !== NOBODY && epoch >= 0 && epoch <= MAX_EPOCH;
    return isVoteWanted ? voteFor(context, master, epoch, candidate) : verdict(verdictOn(core, master));
  },
};

export const isPrimaryDown: Description = { ...isMasterDown, name: 'is-primary-down-by-addr', since: '8.0.0' };

function voteFor({ sentinel, now }: Context, master: Master, epoch: number, candidate: string): Deferred {
  const { core } = sentinel;
  considerVoteRequest(core, master, { epoch, candidate }, now);
  const isDown = verdictOn(core, master);
  const { vote } = master;
  return new Deferred(
    core.outbox.deferReply({
      saved: [isDown ? 1 : 0, vote.leader ?? NOBODY, vote.epoch],
      version: core.spokenVersionOf(master),
      expiry: { at: now + longestWait(core), reply: verdict(isDown) },
    }),
    master,
  );
}

function longestWait({ durability }: Core): Millis {
  return Math.min(LONGEST_UNSAVED_VOTE_WHEN_BUSY, Math.max(LONGEST_UNSAVED_VOTE, 2 * durability.lastDuration));
}

function verdict(isDown: boolean): Reply {
  return [isDown ? 1 : 0, NOBODY, 0];
}
