// Operators who have something forgotten that is alive, or that comes back: by mistake, or too early. Each Sentinel has to look
// for itself; what was forgotten all the same must be met again, and be nobody to promote until then.
//
// One Sentinel at most is given up in this way, and only where none is retired (`maintenance.ts`). The numbers of Sentinels are odd:
// then the majority without it is no smaller than with it, and its return can split no group.

import type { Millis } from '../../src/core/types.js';
import { revive } from './fault-nodes.js';
import { reviveSentinel } from './fault-sentinels.js';
import type { FaultKind, Step } from './faults.js';
import type { Group } from './group.js';
import { askedTwice, telling } from './maintenance.js';
import type { Cut } from './network.js';
import type { RedisNode } from './redis-node.js';
import type { Dice } from './seed.js';
import type { Simulation } from './simulation.js';
import type { Command } from './wire.js';

/** How long something is away that is forgotten meanwhile: longer than it takes to be asked for it twice. */
const ABSENCE = [15_000, 45_000] as const;
/** When the operator looks, after the healing, at what came back and follows the wrong node. */
const PUT_RIGHT_AFTER: readonly Millis[] = [20_000, 50_000, 80_000];

type Action = (simulation: Simulation, dice: Dice, at: Millis, group: Group) => Step[];

export const forgetTooEarly: FaultKind = (simulation, dice, at) => {
  const action = dice.pick([nameReplica, cutOffReplica, cutOffReplica, crashReplica, crashReplica, giveUpSentinel]);
  return action(simulation, dice, at, dice.pick(simulation.groups));
};

/** It answers, or has just been lost: this must be refused. */
const nameReplica: Action = (simulation, dice, at, group) => {
  const node = dice.pick(group.nodes);
  const command = () => (node.isRunning && !node.isMaster ? forgetNode(group, node) : null);
  return [telling(simulation, dice.pick(simulation.sentinels), at, `forget ${node.name} although it runs`, command)];
};

const cutOffReplica: Action = (simulation, dice, at, group) => {
  const node = dice.pick(group.nodes);
  let cut: Cut | null = null;
  return forgottenWhileAway(simulation, dice, at, group, node, {
    how: 'cut off',
    leave: () => {
      const others = [...simulation.network.machines.values()].filter((machine) => machine !== node.machine);
      cut = simulation.network.separate([node.machine], others);
      // Who has lost a replica without a word lists it for `repl-timeout`, longer than anybody waits here.
      for (const end of [...node.ends]) simulation.network.reset(end);
    },
    comeBack: () => cut?.mend(),
  });
};

const crashReplica: Action = (simulation, dice, at, group) => {
  const node = dice.pick(group.nodes);
  return forgottenWhileAway(simulation, dice, at, group, node, {
    how: 'kill',
    leave: () => node.kill(),
    comeBack: () => revive(node, 'with-data'),
  });
};

function forgottenWhileAway(
  simulation: Simulation,
  dice: Dice,
  at: Millis,
  group: Group,
  node: RedisNode,
  { how, leave, comeBack }: { readonly how: string; readonly leave: () => void; readonly comeBack: () => void },
): Step[] {
  const duration = dice.between(...ABSENCE);
  let isAway = false;
  const going = {
    at,
    description: `${how} ${node.name} for ${Math.round(duration)} ms if it is a replica`,
    run: () => {
      isAway = node.isRunning && !node.isMaster;
      if (isAway) leave();
    },
  };
  const coming = {
    at: at + duration,
    description: `${node.name} is back`,
    run: () => {
      if (isAway) comeBack();
      isAway = false;
    },
  };
  const command = () => (isAway ? forgetNode(group, node) : null);
  return [going, coming, ...askedTwice(simulation, dice, at, `forget ${node.name} if it is away`, command)];
}

const giveUpSentinel: Action = (simulation, dice, at, { name }) => {
  const host = dice.pick(simulation.sentinels);
  const duration = dice.between(...ABSENCE);
  let runId: string | null = null;
  const isAlone = () => simulation.sentinels.every((one) => !one.isRetired && (one === host || !one.isGivenUp));
  const going = {
    at,
    description: `kill ${host.name} for ${Math.round(duration)} ms if no other was given up`,
    run: () => {
      if (!host.isRunning || !isAlone()) return;
      runId = host.runId;
      host.isGivenUp = true;
      host.onCrash = null;
      host.kill();
    },
  };
  const coming = {
    at: at + duration,
    description: `${host.name} is back`,
    run: () => {
      if (runId !== null) reviveSentinel(host);
    },
  };
  const command = () => {
    return runId === null || host.isAlive || !isAlone() ? null : ['SENTINEL', 'FORGET', name, 'SENTINEL', runId];
  };
  return [going, coming, ...askedTwice(simulation, dice, at, `forget ${host.name} if it is away`, command)];
};

function forgetNode({ name }: Group, { options: { address } }: RedisNode): Command {
  return ['SENTINEL', 'FORGET', name, 'REPLICA', address.host, String(address.port)];
}

/**
 * Whoever is found is found in the master's list. What was forgotten, missed a failover and follows somebody else, or nobody, is
 * unknown to all: the manual leaves that to the operator, who makes it follow the master.
 */
export function putForgottenRight(simulation: Simulation): void {
  for (const delay of PUT_RIGHT_AFTER) {
    simulation.agenda.after(delay, () => {
      for (const group of simulation.groups) for (const node of group.nodes) putRight(simulation, group, node);
    });
  }
}

function putRight({ liveness, operator }: Simulation, { name }: Group, node: RedisNode): void {
  if (!node.isRunning || node.isRetired) return;
  const { address } = node.options;
  const masters = liveness
    .healthySentinels()
    .flatMap(({ sentinel }) => sentinel?.core.topology.masters.get(name) ?? []);
  const isKnown = masters.some((master) => [...master.nodes()].some((known) => isAt(known, address)));
  const [first] = masters;
  if (isKnown || first === undefined) return;
  const { host, port } = first.advertisedAddress;
  operator.tell(address, ['SLAVEOF', host, String(port)]);
}

function isAt(
  known: { readonly address: { host: string; port: number } },
  { host, port }: { host: string; port: number },
) {
  return known.address.host === host && known.address.port === port;
}
