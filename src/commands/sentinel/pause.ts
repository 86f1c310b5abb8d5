// SENTINEL PAUSE and RESUME: have the group start nothing by itself for a while, as for maintenance; and HOLD, by which
// Vedettes tell each other. They are no part of Redis's commands, so COMMAND and HELP do not mention them.

import { adoptHold, beginHold, holdRemaining } from '../../core/hold.js';
import { LONGEST_HOLD } from '../../core/limits.js';
import type { Millis } from '../../core/types.js';
import { error, NOT_AN_INTEGER, parseSetting } from '../arguments.js';
import type { Description } from '../command.js';
import { ADMIN, MASTER_NAME, okAfterSave, withMaster } from './common.js';

const MILLIS_PER_SECOND: Millis = 1_000;
const DEFAULT_SECONDS = 300;
const MAX_SECONDS = LONGEST_HOLD / MILLIS_PER_SECOND;

export const pause: Description = {
  name: 'pause',
  arity: -3,
  since: '7.2.4',
  summary: 'Start no failover and put no node right for so many seconds, 300 unless given, in the whole group.',
  complexity: 'O(N) where N is the number of Sentinels',
  flags: ADMIN,
  arguments: [...MASTER_NAME, { name: 'seconds', type: 'integer', isOptional: true }],
  isListed: false,
  run: withMaster((context, master, words) => {
    const seconds = words[3] === undefined ? DEFAULT_SECONDS : parseSetting(words[3], 1);
    if (words.length > 4 || seconds === null || seconds > MAX_SECONDS) {
      return error(`SENTINEL PAUSE takes a master's name and 1 to ${MAX_SECONDS} seconds`);
    }
    beginHold(context.sentinel.core, master, seconds * MILLIS_PER_SECOND, context.now);
    return okAfterSave(context);
  }),
};

export const resume: Description = {
  name: 'resume',
  arity: 3,
  since: '7.2.4',
  summary: 'End a pause of this master before its time, in the whole group.',
  complexity: 'O(N) where N is the number of Sentinels',
  flags: ADMIN,
  arguments: MASTER_NAME,
  isListed: false,
  run: withMaster((context, master) => {
    beginHold(context.sentinel.core, master, 0, context.now);
    return okAfterSave(context);
  }),
};

/** Answers with the newest hold known here, so that whichever of the two had the older one learns of the other. */
export const hold: Description = {
  name: 'hold',
  arity: 5,
  since: '7.2.4',
  summary: 'Another Sentinel says until when this master is paused.',
  complexity: 'O(1)',
  flags: ADMIN,
  changesState: true,
  arguments: [...MASTER_NAME, { name: 'stamp', type: 'integer' }, { name: 'milliseconds', type: 'integer' }],
  isListed: false,
  run: withMaster(({ sentinel, now }, master, words) => {
    const stamp = parseSetting(words[3] ?? '', 1);
    const remaining = parseSetting(words[4] ?? '', 0);
    if (stamp === null || remaining === null) return NOT_AN_INTEGER;
    adoptHold(sentinel.core, master, stamp, remaining, now);
    return [master.hold.stamp, holdRemaining(master, now)];
  }),
};
