// What `vedette status` says of a group that could not act if its master died now, by the word of a Vedette and of an original.

import { expect } from 'chai';

import { describeStatus, type Status } from '../../src/cli/status.js';
import { groupForEachTest } from '../support/fixture.js';
import { MASTER_NAME } from '../support/group.js';
import type { SentinelProcess } from '../support/sentinel-process.js';
import { waitFor } from '../support/wait.js';

const LIMIT = 20_000;

describe('The command `vedette status`', function () {
  this.timeout(60_000);
  const group = groupForEachTest({ supervisors: ['vedette', 'redis-sentinel'], replicas: 1 });

  function statusAt({ port }: SentinelProcess): Promise<Status> {
    return describeStatus({ host: '127.0.0.1', port });
  }

  async function expectStatus(sentinel: SentinelProcess, isHealthy: boolean, line: RegExp): Promise<void> {
    await waitFor(`${sentinel.name} says ${line}`, LIMIT, async () => {
      const status = await statusAt(sentinel);
      expect(status.text).to.match(line);
      expect(status.isHealthy, status.text).to.equal(isHealthy);
    });
  }

  it('is healthy while everybody is there, and not when no replica could be promoted', async () => {
    const [replica] = group().firstReplicas;
    if (replica === undefined) throw new Error('there is one');
    for (const sentinel of group().supervisors) {
      await expectStatus(sentinel, true, new RegExp(`^  replica +127\\.0\\.0\\.1:${replica.port} +up$`, 'm'));
      expect((await statusAt(sentinel)).text).not.to.contain('No failover');
    }

    await replica.kill();

    const impossible = `^  No failover is possible: no (eligible|usable) replica: 127\\.0\\.0\\.1:${replica.port} `;
    for (const sentinel of group().supervisors) {
      await expectStatus(sentinel, false, new RegExp(`${impossible}(subjectively down|not connected)`, 'm'));
    }
  });

  it('shows that an operator has paused a master, and for how long', async () => {
    const vedette = group().supervisor(0);
    await vedette.command('SENTINEL', 'PAUSE', MASTER_NAME, 3600);
    await expectStatus(
      vedette,
      false,
      /^ {2}Paused by an operator for another (1 h|59 min \d+ s): no failover starts by itself$/m,
    );

    await vedette.command('SENTINEL', 'RESUME', MASTER_NAME);
    await expectStatus(vedette, true, /^ {2}2 usable Sentinels/m);
  });

  it('says that a majority is missing', async () => {
    const [vedette, other] = [group().supervisor(0), group().supervisor(1)];
    await other.kill();
    await expectStatus(vedette, false, /^ {2}No failover is possible: 1 Sentinels answer, 2 votes are needed$/m);
  });
});
