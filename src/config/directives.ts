// The directives of a sentinel.conf: the one table that reading, writing and the manual share.
//
// Each `sentinel …` directive stands here once, with how it is read into a draft of the saved state and how it is written
// back. Typed server directives (`port`, `dir`…) have a table of their own in `server-settings.ts`; the names of all
// others, which are accepted and kept as they are, stand at the end. Order matters: new lines are appended in it.

import { DEFAULT_DOWN_AFTER, DEFAULT_FAILOVER_TIMEOUT, DEFAULT_PARALLEL_SYNCS } from '../core/state.js';
import { isRunId } from '../core/types.js';
import type { MasterDirective, MonitorDirective, ProcessDirective, SentinelDirective } from './directive-kinds.js';
import {
  flag,
  masterEpoch,
  masterFlag,
  masterNumber,
  masterText,
  PLAIN,
  processText,
  scriptCheck,
} from './directive-kinds.js';
import type { Reason } from './draft.js';
import { addMaster, addPeer, addReplica, parseEpoch } from './draft.js';
import { parseInteger, parsePort } from './values.js';

const MY_ID: ProcessDirective = {
  ...PLAIN,
  name: 'myid',
  scope: 'process',
  isQuoted: false,
  parameters: '<run id>',
  fallback: null,
  read(draft, value) {
    if (!isRunId(value)) return 'Malformed Sentinel id in myid option.';
    draft.myId = value;
    return null;
  },
  write: (state) => state.myId,
};

const CURRENT_EPOCH: ProcessDirective = {
  ...PLAIN,
  name: 'current-epoch',
  scope: 'process',
  isQuoted: false,
  parameters: '<epoch>',
  fallback: null,
  read(draft, value) {
    const parsed = parseEpoch(value);
    if (typeof parsed === 'string') return parsed;
    draft.currentEpoch = Math.max(draft.currentEpoch, parsed);
    return null;
  },
  write: (state) => String(state.currentEpoch),
};

const ANNOUNCE_PORT: ProcessDirective = {
  ...PLAIN,
  name: 'announce-port',
  scope: 'process',
  isQuoted: false,
  parameters: '<port>',
  fallback: null,
  read(draft, value) {
    const port = parsePort(value);
    if (port === null) return 'Invalid port number.';
    draft.settings.announcePort = port === 0 ? null : port;
    return null;
  },
  write: (state) => (state.settings.announcePort === null ? null : String(state.settings.announcePort)),
};

const MONITOR: MonitorDirective = {
  ...PLAIN,
  isCumulative: true,
  name: 'monitor',
  scope: 'monitor',
  parameters: '<master> <host> <port> <quorum>',
  fallback: null,
  arity: [4],
  read(draft, [name = '', host = '', port = '', quorum = '']) {
    const parsedQuorum = parseInteger(quorum);
    if (parsedQuorum === null || parsedQuorum < 1) return 'Quorum must be 1 or greater.';
    return addMaster(draft, name, host, port, parsedQuorum);
  },
  write: ({ address, settings }) => [[address.host, String(address.port), String(settings.quorum)]],
};

const KNOWN_REPLICA: MasterDirective = {
  name: 'known-replica',
  aliases: ['known-slave'],
  keepsAlias: false,
  isCumulative: true,
  scope: 'master',
  parameters: '<master> <host> <port>',
  fallback: null,
  arity: [2],
  read: (master, [host = '', port = ''], draft) => addReplica(draft, master, host, port),
  write: (master) => master.replicas.map(({ host, port }) => [host, String(port)]),
};

const KNOWN_SENTINEL: MasterDirective = {
  ...PLAIN,
  isCumulative: true,
  name: 'known-sentinel',
  scope: 'master',
  parameters: '<master> <host> <port> <run id>',
  fallback: null,
  arity: [2, 3],
  read: (master, [host = '', port = '', runId = ''], draft) => addPeer(draft, master, { host, port, runId }),
  write: (master) => master.peers.map(({ address, runId }) => [address.host, String(address.port), runId]),
};

const RENAME_COMMAND: MasterDirective = {
  ...PLAIN,
  isCumulative: true,
  name: 'rename-command',
  scope: 'master',
  parameters: '<master> <command> <name on the data nodes>',
  fallback: null,
  arity: [2],
  read(master, [command = '', renamed = '']) {
    const { renamedCommands } = master.settings;
    const standard = command.toUpperCase();
    if (renamedCommands.has(standard)) return 'Same command renamed multiple times with rename-command.';
    renamedCommands.set(standard, renamed);
    return null;
  },
  write: (master) => [...master.settings.renamedCommands],
};

