// Faults of the network: partitions of every shape, broken connections, latency and loss.

import { drawDuration } from './fault-nodes.js';
import type { FaultKind, Step } from './faults.js';
import type { Cut, End, Machine } from './network.js';
import type { Simulation } from './simulation.js';

function machines(simulation: Simulation): Machine[] {
  return [...simulation.network.machines.values()];
}

function hosts(some: readonly Machine[]): string {
  return some.map(({ host }) => host).join(' ');
}

export const partition: FaultKind = (simulation, dice, at) => {
  const all = machines(simulation);
  const one = dice.sample(all, dice.integer(1, Math.max(1, Math.floor(all.length / 2))));
  const other = all.filter((machine) => !one.includes(machine));
  const shape = dice.pick(['both ways', 'both ways', 'out', 'in'] as const);
  const duration = drawDuration(dice, 12_000);
  let cut: Cut | null = null;
  return [
    {
      at,
      description: `cut ${shape} around ${hosts(one)} for ${Math.round(duration)} ms`,
      run: () => {
        if (shape === 'both ways') cut = simulation.network.separate(one, other);
        else cut = shape === 'out' ? simulation.network.cut(one, other) : simulation.network.cut(other, one);
      },
    },
    { at: at + duration, description: `mend the cut around ${hosts(one)}`, run: () => cut?.mend() },
  ];
};

/** Single paths: everybody is reachable for somebody, and nobody for all. */
export const cutPaths: FaultKind = (simulation, dice, at) => {
  const all = machines(simulation);
  const duration = drawDuration(dice, 10_000);
  const pairs = Array.from({ length: dice.integer(1, all.length) }, () => dice.sample(all, 2));
  const isOneWay = dice.chance(0.5);
  const text = pairs.map((pair) => hosts(pair).replace(' ', isOneWay ? '>' : '-')).join(', ');
  const cuts: Cut[] = [];
  return [
    {
      at,
      description: `cut paths ${text} for ${Math.round(duration)} ms`,
      run: () => {
        for (const [from, to] of pairs) {
          if (from === undefined || to === undefined) continue;
          cuts.push(isOneWay ? simulation.network.cut([from], [to]) : simulation.network.separate([from], [to]));
        }
      },
    },
    {
      at: at + duration,
      description: `mend paths ${text}`,
      run: () => {
        for (const cut of cuts) cut.mend();
      },
    },
  ];
};

export const breakConnections: FaultKind = (simulation, dice, at) => {
  const isHalf = dice.chance(0.4);
  const share = dice.pick([0.05, 0.3, 1]);
  return [
    {
      at,
      description: `${isHalf ? 'half-open' : 'reset'} ${share * 100} % of all connections`,
      run: () => {
        for (const end of openEnds(simulation)) {
          if (!dice.chance(share)) continue;
          if (isHalf) simulation.network.halve(end);
          else simulation.network.reset(end);
        }
      },
    },
  ];
};

function openEnds(simulation: Simulation): End[] {
  const ends: End[] = [];
  for (const host of simulation.sentinels) ends.push(...host.ends);
  for (const { nodes } of simulation.groups) for (const node of nodes) ends.push(...node.ends);
  return ends.filter((end) => end.isOpen);
}

export const slowNetwork: FaultKind = (simulation, dice, at) => {
  const some = dice.sample(machines(simulation), dice.integer(1, 3));
  const latency = dice.pick([0, 5, 50, 300]);
  const loss = dice.pick([0, 0.01, 0.1, 0.3]);
  const duration = drawDuration(dice, 10_000);
  const steps: Step[] = [
    {
      at,
      description: `${hosts(some)}: ${latency} ms slower, ${loss * 100} % lost, for ${Math.round(duration)} ms`,
      run: () => {
        for (const machine of some) {
          machine.extraLatency = latency;
          machine.loss = loss;
        }
      },
    },
    {
      at: at + duration,
      description: `${hosts(some)}: as fast as ever`,
      run: () => {
        for (const machine of some) {
          machine.extraLatency = 0;
          machine.loss = 0;
        }
      },
    },
  ];
  return steps;
};
