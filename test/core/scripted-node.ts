// A Redis server reduced to what a Sentinel sees of it: it answers the commands the core sends, with what the test has set.
// It knows no replication: a test that wants an offset, a broken link or another history writes it down.

import type { Address } from '../../src/core/types.js';
import { ErrorReply, OK, type Reply, SimpleString } from '../../src/protocol/reply.js';
import { parseCount } from '../../src/protocol/words.js';
import type { Party } from './stage.js';

export interface ReplicaReport {
  readonly host: string;
  readonly port: number;
}

/** What INFO says and how commands are answered; every field may be changed at any time. */
export interface NodeScript {
  runId: string;
  version: string;
  role: 'master' | 'slave';
  /** Whom a replica follows. */
  follows: Address | null;
  linkUp: boolean;
  /** `master_link_down_since_seconds`, when the link is down. */
  linkDownForSeconds: number;
  isSyncing: boolean;
  isLoading: boolean;
  /** In the only database; 0: INFO has no line about it. */
  keys: number;
  priority: number;
  offset: number;
  replicationId: string;
  secondReplicationId: string;
  isAnnounced: boolean;
  /** The replicas a master lists. */
  replicas: readonly ReplicaReport[];
  pingReply: Reply;
  /** The beginning of a command in upper case (`CONFIG REWRITE`) and the error it is answered with. */
  readonly refusals: Map<string, string>;
  /** False: role changes are acknowledged and do nothing. */
  isObedient: boolean;
  /** Whether the link to a new master is up as soon as the node follows it. */
  syncsAtOnce: boolean;
}

export class ScriptedNode implements Party {
  readonly address: Address;
  condition: Party['condition'] = 'up';
  readonly script: NodeScript;
  #queue: (readonly string[])[] | null = null;
  #isQueueSpoilt = false;

  constructor(address: Address, script: Partial<NodeScript> = {}) {
    this.address = address;
    this.script = {
      runId: idOf(`run ${address.host}:${address.port}`),
      version: '7.2.4',
      role: 'slave',
      follows: null,
      linkUp: true,
      linkDownForSeconds: 0,
      isSyncing: false,
      isLoading: false,
      keys: 100,
      priority: 100,
      offset: 1000,
      replicationId: HISTORY,
      secondReplicationId: '0'.repeat(40),
      isAnnounced: true,
      replicas: [],
      pingReply: new SimpleString('PONG'),
      refusals: new Map(),
      isObedient: true,
      syncsAtOnce: true,
      ...script,
    };
  }

  respond(commands: readonly (readonly string[])[]): Reply[] {
    this.#queue = null;
    return commands.map((command) => this.#answer(command));
  }

  /** The text of INFO at this moment. */
  info(): string {
    const { script } = this;
    const lines = [
      '# Server',
      `redis_version:${script.version}`,
      `run_id:${script.runId}`,
      '# Replication',
      `role:${script.role}`,
      ...(script.role === 'slave' ? this.#replicaLines() : this.#masterLines()),
      `master_replid:${script.replicationId}`,
      `master_replid2:${script.secondReplicationId}`,
      `master_repl_offset:${script.offset}`,
      '# Persistence',
      `loading:${script.isLoading ? 1 : 0}`,
      '# Keyspace',
      ...(script.keys === 0 ? [] : [`db0:keys=${script.keys},expires=0,avg_ttl=0`]),
    ];
    return `${lines.join('\r\n')}\r\n`;
  }

  #replicaLines(): string[] {
    const { script } = this;
    const { host, port } = script.follows ?? { host: '10.255.255.255', port: 1 };
    return [
      `master_host:${host}`,
      `master_port:${port}`,
      `master_link_status:${script.linkUp ? 'up' : 'down'}`,
      ...(script.linkUp ? [] : [`master_link_down_since_seconds:${script.linkDownForSeconds}`]),
      `master_sync_in_progress:${script.isSyncing ? 1 : 0}`,
      `slave_repl_offset:${script.offset}`,
      `slave_priority:${script.priority}`,
      `replica_announced:${script.isAnnounced ? 1 : 0}`,
    ];
  }

  #masterLines(): string[] {
    const { replicas, offset } = this.script;
    return replicas.map(
      ({ host, port }, index) => `slave${index}:ip=${host},port=${port},state=online,offset=${offset},lag=0`,
    );
  }

  #answer(command: readonly string[]): Reply {
    const words = command.join(' ').toUpperCase();
    for (const [beginning, error] of this.script.refusals) {
      if (!words.startsWith(beginning)) continue;
      this.#isQueueSpoilt = true;
      return new ErrorReply(error);
    }
    if (words === 'MULTI') {
      this.#queue = [];
      this.#isQueueSpoilt = false;
      return OK;
    }
    if (words === 'EXEC') return this.#execute();
    if (this.#queue === null) return this.#perform(command);
    this.#queue.push(command);
    return new SimpleString('QUEUED');
  }

  #execute(): Reply {
    const queue = this.#queue;
    this.#queue = null;
    if (queue === null) return new ErrorReply('ERR EXEC without MULTI');
    if (this.#isQueueSpoilt) return new ErrorReply('EXECABORT Transaction discarded because of previous errors.');
    return queue.map((command) => this.#perform(command));
  }

  #perform(command: readonly string[]): Reply {
    const [name = '', first = '', second = ''] = command;
    switch (name.toUpperCase()) {
      case 'PING':
        return this.script.pingReply;
      case 'INFO':
        return this.info();
      case 'SUBSCRIBE':
        return ['subscribe', first, 1];
      case 'PUBLISH':
      case 'CLIENT':
        return 1;
      case 'CONFIG':
      case 'SCRIPT':
        return OK;
      case 'REPLICAOF':
      case 'SLAVEOF':
        return this.#changeRole(first, second);
      default:
        return new ErrorReply(`ERR unknown command '${name}', with args beginning with: `);
    }
  }

  #changeRole(host: string, portText: string): Reply {
    const { script } = this;
    const isPromotion = `${host} ${portText}`.toUpperCase() === 'NO ONE';
    const port = parseCount(portText);
    if (!isPromotion && port === null) return new ErrorReply('ERR Invalid master port');
    if (!script.isObedient) return OK;
    if (isPromotion && script.role === 'slave') {
      script.role = 'master';
      script.follows = null;
      script.secondReplicationId = script.replicationId;
      script.replicationId = idOf(`history ${this.address.host}:${this.address.port}`);
    } else if (port !== null) {
      script.role = 'slave';
      script.follows = { host, port };
      script.linkUp = script.syncsAtOnce;
    }
    return OK;
  }
}

/** The replication history that all nodes share unless a test says otherwise. */
export const HISTORY = idOf('history');

/** 40 hexadecimal digits that depend on the text alone. */
export function idOf(text: string): string {
  let id = '';
  for (let word = 0; word < 5; word++) {
    let hash = 0x811c9dc5 ^ word;
    for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
    hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
    id += ((hash ^ (hash >>> 13)) >>> 0).toString(16).padStart(8, '0');
  }
  return id;
}
