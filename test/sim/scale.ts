// Very many masters under a few Sentinels, a third of which die in the same moment: how long the slowest failover takes, in
// virtual time, and what it costs, in real time. Everything else is well: this is about numbers, not about faults.

import type { Millis } from '../../src/core/types.js';
import type { Group } from './group.js';
import type { RedisNode } from './redis-node.js';
import { Simulation } from './simulation.js';

export interface ScaleOptions {
  readonly masters: number;
  readonly seed: number;
}

export interface ScaleReport {
  readonly masters: number;
  readonly killed: number;
  /** From the deaths to the moment in which every Sentinel named the new master: the median and the last, virtual time. */
  readonly median: Millis;
  readonly slowest: Millis;
  /** One for each failover if nothing was tried in vain. */
  readonly elections: number;
  readonly virtualTime: Millis;
  readonly realTime: Millis;
}

const SENTINELS = 5;
const REPLICAS = 2;
const DOWN_AFTER: Millis = 5_000;
/** All failovers have to be over this long after the deaths. */
export const SCALE_LIMIT: Millis = 2 * DOWN_AFTER + 5_000;
/** Beyond the limit nobody waits any longer than this. */
const PATIENCE: Millis = 3 * SCALE_LIMIT;
const LOOK_PERIOD: Millis = 10;
/** For everybody to meet everybody. */
const SETTLING: Millis = 20_000;

export function runScale({ masters, seed }: ScaleOptions): ScaleReport {
  const from = performance.now();
  const simulation = new Simulation({
    seed,
    sentinels: SENTINELS,
    groups: Array.from({ length: masters }, (_, index) => ({
      name: `m${index}`,
      replicas: REPLICAS,
      quorum: Math.floor(SENTINELS / 2) + 1,
      downAfter: DOWN_AFTER,
      failoverTimeout: 60_000,
      writers: 0,
    })),
  });
  simulation.start();
  simulation.runFor(SETTLING);
  const restless = simulation.liveness.pending();
  if (restless !== null) throw new Error(`${SETTLING} ms after the start: ${restless}`);
  const killed = simulation.groups.filter((_, index) => index % 3 === 0);
  const durations = killAtOnce(simulation, killed).sort((one, other) => one - other);
  return {
    masters,
    killed: killed.length,
    median: durations[Math.floor(durations.length / 2)] ?? 0,
    slowest: durations.at(-1) ?? 0,
    elections: simulation.checkers.elections.elections,
    virtualTime: simulation.now,
    realTime: performance.now() - from,
  };
}

/** How long each failover took; infinity for those that did not come. */
function killAtOnce(simulation: Simulation, killed: readonly Group[]): Millis[] {
  const diedAt = simulation.now;
  const open = new Map<Group, RedisNode>();
  for (const group of killed) {
    const [master] = group.nodes;
    if (master === undefined) throw new Error(`${group.name} has no node`);
    open.set(group, master);
    master.kill();
  }
  const durations: Millis[] = [];
  while (open.size > 0 && simulation.now - diedAt < PATIENCE) {
    simulation.runFor(LOOK_PERIOD);
    for (const [group, former] of open) {
      if (!isFailedOver(simulation, group, former)) continue;
      durations.push(simulation.now - diedAt);
      open.delete(group);
    }
  }
  for (const _ of open) durations.push(Number.POSITIVE_INFINITY);
  return durations;
}

function isFailedOver(simulation: Simulation, group: Group, former: RedisNode): boolean {
  const promoted = group.masters[0];
  if (promoted === undefined) return false;
  return simulation.sentinels.every((host) => {
    const address = host.sentinel?.core.topology.masters.get(group.name)?.advertisedAddress;
    return address !== undefined && group.nodeAt(address) === promoted && promoted !== former;
  });
}

export function describeScale(report: ScaleReport): string[] {
  const seconds = (millis: Millis) => (millis / 1000).toFixed(3);
  return [
    `${report.killed} of ${report.masters} masters died at once under ${SENTINELS} Sentinels, down-after ${seconds(DOWN_AFTER)} s`,
    `failed over everywhere after ${seconds(report.median)} s (median), ${seconds(report.slowest)} s (last); ${seconds(SCALE_LIMIT)} s allowed`,
    `${report.elections} elections; ${seconds(report.virtualTime)} virtual seconds in ${seconds(report.realTime)} s`,
  ];
}
