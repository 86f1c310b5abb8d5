// SENTINEL HISTORY: the past failovers of a master, newest first, with what each phase took. What this Sentinel did not see
// itself is null, never 0.

import type { Core } from '../../core/core.js';
import { replicaName } from '../../core/description.js';
import { type FailoverRecord, PHASES } from '../../core/failover-record.js';
import { MapReply, type Reply } from '../../protocol/reply.js';
import type { Description } from '../command.js';
import { ADMIN, MASTER_NAME, withMaster } from './common.js';

export const history: Description = {
  name: 'history',
  arity: 3,
  since: '7.2.4',
  summary: 'The past failovers of a master, newest first: why, from where to where, how long each phase took.',
  complexity: 'O(N) where N is the number of failovers remembered, at most 32',
  flags: ADMIN,
  arguments: MASTER_NAME,
  isListed: false,
  run: withMaster(({ sentinel }, master) => master.history.toReversed().map((record) => view(sentinel.core, record))),
};

function view(core: Core, record: FailoverRecord): Reply {
  return new MapReply([
    ['time', record.at],
    ['reason', record.reason],
    ['result', record.result],
    ['epoch', record.epoch],
    ['attempts', record.attempts],
    ['old-address', replicaName(core, record.oldAddress)],
    ['new-address', record.newAddress === null ? null : replicaName(core, record.newAddress)],
    ['leader', record.leader],
    ['learned-from', record.learnedFrom],
    ['phases', new MapReply(PHASES.map((phase) => [phase, record.phases[phase]]))],
    ['promoted-offset', record.promotedOffset],
    ['runner-up-offset', record.runnerUpOffset],
  ]);
}
