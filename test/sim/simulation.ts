// A whole simulated world: Sentinels, stock Sentinels, groups of Redis servers with their writers, one network, one clock.
//
// It builds the world from options and a seed and lets time pass. What goes wrong in it is the business of `faults.ts` or of a
// scenario; whether all is right, of `checkers.ts` and `liveness.ts`.

import type { Address, Millis } from '../../src/core/types.js';
import { Agenda } from './agenda.js';
import { Checkers } from './checkers.js';
import type { DiskOptions } from './disk.js';
import { DEFAULT_GROUP, Group, type GroupOptions } from './group.js';
import { Liveness } from './liveness.js';
import { Network, type NetworkOptions } from './network.js';
import { Operator } from './operator.js';
import { DEFAULT_REDIS_OPTIONS, RedisNode } from './redis-node.js';
import { Seed } from './seed.js';
import { SentinelHost } from './sentinel-host.js';
import { StockSentinel } from './stock-sentinel.js';
import { Trace } from './trace.js';
import { Writer } from './writer.js';

export interface SimulationOptions extends NetworkOptions {
  readonly seed: number;
  readonly sentinels: number;
  /** Original Sentinels, as modelled, beside them. */
  readonly stockSentinels: number;
  readonly groups: readonly Partial<GroupOptions>[];
  readonly disk: DiskOptions;
  /** How much later than asked for a Sentinel's timers may fire. */
  readonly timerJitter: Millis;
  /** Whether a Sentinel that starts again finds its machine's clock where it was, or any other. */
  readonly keepsClocks: boolean;
  /** Further lines of every sentinel.conf. */
  readonly directives: readonly string[];
  /** Gets every line of the trace; null for none. */
  readonly show: ((line: string) => void) | null;
}

export const DEFAULT_SIMULATION: SimulationOptions = {
  seed: 1,
  sentinels: 3,
  stockSentinels: 0,
  groups: [{}],
  latency: [0.1, 0.4],
  jitter: 0.1,
  disk: { latency: [1, 8] },
  timerJitter: 0.5,
  keepsClocks: false,
  directives: [],
  show: null,
};

const OPERATOR_HOST = '10.250.0.1';
const SENTINEL_PORT = 26_379;
const REDIS_PORT = 6_379;
const GROUPS_PER_NETWORK = 200;
/** How often a condition that is waited for is looked at. */
const LOOK_PERIOD: Millis = 1;

export class Simulation {
  readonly options: SimulationOptions;
  readonly seed: Seed;
  readonly agenda = new Agenda();
  readonly trace: Trace;
  readonly network: Network;
  readonly checkers: Checkers;
  readonly liveness: Liveness;
  readonly sentinels: readonly SentinelHost[];
  readonly stockSentinels: readonly StockSentinel[];
  readonly groups: readonly Group[];
  readonly names = new Map<string, string>();
  readonly operator: Operator;
  #writes = 0;

