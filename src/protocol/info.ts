// The reply to INFO as far as a supervisor reads it.
//
// The text comes from another process, perhaps from a much older or newer version, perhaps from a hostile one. Lines that
// are unknown or not what they should be are passed over, and their fields keep their defaults; nothing makes it throw.
// Understood are Redis's words since 2.4 and the primary/replica words that Valkey is moving to.

import { isHexadecimalId, isHost, parseCount, parsePort } from './words.js';

/** One replica as its master lists it. */
export interface ReplicaLine {
  readonly host: string;
  readonly port: number;
  /** `online`, `wait_bgsave`, `send_bulk`…; empty where the line does not say. */
  readonly state: string;
  /** What the replica acknowledged last, in bytes; 0 where the line does not say (before Redis 2.8). */
  readonly offset: number;
}

export interface InfoReport {
  /** 40 hexadecimal digits, or empty where the report does not say. */
  readonly runId: string;
  /** `redis_version`, the level of compatibility that Valkey reports as well; where it is missing, `valkey_version`. */
  readonly version: string;
  readonly role: 'master' | 'slave' | null;
  /** A master's replicas; at most `MAX_REPLICA_LINES`. */
  readonly replicas: readonly ReplicaLine[];
  /** The master that a replica follows; null in the report of a master. */
  readonly masterHost: string | null;
  readonly masterPort: number | null;
  readonly masterLinkUp: boolean;
  /**
   * Milliseconds since the link to its master broke; 0 while it is up, null where the report does not say: in the report of
   * a master, and when the replica has not had a link since it started (`-1` on the wire).
   */
  readonly masterLinkDownFor: number | null;
  readonly masterSyncInProgress: boolean;
  readonly priority: number;
  /** `slave_repl_offset` of a replica, `master_repl_offset` of a master. */
  readonly offset: number;
  /** `master_repl_offset`, whatever the role: how far this copy of the replication history reaches. */
  readonly historyOffset: number;
  /** 40 hexadecimal digits, or empty where the report does not say. */
  readonly replicationId: string;
  /** The same; empty also for the forty zeros that mean "there was no other history". */
  readonly secondReplicationId: string;
  readonly isAnnounced: boolean;
  readonly loading: boolean;
  /** Keys in all databases; 0 also where the report does not say. */
  readonly keys: number;
}

/** A master feeds a few dozen replicas at most; a list of thousands is an attempt to make us open thousands of links. */
export const MAX_REPLICA_LINES = 256;

/** The priority of a replica that does not report one, as in Redis's configuration. */
const DEFAULT_PRIORITY = 100;

const NO_REPLICATION_ID = '0'.repeat(40);

/** What the lines have said so far. Some fields depend on the role, so the report is put together at the end. */
class Findings {
  runId = '';
  redisVersion = '';
  valkeyVersion = '';
  role: 'master' | 'slave' | null = null;
  readonly replicas: ReplicaLine[] = [];
  masterHost: string | null = null;
  masterPort: number | null = null;
  masterLinkUp = false;
  masterLinkDownFor: number | null = null;
  masterSyncInProgress = false;
  priority = DEFAULT_PRIORITY;
  ownOffset = 0;
  replicatedOffset = 0;
  replicationId = '';
  secondReplicationId = '';
  isAnnounced = true;
  loading = false;
  keys = 0;
}

/** Reads a whole INFO reply, with CRLF or LF line breaks. Where a field is given twice, the last one counts. */
export function parseInfo(text: string): InfoReport {
  const findings = new Findings();
  let start = 0;
  while (start < text.length) {
    const lineFeed = text.indexOf('\n', start);
    const end = lineFeed === -1 ? text.length : lineFeed;
    const line = text.slice(start, text.charAt(end - 1) === '\r' ? end - 1 : end);
    const colon = line.indexOf(':');
    if (colon !== -1) noteField(findings, line.slice(0, colon), line.slice(colon + 1));
    start = end + 1;
  }
  return reportOf(findings);
}

function reportOf(findings: Findings): InfoReport {
  const isReplica = findings.role === 'slave';
  const masterLinkUp = isReplica && findings.masterLinkUp;
  return {
    runId: findings.runId,
    version: findings.redisVersion === '' ? findings.valkeyVersion : findings.redisVersion,
    role: findings.role,
    replicas: findings.replicas,
    masterHost: isReplica ? findings.masterHost : null,
    masterPort: isReplica ? findings.masterPort : null,
    masterLinkUp,
    masterLinkDownFor: masterLinkUp ? 0 : isReplica ? findings.masterLinkDownFor : null,
    masterSyncInProgress: isReplica && findings.masterSyncInProgress,
    priority: findings.priority,
    offset: isReplica ? findings.replicatedOffset : findings.ownOffset,
    historyOffset: findings.ownOffset,
    replicationId: findings.replicationId,
    secondReplicationId: findings.secondReplicationId,
    isAnnounced: findings.isAnnounced,
    loading: findings.loading,
    keys: findings.keys,
  };
}

