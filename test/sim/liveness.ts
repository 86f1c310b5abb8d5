// Whether a simulated world is well: all healthy Sentinels name one master, it is one, everybody follows it, clients write.
// `pending` says what is missing, in words: a run that does not converge is read from there.

import type { Master } from '../../src/core/master.js';
import { type Address, addressKey, type Millis } from '../../src/core/types.js';
import type { Group } from './group.js';
import type { Machine } from './network.js';
import type { RedisNode } from './redis-node.js';
import type { SentinelHost } from './sentinel-host.js';
import type { Simulation } from './simulation.js';
import type { StockSentinel } from './stock-sentinel.js';

/** A writer that got nothing acknowledged for so long is stuck. */
const WRITER_PATIENCE: Millis = 1_500;

export class Liveness {
  /** Machines that stay broken on purpose: nothing is expected of what runs there. */
  readonly excused = new Set<Machine>();
  /** Writers are not expected to get anywhere while this is false. */
  expectsWrites: boolean;
  readonly #simulation: Simulation;

  constructor(simulation: Simulation) {
    this.#simulation = simulation;
    this.expectsWrites = true;
  }

  /** Null when all is well, otherwise the first thing that is not. */
  pending(): string | null {
    for (const group of this.#simulation.groups) {
      const reason = this.#pendingIn(group);
      if (reason !== null) return `${group.name}: ${reason}`;
    }
    return null;
  }

  /** The Sentinels of which something is expected. */
  healthySentinels(): SentinelHost[] {
    return this.#simulation.sentinels.filter((host) => this.#isHealthy(host));
  }

  #isHealthy(process: SentinelHost | StockSentinel | RedisNode): boolean {
    return process.isRunning && !this.excused.has(process.machine);
  }

  #pendingIn(group: Group): string | null {
    const hosts = this.healthySentinels();
    const [first] = hosts;
    if (first === undefined) return 'no Sentinel is healthy';
    const named = advertised(first, group.name);
    if (named === null) return `${first.name} does not monitor it`;
    const inService = this.#simulation.sentinels.filter(({ isRetired }) => !isRetired).length;
    const others = inService + this.#simulation.stockSentinels.length - 1;
    for (const host of hosts) {
      const reason = this.#disagreement(host, first, named, others, group);
      if (reason !== null) return reason;
    }
    for (const stock of this.#simulation.stockSentinels) {
      if (!this.#isHealthy(stock)) continue;
      const address = stock.addressOf(group.name);
      if (address === null || !isSame(address, named)) {
        return `${stock.name} names ${address === null ? 'nobody' : addressKey(address)}, ${first.name} ${addressKey(named)}`;
      }
    }
    return this.#pendingAmongNodes(group, named) ?? this.#pendingOfWriters(group);
  }

  #disagreement(host: SentinelHost, first: SentinelHost, named: Address, others: number, group: Group): string | null {
    const master = host.sentinel?.core.topology.masters.get(group.name);
    const epoch = first.sentinel?.core.topology.masters.get(group.name)?.configEpoch;
    if (master === undefined) return `${host.name} does not monitor it`;
    const theirs = master.advertisedAddress;
    if (!isSame(theirs, named)) {
      return `${host.name} names ${addressKey(theirs)}, ${first.name} ${addressKey(named)}`;
    }
    if (master.configEpoch !== epoch)
      return `${host.name} is at epoch ${master.configEpoch}, ${first.name} at ${epoch}`;
    if (master.peers.size < others) return `${host.name} knows ${master.peers.size} of ${others} other Sentinels`;
    for (const node of group.nodes) {
      if (this.#isHealthy(node) && !isKnown(node, master)) return `${host.name} does not know ${node.name}`;
    }
    return null;
  }

  #pendingAmongNodes(group: Group, named: Address): string | null {
    const master = group.nodeAt(named);
    if (master === null) return `nobody is at ${addressKey(named)}`;
    if (!this.#isHealthy(master)) return `${master.name} is the master in name, but not healthy`;
    if (!master.isMaster) return `${master.name} is named master, but is a replica`;
    for (const node of group.nodes) {
      if (node === master || !this.#isHealthy(node)) continue;
      if (node.upstream === null) return `${node.name} is a master beside ${master.name}`;
      const followed = node.upstream.address;
      if (!isSame(followed, named)) return `${node.name} follows ${addressKey(followed)} instead of ${master.name}`;
      if (!node.upstream.isUp) return `${node.name} has no link to ${master.name}`;
    }
    return null;
  }

  #pendingOfWriters(group: Group): string | null {
    if (!this.expectsWrites) return null;
    for (const writer of group.writers) {
      const silence = this.#simulation.now - writer.lastAcknowledgedAt;
      if (silence > WRITER_PATIENCE) return `${writer.name} has had nothing acknowledged for ${Math.round(silence)} ms`;
    }
    return null;
  }
}

function advertised(host: SentinelHost, name: string): Address | null {
  return host.sentinel?.core.topology.masters.get(name)?.advertisedAddress ?? null;
}

/** Compared field by field: this runs for every node and every Sentinel each time somebody looks. */
function isSame(one: Address, other: Address): boolean {
  return one === other || (one.port === other.port && one.host === other.host);
}

function isKnown({ options: { address } }: RedisNode, master: Master): boolean {
  if (isSame(master.node.address, address)) return true;
  for (const replica of master.replicas.values()) if (isSame(replica.address, address)) return true;
  return false;
}