  constructor(options: Partial<SimulationOptions> = {}) {
    this.options = { ...DEFAULT_SIMULATION, ...options };
    this.seed = new Seed(this.options.seed);
    this.trace = new Trace(this.agenda, this.options.show);
    this.network = new Network(this.agenda, this.seed.child('network'), this.options);
    this.checkers = new Checkers(this);
    const groups = this.options.groups.map((group) => ({ ...DEFAULT_GROUP, ...group }));
    this.sentinels = Array.from({ length: this.options.sentinels }, (_, index) => this.#sentinel(index, groups));
    this.stockSentinels = Array.from({ length: this.options.stockSentinels }, (_, index) => this.#stock(index, groups));
    this.groups = groups.map((group, index) => this.#group(group, index));
    this.operator = new Operator(this.network.machine(OPERATOR_HOST), this.agenda, this.network, this.trace);
    this.liveness = new Liveness(this);
  }

  get now(): Millis {
    return this.agenda.now;
  }

  /** Starts everything there is, data nodes first. */
  start(): this {
    this.operator.start();
    for (const { nodes } of this.groups) for (const node of nodes) node.start();
    for (const sentinel of [...this.sentinels, ...this.stockSentinels]) sentinel.start();
    for (const { writers } of this.groups) for (const writer of writers) writer.start();
    return this;
  }

  /** Started, and everybody knows everybody. */
  settled(): this {
    this.start();
    this.waitUntil('all is well at the start', () => this.liveness.pending() === null, SETTLING);
    this.runFor(2_000);
    return this;
  }

  runFor(duration: Millis): void {
    this.agenda.runUntil(this.agenda.now + duration);
  }

  /** Lets time pass until the condition holds; returns how long that took. Fails after `within`. */
  waitUntil(what: string, condition: () => boolean, within: Millis): Millis {
    const from = this.agenda.now;
    while (!condition()) {
      if (this.agenda.now - from >= within) {
        throw new Error(`after ${within} ms still not so: ${what} (${this.liveness.pending() ?? 'but all is well'})`);
      }
      this.runFor(LOOK_PERIOD);
    }
    return this.agenda.now - from;
  }

  groupNamed(name: string): Group {
    const group = this.groups.find((one) => one.name === name);
    if (group === undefined) throw new Error(`no group ${name}`);
    return group;
  }

  get sentinelAddresses(): Address[] {
    return [...this.sentinels, ...this.stockSentinels].map(({ address }) => address);
  }

  #sentinel(index: number, groups: readonly GroupOptions[]): SentinelHost {
    const address = { host: `10.0.0.${index + 1}`, port: SENTINEL_PORT };
    const lines = [`port ${SENTINEL_PORT}`, ...this.options.directives];
    groups.forEach((group, place) => {
      lines.push(...directivesOf(group, nodeAddress(place, 0)));
    });
    const { disk, timerJitter, keepsClocks } = this.options;
    const configuration = `${lines.join('\n')}\n`;
    return new SentinelHost(
      { name: `S${index + 1}`, address, configuration, disk, timerJitter, keepsClocks },
      {
        agenda: this.agenda,
        network: this.network,
        trace: this.trace,
        seed: this.seed.child('sentinels'),
        observer: this.checkers,
        names: this.names,
      },
    );
  }

  #stock(index: number, groups: readonly GroupOptions[]): StockSentinel {
    const name = `A${index + 1}`;
    const address = { host: `10.0.1.${index + 1}`, port: SENTINEL_PORT };
    const masters = groups.map((group, place) => ({ ...group, address: nodeAddress(place, 0) }));
    const { agenda, network, trace, checkers } = this;
    const dice = this.seed.dice(name);
    return new StockSentinel({ name, address, masters }, { agenda, network, trace, dice, checkers });
  }

  #group(options: GroupOptions, place: number): Group {
    const master = nodeAddress(place, 0);
    const nodes = Array.from({ length: options.replicas + 1 }, (_, index) => {
      const name = `${options.name}-${index}`;
      const own = { address: nodeAddress(place, index), replicaOf: index === 0 ? null : master };
      return new RedisNode(
        name,
        { ...DEFAULT_REDIS_OPTIONS, ...options.redis, ...own, ...options.node(index) },
        { agenda: this.agenda, network: this.network, trace: this.trace, dice: this.seed.dice(name) },
      );
    });
    const writers = Array.from({ length: options.writers }, (_, index) => this.#writer(options, place, index));
    return new Group(options, nodes, writers);
  }

  #writer(group: GroupOptions, place: number, index: number): Writer {
    const name = `${group.name}-w${index}`;
    return new Writer(
      {
        name,
        machine: this.network.machine(
          `10.${200 + Math.floor(place / GROUPS_PER_NETWORK)}.${place % GROUPS_PER_NETWORK}.${index + 1}`,
        ),
        masterName: group.name,
        sentinels: this.sentinelAddresses,
        password: group.redis.password ?? null,
        period: group.writePeriod,
      },
      { agenda: this.agenda, network: this.network, dice: this.seed.dice(name), nextWrite: () => ++this.#writes },
    );
  }
}

const SETTLING: Millis = 60_000;

function nodeAddress(place: number, index: number): Address {
  return {
    host: `10.${1 + Math.floor(place / GROUPS_PER_NETWORK)}.${place % GROUPS_PER_NETWORK}.${index + 1}`,
    port: REDIS_PORT,
  };
}

function directivesOf(group: GroupOptions, master: Address): string[] {
  const { name, quorum, downAfter, failoverTimeout, parallelSyncs, directives, redis } = group;
  const lines = [
    `sentinel monitor ${name} ${master.host} ${master.port} ${quorum}`,
    `sentinel down-after-milliseconds ${name} ${downAfter}`,
    `sentinel failover-timeout ${name} ${failoverTimeout}`,
    `sentinel parallel-syncs ${name} ${parallelSyncs}`,
  ];
  if (redis.password) lines.push(`sentinel auth-pass ${name} ${redis.password}`);
  return [...lines, ...directives.map((line) => line.replaceAll('%', name))];
}
