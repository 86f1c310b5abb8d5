// The parser of INFO. A report that a server could have written is read as it was meant; of any other text nothing is believed that
// is not what its field should be, and nothing grows.

import { MAX_REPLICA_LINES, parseInfo } from '../../src/protocol/info.js';
import { isHost } from '../../src/protocol/words.js';
import type { Dice } from '../sim/seed.js';
import { awkwardWord, damaged, hasControlCharacter } from './material.js';
import { require, requireSame, type Target } from './target.js';

const FIELDS = [
  ...[
    'run_id',
    'redis_version',
    'valkey_version',
    'loading',
    'role',
    'master_replid',
    'primary_replid',
    'master_replid2',
  ],
  ...['master_repl_offset', 'slave0', 'slave1', 'replica2', 'slave99', 'slavex', 'master_host', 'primary_host'],
  ...[
    'master_port',
    'master_link_status',
    'master_link_down_since_seconds',
    'master_sync_in_progress',
    'slave_priority',
  ],
  ...['slave_repl_offset', 'replica_repl_offset', 'replica_announced', 'used_memory', 'db0', '# Replication', ''],
];
const VALUES = [
  ...['master', 'slave', 'primary', 'replica', 'up', 'down', 'connected', '7.0.15', 'a'.repeat(40), '10.0.0.1', '6379'],
  ...['ip=10.0.0.1,port=6379,state=online,offset=1,lag=0', 'ip=::1,port=6379', 'ip=,port=', 'ip=h,port=1,offset=-1'],
  ...['10.0.0.1,6379,online', '10.0.0.1,6379', ',,,', 'ip=ip=ip=', 'port=1,ip=a'],
];

export const reports: Target = {
  name: 'reports',
  about: 'INFO replies, as servers write them and otherwise',
  run(dice) {
    readsWhatWasMeant(dice);
    const lines = Array.from({ length: dice.below(dice.chance(0.99) ? 30 : 600) }, () => randomLine(dice));
    const text = damaged(dice, lines.join(dice.pick(['\r\n', '\n'])));
    const report = parseInfo(text);
    const { replicas, masterHost, masterPort, masterLinkDownFor, priority, offset, ...rest } = report;
    require(replicas.length <= MAX_REPLICA_LINES, `${replicas.length} replicas are believed`, text);
    for (const replica of [...replicas, { host: masterHost ?? 'h', port: masterPort ?? 1, offset, state: '' }]) {
      require(isHost(replica.host) &&
        isPort(replica.port) &&
        isCount(replica.offset), 'an address is one', replica, text);
      require(!hasControlCharacter(replica.state), 'a state is a word', replica, text);
    }
    require(isCount(priority) && isCount(masterLinkDownFor ?? 0), 'numbers are counts', report, text);
    const { runId, replicationId, secondReplicationId, version } = rest;
    for (const id of [runId, replicationId, secondReplicationId])
      require(/^(?:[0-9a-f]{40})?$/.test(id), 'an id', id, text);
    require(version.length <= 64 && !hasControlCharacter(version), 'a version is a word', version, text);
    return lines.length + 1;
  },
};

function readsWhatWasMeant(dice: Dice): void {
  const replicas = Array.from({ length: dice.below(4) }, () => ({
    host: dice.pick(['10.0.0.1', '::1', 'node-1.example.org']),
    port: dice.integer(1, 65_535),
    state: dice.pick(['online', 'wait_bgsave']),
    offset: dice.below(2 ** 31),
  }));
  const lines = [
    'role:master',
    ...replicas.map(
      ({ host, port, state, offset }, index) =>
        `slave${index}:ip=${host},port=${port},state=${state},offset=${offset},lag=1`,
    ),
    `master_repl_offset:${dice.below(2 ** 31)}`,
  ];
  requireSame(parseInfo(lines.join('\r\n')).replicas, replicas, 'the replicas of a master', lines);
}

function randomLine(dice: Dice): string {
  const value = dice.chance(0.6) ? dice.pick(VALUES) : awkwardWord(dice);
  return `${dice.pick(FIELDS)}:${value}`;
}

function isPort(value: number): boolean {
  return Number.isInteger(value) && value >= 1 && value <= 65_535;
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}
