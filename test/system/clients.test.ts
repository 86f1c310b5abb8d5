// Client libraries as applications use them: they must find the master through Vedette and go on writing after a failover
// without being told anything.

import { setTimeout as delay } from 'node:timers/promises';

import { expect } from 'chai';
import { Redis } from 'ioredis';
import { createSentinel } from 'redis';

import { groupForEachTest } from '../support/fixture.js';
import { type Group, MASTER_NAME } from '../support/group.js';
import { waitFor } from '../support/wait.js';

const LIMIT = 15_000;
const WRITE_PERIOD = 5;

describe('A client library in Sentinel mode', function () {
  this.timeout(60_000);
  const group = groupForEachTest();

  it('goes on writing after a failover: ioredis', async () => {
    const client = new Redis({ sentinels: endpoints(group()), name: MASTER_NAME, maxRetriesPerRequest: null });
    client.on('error', () => undefined);
    try {
      await expectWritesToGoOn(group(), (key, value) => client.set(key, value));
    } finally {
      client.disconnect();
    }
  });

  it('goes on writing after a failover: node-redis', async () => {
    const client = createSentinel({ name: MASTER_NAME, sentinelRootNodes: endpoints(group()), scanInterval: 500 });
    client.on('error', () => undefined);
    await client.connect();
    try {
      await expectWritesToGoOn(group(), (key, value) => client.set(key, value));
    } finally {
      await client.destroy();
    }
  });

  it('reads from a replica that Vedette names: ioredis', async () => {
    const client = new Redis({ sentinels: endpoints(group()), name: MASTER_NAME, role: 'slave' });
    try {
      expect(await client.role()).to.include('slave');
    } finally {
      client.disconnect();
    }
  });

  it('learns of a planned failover from +switch-master and follows it: ioredis', async () => {
    const options = { sentinels: endpoints(group()), name: MASTER_NAME, failoverDetector: true };
    const client = new Redis({ ...options, maxRetriesPerRequest: null });
    client.on('error', () => undefined);
    try {
      await client.set('before', '1');
      expect(await group().supervisor(0).command('SENTINEL', 'FAILOVER', MASTER_NAME)).to.equal('OK');
      const promoted = await group().waitForNewMaster(group().firstMaster, LIMIT);
      await waitFor('the client talks to the new master', LIMIT, async () => {
        expect(await client.config('GET', 'port')).to.deep.equal(['port', String(promoted.port)]);
        await client.set('after', '1');
      });
      expect(await promoted.command('GET', 'after')).to.equal('1');
    } finally {
      client.disconnect();
    }
  });
});

function endpoints(group: Group): { host: string; port: number }[] {
  return group.supervisors.map(({ port }) => ({ host: '127.0.0.1', port }));
}

/** Writes all the time with `write`, kills the master, and wants a write acknowledged that the new master has. */
async function expectWritesToGoOn(
  group: Group,
  write: (key: string, value: string) => Promise<unknown>,
): Promise<void> {
  const stopping = new AbortController();
  let lastAcknowledged = -1;
  const writing = (async () => {
    for (let number = 0; !stopping.signal.aborted; number++) {
      try {
        await write('number', String(number));
        lastAcknowledged = number;
      } catch {
        // Cut off in the middle of a write: the application tries the next one.
      }
      await delay(WRITE_PERIOD);
    }
  })();
  try {
    await waitFor('the client writes', LIMIT, () => expect(lastAcknowledged).to.be.above(10));
    await group.firstMaster.kill();
    const promoted = await group.waitForNewMaster(group.firstMaster, LIMIT);
    const known = lastAcknowledged;
    await waitFor('the client writes to the new master', LIMIT, async () => {
      expect(lastAcknowledged).to.be.above(known + 10);
      expect(Number(await promoted.command('GET', 'number'))).to.be.above(known);
    });
  } finally {
    stopping.abort();
    // A library that waits for a connection for ever ends its write only when it is closed.
    await Promise.race([writing, delay(WRITE_PERIOD)]);
  }
}
