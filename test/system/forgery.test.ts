// Forged gossip: every message of which somebody may make up the words, sent by a client that may PUBLISH on the data nodes and
// by one that reaches the Sentinel ports. After each, the state is what it was and a real failover works.
//
// Where redis-sentinel 7.0.15 falls, the test says so; run against it (SYSTEM_TEST_SUBJECT=redis-sentinel), it fails there.

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { expect } from 'chai';

import { groupForEachTest } from '../support/fixture.js';
import { Forger, helloOf } from '../support/forger.js';
import { type Group, MASTER_NAME } from '../support/group.js';
import { pairs } from '../support/resp-connection.js';
import { SUBJECT } from '../support/sentinel-process.js';
import { holdsFor, waitFor } from '../support/wait.js';

const HELLO = '__sentinel__:hello';
const VOTE = '__sentinel__:vote';
/** A port of loopback on which nobody listens. */
const NOWHERE = 1;
/** Long enough for a lie to be believed: stock Sentinels take 34 ms. */
const TIME_TO_FALL = 800;
const FAILOVER_LIMIT = 6_000;
/** Further than an hour's gossip may raise an epoch. */
const BELIEVABLE_EPOCH = 2 ** 21;
const ACCEPTABLE_GROWTH = 48 * 1024 * 1024;

describe('Forged gossip', function () {
  this.timeout(30_000);
  const group = groupForEachTest({ downAfterMillis: 500 });
  let forger: Forger;

  beforeEach('wait until the group is established, and let a forger in', async () => {
    for (const supervisor of group().supervisors) await supervisor.command('SENTINEL', 'DEBUG', 'publish-period', 200);
    if (SUBJECT === 'vedette') await waitFor('the group is established', 5_000, () => expectEstablished(group()));
    forger = await Forger.of(group());
  });

  afterEach(() => forger.close());

  it('of another master moves nobody (redis-sentinel: all three follow one hello within 34 ms)', async () => {
    const [, replica] = group().nodes;
    const lies = [NOWHERE, replica?.port ?? NOWHERE].flatMap((masterPort) =>
      forger.inEveryName({ masterPort, configEpoch: 900, currentEpoch: 900 }),
    );
    const stranger = { ...forger.truth, runId: invented(1), port: NOWHERE + 1, masterPort: NOWHERE, configEpoch: 900 };
    await forger.publish(HELLO, [...lies, stranger].map(helloOf));
    await expectUnmoved(group());
    await expectFailover(group());
  });

  it('of ten Sentinels that do not exist leaves failover as it is (redis-sentinel: no failover any more)', async () => {
    const ghosts = Array.from({ length: 10 }, (_, number) => ({
      ...forger.truth,
      runId: invented(number),
      port: 2 + number,
    }));
    await forger.publish(HELLO, ghosts.map(helloOf));
    await expectUnmoved(group());
    await expectMembers(group(), 2);
    await expectFailover(group());
  });

  it('of a thousand, some where a server listens, costs neither failover nor memory', async () => {
    const before = group().supervisors.map(({ pid }) => residentBytes(pid));
    const ports = [...group().nodes.map(({ port }) => port), ...group().supervisors.map(({ port }) => port)];
    const ghosts = Array.from({ length: 1_000 }, (_, number) => ({
      ...forger.truth,
      runId: invented(number),
      port: number % 50 === 0 ? (ports[(number / 50) % ports.length] ?? NOWHERE) : 2 + number,
    }));
    await forger.publish(HELLO, ghosts.map(helloOf));
    await expectUnmoved(group());
    await expectMembers(group(), 2);
    const after = group().supervisors.map(({ pid }) => residentBytes(pid));
    after.forEach((bytes, index) => {
      expect(bytes - (before[index] ?? 0)).to.be.below(ACCEPTABLE_GROWTH);
    });
    for (const { recorder, name } of group().supervisors) {
      expect(recorder.on('-gossip-refused').length, `events of ${name}`).to.be.within(1, 32);
    }
    await expectFailover(group());
  });

  it('of epochs beyond reason is not adopted or saved (redis-sentinel: 2^64 − 1 ends all elections, restarts included)', async () => {
    const epochs = [
      '18446744073709551615',
      '9223372036854775807',
      '9007199254740991',
      '1099511627776',
      '-1',
      '-0',
      '1e9',
      '',
    ];
    const hellos = epochs.flatMap((epoch) => [
      ...forger.inEveryName({ currentEpoch: epoch }),
      ...forger.inEveryName({ currentEpoch: epoch, configEpoch: epoch, masterPort: NOWHERE }),
    ]);
    await forger.publish(HELLO, hellos.map(helloOf));
    await forger.publish(
      VOTE,
      hellos.map((hello) => `${helloOf(hello)},sdown`),
    );
    await expectUnmoved(group());
    for (const { configuration, name } of group().supervisors) {
      const [, saved = ''] = /^sentinel current-epoch (\S+)$/m.exec(configuration) ?? [];
      expect(Number(saved), `epoch of ${name}`).to.be.within(0, BELIEVABLE_EPOCH);
    }
    await expectFailover(group());
  });

  it('that asks for a vote gets none for a candidate nobody knows (redis-sentinel: any bytes are voted for)', async () => {
    const { port } = group().firstMaster;
    const candidates = [invented(1), 'x'.repeat(40), 'A'.repeat(40), 'short', `${'0'.repeat(39)}\r`, ''];
    const injected = `${invented(2)}\r\nsentinel monitor evil 127.0.0.1 6379 1\r\n`;
    const epochs = [1, 2, 900, '18446744073709551615', '-5', '9223372036854775807'];
    for (const candidate of [...candidates, injected]) {
      for (const epoch of epochs) {
        const replies = await forger.ask('SENTINEL', 'IS-MASTER-DOWN-BY-ADDR', '127.0.0.1', port, epoch, candidate);
        for (const reply of replies) if (Array.isArray(reply)) expect(reply[1]).to.equal('*');
      }
    }
    await expectUnmoved(group());
    for (const { configuration } of group().supervisors) {
      expect(configuration).not.to.contain('evil');
      for (const candidate of [invented(1), invented(2), 'x'.repeat(40)])
        expect(configuration).not.to.contain(candidate);
    }
    await expectFailover(group());
  });

  it('of a master that is down brings no failover about, nor does any other word in its place', async () => {
    const ghosts = [1, 2, 3].map((number) => ({
      ...forger.truth,
      runId: invented(number),
      port: 2 + number,
    }));
    const hellos = [...forger.inEveryName({}), ...ghosts].map(helloOf);
    const until = Date.now() + TIME_TO_FALL;
    while (Date.now() < until) {
      for (const verdict of ['sdown', 'progress', 'elected', '', 'sdown,sdown']) {
        await forger.publish(
          VOTE,
          hellos.map((hello) => `${hello},${verdict}`),
        );
      }
    }
    await expectUnmoved(group());
    for (const { recorder } of group().supervisors) {
      expect([...recorder.on('+odown'), ...recorder.on('+try-failover')]).to.deep.equal([]);
    }
    await expectFailover(group());
  });

  it('of a master that is up keeps nobody from failing over the one that is dead', async () => {
    const hellos = forger.inEveryName({}).map(helloOf);
    const old = group().firstMaster;
    await old.kill();
    let isOver = false;
    const lying = (async () => {
      while (!isOver)
        await forger.publish(
          VOTE,
          hellos.map((hello) => `${hello},up`),
        );
    })();
    try {
      await group().waitForNewMaster(old, FAILOVER_LIMIT);
    } finally {
      isOver = true;
      await lying;
    }
  });

  it('of other masters, impossible ports and broken fields changes nothing', async () => {
    const broken = [
      ...['0', '65536', '-1', 'http', '99999999999999999999', '', ' 1'].flatMap((port) => [
        ...forger.inEveryName({ port }),
        ...forger.inEveryName({ masterPort: port, configEpoch: 900 }),
      ]),
      ...forger.inEveryName({ masterName: 'another', configEpoch: 900, masterPort: NOWHERE }),
      ...forger.inEveryName({ masterName: '', configEpoch: 900 }),
      ...forger.inEveryName({ masterName: `x\r\nsentinel monitor evil 127.0.0.1 6379 1\r\n` }),
      ...forger.inEveryName({ host: 'somewhere.invalid' }),
      ...forger.inEveryName({ host: '' }),
      ...forger.inEveryName({ masterHost: 'a b', configEpoch: 900 }),
      ...forger.inEveryName({ runId: 'A'.repeat(40) }),
      ...forger.inEveryName({ runId: '' }),
    ].map(helloOf);
    const payloads = [...broken, '', ',', ',,,,,,,', '\0\xff', 'x'.repeat(100_000), `${broken[0]},more`];
    await forger.publish(HELLO, payloads);
    await forger.publish(VOTE, payloads);
    await forger.publish(
      VOTE,
      payloads.map((payload) => `${payload},sdown`),
    );
    await expectUnmoved(group());
    await expectMembers(group(), 2);
    for (const { configuration } of group().supervisors) expect(configuration).not.to.match(/evil|another|somewhere/);
    await expectFailover(group());
  });
});

