// Row 4 of the fault table: the leader of a failover is killed the moment it publishes that it has entered a state, each state in
// turn. Another Sentinel must finish the failover long before the classic 2 × failover-timeout is over.

import { expect } from 'chai';

import { now } from '../../support/clock.js';
import type { RecordedEvent } from '../../support/event-recorder.js';
import { type FaultLab, faultLab, IS_LONG, report } from '../../support/fault-lab.js';
import type { RedisServer } from '../../support/redis-server.js';
import type { SentinelProcess } from '../../support/sentinel-process.js';
import { waitFor } from '../../support/wait.js';

const DOWN_AFTER = 500;
/** The table's figure is down-after + 5 s, at the default failover-timeout of 180 s. */
const LIMIT = DOWN_AFTER + 10_000;
const STATES = [
  '+try-failover',
  '+failover-state-select-slave',
  '+failover-state-send-slaveof-noone',
  '+failover-state-wait-promotion',
  '+failover-state-reconf-slaves',
] as const;
const ROUNDS = IS_LONG ? 20 : 1;

describe('The death of the leader in each state of its failover', function () {
  this.timeout(60_000);
  let onEvent: (event: RecordedEvent) => void = () => undefined;
  const lab = faultLab({
    downAfterMillis: DOWN_AFTER,
    failoverTimeoutMillis: 180_000,
    onEvent: (event) => onEvent(event),
  });

  for (const state of STATES.flatMap((one) => Array.from({ length: ROUNDS }, () => one))) {
    it(`(${state}) leaves the failover to another Sentinel, which ends it with one master`, async () => {
      const { group, invariants } = lab();
      const old = await invariants.settle();
      const victims: SentinelProcess[] = [];
      onEvent = (event) => {
        if (event.channel !== state || victims.length > 0) return;
        const victim = group.supervisors.find(({ name }) => name === event.source);
        if (victim === undefined) return;
        victims.push(victim);
        victim.program.signal('SIGKILL');
      };
      const diedAt = now();
      await old.kill();
      await waitFor(`a leader dies on ${state}`, LIMIT, () => expect(victims).to.have.length(1));
      onEvent = () => undefined;
      const master = await invariants.settle({ withinMillis: LIMIT, absent: [old] });
      report('one master for all', `${(now() - diedAt - DOWN_AFTER).toFixed(0)} ms after down-after`);
      expect(master).not.to.equal(old);
      await bringBack(lab(), victims, old);
    });
  }
});

/** The old master first, which a majority demotes at once; a Sentinel that has just been restarted takes its time to agree. */
async function bringBack(
  { invariants }: FaultLab,
  victims: readonly SentinelProcess[],
  old: RedisServer,
): Promise<void> {
  await old.start();
  await invariants.settle();
  for (const victim of victims) {
    await victim.kill();
    await victim.start();
  }
  await invariants.settle();
}
