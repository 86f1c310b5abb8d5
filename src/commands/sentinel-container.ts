// SENTINEL: the masters this process watches. Redis's subcommands, Valkey's names for some of them, and some of our own.

import { defineContainer } from './command.js';
import { getMasterAddress, getPrimaryAddress } from './sentinel/address.js';
import { flushConfig, monitor, remove, reset } from './sentinel/administration.js';
import { config } from './sentinel/config.js';
import { configuration } from './sentinel/configuration.js';
import { debug, simulateFailure } from './sentinel/debug.js';
import { explanation } from './sentinel/explain.js';
import { checkQuorum, failover } from './sentinel/failover.js';
import { forgetting } from './sentinel/forget.js';
import { history } from './sentinel/history.js';
import { infoCache, myId, pendingScripts } from './sentinel/inspection.js';
import { formerReplicas, replicas, sentinels } from './sentinel/instances.js';
import { isMasterDown, isPrimaryDown } from './sentinel/is-master-down.js';
import { master, masters, primaries, primary } from './sentinel/masters.js';
import { hold, pause, resume } from './sentinel/pause.js';
import { set } from './sentinel/set.js';

export const sentinelCommand = defineContainer('sentinel', {
  name: 'sentinel',
  arity: -2,
  since: '2.8.4',
  summary: 'The monitored masters, their replicas and the other Sentinels.',
  complexity: 'Depends on subcommand.',
  flags: ['admin'],
  subcommands: [
    checkQuorum,
    config,
    configuration,
    explanation,
    debug,
    failover,
    flushConfig,
    forgetting,
    getMasterAddress,
    getPrimaryAddress,
    history,
    infoCache,
    isMasterDown,
    isPrimaryDown,
    master,
    masters,
    monitor,
    myId,
    hold,
    pause,
    resume,
    pendingScripts,
    primaries,
    primary,
    remove,
    replicas,
    reset,
    sentinels,
    set,
    simulateFailure,
    formerReplicas,
  ],
  help: { since: '6.2.0' },
});
