// A Sentinel whose disk is full: it must not promise what it cannot remember. The disk is "filled" by a limit on the size of
// the files that the process writes, which works for every user, takes effect at once, can be lifted again, and also hits
// the log.

import { execFileSync } from 'node:child_process';

import { expect } from 'chai';

import { groupForEachTest } from '../support/fixture.js';
import { MASTER_NAME } from '../support/group.js';
import { RespConnection } from '../support/resp-connection.js';
import type { SentinelProcess } from '../support/sentinel-process.js';
import { askForVote, untilFreeToVote } from '../support/vote-request.js';
import { holdsFor, waitFor } from '../support/wait.js';

const LIMIT = 15_000;
/** An epoch that no failover of these tests reaches. */
const DISTANT_EPOCH = 1000;
const PUBLISH_PERIOD = 2000;

describe('A Sentinel that cannot save', function () {
  this.timeout(60_000);
  const group = groupForEachTest();

  it('shows it in INFO, and that it saves again as soon as it can', async () => {
    const sentinel = group().supervisor(0);
    fillDisk(sentinel);
    await askForVote(sentinel, DISTANT_EPOCH, await group().supervisor(1).runId());
    await waitFor('INFO shows the failure', LIMIT, async () => {
      const { vedette_save_status, vedette_save_failure } = await sentinel.info();
      expect(vedette_save_status).to.equal('failing');
      expect(vedette_save_failure).not.to.equal('');
    });
    emptyDisk(sentinel);
    await waitFor('INFO shows the recovery', LIMIT, async () => {
      expect(await sentinel.info()).to.include({ vedette_save_status: 'ok', vedette_consecutive_save_failures: '0' });
    });
    expect(sentinel.configuration).to.contain(`sentinel current-epoch ${DISTANT_EPOCH}`);
  });

  it('gives no vote: asked for one it answers only its verdict, and is free to vote otherwise after a crash', async () => {
    const [sentinel, first, second] = [0, 1, 2].map((index) => group().supervisor(index));
    if (sentinel === undefined || first === undefined || second === undefined) throw new Error('three are running');
    await untilFreeToVote(sentinel);
    fillDisk(sentinel);
    expect(await askForVote(sentinel, DISTANT_EPOCH, await first.runId())).to.have.property('leader', '*');
    await sentinel.kill();
    await sentinel.start();
    // It has never saved a vote, so it waits until a majority has told the epoch it lives in.
    const elected = await second.runId();
    await waitFor('it votes for the other one', LIMIT, async () => {
      expect(await askForVote(sentinel, DISTANT_EPOCH, elected)).to.have.property('leader', elected);
    });
  });

  it('announces no epoch before it is on the disk', async () => {
    const sentinel = group().supervisor(0);
    const runId = await sentinel.runId();
    const epochs: number[] = [];
    const subscription = await RespConnection.open(group().firstMaster.port);
    subscription.onMessage = (_channel, payload) => {
      const [, , sender, epoch] = payload.split(',');
      if (sender === runId) epochs.push(Number(epoch));
    };
    await subscription.command('SUBSCRIBE', '__sentinel__:hello');
    fillDisk(sentinel);
    await askForVote(sentinel, DISTANT_EPOCH, await group().supervisor(1).runId());
    await holdsFor('its hellos carry no unsaved epoch', 2 * PUBLISH_PERIOD, () => {
      expect(epochs.filter((epoch) => epoch >= DISTANT_EPOCH)).to.deep.equal([]);
    });
    emptyDisk(sentinel);
    await waitFor('it announces the epoch that is now saved', LIMIT, () => expect(epochs).to.include(DISTANT_EPOCH));
    subscription.close();
  });

  it('answers FLUSHCONFIG with the error of Redis, and with OK when there is room again', async () => {
    const sentinel = group().supervisor(0);
    fillDisk(sentinel);
    const reply = await sentinel.command('SENTINEL', 'FLUSHCONFIG').catch((error: Error) => error.message);
    expect(reply).to.equal('ERR Failed to save config file. Check server logs.');
    emptyDisk(sentinel);
    expect(await sentinel.command('SENTINEL', 'FLUSHCONFIG')).to.equal('OK');
  });

  it('does not keep the others from a failover, and follows them when there is room again', async () => {
    const sentinel = group().supervisor(0);
    fillDisk(sentinel);
    await group().firstMaster.kill();
    await waitFor('the other two answer a new address', LIMIT, async () => {
      for (const index of [1, 2]) {
        expect(await group().supervisor(index).masterPort(MASTER_NAME)).not.to.equal(group().firstMaster.port);
      }
    });
    emptyDisk(sentinel);
    const promoted = await group().waitForNewMaster(group().firstMaster, LIMIT);
    await waitFor('it has saved the new master', LIMIT, () => {
      expect(sentinel.configuration).to.contain(`sentinel monitor ${MASTER_NAME} 127.0.0.1 ${promoted.port} 2`);
    });
  });
});

/** From now on every write of the process to a file fails with EFBIG. */
function fillDisk(sentinel: SentinelProcess): void {
  setFileSizeLimit(sentinel, '0');
}

function emptyDisk(sentinel: SentinelProcess): void {
  setFileSizeLimit(sentinel, 'unlimited');
}

/** Changes the soft limit only, which needs no privilege in either direction. */
function setFileSizeLimit(sentinel: SentinelProcess, limit: string): void {
  execFileSync('prlimit', ['--pid', String(sentinel.pid), `--fsize=${limit}:`]);
}
