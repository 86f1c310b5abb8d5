// SENTINEL FAILOVER and CKQUORUM: have another node promoted now, and whether that would be possible at all.

import type { Core } from '../../core/core.js';
import { replicaName } from '../../core/description.js';
import { quorumCheck } from '../../core/electorate.js';
import {
  DEFAULT_MANUAL,
  type ManualPlan,
  type ManualRefusal,
  planManualFailover,
  startManualFailover,
} from '../../core/manual-failover.js';
import type { ManualOptions, Master } from '../../core/master.js';
import { ErrorReply, OK, type Reply, SimpleString } from '../../protocol/reply.js';
import { parsePort } from '../../protocol/words.js';
import { parseInteger } from '../arguments.js';
import type { Description } from '../command.js';
import { ADMIN, MASTER_NAME, withMaster } from './common.js';

const NO_QUORUM = 'Not enough available Sentinels to reach the specified quorum for this master';
const NO_MAJORITY = 'Not enough available Sentinels to reach the majority and authorize a failover';

/** Codes that follow Redis's style: the first word tells a program what happened. */
const REFUSALS: Readonly<Record<Exclude<ManualRefusal, 'no-majority'>, ErrorReply>> = {
  'in-tilt': new ErrorReply('TILT This Sentinel has just been stalled and starts nothing; try again in a moment'),
  'in-progress': new ErrorReply('INPROG Failover already in progress'),
  'no-good-replica': new ErrorReply('NOGOODSLAVE No suitable replica to promote'),
  'no-handover': new ErrorReply('NOHANDOVER The master cannot hand over'),
};

export const failover: Description = {
  name: 'failover',
  arity: -3,
  since: '2.8.4',
  summary: 'Promote a replica of this master now. A healthy master hands over without losing a write. OK means begun.',
  flags: ADMIN,
  changesState: true,
  arguments: [
    ...MASTER_NAME,
    {
      name: 'way',
      type: 'oneof',
      isOptional: true,
      arguments: [
        { name: 'coordinated', type: 'pure-token', token: 'COORDINATED' },
        { name: 'force', type: 'pure-token', token: 'FORCE' },
      ],
    },
    {
      name: 'target',
      type: 'block',
      token: 'TO',
      isOptional: true,
      arguments: [
        { name: 'host', type: 'string' },
        { name: 'port', type: 'integer' },
      ],
    },
    { name: 'milliseconds', type: 'integer', token: 'TIMEOUT', isOptional: true },
    { name: 'dryrun', type: 'pure-token', token: 'DRYRUN', isOptional: true },
  ],
  run: withMaster(({ sentinel, host, now }, master, words) => {
    const wanted = readOptions(words.slice(3));
    if (wanted === null) return new ErrorReply('ERR syntax error');
    const { core } = sentinel;
    if (wanted.isDryRun) return describePlan(core, planManualFailover(core, master, wanted.options, now));
    const plan = startManualFailover(core, master, now, wanted.options);
    if (plan.refusal === null) {
      host.log('notice', `Executing user requested FAILOVER of '${master.name}'`);
      return OK;
    }
    if (plan.refusal === 'no-majority') return new ErrorReply(`NOQUORUM ${shortage(core, master) ?? NO_MAJORITY}`);
    return REFUSALS[plan.refusal];
  }),
};

interface Wanted {
  readonly options: ManualOptions;
  readonly isDryRun: boolean;
}

/** `[COORDINATED | FORCE] [TO host port] [TIMEOUT ms] [DRYRUN]` in any order; null when the words are anything else. */
function readOptions(words: readonly string[]): Wanted | null {
  let { way, target, timeout } = DEFAULT_MANUAL;
  let isDryRun = false;
  for (let index = 0; index < words.length; index++) {
    const word = words[index]?.toUpperCase();
    if (word === 'DRYRUN') isDryRun = true;
    else if ((word === 'COORDINATED' || word === 'FORCE') && way === 'handover') {
      way = word === 'FORCE' ? 'force' : 'coordinated';
    } else if (word === 'TO') {
      const host = words[++index];
      const port = parsePort(words[++index] ?? '');
      if (host === undefined || port === null) return null;
      target = { host, port };
    } else if (word === 'TIMEOUT') {
      timeout = parseInteger(words[++index] ?? '');
      if (timeout === null || timeout <= 0) return null;
    } else return null;
  }
  return { options: { way, target, timeout }, isDryRun };
}

function describePlan(core: Core, plan: ManualPlan): Reply {
  const { candidate } = plan;
  return [
    ...['result', plan.refusal ?? 'would start'],
    ...['way', plan.way],
    ...['candidate', candidate === null ? '' : replicaName(core, candidate)],
    ...['reason', plan.reason ?? ''],
  ];
}

export const checkQuorum: Description = {
  name: 'ckquorum',
  arity: 3,
  since: '2.8.4',
  summary: 'Whether enough Sentinels are usable to agree that this master is down and to authorize a failover.',
  flags: ADMIN,
  arguments: MASTER_NAME,
  run: withMaster(({ sentinel: { core } }, master) => {
    const { usable } = quorumCheck(core, master);
    const lacking = shortage(core, master);
    if (lacking !== null) return new ErrorReply(`NOQUORUM ${usable} usable Sentinels. ${lacking}`);
    return new SimpleString(`OK ${usable} usable Sentinels. Quorum and failover authorization can be reached`);
  }),
};

/** What there are too few Sentinels for; null when there are enough. */
function shortage(core: Core, master: Master): string | null {
  const { hasQuorum, hasMajority } = quorumCheck(core, master);
  const lacking = [...(hasQuorum ? [] : [NO_QUORUM]), ...(hasMajority ? [] : [NO_MAJORITY])];
  return lacking.length === 0 ? null : lacking.join('. ');
}