/** Notes identity and role here and leaves the rest to the two functions below. */
function noteField(findings: Findings, name: string, value: string): void {
  switch (name) {
    case 'run_id':
      if (isHexadecimalId(value)) findings.runId = value;
      return;
    case 'redis_version':
      findings.redisVersion = isWord(value) ? value : findings.redisVersion;
      return;
    case 'valkey_version':
      findings.valkeyVersion = isWord(value) ? value : findings.valkeyVersion;
      return;
    case 'loading':
      findings.loading = value === '1';
      return;
    case 'role':
      findings.role = roleNamed(value) ?? findings.role;
      return;
    case 'master_replid':
    case 'primary_replid':
      if (isHexadecimalId(value)) findings.replicationId = value;
      return;
    case 'master_replid2':
    case 'primary_replid2':
      if (isHexadecimalId(value)) findings.secondReplicationId = value === NO_REPLICATION_ID ? '' : value;
      return;
    case 'master_repl_offset':
    case 'primary_repl_offset':
      findings.ownOffset = parseCount(value) ?? findings.ownOffset;
      return;
    default:
      if (!endsInDigit(name)) noteReplicaField(findings, name, value);
      else if (/^(?:slave|replica)[0-9]+$/.test(name)) noteReplica(findings, value);
      else if (/^db[0-9]+$/.test(name)) findings.keys += parseCount(/^keys=([0-9]+)/.exec(value)?.[1] ?? '') ?? 0;
      else noteReplicaField(findings, name, value);
  }
}

/** The names of lines of which there may be several; most lines need not be looked at more closely. */
function endsInDigit(name: string): boolean {
  const last = name.charCodeAt(name.length - 1);
  return last >= DIGIT_ZERO && last <= DIGIT_NINE;
}
const DIGIT_ZERO = 0x30;
const DIGIT_NINE = 0x39;

/** What only a replica says about itself. */
function noteReplicaField(findings: Findings, name: string, value: string): void {
  switch (name) {
    case 'master_host':
    case 'primary_host':
      findings.masterHost = isHost(value) ? value : findings.masterHost;
      return;
    case 'master_port':
    case 'primary_port':
      findings.masterPort = parsePort(value) ?? findings.masterPort;
      return;
    case 'master_link_status':
    case 'primary_link_status':
      findings.masterLinkUp = value === 'up';
      return;
    case 'master_link_down_since_seconds':
    case 'primary_link_down_since_seconds':
      findings.masterLinkDownFor = parseSeconds(value) ?? findings.masterLinkDownFor;
      return;
    case 'master_sync_in_progress':
    case 'primary_sync_in_progress':
      findings.masterSyncInProgress = value === '1';
      return;
    case 'slave_priority':
    case 'replica_priority':
      findings.priority = parseCount(value) ?? findings.priority;
      return;
    case 'slave_repl_offset':
    case 'replica_repl_offset':
      findings.replicatedOffset = parseCount(value) ?? findings.replicatedOffset;
      return;
    case 'replica_announced':
      findings.isAnnounced = value !== '0';
      return;
    default:
      return;
  }
}

function roleNamed(word: string): 'master' | 'slave' | null {
  switch (word) {
    case 'master':
    case 'primary':
      return 'master';
    case 'slave':
    case 'replica':
      return 'slave';
    default:
      return null;
  }
}

/** Seconds on the wire, milliseconds here; null unless both are counted exactly. */
function parseSeconds(text: string): number | null {
  const seconds = parseCount(text);
  return seconds !== null && Number.isSafeInteger(seconds * 1000) ? seconds * 1000 : null;
}

function noteReplica(findings: Findings, value: string): void {
  if (findings.replicas.length >= MAX_REPLICA_LINES) return;
  const line = value.startsWith('ip=') ? parseNamedReplica(value) : parseOldReplica(value);
  if (line !== null) findings.replicas.push(line);
}

/** `ip=…,port=…,state=…,offset=…,lag=…`, in any order and with names that are yet to come. */
function parseNamedReplica(value: string): ReplicaLine | null {
  let host = '';
  let portText = '';
  let state = '';
  let offsetText = '0';
  for (const pair of value.split(',')) {
    if (pair.startsWith('ip=')) host = pair.slice('ip='.length);
    else if (pair.startsWith('port=')) portText = pair.slice('port='.length);
    else if (pair.startsWith('state=')) state = pair.slice('state='.length);
    else if (pair.startsWith('offset=')) offsetText = pair.slice('offset='.length);
  }
  return replicaLine(host, portText, state, offsetText);
}

/** `host,port,state`: Redis before 2.8. */
function parseOldReplica(value: string): ReplicaLine | null {
  const [host = '', portText = '', state = ''] = value.split(',', 3);
  return replicaLine(host, portText, state, '0');
}

function replicaLine(host: string, portText: string, state: string, offsetText: string): ReplicaLine | null {
  const port = parsePort(portText);
  const offset = parseCount(offsetText);
  return port === null || offset === null || !isHost(host)
    ? null
    : { host, port, state: isWord(state) ? state : '', offset };
}

/** A version or the name of a state; what is longer or stranger is not worth keeping for thousands of nodes. */
function isWord(text: string): boolean {
  return /^[0-9A-Za-z._+-]{1,64}$/.test(text);
}
