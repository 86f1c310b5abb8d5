// What goes wrong in a simulation, decided from the seed before anything happens.
//
// A plan is a list of steps, each with its moment and its description, so that it can be printed first: a fault that is not
// visible in a failing run cannot be found. Most faults are two steps, the damage and its repair; a repair that comes after the
// end of the fault phase is left to the healing.

import type { Millis } from '../../src/core/types.js';
import { breakConnections, cutPaths, partition, slowNetwork } from './fault-network.js';
import { conditionNode, crashNode, hangNode, stutterNode } from './fault-nodes.js';
import { crashSentinel, damageDisk, operate, stallSentinel, strikeSentinel } from './fault-sentinels.js';
import { forgetTooEarly } from './forgetting.js';
import { maintain } from './maintenance.js';
import type { Dice } from './seed.js';
import type { Simulation } from './simulation.js';

export interface Step {
  readonly at: Millis;
  readonly description: string;
  readonly run: () => void;
}

/** Draws the steps of one fault that begins at `at`. */
export type FaultKind = (simulation: Simulation, dice: Dice, at: Millis) => Step[];

export const FAULT_KINDS = {
  'crash-node': crashNode,
  'hang-node': hangNode,
  'stutter-node': stutterNode,
  'condition-node': conditionNode,
  'crash-sentinel': crashSentinel,
  'strike-sentinel': strikeSentinel,
  'stall-sentinel': stallSentinel,
  'damage-disk': damageDisk,
  partition: partition,
  'cut-paths': cutPaths,
  'break-connections': breakConnections,
  'slow-network': slowNetwork,
  operate: operate,
  maintain: maintain,
  'forget-too-early': forgetTooEarly,
} satisfies Record<string, FaultKind>;

export type FaultName = keyof typeof FAULT_KINDS;

export const FAULT_NAMES = Object.keys(FAULT_KINDS).filter(isFaultName);

/** Those that came later, and are drawn each for itself, so that all that seeds had drawn before stays as it was. */
export const LATER_FAULTS = ['maintain', 'forget-too-early'] as const satisfies readonly FaultName[];
export type LaterFault = (typeof LATER_FAULTS)[number];

/** Those that a seed draws from the common dice. */
export const ORDINARY_FAULTS: readonly FaultName[] = FAULT_NAMES.filter((name) => !isLater(name));

function isLater(name: FaultName): name is LaterFault {
  return LATER_FAULTS.some((later) => later === name);
}

export function isFaultName(name: string): name is FaultName {
  return name in FAULT_KINDS;
}

export interface PlanOptions {
  readonly kinds: readonly FaultName[];
  readonly from: Millis;
  readonly to: Millis;
  /** Between the beginnings of two faults, on average. */
  readonly interval: Millis;
}

/** All steps in the order of their moments. */
export function drawPlan(simulation: Simulation, dice: Dice, options: PlanOptions): Step[] {
  const { kinds, from, to, interval } = options;
  const steps: Step[] = [];
  if (kinds.length === 0) return steps;
  for (let at = from + pause(dice, interval); at < to; at += pause(dice, interval)) {
    steps.push(...FAULT_KINDS[dice.pick(kinds)](simulation, dice, at));
  }
  return steps.filter((step) => step.at < to).sort((one, other) => one.at - other.at);
}

/** Exponentially distributed: faults come in clusters, as in life. */
function pause(dice: Dice, mean: Millis): Millis {
  return -mean * Math.log(1 - dice.between(0, 1));
}
