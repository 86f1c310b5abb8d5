// Rows 1, 2 and 3 of the fault table: the master dies, hangs or vanishes with its host, five times in a row in one group, and each
// time the old one returns into the group. A client writes all the time and remembers what was acknowledged.

import { expect } from 'chai';

import { now } from '../../support/clock.js';
import { type FaultLab, faultLab, IS_LONG, report } from '../../support/fault-lab.js';
import { MASTER_NAME } from '../../support/group.js';
import type { Host } from '../../support/network.js';
import type { RedisServer } from '../../support/redis-server.js';
import { waitFor } from '../../support/wait.js';
import { Writer } from '../../support/writer.js';

const DOWN_AFTER = 500;
/** Beyond down-after. The table's figure is 0.5 s; this is no benchmark, and the machine may be busy. */
const WRITABLE_LIMIT = 4000;
const PUBLISHED_LIMIT = 3000;
/** The table's figure is 2 s; this is no benchmark, and the machine may be busy. */
const DEMOTION_LIMIT = 6_000;
/** What a dying process had acknowledged and not yet sent to any replica. */
const LOSS_WINDOW = 1000;

interface Death {
  readonly name: string;
  strike(master: RedisServer, host: Host): Promise<void> | void;
  undo(master: RedisServer, host: Host): Promise<void> | void;
}

const KILLED: Death = { name: 'is killed', strike: (master) => master.kill(), undo: (master) => master.start() };
const HANGS: Death = { name: 'hangs', strike: (master) => master.freeze(), undo: (master) => master.thaw() };
const VANISHES: Death = {
  name: 'vanishes with its host',
  strike: (_master, host) => host.unplug(),
  undo: (_master, host) => host.plugIn(),
};
const ROW: readonly Death[] = [KILLED, HANGS, VANISHES, KILLED, HANGS];

describe('The death of a master, five times in a row', function () {
  this.timeout(60_000);
  const lab = faultLab({ downAfterMillis: DOWN_AFTER, failoverTimeoutMillis: 3000 });
  const rounds = IS_LONG ? Array.from({ length: 10 }, () => ROW).flat() : ROW;

  for (const [index, death] of rounds.entries()) {
    it(`(${index + 1}) that ${death.name} makes a replica the master, and the old one a replica when it is back`, async () => {
      await expectFailover(lab(), death);
    });
  }
});

async function expectFailover({ group, invariants, nodeHosts }: FaultLab, death: Death): Promise<void> {
  const old = await invariants.settle();
  await group.waitUntilComplete();
  const host = nodeHosts[group.nodes.indexOf(old)];
  if (host === undefined) throw new Error(`${old.name} has no host`);
  const writer = await Writer.start(group.supervisors, MASTER_NAME);
  try {
    const diedAt = now();
    await death.strike(old, host);
    const { firstAfter } = await writer.resumedAfter(diedAt + DOWN_AFTER, DOWN_AFTER + WRITABLE_LIMIT);
    const publishedAt = await waitFor('every supervisor publishes +switch-master', PUBLISHED_LIMIT, () => {
      const first = group.supervisors.map(({ name, recorder }) => {
        const found = recorder.on('+switch-master').find(({ at }) => at >= diedAt);
        if (found === undefined) throw new Error(`${name} has not`);
        return found.at;
      });
      return Math.max(...first);
    });
    const returnedAt = now();
    await death.undo(old, host);
    const master = await invariants.settle({ withinMillis: DEMOTION_LIMIT });
    const demotedAt = now();
    expect(master).not.to.equal(old);
    await writer.stop();
    const lost = await writer.lostAt(master);
    expect(
      lost.filter((at) => at < diedAt - LOSS_WINDOW),
      'I8: writes lost that were acknowledged long before',
    ).to.deep.equal([]);
    const beyond = (firstAfter - diedAt - DOWN_AFTER).toFixed(0);
    const published = (publishedAt - firstAfter).toFixed(0);
    report('writable', `down-after + ${beyond} ms; published by all ${published} ms after that`);
    report(
      'back as a replica',
      `${(demotedAt - returnedAt).toFixed(0)} ms; lost ${lost.length} of ${writer.acknowledged}`,
    );
  } finally {
    await writer.stop();
  }
}
