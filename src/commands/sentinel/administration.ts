// SENTINEL MONITOR, REMOVE, RESET and FLUSHCONFIG: which masters are watched, and that it is on disk.

import { monitorMaster, removeMaster, resetMaster } from '../../core/administration.js';
import { matchesGlob } from '../../protocol/glob.js';
import { isIpAddress } from '../../protocol/host.js';
import { ErrorReply } from '../../protocol/reply.js';
import { parseInteger } from '../arguments.js';
import type { Context, Description } from '../command.js';
import { type Outcome, Postponed } from '../outcome.js';
import { ADMIN, MASTER_NAME, MAX_QUORUM, okAfterSave, withMaster } from './common.js';

const INVALID_QUORUM = new ErrorReply('ERR Invalid quorum');
const INVALID_PORT = new ErrorReply('ERR Invalid port');
const QUORUM_TOO_LOW = new ErrorReply('ERR Quorum must be 1 or greater.');
const INVALID_HOST = new ErrorReply('ERR Invalid IP address or hostname specified');
const PORT_OUT_OF_RANGE = new ErrorReply('ERR Invalid port number.');
const INVALID_NAME = new ErrorReply(
  'ERR Invalid master name. It must not be empty, longer than 255 bytes, or contain blanks, commas or control characters.',
);
const DUPLICATE_NAME = new ErrorReply('ERR Duplicate master name.');
const TOO_MANY_MASTERS = new ErrorReply('ERR Too many masters are monitored');

const MAX_PORT = 65_535;
const MAX_NAME_LENGTH = 255;
/** Ten times of what one Sentinel has been measured with; a loop in a script must not fill the memory. */
const MAX_MASTERS = 10_000;

export const monitor: Description = {
  name: 'monitor',
  arity: 6,
  since: '2.8.4',
  summary: 'Begin to watch a master, and fail it over when as many Sentinels as the quorum find it down.',
  complexity: 'O(1)',
  flags: ADMIN,
  arguments: [
    { name: 'name', type: 'string' },
    { name: 'ip', type: 'string' },
    { name: 'port', type: 'integer' },
    { name: 'quorum', type: 'integer' },
  ],
  run(context, words) {
    const [, , name = '', host = '', portWord = '', quorumWord = ''] = words;
    const quorum = parseInteger(quorumWord);
    if (quorum === null || quorum > MAX_QUORUM) return INVALID_QUORUM;
    const port = parseInteger(portWord);
    if (port === null) return INVALID_PORT;
    if (quorum <= 0) return QUORUM_TOO_LOW;
    const { core } = context.sentinel;
    if (!core.topology.mayUse(host)) return INVALID_HOST;
    if (!isIpAddress(host) && !core.topology.hasIp(host)) {
      return context.lookedUp === null ? new Postponed(host) : INVALID_HOST;
    }
    if (port < 1 || port > MAX_PORT) return PORT_OUT_OF_RANGE;
    if (!isUsableName(name)) return INVALID_NAME;
    if (core.topology.masters.has(name)) return DUPLICATE_NAME;
    if (core.topology.masters.size >= MAX_MASTERS) return TOO_MANY_MASTERS;
    monitorMaster(core, { name, address: { host, port }, quorum }, context.now);
    return okAfterSave(context);
  },
};

/**
 * Names travel in hellos (fields separated by commas), events and INFO lines (words separated by blanks). The original takes
 * any name, and one with a blank or a line break ruins its own configuration file.
 */
function isUsableName(name: string): boolean {
  return name.length <= MAX_NAME_LENGTH && /^[^\0-\x20,\x7f]+$/.test(name);
}

export const remove: Description = {
  name: 'remove',
  arity: 3,
  since: '2.8.4',
  summary: 'Stop watching this master and forget it.',
  complexity: 'O(1)',
  flags: ADMIN,
  arguments: MASTER_NAME,
  run: withMaster((context, master) => {
    removeMaster(context.sentinel.core, master, context.now);
    return okAfterSave(context);
  }),
};

export const reset: Description = {
  name: 'reset',
  arity: 3,
  since: '2.8.4',
  summary:
    'Forget replicas, other Sentinels and any failover of the masters whose name matches, and discover them anew.',
  complexity: 'O(N) where N is the number of monitored masters',
  flags: ADMIN,
  changesState: true,
  arguments: [{ name: 'pattern', type: 'pattern' }],
  run({ sentinel, now }, words) {
    const { core } = sentinel;
    const matching = [...core.topology.masters.values()].filter(({ name }) => matchesGlob(words[2] ?? '', name));
    for (const master of matching) resetMaster(core, master, now);
    return matching.length;
  },
};

export const flushConfig: Description = {
  name: 'flushconfig',
  arity: 2,
  since: '2.8.4',
  summary: 'Write the configuration with the present state to disk.',
  complexity: 'O(1)',
  flags: ADMIN,
  run: (context: Context): Outcome => okAfterSave(context),
};
