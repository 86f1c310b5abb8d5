// The rows on hostile peers: what somebody achieves who may publish on the data nodes and reaches every Sentinel's port. Forged hellos and
// votes, invented Sentinels, absurd epochs, stolen votes, connections without end. Nothing of it may move the master or stop a failover.

import { expect } from 'chai';

import { now } from '../../support/clock.js';
import { report } from '../../support/fault-lab.js';
import { groupForEachTest } from '../../support/fixture.js';
import { type Group, MASTER_NAME } from '../../support/group.js';
import { Invariants } from '../../support/invariants.js';
import { LOOPBACK, type Place } from '../../support/place.js';
import { RespConnection } from '../../support/resp-connection.js';
import { askForVote } from '../../support/vote-request.js';
import { holdsFor } from '../../support/wait.js';

const DOWN_AFTER = 500;
const FAILOVER_TIMEOUT = 1000;
const WATCHED_FOR = 3 * (DOWN_AFTER + FAILOVER_TIMEOUT);
const FAILOVER_LIMIT = DOWN_AFTER + 8000;
const HELLO = '__sentinel__:hello';
const VOTE = '__sentinel__:vote';
const GHOSTS = 1000;
/** Nobody answers there. */
const NOWHERE = '127.66.66.66';
const ABSURD_EPOCHS = [
  '18446744073709551615',
  '9223372036854775807',
  '9007199254740993',
  '8589934592',
  '-1',
  '1e9',
  'x',
];
const DESCRIPTORS = 128;
const FLOOD = 400;
const FEW_DESCRIPTORS: Place = { ...LOOPBACK, enter: ['prlimit', `--nofile=${DESCRIPTORS}`, '--'] };

describe('Somebody who may publish on the data nodes and reaches the ports of the Sentinels', function () {
  this.timeout(60_000);
  const group = groupForEachTest({ downAfterMillis: DOWN_AFTER, failoverTimeoutMillis: FAILOVER_TIMEOUT });

  it('moves no master, adds no peer, raises no epoch beyond reason, and keeps nobody from a failover', async () => {
    const invariants = new Invariants(group());
    await invariants.settle();
    const began = now();
    await forgeHellos(group());
    await forgeVotes(group());
    await stealVotes(group());
    await expectNobodyFollows(group(), invariants, began);
    // Only now: a group that is just meeting counts everybody who is announced; see core/verification.ts.
    await inventPeers(group());
    await expectNobodyFollows(group(), invariants, began);
    for (const sentinel of group().supervisors) {
      expect(sentinel.configuration).not.to.match(new RegExp(`(monitor|known-replica) ${MASTER_NAME} ${NOWHERE}`));
      expect(sentinel.configuration).not.to.contain('injected');
      expect(Number(/^sentinel current-epoch (\d+)$/m.exec(sentinel.configuration)?.[1])).to.be.below(2 ** 21);
    }
    await expectFailover(group(), invariants);
  });
});

describe(`Sentinels that may open ${DESCRIPTORS} files, and clients that take all of them`, function () {
  this.timeout(60_000);
  const group = groupForEachTest({
    downAfterMillis: DOWN_AFTER,
    failoverTimeoutMillis: FAILOVER_TIMEOUT,
    supervisorPlaces: [FEW_DESCRIPTORS, FEW_DESCRIPTORS, FEW_DESCRIPTORS],
  });

  it('find nobody down for it, and fail a dead master over', async () => {
    const invariants = new Invariants(group());
    await invariants.settle();
    const began = now();
    const flood = group().supervisors.flatMap(({ port }) =>
      Array.from({ length: FLOOD }, () => RespConnection.open(port)),
    );
    const clients = (await Promise.allSettled(flood)).flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    for (const client of clients) {
      client.stopReading();
      client.write('PSUBSCRIBE *\r\n');
    }
    await holdsFor('nobody is found down', WATCHED_FOR, () => invariants.expectNoAlarmSince(began));
    await expectFailover(group(), invariants);
    report('clients that were connected', String(clients.length));
    for (const client of clients) client.close();
  });
});

async function expectNobodyFollows(group: Group, invariants: Invariants, since: number): Promise<void> {
  await holdsFor('nobody follows', WATCHED_FOR, async () => {
    invariants.expectNoAlarmSince(since);
    for (const sentinel of group.supervisors) {
      expect(await sentinel.masterPort(MASTER_NAME)).to.equal(group.firstMaster.port);
      const { 'num-other-sentinels': peers } = await sentinel.master(MASTER_NAME);
      expect(Number(peers)).to.equal(2);
    }
  });
}

async function expectFailover(group: Group, invariants: Invariants): Promise<void> {
  const diedAt = now();
  await group.firstMaster.kill();
  const master = await invariants.settle({ withinMillis: FAILOVER_LIMIT, absent: [group.firstMaster] });
  expect(master).not.to.equal(group.firstMaster);
  report('one master for all', `${(now() - diedAt - DOWN_AFTER).toFixed(0)} ms after down-after`);
}

/** Publishes on every data node and on every Sentinel's own port. */
async function publish(group: Group, channel: string, text: string): Promise<void> {
  for (const node of group.nodes) await node.command('PUBLISH', channel, text);
  // A Sentinel refuses what is no hello or vote, with an error; that it lives on is checked afterwards.
  for (const one of group.supervisors) await one.command('PUBLISH', channel, text).catch(() => undefined);
}

/** In the name of every real peer and of a stranger, for an address at which nobody is and for a replica. */
async function forgeHellos(group: Group): Promise<void> {
  const senders = [...(await Promise.all(group.supervisors.map((one) => one.runId()))), 'f'.repeat(40)];
  const targets = [`${NOWHERE},6379`, `${LOOPBACK.address},${group.node(1).port}`];
  for (const sender of senders) {
    for (const target of targets) {
      for (const epoch of ['77', ...ABSURD_EPOCHS]) {
        const address = `${NOWHERE},26379`;
        await publish(group, HELLO, `${address},${sender},${epoch},${MASTER_NAME},${target},${epoch}`);
      }
    }
  }
}

async function inventPeers(group: Group): Promise<void> {
  const { host, port } = group.firstMaster;
  for (let number = 0; number < GHOSTS; number++) {
    const runId = number.toString(16).padStart(40, 'e');
    const address = `127.77.${number >> 8}.${number & 255},26379`;
    await group.node(1).command('PUBLISH', HELLO, `${address},${runId},0,${MASTER_NAME},${host},${port},0`);
  }
}

/** Everybody's word that the master is down. */
async function forgeVotes(group: Group): Promise<void> {
  const { host, port } = group.firstMaster;
  for (const sentinel of group.supervisors) {
    const self = `${sentinel.host},${sentinel.port},${await sentinel.runId()}`;
    for (let repetition = 0; repetition < 10; repetition++) {
      await publish(group, VOTE, `${self},0,${MASTER_NAME},${host},${port},0,sdown`);
    }
  }
}

/** Asks for votes for candidates that do not exist, one of which would be a line of the configuration. */
async function stealVotes(group: Group): Promise<void> {
  for (const sentinel of group.supervisors) {
    for (const candidate of ['d'.repeat(40), 'x', `${'c'.repeat(40)}\r\nsentinel injected`, '']) {
      const { leader } = await askForVote(sentinel, 5000, candidate);
      expect(leader, `the vote of ${sentinel.name}`).not.to.equal(candidate);
    }
  }
}
