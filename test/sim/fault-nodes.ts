// Faults of data nodes: crashes, hangs, stutters, and the conditions in which a server refuses to work.

import type { Millis } from '../../src/core/types.js';
import type { FaultKind, Step } from './faults.js';
import type { RedisNode } from './redis-node.js';
import type { Dice } from './seed.js';
import type { Simulation } from './simulation.js';

/** Usually the one that matters most at the moment of the fault, which is not known before: drawn by place. */
function drawNode(simulation: Simulation, dice: Dice): { name: string; find: () => RedisNode } {
  const group = dice.pick(simulation.groups);
  if (dice.chance(0.5)) {
    return { name: `the master of ${group.name}`, find: () => group.masters[0] ?? dice.pick(group.nodes) };
  }
  const node = dice.pick(group.nodes);
  return { name: node.name, find: () => node };
}

/** How long things are broken: usually moments, sometimes long. */
export function drawDuration(dice: Dice, usual: Millis): Millis {
  return dice.chance(0.2) ? dice.between(usual, 10 * usual) : dice.between(usual / 100, usual);
}

export const crashNode: FaultKind = (simulation, dice, at) => {
  const { name, find } = drawNode(simulation, dice);
  const how = dice.pick(['kill', 'kill', 'power', 'shutdown'] as const);
  const mode = dice.chance(0.1) ? 'empty' : 'with-data';
  const duration = drawDuration(dice, 8_000);
  let victim: RedisNode | null = null;
  return [
    {
      at,
      description: `${how} ${name}, back ${mode} after ${Math.round(duration)} ms`,
      run: () => {
        victim = find();
        if (how === 'power') {
          victim.machine.isOn = false;
          victim.losePower();
        } else if (how === 'shutdown' && victim.isRunning) {
          victim.shutDown();
        } else {
          victim.kill();
        }
      },
    },
    { at: at + duration, description: `restart ${name} ${mode}`, run: () => revive(victim, mode) },
  ];
};

export function revive(node: RedisNode | null, mode: 'with-data' | 'empty'): void {
  if (node === null || node.isRetired) return;
  node.machine.isOn = true;
  if (!node.isAlive) node.restart(mode);
}

export const hangNode: FaultKind = (simulation, dice, at) => {
  const { name, find } = drawNode(simulation, dice);
  const duration = drawDuration(dice, 6_000);
  const readsLatestFirst = dice.chance(0.5);
  let victim: RedisNode | null = null;
  return [
    {
      at,
      description: `hang ${name} for ${Math.round(duration)} ms${readsLatestFirst ? ', latest first' : ''}`,
      run: () => {
        victim = find();
        victim.readsLatestFirst = readsLatestFirst;
        victim.stop();
      },
    },
    { at: at + duration, description: `resume ${name}`, run: () => victim?.resume() },
  ];
};

/** Many short hangs: a slow disk, a big command, a noisy neighbour. */
export const stutterNode: FaultKind = (simulation, dice, at) => {
  const { name, find } = drawNode(simulation, dice);
  const steps: Step[] = [];
  const count = dice.integer(3, 12);
  const longest = dice.pick([50, 200, 800]);
  let victim: RedisNode | null = null;
  let moment = at;
  for (let index = 0; index < count; index++) {
    const pause = dice.between(1, longest);
    steps.push({
      at: moment,
      description: `stutter of ${name}`,
      run: () => {
        victim ??= find();
        victim.stop();
      },
    });
    steps.push({ at: moment + pause, description: `end of the stutter of ${name}`, run: () => victim?.resume() });
    moment += pause + dice.between(1, longest);
  }
  return steps;
};

export const conditionNode: FaultKind = (simulation, dice, at) => {
  const { name, find } = drawNode(simulation, dice);
  const condition = dice.pick(['BUSY', 'MISCONF', 'LOADING', 'CONFIG REWRITE fails'] as const);
  const duration = drawDuration(dice, 5_000);
  let victim: RedisNode | null = null;
  return [
    {
      at,
      description: `${name}: ${condition} for ${Math.round(duration)} ms`,
      run: () => {
        victim = find();
        if (!victim.isAlive) return;
        if (condition === 'BUSY') victim.isBusy = true;
        if (condition === 'MISCONF') victim.isMisconfigured = true;
        if (condition === 'LOADING' && !victim.isLoading) victim.startLoading(() => undefined);
        if (condition === 'CONFIG REWRITE fails') victim.canRewriteConfiguration = false;
      },
    },
    {
      at: at + duration,
      description: `${name}: ${condition} is over`,
      run: () => {
        if (victim !== null) relieve(victim);
      },
    },
  ];
};

export function relieve(node: RedisNode): void {
  node.isBusy = false;
  node.isMisconfigured = false;
  node.canRewriteConfiguration = true;
}