/** In the order in which new lines are appended: some of the process, then all of each master, then the rest. */
export const LEADING_DIRECTIVES: readonly ProcessDirective[] = [
  MY_ID,
  flag('deny-scripts-reconfig', 'denyScriptsReconfig', true, 'options'),
  flag('known-peers-only', 'knownPeersOnly', false, 'option'),
  flag('resolve-hostnames', 'resolveHostnames', false, 'option'),
  flag('announce-hostnames', 'announceHostnames', false, 'option'),
];

export const MASTER_DIRECTIVES: readonly (MonitorDirective | MasterDirective)[] = [
  MONITOR,
  masterNumber('down-after-milliseconds', 'downAfter', {
    parameters: '<master> <milliseconds>',
    fallback: DEFAULT_DOWN_AFTER,
    minimum: 1,
    reason: 'negative or zero time parameter.',
  }),
  masterNumber('failover-timeout', 'failoverTimeout', {
    parameters: '<master> <milliseconds>',
    fallback: DEFAULT_FAILOVER_TIMEOUT,
    minimum: 1,
    reason: 'negative or zero time parameter.',
  }),
  masterNumber('parallel-syncs', 'parallelSyncs', {
    parameters: '<master> <number of replicas>',
    fallback: DEFAULT_PARALLEL_SYNCS,
    minimum: 0,
    reason: 'Invalid number of replicas in parallel-syncs.',
  }),
  masterText(
    'notification-script',
    'notificationScript',
    '<master> <path>',
    scriptCheck('Notification script seems non existing or non executable.'),
  ),
  masterText(
    'client-reconfig-script',
    'clientReconfigScript',
    '<master> <path>',
    scriptCheck('Client reconfiguration script seems non existing or non executable.'),
  ),
  masterText('auth-pass', 'authPass', '<master> <password>'),
  masterText('auth-user', 'authUser', '<master> <user>'),
  masterNumber('master-reboot-down-after-period', 'masterRebootDownAfter', {
    parameters: '<master> <milliseconds>',
    fallback: 0,
    minimum: 0,
    reason: 'negative time parameter.',
    aliases: ['primary-reboot-down-after-period'],
  }),
  masterNumber('down-after-refused-milliseconds', 'downAfterRefused', {
    parameters: '<master> <milliseconds>',
    fallback: 0,
    minimum: 0,
    reason: 'negative time parameter.',
  }),
  masterFlag('fence-isolated-master', 'fenceIsolatedMaster', false),
  masterEpoch('config-epoch', 'configEpoch'),
  masterEpoch('leader-epoch', 'voteEpoch'),
  KNOWN_REPLICA,
  KNOWN_SENTINEL,
  RENAME_COMMAND,
];

export const TRAILING_DIRECTIVES: readonly ProcessDirective[] = [
  CURRENT_EPOCH,
  processText('announce-ip', 'announceHost', '<address>', true),
  ANNOUNCE_PORT,
  processText('sentinel-user', 'sentinelUser', '<user>', false),
  processText('sentinel-pass', 'sentinelPass', '<password>', false),
];

export const SENTINEL_DIRECTIVES: readonly SentinelDirective[] = [
  ...LEADING_DIRECTIVES,
  ...MASTER_DIRECTIVES,
  ...TRAILING_DIRECTIVES,
];

/**
 * Directives of redis.conf and valkey.conf, of every version from 7.0 on, that mean nothing to a Sentinel: accepted with
 * exactly one value, never interpreted, kept as they are.
 */
