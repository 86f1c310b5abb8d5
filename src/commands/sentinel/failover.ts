// SENTINEL FAILOVER and CKQUORUM: have another node promoted now, and whether that would be possible at all.

import { quorumCheck } from '../../core/electorate.js';
import { startManualFailover } from '../../core/failover.js';
import type { Master } from '../../core/master.js';
import { unreachable } from '../../core/types.js';
import { ErrorReply, OK, SimpleString } from '../../protocol/reply.js';
import type { Description } from '../command.js';
import { ADMIN, MASTER_NAME, withMaster } from './common.js';

const IN_PROGRESS = new ErrorReply('INPROG Failover already in progress');
const NO_GOOD_REPLICA = new ErrorReply('NOGOODSLAVE No suitable replica to promote');
const NO_QUORUM = 'Not enough available Sentinels to reach the specified quorum for this master';
const NO_MAJORITY = 'Not enough available Sentinels to reach the majority and authorize a failover';

export const failover: Description = {
  name: 'failover',
  arity: 3,
  since: '2.8.4',
  summary: 'Promote a replica of this master now, as if the master were down. OK means begun.',
  flags: ADMIN,
  changesState: true,
  arguments: MASTER_NAME,
  run: withMaster(({ sentinel, host, now }, master) => {
    const result = startManualFailover(sentinel.core, master, now);
    switch (result) {
      case 'started':
        host.log('notice', `Executing user requested FAILOVER of '${master.name}'`);
        return OK;
      case 'in-progress':
        return IN_PROGRESS;
      case 'no-good-replica':
        return NO_GOOD_REPLICA;
      case 'no-majority':
        // Stock Sentinel promotes without asking anybody here; two such failovers in one epoch split a group.
        return new ErrorReply(`NOQUORUM ${shortage(master) ?? NO_MAJORITY}`);
      default:
        return unreachable(result);
    }
  }),
};

export const checkQuorum: Description = {
  name: 'ckquorum',
  arity: 3,
  since: '2.8.4',
  summary: 'Whether enough Sentinels are usable to agree that this master is down and to authorize a failover.',
  flags: ADMIN,
  arguments: MASTER_NAME,
  run: withMaster((_context, master) => {
    const { usable } = quorumCheck(master);
    const lacking = shortage(master);
    if (lacking !== null) return new ErrorReply(`NOQUORUM ${usable} usable Sentinels. ${lacking}`);
    return new SimpleString(`OK ${usable} usable Sentinels. Quorum and failover authorization can be reached`);
  }),
};

/** What there are too few Sentinels for; null when there are enough. */
function shortage(master: Master): string | null {
  const { hasQuorum, hasMajority } = quorumCheck(master);
  const lacking = [...(hasQuorum ? [] : [NO_QUORUM]), ...(hasMajority ? [] : [NO_MAJORITY])];
  return lacking.length === 0 ? null : lacking.join('. ');
}
