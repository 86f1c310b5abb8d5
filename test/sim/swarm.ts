// One seed, one run: a world, a plan of faults, the fault phase, the healing, and the verdict.
//
// Everything is drawn: how big the world is, how fast, which faults it knows and how often they come. In the fault phase
// anything may fail but nothing may ever be wrong; then most of the world is healed, some of it stays broken, and all that is
// healthy must agree within a stated time.

import type { Millis } from '../../src/core/types.js';
import { Violation } from './election-record.js';
import { relieve, revive } from './fault-nodes.js';
import { repairDisk, reviveSentinel } from './fault-sentinels.js';
import { drawPlan, FAULT_NAMES, type FaultName, type LaterFault, ORDINARY_FAULTS, type Step } from './faults.js';
import { putForgottenRight } from './forgetting.js';
import type { Group, GroupOptions } from './group.js';
import { dispensableSentinels, LONGEST_PAUSE } from './maintenance.js';
import type { RedisNode, RedisOptions } from './redis-node.js';
import { type Dice, Seed } from './seed.js';
import { Simulation } from './simulation.js';

export interface SwarmOptions {
  readonly seed: number;
  /** The kinds of faults to choose from. */
  readonly faults: readonly FaultName[];
  readonly faultPhase: Millis;
  /** Replaces some of the Sentinels by original ones, as modelled. */
  readonly isMixed: boolean;
  readonly show: ((line: string) => void) | null;
}

export const DEFAULT_SWARM: Omit<SwarmOptions, 'seed'> = {
  faults: FAULT_NAMES,
  faultPhase: 60_000,
  isMixed: false,
  show: null,
};

/** What a run came to. */
export interface Report {
  readonly seed: number;
  /** Null when all went well. */
  readonly failure: string | null;
  readonly virtualTime: Millis;
  readonly events: number;
  readonly elections: number;
  readonly failovers: number;
  readonly faults: ReadonlyMap<string, number>;
  readonly acknowledgedWrites: number;
  readonly lostWrites: number;
  /** From the healing to agreement. */
  readonly healing: Millis | null;
  readonly fingerprint: string;
}

/** How many of the seeds have operators who pause groups and forget what they retire, and such who forget too early. */
const SHARES: Readonly<Record<LaterFault, number>> = { maintain: 0.4, 'forget-too-early': 0.3 };
/** Within this time after the healing, or after the longest pause that may be on then, everything healthy has to agree … */
export const HEALING_LIMIT: Millis = 120_000;
/** … for at least so long. */
const STEADY: Millis = 10_000;
const LOOK_PERIOD: Millis = 10;

export function runSwarm(options: SwarmOptions): Report {
  const seed = new Seed(options.seed);
  const dice = seed.dice('swarm');
  const maintenance = seed.dice('maintenance');
  const isMaintained = options.faults.includes('maintain') && maintenance.chance(SHARES.maintain);
  const forgetting = seed.dice('forgetting');
  const isForgetful = options.faults.includes('forget-too-early') && forgetting.chance(SHARES['forget-too-early']);
  const simulation = drawWorld(options, dice, isMaintained);
  const ordinary = options.faults.filter((name) => ORDINARY_FAULTS.includes(name));
  const kinds = ordinary.filter(() => dice.chance(0.6));
  const chosen = kinds.length > 0 ? kinds : ordinary;
  const from = 10_000;
  const phase = { from, to: from + options.faultPhase };
  const interval = dice.pick([1_500, 4_000, 10_000]);
  const faults = drawPlan(simulation, seed.dice('faults'), { ...phase, kinds: chosen, interval });
  const plan = [
    ...faults,
    ...(isMaintained ? drawLater(simulation, 'maintain', phase, maintenance) : []),
    ...(isForgetful ? drawLater(simulation, 'forget-too-early', phase, forgetting) : []),
  ].sort((one, other) => one.at - other.at);
  const counts = countKinds(plan);
  printPlan(options, simulation, plan);
  let failure: string | null = null;
  let healing: Millis | null = null;
  try {
    simulation.start();
    for (const step of plan) {
      simulation.agenda.at(step.at, () => {
        simulation.trace.line('fault', step.description, '');
        step.run();
      });
    }
    simulation.runFor(from + options.faultPhase);
    heal(simulation, dice, isForgetful);
    if (isForgetful) putForgottenRight(simulation);
    healing = waitForAgreement(simulation, isMaintained ? HEALING_LIMIT + LONGEST_PAUSE : HEALING_LIMIT);
  } catch (error) {
    failure = describe(error, simulation);
    simulation.trace.line('simulator', 'FAILURE', failure);
  }
  return {
    seed: options.seed,
    failure,
    virtualTime: simulation.now,
    events: simulation.agenda.kept,
    elections: simulation.checkers.elections.elections,
    failovers: simulation.checkers.failovers,
    faults: counts,
    acknowledgedWrites: simulation.groups.reduce((sum, group) => sum + group.acknowledgedWrites, 0),
    lostWrites: simulation.groups.reduce((sum, group) => sum + lostIn(simulation, group.name), 0),
    healing,
    fingerprint: simulation.trace.fingerprint,
  };
}

