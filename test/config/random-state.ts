// Random saved states and server settings from a seed: every field takes defaults, ordinary and awkward values, so that a
// property over them covers what no list of examples would.

import type { ServerSettings } from '../../src/config/server-settings.js';
import { defaultServerSettings } from '../../src/config/server-settings.js';
import {
  FAILOVER_REASONS,
  FAILOVER_RESULTS,
  type FailoverRecord,
  noPhases,
  PHASES,
} from '../../src/core/failover-record.js';
import type { Random } from '../../src/core/random.js';
import type { MasterSettings, ProcessSettings, Reign, SavedMaster, SavedState } from '../../src/core/state.js';
import { defaultMasterSettings, defaultProcessSettings } from '../../src/core/state.js';
import type { Address } from '../../src/core/types.js';
import { MAX_EPOCH } from '../../src/core/types.js';

/** Bytes that mean something to quoting come up more often than the rest. */
const AWKWARD_BYTES = ' \t\n\r\v\f"\'\\#x0a\x00\x07\x7f\x85\xa0\xff';

export function randomBytes(random: Random, length: number): string {
  let text = '';
  while (text.length < length) {
    const isAwkward = random.below(2) === 0;
    text += isAwkward
      ? AWKWARD_BYTES.charAt(random.below(AWKWARD_BYTES.length))
      : String.fromCharCode(random.below(256));
  }
  return text;
}

export function randomState(random: Random, server: ServerSettings): SavedState {
  const settings = randomProcessSettings(random, server);
  const names = new Set(Array.from({ length: random.below(5) }, () => randomText(random)));
  const masters = [...names].map((name) => randomMaster(random, name, settings));
  const epochs = masters.flatMap(({ configEpoch, voteEpoch }) => [configEpoch, voteEpoch]);
  return {
    myId: random.below(8) === 0 ? null : random.hex(40),
    currentEpoch: Math.max(randomEpoch(random), ...epochs),
    settings,
    masters,
  };
}

export function randomServerSettings(random: Random): ServerSettings {
  const settings = defaultServerSettings();
  const randomize = <Key extends keyof ServerSettings>(key: Key, value: () => ServerSettings[Key]): void => {
    if (random.below(3) === 0) settings[key] = value();
  };
  const limit = () => ({ hard: random.below(1 << 30), soft: random.below(64) << 20, softSeconds: random.below(100) });
  randomize('port', () => random.below(65_536));
  randomize('bind', () => pick(random, [[], ['127.0.0.1'], ['-::1', '192.0.2.1'], ['*'], [randomText(random), 'b']]));
  randomize('unixsocket', () => randomOptionalText(random));
  randomize('unixsocketperm', () => random.below(0o1000));
  randomize('timeout', () => random.below(1000));
  randomize('maxclients', () => 1 + random.below(1000));
  randomize('protectedMode', () => true);
  randomize('requirepass', () => randomOptionalText(random));
  randomize('users', () => [
    ['default', 'on', 'nopass', '~*'],
    ['alice', randomText(random)],
  ]);
  randomize('dir', () => randomOptionalText(random));
  randomize('logfile', () => randomText(random));
  randomize('loglevel', () => pick(random, ['debug', 'verbose', 'notice', 'warning', 'nothing']));
  randomize('pidfile', () => randomOptionalText(random));
  randomize('tlsPort', () => random.below(65_536));
  randomize('tlsReplication', () => true);
  randomize('tlsAuthClients', () => 'optional');
  randomize('tlsKeyFilePass', () => randomOptionalText(random));
  randomize('clientOutputBufferLimit', () => ({ normal: limit(), replica: limit(), pubsub: limit() }));
  return settings;
}

function randomProcessSettings(random: Random, server: ServerSettings): ProcessSettings {
  return {
    ...defaultProcessSettings(),
    port: server.tlsReplication && server.tlsPort !== 0 ? server.tlsPort : server.port,
    announceHost: randomOptionalText(random),
    announcePort: random.below(2) === 0 ? null : 1 + random.below(65_535),
    resolveHostnames: random.below(2) === 0,
    announceHostnames: random.below(2) === 0,
    sentinelUser: randomOptionalText(random),
    sentinelPass: randomOptionalText(random),
    denyScriptsReconfig: random.below(2) === 0,
    knownPeersOnly: random.below(2) === 0,
  };
}

