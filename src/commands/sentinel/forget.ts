// SENTINEL FORGET: drop one replica or one other Sentinel that is gone for good, here and at every other Vedette. It is no part of
// Redis's commands, so COMMAND and HELP do not mention it.

import {
  askMasterAnew,
  forget,
  forgetWhenPossible,
  isKnown,
  spreadForgetting,
  whyNotForget,
} from '../../core/forget.js';
import { type Forgotten, isRunId } from '../../core/types.js';
import { ErrorReply, OK } from '../../protocol/reply.js';
import { isHost, parsePort } from '../../protocol/words.js';
import { error, SYNTAX_ERROR } from '../arguments.js';
import type { Description } from '../command.js';
import { ADMIN, MASTER_NAME, okAfterSave, withMaster } from './common.js';

const NOT_KNOWN: Readonly<Record<Forgotten['kind'], ErrorReply>> = {
  replica: new ErrorReply('ERR No such replica with that address'),
  sentinel: new ErrorReply('ERR No such Sentinel with that run id'),
};

export const forgetting: Description = {
  name: 'forget',
  arity: -5,
  since: '7.2.4',
  summary:
    'Drop a replica or another Sentinel that is gone for good, in the whole group. Refused while it gives a sign of life.',
  complexity: 'O(N) where N is the number of Sentinels',
  flags: ADMIN,
  arguments: [
    ...MASTER_NAME,
    {
      name: 'what',
      type: 'oneof',
      arguments: [
        {
          name: 'replica',
          type: 'block',
          token: 'REPLICA',
          arguments: [
            { name: 'host', type: 'string' },
            { name: 'port', type: 'integer' },
          ],
        },
        { name: 'runid', type: 'string', token: 'SENTINEL' },
      ],
    },
    { name: 'local', type: 'pure-token', token: 'LOCAL', isOptional: true },
  ],
  changesState: true,
  isListed: false,
  run: withMaster((context, master, words) => {
    const wanted = read(words.slice(3));
    if (wanted === null) return SYNTAX_ERROR;
    const { what, isLocal } = wanted;
    const { sentinel, now } = context;
    const { core } = sentinel;
    // Whoever is told by another Sentinel may have forgotten it, or never have known it.
    if (!isKnown(core, master, what)) return isLocal ? OK : NOT_KNOWN[what.kind];
    const objection = whyNotForget(core, master, what, now);
    if (objection !== null) {
      if (objection.isPassing && isLocal) {
        forgetWhenPossible(master, what, now);
        return okAfterSave(context);
      }
      if (objection.isPassing) askMasterAnew(master, now);
      return error(`It cannot be forgotten: ${objection.reason}`);
    }
    forget(core, master, what, now);
    if (!isLocal) spreadForgetting(core, master, what, now);
    return okAfterSave(context);
  }),
};

/** `REPLICA host port | SENTINEL runid`, and LOCAL for this Sentinel only; null when the words are anything else. */
function read(words: readonly string[]): { readonly what: Forgotten; readonly isLocal: boolean } | null {
  const [kind = '', first = '', second = ''] = words;
  const isReplica = kind.toUpperCase() === 'REPLICA';
  if (!isReplica && kind.toUpperCase() !== 'SENTINEL') return null;
  const rest = words.slice(isReplica ? 3 : 2);
  const isLocal = rest.length === 1 && rest[0]?.toUpperCase() === 'LOCAL';
  if (rest.length > 0 && !isLocal) return null;
  if (!isReplica) return isRunId(first) ? { what: { kind: 'sentinel', runId: first }, isLocal } : null;
  const port = parsePort(second);
  return port === null || !isHost(first)
    ? null
    : { what: { kind: 'replica', address: { host: first, port } }, isLocal };
}