async function expectEstablished(group: Group): Promise<void> {
  for (const supervisor of group.supervisors) {
    const { established } = pairs(await supervisor.command('SENTINEL', 'EXPLAIN', MASTER_NAME));
    expect(established, supervisor.name).to.equal('yes');
  }
}

/** Every supervisor keeps naming the first master, which keeps being one, and its replicas stay. */
async function expectUnmoved(group: Group): Promise<void> {
  const [master, ...replicas] = group.nodes;
  await holdsFor('everybody names the master of the beginning', TIME_TO_FALL, async () => {
    for (const supervisor of group.supervisors) {
      expect(await supervisor.masterPort(MASTER_NAME), supervisor.name).to.equal(master?.port);
    }
  });
  expect((await master?.role())?.role).to.equal('master');
  for (const replica of replicas)
    expect(await replica.role()).to.include({ role: 'replica', masterPort: master?.port });
}

async function expectMembers(group: Group, others: number): Promise<void> {
  for (const supervisor of group.supervisors) {
    expect((await supervisor.peers(MASTER_NAME)).length, supervisor.name).to.equal(others);
    expect(supervisor.configuration.match(/^sentinel known-sentinel/gm)?.length, supervisor.name).to.equal(others);
  }
}

async function expectFailover(group: Group): Promise<void> {
  const old = group.firstMaster;
  await old.kill();
  await group.waitForNewMaster(old, FAILOVER_LIMIT);
}

function invented(number: number): string {
  return createHash('sha1').update(`invented ${number}`).digest('hex');
}

function residentBytes(pid: number): number {
  return Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'latin1' })) * 1024;
}