function randomMaster(random: Random, name: string, process: ProcessSettings): SavedMaster {
  const replicas = new Map(
    Array.from({ length: random.below(4) }, () => {
      const address = randomAddress(random, process.resolveHostnames);
      return [`${address.host} ${address.port}`, address];
    }),
  );
  return {
    name,
    address: randomAddress(random, process.resolveHostnames),
    configEpoch: randomEpoch(random),
    settings: randomMasterSettings(random),
    voteEpoch: randomEpoch(random),
    voteLeader: random.below(2) === 0 ? null : random.hex(40),
    replicas: [...replicas.values()],
    peers: Array.from({ length: random.below(4) }, () => ({
      runId: random.hex(40),
      address: randomAddress(random, process.resolveHostnames),
      ...(random.below(3) === 0 ? { isUnproven: true } : {}),
    })),
    isMeeting: random.below(3) === 0,
    hold: random.below(3) === 0 ? { stamp: 1 + random.below(2 ** 40), until: random.below(2 ** 40) } : null,
    reigns: Array.from({ length: random.below(5) }, () => randomReign(random)),
    history: Array.from({ length: random.below(5) }, () => randomFailover(random)),
  };
}

function randomMasterSettings(random: Random): MasterSettings {
  const settings = defaultMasterSettings(1 + random.below(5));
  if (random.below(2) === 0) settings.downAfter = 1 + random.below(60_000);
  if (random.below(2) === 0) settings.failoverTimeout = 1 + random.below(600_000);
  if (random.below(2) === 0) settings.parallelSyncs = random.below(10);
  if (random.below(2) === 0) settings.masterRebootDownAfter = random.below(10_000);
  settings.authUser = randomOptionalText(random);
  settings.authPass = randomOptionalText(random);
  settings.notificationScript = randomOptionalText(random);
  settings.clientReconfigScript = randomOptionalText(random);
  for (const command of ['CONFIG', 'INFO', 'SLAVEOF']) {
    if (random.below(3) === 0) settings.renamedCommands.set(command, randomText(random));
  }
  return settings;
}

/** A replication history can be as old as a time in which host names were allowed. */
function randomReign(random: Random): Reign {
  return { address: randomAddress(random, true), replicationId: random.hex(40) };
}

function randomFailover(random: Random): FailoverRecord {
  const orUnknown = <Value>(value: Value): Value | null => (random.below(3) === 0 ? null : value);
  const phases = noPhases();
  for (const phase of PHASES) phases[phase] = orUnknown(random.below(100_000));
  return {
    at: random.below(1 << 30) * 1000,
    reason: orUnknown(pick(random, FAILOVER_REASONS)),
    result: pick(random, FAILOVER_RESULTS),
    epoch: randomEpoch(random),
    attempts: random.below(10),
    oldAddress: randomAddress(random, true),
    newAddress: orUnknown(randomAddress(random, true)),
    leader: orUnknown(random.hex(40)),
    learnedFrom: orUnknown(random.hex(40)),
    phases,
    promotedOffset: orUnknown(random.below(1 << 30)),
    runnerUpOffset: orUnknown(random.below(1 << 30)),
  };
}

function randomAddress(random: Random, isNameAllowed: boolean): Address {
  const number = random.below(256);
  const hosts = [`192.0.2.${number}`, `2001:db8::${number.toString(16)}`, `::ffff:192.0.2.${number}`];
  if (isNameAllowed) hosts.push(`node-${number}.example.org`);
  return { host: pick(random, hosts), port: random.below(65_536) };
}

function randomEpoch(random: Random): number {
  return pick(random, [0, 1, random.below(1000), MAX_EPOCH - random.below(3)]);
}

function randomOptionalText(random: Random): string | null {
  return random.below(2) === 0 ? null : randomText(random);
}

function randomText(random: Random): string {
  return random.below(2) === 0 ? `word-${random.below(1000)}` : randomBytes(random, 1 + random.below(8));
}

function pick<Value>(random: Random, values: readonly Value[]): Value {
  const value = values[random.below(values.length)];
  if (value === undefined) throw new Error('nothing to pick from');
  return value;
}