function drawLater(
  simulation: Simulation,
  kind: LaterFault,
  phase: { readonly from: Millis; readonly to: Millis },
  dice: Dice,
): Step[] {
  return drawPlan(simulation, dice, { ...phase, kinds: [kind], interval: dice.pick([5_000, 15_000]) });
}

function describe(error: unknown, simulation: Simulation): string {
  const at = `at ${(simulation.now / 1000).toFixed(3)} s`;
  if (error instanceof Violation) return `${at} ${error.message}`;
  return error instanceof Error ? `${at} ${error.stack ?? error.message}` : `${at} ${String(error)}`;
}

function lostIn(simulation: Simulation, name: string): number {
  const group = simulation.groupNamed(name);
  const [master] = group.masters;
  return master === undefined ? 0 : group.lostWrites(master);
}

/** How long it took until everything healthy agreed for good: agreement that does not last is none. */
function waitForAgreement(simulation: Simulation, limit: Millis): Millis {
  const from = simulation.now;
  let steadySince: Millis | null = null;
  for (;;) {
    const reason = simulation.liveness.pending();
    if (reason !== null) steadySince = null;
    else steadySince ??= simulation.now;
    if (steadySince !== null && simulation.now - steadySince >= STEADY) return steadySince - from;
    if (simulation.now - from >= limit + STEADY) {
      throw new Error(`no lasting agreement ${limit} ms after the healing: ${reason ?? 'agreed too late'}`);
    }
    simulation.runFor(LOOK_PERIOD);
  }
}

// The world

function drawWorld({ seed, show, isMixed }: SwarmOptions, dice: Dice, keepsClocks: boolean): Simulation {
  const all = dice.pick([3, 3, 3, 5, 5, 7]);
  const stockSentinels = isMixed ? dice.integer(1, all - 1) : 0;
  const sentinels = all - stockSentinels;
  const [latency, jitter] = dice.pick([
    [[0.1, 0.5], 0.1],
    [[0.1, 2], 1],
    [[1, 20], 10],
  ] as const);
  const count = dice.pick([1, 1, 1, 2, 3]);
  const extras = new Seed(seed).dice('extras');
  const groups = Array.from({ length: count }, (_, index) => ({
    ...drawGroup(dice, index, all, isMixed),
    directives: extras.chance(0.3) ? [FENCING] : [],
  }));
  const disk = {
    latency: dice.pick([
      [1, 8],
      [0.2, 2],
      [5, 60],
    ] as const),
  };
  return new Simulation({
    seed,
    sentinels,
    stockSentinels,
    groups,
    latency,
    jitter,
    disk,
    show,
    keepsClocks,
    timerJitter: dice.pick([0.1, 1, 15]),
  });
}

const FENCING = 'sentinel fence-isolated-master % yes';

function drawGroup(dice: Dice, index: number, sentinels: number, isMixed: boolean): Partial<GroupOptions> {
  const majority = Math.floor(sentinels / 2) + 1;
  const replicas = dice.pick([1, 2, 2, 3, 4]);
  const special = dice.chance(0.3) && replicas > 1 ? dice.integer(1, replicas) : -1;
  const odd = drawOddity(dice);
  const minReplicasToWrite = dice.chance(0.2) ? 1 : 0;
  return {
    name: `m${index}`,
    replicas,
    quorum: dice.pick([majority, majority, majority, 1, 2, sentinels]),
    downAfter: dice.pick([500, 1_000, 1_000, 2_000, 5_000]),
    // Stock Sentinels retry after twice this time, and Vedettes that support one wait as long.
    failoverTimeout: dice.pick(isMixed ? [5_000, 10_000] : [5_000, 10_000, 60_000, 180_000]),
    parallelSyncs: dice.pick([1, 1, 2]),
    writers: dice.pick([1, 2]),
    writePeriod: dice.pick([50, 200]),
    redis: {
      minReplicasToWrite,
      minReplicasMaxLag: dice.pick([2_000, 10_000]),
      backlogBytes: dice.pick([2_000, 1 << 20]),
    },
    node: (place) => (place === special ? odd : {}),
  };
}

