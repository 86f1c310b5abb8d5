// A master that is killed and started again at once, with nothing in it: the replicas still have the data, for a moment.

import { expect } from 'chai';

import type { RecordedEvent } from '../support/event-recorder.js';
import { groupForEachTest } from '../support/fixture.js';
import { type Group, MASTER_NAME } from '../support/group.js';
import type { RedisServer } from '../support/redis-server.js';
import { SUBJECT } from '../support/sentinel-process.js';
import { holdsFor, waitFor } from '../support/wait.js';

const KEYS = 500;
const LIMIT = 15_000;
/** Longer than any test: nothing here is found down because it is silent. */
const DOWN_AFTER = 60_000;
/** What a server does unless told otherwise: from version 7 on a full synchronisation waits for more replicas. */
const DEFAULT_DELAY = ['repl-diskless-sync-delay 5'];

describe('A master that restarts without its data', function () {
  this.timeout(90_000);
  if (SUBJECT === 'redis-sentinel') return;

  describe('and without persistence', () => {
    const group = groupForEachTest({ downAfterMillis: DOWN_AFTER, nodeDirectives: DEFAULT_DELAY });

    it('is replaced before the replicas have copied the emptiness, and gets the data back', async () => {
      const old = group().firstMaster;
      await fill(group());

      await old.kill();
      await old.start();

      const promoted = await group().waitForNewMaster(old, LIMIT);
      expect(await promoted.command('DBSIZE')).to.equal(KEYS);
      await group().waitForReplica(old, promoted, LIMIT);
      expect(await old.command('DBSIZE')).to.equal(KEYS);
      const [event] = eventsOf(group(), '+reboot-empty');
      expect(event?.payload).to.contain(`with 0 of ${KEYS} keys`);
    });

    it('is left alone where it was emptied before', async () => {
      await fill(group());
      await group().firstMaster.command('FLUSHALL');
      await waitForReports(group(), '');

      await restart(group().firstMaster);

      await expectNothing(group());
    });
  });

  describe('but has not lost it, thanks to its append-only file,', () => {
    const group = groupForEachTest({
      downAfterMillis: DOWN_AFTER,
      nodeDirectives: [...DEFAULT_DELAY, 'appendonly yes'],
    });

    it('is left alone', async () => {
      await fill(group());

      await restart(group().firstMaster);

      await expectNothing(group());
      expect(await group().firstMaster.command('DBSIZE')).to.equal(KEYS);
    });
  });
});

async function restart(server: RedisServer): Promise<void> {
  await server.kill();
  await server.start();
}

/** Writes keys and waits until every Sentinel has seen in INFO that there are some: it asks every ten seconds unless told. */
async function fill(group: Group): Promise<void> {
  const { firstMaster, supervisors } = group;
  for (const supervisor of supervisors) await supervisor.command('SENTINEL', 'DEBUG', 'info-period', 500);
  for (let key = 0; key < KEYS; key++) await firstMaster.command('SET', `key-${key}`, 'value');
  await waitForReports(group, `db0:keys=${KEYS},`);
}

/** The master's own report, the first in the cache, holds the text; with an empty one it speaks of no keys at all. */
async function waitForReports(group: Group, text: string): Promise<void> {
  for (const supervisor of group.supervisors) {
    await waitFor(`${supervisor.name} has heard of the keys`, LIMIT, async () => {
      const report = firstReport(await supervisor.command('SENTINEL', 'INFO-CACHE', MASTER_NAME));
      if (text === '') expect(report).not.to.contain('db0:keys');
      else expect(report).to.contain(text);
    });
  }
}

function firstReport(reply: unknown): string {
  const [, [[, report]]] = reply as [string, [[number, string]]];
  return report;
}

function eventsOf(group: Group, type: string): readonly RecordedEvent[] {
  return group.events.filter((event) => event.channel === type);
}

async function expectNothing(group: Group): Promise<void> {
  await holdsFor('nobody does anything', 4_000, async () => {
    expect(eventsOf(group, '+reboot-empty')).to.deep.equal([]);
    expect(eventsOf(group, '+switch-master')).to.deep.equal([]);
  });
  await waitFor('everybody has noticed the restart', LIMIT, () => {
    expect(eventsOf(group, '+reboot').length).to.be.at.least(group.supervisors.length);
  });
}
