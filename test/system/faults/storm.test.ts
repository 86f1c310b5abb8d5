// Row 14 of the fault table: many masters die in the same moment. Every one is failed over in its first election, and the slowest not
// long after the fastest; elections of different masters do not disturb each other.

import { expect } from 'chai';

import { now } from '../../support/clock.js';
import type { RecordedEvent } from '../../support/event-recorder.js';
import { IS_LONG, report } from '../../support/fault-lab.js';
import { expectModestMemory } from '../../support/invariants.js';
import { RedisServer } from '../../support/redis-server.js';
import { SentinelProcess, SUBJECT } from '../../support/sentinel-process.js';
import { waitFor } from '../../support/wait.js';
import { Workspace } from '../../support/workspace.js';

const MASTERS = IS_LONG ? 100 : 30;
const SENTINELS = 3;
const DOWN_AFTER = 2000;
const START_LIMIT = 60_000;
/** The table's figure for 100 masters is down-after + 3 s. */
const LIMIT = DOWN_AFTER + 15_000;
/** Servers that are started at a time. */
const BATCH = 10;

interface Shard {
  readonly name: string;
  readonly master: RedisServer;
  readonly replica: RedisServer;
}

describe(`The death of ${MASTERS} masters at once`, function () {
  this.timeout(180_000);
  const workspace = new Workspace();
  const shards: Shard[] = [];
  const sentinels: SentinelProcess[] = [];

  before('start everything', async () => {
    for (let first = 1; first <= MASTERS; first += BATCH) {
      const numbers = Array.from({ length: Math.min(BATCH, MASTERS + 1 - first) }, (_, index) => first + index);
      shards.push(...(await Promise.all(numbers.map((number) => startShard(workspace, number)))));
    }
    const directives = shards.flatMap(({ name, master }) => [
      `sentinel monitor ${name} ${master.host} ${master.port} 2`,
      `sentinel down-after-milliseconds ${name} ${DOWN_AFTER}`,
      `sentinel failover-timeout ${name} 5000`,
    ]);
    for (let number = 1; number <= SENTINELS; number++) {
      sentinels.push(
        await SentinelProcess.prepare(workspace, { name: `sentinel-${number}`, kind: SUBJECT, directives }),
      );
    }
    await Promise.all(sentinels.map((sentinel) => sentinel.start()));
    for (const sentinel of sentinels) await waitUntilComplete(sentinel);
  });

  after('end everything', async () => {
    for (const { recorder } of sentinels) recorder.close();
    await Promise.all(
      [...sentinels, ...shards.flatMap(({ master, replica }) => [master, replica])].map((one) => one.kill()),
    );
    workspace.remove();
  });

  it('fails every one of them over, without an election lost to another master', async () => {
    const diedAt = now();
    await Promise.all(shards.map(({ master }) => master.kill()));
    const events = () => sentinels.flatMap(({ recorder }) => recorder.events).filter(({ at }) => at >= diedAt);
    await waitFor('every Sentinel has published every switch', LIMIT, () => {
      expect(events().filter(({ channel }) => channel === '+switch-master').length).to.equal(MASTERS * SENTINELS);
    });
    for (const { name, replica } of shards) {
      expect((await replica.role()).role, name).to.equal('master');
      for (const sentinel of sentinels) expect(await sentinel.masterPort(name)).to.equal(replica.port);
    }
    reportStorm(events(), diedAt);
    for (const { name, stderr } of sentinels) expect(stderr, `standard error of ${name}`).to.equal('');
    expectModestMemory(sentinels);
  });
});

async function startShard(workspace: Workspace, number: number): Promise<Shard> {
  const master = await RedisServer.start(workspace, { name: `master-${number}` });
  const replica = await RedisServer.start(workspace, { name: `replica-${number}`, replicaOf: master });
  await waitFor('the replica is attached', START_LIMIT, async () => {
    expect(await replica.role()).to.include({ isLinkUp: true });
  });
  return { name: `shard-${number}`, master, replica };
}

async function waitUntilComplete(sentinel: SentinelProcess): Promise<void> {
  await waitFor(`${sentinel.name} knows everybody`, START_LIMIT, async () => {
    const info = await sentinel.info();
    for (let index = 0; index < MASTERS; index++) {
      expect(info[`master${index}`]).to.contain(`status=ok`).and.contain(`slaves=1,sentinels=${SENTINELS}`);
    }
  });
}

function reportStorm(events: readonly RecordedEvent[], diedAt: number): void {
  const first = new Map<string, number>();
  for (const { channel, payload, at } of events) {
    const name = payload.split(' ')[0] ?? '';
    if (channel === '+switch-master') first.set(name, Math.min(first.get(name) ?? Number.POSITIVE_INFINITY, at));
  }
  const sorted = [...first.values()].map((at) => at - diedAt - DOWN_AFTER).sort((a, b) => a - b);
  const figures = [sorted[0], sorted[sorted.length >> 1], sorted.at(-1)].map((millis) => millis?.toFixed(0));
  report('failed over after down-after', `${figures[0]} ms first, ${figures[1]} ms median, ${figures[2]} ms last`);
  const count = (wanted: string) => events.filter(({ channel }) => channel === wanted).length;
  report('elections', `${count('+try-failover')} begun, ${count('-failover-abort-not-elected')} given up`);
}
