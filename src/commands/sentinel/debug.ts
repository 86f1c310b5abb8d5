// SENTINEL DEBUG and SIMULATE-FAILURE: shorter periods and deliberate crashes, for tests of a group. Neither is saved.

import type { SimulatedFailure } from '../../core/core.js';
import { SLOWEST_PING_PERIOD, type Tunables } from '../../core/tunables.js';
import { ErrorReply, MapReply, OK } from '../../protocol/reply.js';
import { error, parseSetting } from '../arguments.js';
import type { Description } from '../command.js';
import { WIRE_WORDS } from '../views.js';
import { ADMIN } from './common.js';

/** By the name on the wire, in the order of the reply. */
const PERIODS: ReadonlyMap<string, keyof Tunables> = new Map([
  ['info-period', 'infoPeriod'],
  ['ping-period', 'pingPeriod'],
  ['ask-period', 'askPeriod'],
  ['publish-period', 'publishPeriod'],
  ['default-down-after', 'defaultDownAfter'],
  ['default-failover-timeout', 'defaultFailoverTimeout'],
  ['tilt-trigger', 'tiltTrigger'],
  ['tilt-period', 'tiltPeriod'],
  [WIRE_WORDS.replicaReconfigurationTimeout, 'replicaReconfigurationTimeout'],
  ['min-link-reconnect-period', 'minLinkReconnectPeriod'],
  ['election-timeout', 'electionTimeout'],
  ['script-max-runtime', 'scriptMaxRuntime'],
  ['script-retry-delay', 'scriptRetryDelay'],
]);

export const debug: Description = {
  name: 'debug',
  arity: -2,
  since: '7.0.0',
  summary: 'Show or change periods and timeouts, in milliseconds.',
  complexity: 'O(N) where N is the number of parameters',
  flags: ADMIN,
  changesState: true,
  arguments: [
    {
      name: 'data',
      type: 'block',
      isOptional: true,
      isMultiple: true,
      arguments: [
        { name: 'parameter', type: 'string' },
        { name: 'value', type: 'string' },
      ],
    },
  ],
  run({ sentinel }, words) {
    const { core } = sentinel;
    if (words.length === 2) return show(core.tunables);
    const changes = parseChanges(words.slice(2));
    if (changes instanceof ErrorReply) return changes;
    Object.assign(core.tunables, changes);
    for (const master of core.topology.masters.values()) master.wakeAt = 0;
    for (const shared of core.topology.peerLinks.values()) shared.wakeAt = 0;
    return OK;
  },
};

function show(tunables: Tunables): MapReply {
  return new MapReply(
    [...PERIODS].map(([name, key]) => [name.toUpperCase(), String(tunables[key] ?? SLOWEST_PING_PERIOD)]),
  );
}

function parseChanges(words: readonly string[]): Partial<Tunables> | ErrorReply {
  const changes: Partial<Tunables> = {};
  for (let at = 0; at < words.length; at += 2) {
    const name = words[at] ?? '';
    const value = words[at + 1];
    const key = PERIODS.get(name.toLowerCase());
    if (key === undefined || value === undefined) {
      return error(`Unknown option or number of arguments for SENTINEL DEBUG '${name}'`);
    }
    const millis = parseSetting(value, 1);
    if (millis === null) return error(`Invalid argument '${value}' for SENTINEL DEBUG '${name}'`);
    changes[key] = millis;
  }
  return changes;
}

const UNKNOWN_FAILURE = new ErrorReply('ERR Unknown failure simulation specified');

const FAILURES: Readonly<Record<SimulatedFailure, string>> = {
  'crash-after-election': 'after it has been elected leader of a failover',
  'crash-after-promotion': 'after it has promoted the selected replica',
};

export const simulateFailure: Description = {
  name: 'simulate-failure',
  arity: -3,
  since: '3.2.0',
  summary: 'Have this process crash at that point of the next failover it leads.',
  flags: ADMIN,
  arguments: [
    {
      name: 'mode',
      type: 'oneof',
      isMultiple: true,
      arguments: [
        { name: 'crash-after-election', type: 'pure-token' },
        { name: 'crash-after-promotion', type: 'pure-token' },
        { name: 'help', type: 'pure-token' },
      ],
    },
  ],
  run({ sentinel, host }, words) {
    const { simulatedFailures } = sentinel.core;
    // As in the original, whatever was to be simulated is forgotten first, and words take effect up to the one that is not known.
    simulatedFailures.clear();
    for (const word of words.slice(2)) {
      const mode = word.toLowerCase();
      if (mode === 'help') return Object.keys(FAILURES);
      if (!isFailure(mode)) return UNKNOWN_FAILURE;
      simulatedFailures.add(mode);
      host.log('warning', `Failure simulation: this Sentinel will crash ${FAILURES[mode]}`);
    }
    return OK;
  },
};

function isFailure(mode: string): mode is SimulatedFailure {
  return Object.hasOwn(FAILURES, mode);
}
