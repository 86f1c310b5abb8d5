// One monitored group of a simulation: a master's name, its data nodes, and its writers.

import type { Address, Millis } from '../../src/core/types.js';
import type { RedisNode, RedisOptions } from './redis-node.js';
import type { Acknowledged, Writer } from './writer.js';

export interface GroupOptions {
  readonly name: string;
  readonly replicas: number;
  readonly quorum: number;
  readonly downAfter: Millis;
  readonly failoverTimeout: Millis;
  readonly parallelSyncs: number;
  readonly writers: number;
  readonly writePeriod: Millis;
  /** For all nodes, and for single ones by index; the master is number 0. */
  readonly redis: Partial<RedisOptions>;
  readonly node: (index: number) => Partial<RedisOptions>;
  /** Further lines of sentinel.conf; `%` stands for the name. */
  readonly directives: readonly string[];
}

export const DEFAULT_GROUP: GroupOptions = {
  name: 'mymaster',
  replicas: 2,
  quorum: 2,
  downAfter: 1_000,
  failoverTimeout: 10_000,
  parallelSyncs: 1,
  writers: 1,
  writePeriod: 20,
  redis: {},
  node: () => ({}),
  directives: [],
};

export class Group {
  readonly options: GroupOptions;
  readonly nodes: readonly RedisNode[];
  readonly writers: readonly Writer[];

  constructor(options: GroupOptions, nodes: readonly RedisNode[], writers: readonly Writer[]) {
    this.options = options;
    this.nodes = nodes;
    this.writers = writers;
  }

  get name(): string {
    return this.options.name;
  }

  nodeAt(address: Address): RedisNode | null {
    const { host, port } = address;
    return this.nodes.find(({ options }) => options.address.port === port && options.address.host === host) ?? null;
  }

  /** Nodes that run as masters at present. */
  get masters(): RedisNode[] {
    return this.nodes.filter((node) => node.isAlive && node.isMaster);
  }

  /** How many acknowledged writes that node does not have. */
  lostWrites(node: RedisNode): number {
    return this.missingWrites(node).length;
  }

  /** The acknowledged writes that node does not have. */
  missingWrites(node: RedisNode): Acknowledged[] {
    const kept = new Set(node.history.writes);
    return this.writers.flatMap(({ acknowledged }) => acknowledged.filter(({ id }) => !kept.has(id)));
  }

  get acknowledgedWrites(): number {
    return this.writers.reduce((sum, { acknowledged }) => sum + acknowledged.length, 0);
  }
}
