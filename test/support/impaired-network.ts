// What every impaired network has to stand: as long as the master lives nobody finds it down, and when it dies another takes its place.

import { expect } from 'chai';

import { now } from './clock.js';
import { type FaultLab, report } from './fault-lab.js';
import type { RedisServer } from './redis-server.js';
import { holdsFor } from './wait.js';

export interface Impairment {
  readonly downAfterMillis: number;
  /** How long nobody may find the living master down. */
  readonly watchedForMillis: number;
  /** From the death until everybody has the new master. */
  readonly limitMillis: number;
  /** Begins it. Whoever calls ends it. */
  begin(): void;
}

/** Resolves with the old master, which is dead, when all have the new one. */
export async function failOverThrough({ invariants }: FaultLab, impairment: Impairment): Promise<RedisServer> {
  const { downAfterMillis, watchedForMillis, limitMillis } = impairment;
  const old = await invariants.settle();
  const began = now();
  impairment.begin();
  await holdsFor('nobody is found down', watchedForMillis, () => invariants.expectNoAlarmSince(began));
  const diedAt = now();
  await old.kill();
  const master = await invariants.settle({ withinMillis: limitMillis, absent: [old] });
  report('one master for all', `${(now() - diedAt - downAfterMillis).toFixed(0)} ms after down-after`);
  expect(master).not.to.equal(old);
  return old;
}
