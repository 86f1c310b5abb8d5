// What operators do with Vedette's own commands: SENTINEL PAUSE and RESUME, and FORGET of what is gone for good or only said to be.
//
// Whoever forgets a Sentinel promises that it will not come back: what is retired here is never started again, and what is
// alive is named only where it must be refused. (Who does not keep that is in `forgetting.ts`.) Drawn beside the other faults and from dice of its own, in some seeds only.

import type { Millis } from '../../src/core/types.js';
import type { FaultKind, Step } from './faults.js';
import type { Group } from './group.js';
import type { RedisNode } from './redis-node.js';
import type { Dice } from './seed.js';
import type { SentinelHost } from './sentinel-host.js';
import type { Simulation } from './simulation.js';
import type { Command } from './wire.js';

/** The longest pause that is drawn: nobody can expect agreement before it is over. */
export const LONGEST_PAUSE: Millis = 30_000;
/** Whoever was heard within this time is alive as far as a Sentinel can know. */
const CERTAINLY_HEARD: Millis = 5_000;
/** When those left have found out, and not yet. */
const FORGOTTEN_AFTER = [5_000, 25_000] as const;
const ASKED_AGAIN_AFTER: Millis = 6_000;
const MOST_RETIRED = 2;

type Action = (simulation: Simulation, dice: Dice, at: Millis, group: Group) => Step[];

export const maintain: FaultKind = (simulation, dice, at) => {
  const action = dice.pick([pause, pause, resume, forgetLiving, retireSentinel, retireReplica]);
  return action(simulation, dice, at, dice.pick(simulation.groups));
};

const pause: Action = (simulation, dice, at, { name }) => {
  const seconds = dice.integer(1, LONGEST_PAUSE / 1_000);
  const command = ['SENTINEL', 'PAUSE', name, String(seconds)];
  return [telling(simulation, dice.pick(simulation.sentinels), at, command.join(' '), () => command)];
};

const resume: Action = (simulation, dice, at, { name }) => {
  const command = ['SENTINEL', 'RESUME', name];
  return [telling(simulation, dice.pick(simulation.sentinels), at, command.join(' '), () => command)];
};

/** By mistake: it has been heard a moment ago, so this must be refused. */
const forgetLiving: Action = (simulation, dice, at, { name }) => {
  const [host, other] = dice.sample(simulation.sentinels, 2);
  if (host === undefined || other === undefined) return [];
  return [
    telling(simulation, host, at, `forget ${other.name} if it is alive`, () => {
      const isAlive = simulation.checkers.hellos.silence(host, name, other.runId) < CERTAINLY_HEARD;
      return other.isRunning && isAlive ? ['SENTINEL', 'FORGET', name, 'SENTINEL', other.runId] : null;
    }),
  ];
};

const retireSentinel: Action = (simulation, dice, at, { name }) => {
  const host = dice.pick(simulation.sentinels);
  let runId: string | null = null;
  const retirement = {
    at,
    description: `retire ${host.name}`,
    run: () => {
      if (!host.isRunning || !isDispensable(simulation)) return;
      runId = host.runId;
      retire(host);
    },
  };
  const command = () => (runId === null ? null : ['SENTINEL', 'FORGET', name, 'SENTINEL', runId]);
  return [retirement, ...askedTwice(simulation, dice, at, `forget ${host.name} if it is retired`, command)];
};

const retireReplica: Action = (simulation, dice, at, group) => {
  const node = dice.pick(group.nodes);
  const { host, port } = node.options.address;
  const retirement = {
    at,
    description: `retire ${node.name} if it is a replica`,
    run: () => {
      if (node.isRunning && !node.isMaster && othersThatMayLead(group, node) >= 2) retire(node);
    },
  };
  const command = () => (node.isRetired ? ['SENTINEL', 'FORGET', group.name, 'REPLICA', host, String(port)] : null);
  return [retirement, ...askedTwice(simulation, dice, at, `forget ${node.name} if it is retired`, command)];
};

/** One is asked, and later perhaps another: the first may be down, or may have refused. */
export function askedTwice(
  simulation: Simulation,
  dice: Dice,
  at: Millis,
  what: string,
  command: () => Command | null,
): Step[] {
  const firstAt = at + dice.between(...FORGOTTEN_AFTER);
  return [firstAt, firstAt + ASKED_AGAIN_AFTER].map((time) => {
    return telling(simulation, dice.pick(simulation.sentinels), time, what, command);
  });
}

/** The command is decided in its moment; null where there is nothing to say. */
export function telling(
  simulation: Simulation,
  host: SentinelHost,
  at: Millis,
  what: string,
  command: () => Command | null,
): Step {
  const run = () => {
    const words = command();
    if (words !== null) simulation.operator.tell(host.address, words);
  };
  return { at, description: `${host.name} is told: ${what}`, run };
}

function retire(process: SentinelHost | RedisNode): void {
  if ('onCrash' in process) process.onCrash = null;
  process.isRetired = true;
  process.kill();
}

/** How many Sentinels the group can do without for good. */
export function dispensableSentinels({ sentinels, stockSentinels, groups }: Simulation): number {
  const all = sentinels.length + stockSentinels.length;
  const needed = Math.max(Math.floor(all / 2) + 1, ...groups.map(({ options }) => options.quorum));
  return Math.max(0, Math.min(all - needed, sentinels.length - 1));
}

function isDispensable(simulation: Simulation): boolean {
  if (simulation.sentinels.some(({ isGivenUp }) => isGivenUp)) return false;
  const retired = simulation.sentinels.filter(({ isRetired }) => isRetired).length;
  return retired < Math.min(MOST_RETIRED, dispensableSentinels(simulation));
}

function othersThatMayLead({ nodes }: Group, one: RedisNode): number {
  return nodes.filter((node) => node !== one && !node.isRetired && node.options.priority > 0).length;
}
