// SENTINEL CONFIG GET and SET: settings of the whole process at run time, several in a call. All of a SET is checked before
// any of it is done.

import { applyPeerCredentials } from '../../core/administration.js';
import type { Core } from '../../core/core.js';
import type { ProcessSettings } from '../../core/state.js';
import { matchesGlob } from '../../protocol/glob.js';
import { ErrorReply, MapReply } from '../../protocol/reply.js';
import { formatYesNo, parseYesNo } from '../../protocol/yes-no.js';
import { error, parseSetting } from '../arguments.js';
import type { Context, Description } from '../command.js';
import { type Host, LOG_LEVELS } from '../host.js';
import type { Outcome } from '../outcome.js';
import { ADMIN, okAfterSave } from './common.js';

const ONLY_GET_AND_SET = new ErrorReply(
  'ERR Only SENTINEL CONFIG GET <param> [<param> <param> ...] / SET <param> <value> [<param> <value> ...] are supported.',
);
const MAX_PORT = 65_535;

interface Parameter {
  readonly name: string;
  get(settings: ProcessSettings, host: Host): string;
  /** The change to make, or null if the value is not valid as things stand. */
  check(value: string, core: Core): ((settings: ProcessSettings, host: Host) => void) | null;
  /** The original has none of that name: shown only to who names it in full. False unless given. */
  readonly isOwn?: boolean;
  /** Connections to other Sentinels are made with it. */
  readonly isPeerCredential?: boolean;
}

/** In the order in which GET answers. */
const PARAMETERS: readonly Parameter[] = [
  // Operators, and the peers' own suites, turn it off before they remove the masters that are known by names.
  yesNoParameter('resolve-hostnames', 'resolveHostnames'),
  yesNoParameter('announce-hostnames', 'announceHostnames'),
  textParameter('announce-ip', 'announceHost'),
  {
    name: 'announce-port',
    get: ({ announcePort }) => String(announcePort ?? 0),
    check(value) {
      const port = parseSetting(value, 0);
      if (port === null || port > MAX_PORT) return null;
      return (settings) => {
        settings.announcePort = port === 0 ? null : port;
      };
    },
  },
  { ...textParameter('sentinel-user', 'sentinelUser'), isPeerCredential: true },
  { ...textParameter('sentinel-pass', 'sentinelPass'), isPeerCredential: true },
  { ...yesNoParameter('known-peers-only', 'knownPeersOnly'), isOwn: true },
  {
    name: 'loglevel',
    get: (_settings, host) => host.logLevel,
    check(value) {
      const level = LOG_LEVELS.find((known) => known === value.toLowerCase());
      if (level === undefined) return null;
      return (_settings, host) => {
        host.logLevel = level;
      };
    },
  },
];

export const config: Description = {
  name: 'config',
  arity: -4,
  since: '6.2.0',
  summary: 'Show or change settings of the whole process.',
  complexity: 'O(N) where N is the number of parameters',
  flags: ADMIN,
  arguments: [
    {
      name: 'action',
      type: 'oneof',
      arguments: [
        {
          name: 'set',
          type: 'block',
          token: 'SET',
          isMultiple: true,
          arguments: [
            { name: 'parameter', type: 'string' },
            { name: 'value', type: 'string' },
          ],
        },
        { name: 'parameter', type: 'string', token: 'GET', isMultiple: true },
      ],
    },
  ],
  run(context, words) {
    const action = (words[2] ?? '').toLowerCase();
    if (action === 'get') return get(context, words.slice(3));
    if (action === 'set' && words.length >= 5) return set(context, words.slice(3));
    return ONLY_GET_AND_SET;
  },
};

function get({ sentinel, host }: Context, patterns: readonly string[]): MapReply {
  const found = new Map<string, string>();
  for (const pattern of patterns) {
    for (const parameter of PARAMETERS) {
      const wanted = pattern.toLowerCase();
      if (parameter.isOwn === true ? wanted !== parameter.name : !matchesGlob(wanted, parameter.name)) continue;
      found.set(parameter.name, parameter.get(sentinel.core.settings, host));
    }
  }
  return new MapReply([...found]);
}

function set(context: Context, words: readonly string[]): Outcome {
  const changes = new Map<Parameter, (settings: ProcessSettings, host: Host) => void>();
  for (let at = 0; at < words.length; at += 2) {
    const name = words[at] ?? '';
    const value = words[at + 1];
    const parameter = PARAMETERS.find((known) => known.name === name.toLowerCase());
    if (parameter === undefined) return error(`Invalid argument '${name}' to SENTINEL CONFIG SET`);
    if (changes.has(parameter)) return error(`Duplicate argument '${name}' to SENTINEL CONFIG SET`);
    if (value === undefined) return error(`Missing argument '${name}' value`);
    const change = parameter.check(value, context.sentinel.core);
    if (change === null) return error(`Invalid value '${value}' to SENTINEL CONFIG SET '${name}'`);
    changes.set(parameter, change);
  }
  const { core } = context.sentinel;
  for (const change of changes.values()) change(core.settings, context.host);
  if ([...changes.keys()].some(({ isPeerCredential }) => isPeerCredential)) applyPeerCredentials(core, context.now);
  return okAfterSave(context);
}

function yesNoParameter(name: string, key: 'resolveHostnames' | 'announceHostnames' | 'knownPeersOnly'): Parameter {
  return {
    name,
    get: (settings) => formatYesNo(settings[key]),
    check(value) {
      const isOn = parseYesNo(value);
      if (isOn === null) return null;
      return (settings) => {
        settings[key] = isOn;
      };
    },
  };
}

/** An empty text takes the setting away. */
function textParameter(name: string, key: 'announceHost' | 'sentinelUser' | 'sentinelPass'): Parameter {
  return {
    name,
    get: (settings) => settings[key] ?? '',
    check: (value) => (settings) => {
      settings[key] = value === '' ? null : value;
    },
  };
}