const SINGLE_VALUE_NAMES = `
  acl-pubsub-default acllog-max-len active-defrag-cycle-max active-defrag-cycle-min active-defrag-ignore-bytes
  active-defrag-max-scan-fields active-defrag-threshold-lower active-defrag-threshold-upper active-expire-effort
  activedefrag activerehashing always-show-logo aof-disable-auto-gc aof-load-truncated aof-rewrite-cpulist
  aof-rewrite-incremental-fsync aof-timestamp-enabled aof-use-rdb-preamble aof_rewrite_cpulist appenddirname
  appendfilename appendfsync appendonly auto-aof-rewrite-min-size auto-aof-rewrite-percentage availability-zone
  bgsave-cpulist bgsave_cpulist bind-source-addr bio-cpulist bio_cpulist busy-reply-threshold client-default-resp
  client-query-buffer-limit cluster-allow-pubsubshard-when-down cluster-allow-reads-when-down
  cluster-allow-replica-migration cluster-announce-bus-port cluster-announce-client-ipv4 cluster-announce-client-ipv6
  cluster-announce-hostname cluster-announce-human-nodename cluster-announce-ip cluster-announce-port
  cluster-announce-tls-port cluster-blacklist-ttl cluster-config-file cluster-enabled cluster-link-sendbuf-limit
  cluster-migration-barrier cluster-node-timeout cluster-ping-interval cluster-port cluster-preferred-endpoint-type
  cluster-replica-no-failover cluster-replica-validity-factor cluster-require-full-coverage cluster-slave-no-failover
  cluster-slave-validity-factor cluster-slot-stats-enabled crash-log-enabled crash-memcheck-enabled databases
  dbfilename debug-context disable-thp dual-channel-replication-enabled dynamic-hz enable-debug-assert
  enable-debug-command enable-module-command enable-protected-configs events-per-io-thread
  extended-redis-compatibility hash-max-listpack-entries hash-max-listpack-value hash-max-ziplist-entries
  hash-max-ziplist-value hide-user-data-from-log hll-sparse-max-bytes hz ignore-warnings io-threads
  io-threads-do-reads jemalloc-bg-thread key-load-delay latency-monitor-threshold latency-tracking
  lazyfree-lazy-eviction lazyfree-lazy-expire lazyfree-lazy-server-del lazyfree-lazy-user-del lazyfree-lazy-user-flush
  lfu-decay-time lfu-log-factor list-compress-depth list-max-listpack-size list-max-ziplist-entries
  list-max-ziplist-size list-max-ziplist-value loading-process-events-interval-bytes locale-collate log-format
  log-timestamp-format lua-replicate-commands lua-time-limit masterauth masteruser max-new-connections-per-cycle
  max-new-tls-connections-per-cycle maxmemory maxmemory-clients maxmemory-eviction-tenacity maxmemory-policy
  maxmemory-samples min-replicas-max-lag min-replicas-to-write min-slaves-max-lag min-slaves-to-write
  no-appendfsync-on-rewrite notify-keyspace-events oom-score-adj prefetch-batch-max-size primaryauth primaryuser
  proc-title-template propagation-error-behavior proto-max-bulk-len rdb-del-sync-files rdb-key-save-delay
  rdb-save-incremental-fsync rdbchecksum rdbcompression repl-backlog-size repl-backlog-ttl repl-disable-tcp-nodelay
  repl-diskless-load repl-diskless-sync repl-diskless-sync-delay repl-diskless-sync-max-replicas
  repl-ping-replica-period repl-ping-slave-period repl-timeout replica-announce-ip replica-announce-port
  replica-announced replica-ignore-disk-write-errors replica-ignore-maxmemory replica-lazy-flush replica-priority
  replica-read-only replica-serve-stale-data req-res-logfile sanitize-dump-payload server-cpulist server_cpulist
  set-max-intset-entries set-max-listpack-entries set-max-listpack-value set-proc-title shutdown-timeout
  slave-announce-ip slave-announce-port slave-ignore-maxmemory slave-lazy-flush slave-priority slave-read-only
  slave-serve-stale-data slowlog-log-slower-than slowlog-max-len socket-mark-id stop-writes-on-bgsave-error
  stream-node-max-bytes stream-node-max-entries tracking-table-max-keys unixsocketgroup use-exit-on-panic
  watchdog-period zset-max-listpack-entries zset-max-listpack-value zset-max-ziplist-entries zset-max-ziplist-value
`;

/** The same, with any number of values. */
const MANY_VALUE_NAMES = `
  latency-tracking-info-percentiles oom-score-adj-values replicaof save shutdown-on-sigint shutdown-on-sigterm slaveof
`;

/** How many values a preserved directive takes, and how Redis words it when there are more or fewer. */
interface PreservedDirective {
  readonly minimum: number;
  readonly maximum: number;
  readonly reason: Reason;
}

const WRONG_COUNT = 'wrong number of arguments';
export const BAD_DIRECTIVE: Reason = 'Bad directive or wrong number of arguments';
const ANY = Number.POSITIVE_INFINITY;

/** Accepted server directives that Vedette keeps and does not interpret. */
export const PRESERVED_DIRECTIVES: ReadonlyMap<string, PreservedDirective> = new Map([
  ...preserved(SINGLE_VALUE_NAMES, { minimum: 1, maximum: 1, reason: WRONG_COUNT }),
  ...preserved(MANY_VALUE_NAMES, { minimum: 0, maximum: ANY, reason: WRONG_COUNT }),
  ...preserved('loadmodule', { minimum: 1, maximum: ANY, reason: BAD_DIRECTIVE }),
  ...preserved('rename-command', { minimum: 2, maximum: 2, reason: BAD_DIRECTIVE }),
]);

function preserved(names: string, directive: PreservedDirective): [string, PreservedDirective][] {
  return names
    .trim()
    .split(/\s+/)
    .map((name) => [name, directive]);
}

/** The classes of `client-output-buffer-limit`; replicas have an older name, too. */
export const CLIENT_CLASS_NAMES: ReadonlyMap<string, 'normal' | 'replica' | 'pubsub'> = new Map([
  ['normal', 'normal'],
  ['replica', 'replica'],
  ['slave', 'replica'],
  ['pubsub', 'pubsub'],
]);