/** One replica may be of a special kind. */
function drawOddity(dice: Dice): Partial<RedisOptions> {
  return dice.pick<Partial<RedisOptions>>([
    { priority: 0 },
    { priority: 10 },
    { isResp2Only: true },
    { servesStaleData: false },
    { denied: new Set(['REPLICAOF', '__sentinel__:vote']) },
    { denied: new Set(['CLIENT|KILL']) },
    { synchronisation: [3_000, 8_000] },
  ]);
}

// The plan, in words

function printPlan({ show, seed }: SwarmOptions, simulation: Simulation, plan: readonly Step[]): void {
  if (show === null) return;
  const { options } = simulation;
  show(
    `seed ${seed}: ${options.sentinels} Sentinels and ${options.stockSentinels} stock ones, latency ${options.latency.join('–')} ms, disk ${options.disk.latency.join('–')} ms`,
  );
  for (const { options: group } of simulation.groups) {
    const { name, replicas, quorum, downAfter, failoverTimeout } = group;
    const nodes = `${replicas} replicas, quorum ${quorum}, down-after ${downAfter}, failover-timeout ${failoverTimeout}`;
    const oddities = Array.from({ length: replicas + 1 }, (_, index) => group.node(index)).flatMap((node, index) => {
      const keys = Object.entries(node).map(
        ([key, value]) => `${key}=${value instanceof Set ? [...value].join('+') : String(value)}`,
      );
      return keys.length === 0 ? [] : [`node ${index}: ${keys.join(', ')}`];
    });
    show([`  ${name}: ${nodes}`, ...group.directives, ...oddities].join('; '));
  }
  for (const { at, description } of plan) show(`  ${(at / 1000).toFixed(3).padStart(9)} ${description}`);
}

function countKinds(plan: readonly Step[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { description } of plan) {
    const kind = KINDS_OF_INTEREST.find(([, pattern]) => pattern.test(description))?.[0];
    if (kind !== undefined) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return counts;
}

const KINDS_OF_INTEREST: readonly (readonly [string, RegExp])[] = [
  ['crashes', /^(kill|power|shutdown|power off|crash of) /],
  ['partitions', /^cut /],
  ['stalls', /^(stall|hang) /],
];

// The healing

/**
 * Repairs a majority of Sentinels and enough data nodes; the rest stays as it is, or breaks for good. What may have been forgotten is
 * found again by the others only, so all of it is repaired.
 */
function heal(simulation: Simulation, dice: Dice, isForgetful: boolean): void {
  const { liveness, network } = simulation;
  network.heal();
  const inService = simulation.sentinels.filter(({ isRetired }) => !isRetired);
  const retired = simulation.sentinels.length - inService.length;
  const spare = dispensableSentinels(simulation) - retired;
  const drawn = dice.sample(inService, dice.chance(0.5) ? dice.integer(0, spare) : 0);
  const abandoned = new Set(drawn.filter(({ isGivenUp }) => !isGivenUp));
  for (const host of simulation.sentinels) {
    host.crashPoint = null;
    host.onCrash = null;
    repairDisk(host);
    host.resume();
    if (abandoned.has(host)) {
      host.kill();
      liveness.excused.add(host.machine);
    } else {
      reviveSentinel(host);
    }
  }
  for (const stock of simulation.stockSentinels) {
    stock.resume();
    reviveSentinel(stock);
  }
  for (const group of simulation.groups) {
    const nodes = group.nodes.filter(({ isRetired }) => !isRetired);
    const candidates = nodes.filter((node) => node.options.priority > 0);
    const kept = new Set(dice.sample(candidates, 2));
    const awaited = awaitedByOriginals(simulation, group);
    for (const node of nodes) {
      relieve(node);
      node.resume();
      const isDrawn = kept.has(node) || dice.chance(0.7);
      if (isDrawn || isForgetful || awaited.has(node)) revive(node, 'with-data');
      else node.kill();
    }
  }
  simulation.trace.line(
    'fault',
    'healed',
    `abandoned: ${[...abandoned].map(({ name }) => name).join(' ') || 'nobody'}`,
  );
}

/**
 * The nodes that original leaders have promoted and not yet made everybody follow. An original ends that failover when the promoted
 * node answers, and until then, for ever if need be, agrees to no other: a group that needs its word would stay without a master.
 */
function awaitedByOriginals({ stockSentinels }: Simulation, group: Group): ReadonlySet<RedisNode> {
  const awaited = new Set<RedisNode>();
  for (const stock of stockSentinels) {
    const failover = stock.master(group.name)?.failover ?? null;
    if (failover?.state !== 'reconfigure' || failover.promoted === null) continue;
    const node = group.nodeAt(failover.promoted.address);
    if (node !== null) awaited.add(node);
  }
  return awaited;
}
