// The words in which scenarios are told: a world that has settled, its master, and what the Sentinels say of it.

import { type Address, addressKey, type Millis } from '../../src/core/types.js';
import type { Group } from '../sim/group.js';
import type { RedisNode } from '../sim/redis-node.js';
import type { SentinelHost } from '../sim/sentinel-host.js';
import { Simulation, type SimulationOptions } from '../sim/simulation.js';

/**
 * Everybody runs and knows everybody, and has run for longer than any promise lasts that might have been forgotten: for so long that
 * all nodes have just been asked for INFO once more, and what they reported is young enough to choose by.
 */
export function aWorld(options: Partial<SimulationOptions> = {}): Simulation {
  const world = new Simulation(options).settled();
  world.runFor(INFO_PERIOD);
  return world;
}
const INFO_PERIOD: Millis = 10_000;

export function groupOf(world: Simulation, index = 0): Group {
  const group = world.groups[index];
  if (group === undefined) throw new Error(`no group ${index}`);
  return group;
}

export function sentinelOf(world: Simulation, index: number): SentinelHost {
  const host = world.sentinels[index];
  if (host === undefined) throw new Error(`no Sentinel ${index}`);
  return host;
}

export function nodeOf(world: Simulation, index: number, group = 0): RedisNode {
  const node = groupOf(world, group).nodes[index];
  if (node === undefined) throw new Error(`no node ${index}`);
  return node;
}

/** The node that this Sentinel's clients are sent to. */
export function namedBy(host: SentinelHost, group: Group): RedisNode | null {
  const address: Address | null = host.sentinel?.core.topology.masters.get(group.name)?.advertisedAddress ?? null;
  return address === null ? null : group.nodeAt(address);
}

/** All healthy Sentinels name one other node than `former`, and it is a master. */
export function isFailedOver(world: Simulation, former: RedisNode, group = groupOf(world)): boolean {
  const named = world.liveness.healthySentinels().map((host) => namedBy(host, group));
  const [first] = named;
  if (first === undefined || first === null || first === former || !first.isMaster) return false;
  return named.every((node) => node === first);
}

/** Waits for the failover away from `former`; returns how long it took from now. */
export function failover(world: Simulation, former: RedisNode, within: Millis): Millis {
  return world.waitUntil(`failover away from ${former.name}`, () => isFailedOver(world, former), within);
}

/** The node that all Sentinels name. */
export function theMaster(world: Simulation, group = groupOf(world)): RedisNode {
  const [host] = world.liveness.healthySentinels();
  const node = host === undefined ? null : namedBy(host, group);
  if (node === null) throw new Error('nobody names a master');
  return node;
}

export function allIsWell(world: Simulation, within: Millis): Millis {
  return world.waitUntil('all is well', () => world.liveness.pending() === null, within);
}

/** Fails as soon as the condition does not hold, for so long. */
export function always(
  world: Simulation,
  what: string,
  condition: () => boolean,
  during: Millis,
  step: Millis = 10,
): void {
  const until = world.now + during;
  while (world.now < until) {
    world.runFor(step);
    if (!condition()) throw new Error(`at ${world.now} ms no longer so: ${what}`);
  }
}

/** How often events of this type were announced, counted from when the listening began. */
export function countEvents(lines: readonly string[], type: string): number {
  return lines.filter((line) => line.includes(` ${type} `)).length;
}

export function replicaOf(node: RedisNode): string {
  return node.upstream === null ? 'nobody' : addressKey(node.upstream.address);
}
