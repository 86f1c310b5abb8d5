// Sentinels that listen at one address and announce another, as behind the port mapping of a container or NAT: everybody else must
// find them, ask them and vote by what they announce, and by nothing else.

import { config, expect } from 'chai';

import { skipWithout } from '../support/fault-lab.js';
import { groupForEachTest } from '../support/fixture.js';
import { type Group, MASTER_NAME } from '../support/group.js';
import { PortForwarder } from '../support/port-forwarder.js';
import { RespConnection } from '../support/resp-connection.js';
import { type SentinelKind, type SentinelProcess, SUBJECT } from '../support/sentinel-process.js';
import { holdsFor, waitFor } from '../support/wait.js';

config.truncateThreshold = 0;

/** Twice the period of redis-sentinel's PINGs, see `upgrade.test.ts`. */
const DOWN_AFTER = 2000;
const LIMIT = 30_000;
const HELLO_CHANNEL = '__sentinel__:hello';

describe('What a Sentinel announces', function () {
  this.timeout(120_000);

  describe('as port alone', () => {
    const { group, forwarders } = forwardedGroupForEachTest([SUBJECT, SUBJECT, SUBJECT], '127.0.0.1');

    it('is in its hellos, in the lists of the others and in their files, and carries every vote', async () => {
      await expectFailoverByWhatIsAnnounced(group());
    });

    it('is all that counts: while it is closed the Sentinels have no voice, whatever their own ports answer', async () => {
      for (const forwarder of forwarders()) forwarder.close();
      for (const member of group().supervisors) {
        await waitFor(`${member.name} finds the others down`, LIMIT, async () => {
          const question = member.command('SENTINEL', 'CKQUORUM', MASTER_NAME);
          const answer = await question.catch((error: Error) => error.message);
          expect(answer).to.match(/^NOQUORUM 1 usable Sentinels/);
        });
      }

      await group().firstMaster.kill();
      for (const member of group().supervisors) {
        await waitFor(`${member.name} finds the master down`, LIMIT, async () => {
          const { flags } = await member.master(MASTER_NAME);
          expect(flags).to.contain('s_down');
        });
      }
      await holdsFor('nobody is elected', DOWN_AFTER, () => {
        expect(group().events.filter(({ channel }) => channel === '+elected-leader')).to.deep.equal([]);
      });

      await Promise.all(forwarders().map((forwarder) => forwarder.open()));
      await group().waitForNewMaster(group().firstMaster, LIMIT);
    });

    it('is followed when it changes and what was announced before answers no more', async () => {
      const [member, ...others] = group().supervisors;
      const [before] = forwarders();
      if (member === undefined || before === undefined) throw new Error('there are three');
      const after = await PortForwarder.start(before.host, before.targetPort);
      try {
        expect(await member.command('SENTINEL', 'CONFIG', 'SET', 'announce-port', after.port)).to.equal('OK');
        before.close();
        const runId = await member.runId();
        for (const other of others) {
          await waitFor(`${other.name} has moved ${member.name}`, LIMIT, async () => {
            const peers = await other.peers(MASTER_NAME);
            const places = peers.map(({ runid, ip, port, flags }) => `${runid} ${ip} ${port} ${flags}`);
            expect(places).to.include(`${runId} ${after.host} ${after.port} sentinel`);
          });
          expect(other.recorder.on('+sentinel-address-switch').map(({ payload }) => payload)).to.deep.equal([
            `master ${MASTER_NAME} 127.0.0.1 ${group().firstMaster.port} ip ${after.host} port ${after.port} for ${runId}`,
          ]);
        }
      } finally {
        after.close();
      }
    });

    it('is known to a Sentinel that starts anew', async () => {
      const [member, ...others] = group().supervisors;
      if (member === undefined) throw new Error('there are three');
      await member.command('SENTINEL', 'FLUSHCONFIG');
      await member.stop();
      await member.start();
      await group().waitUntilComplete();
      await expectListed(member, others);
      await expectComers(group());
      expect(await member.command('SENTINEL', 'CONFIG', 'GET', 'announce-*')).to.include.members([
        'announce-port',
        String(member.announcedPort),
      ]);
    });
  });

  describe('as address and port', () => {
    // Not every system has more loopback addresses than one without being asked.
    before(function () {
      skipWithout(this, process.platform === 'linux' ? null : 'only Linux has all of 127.0.0.0/8 of itself');
    });

    const { group } = forwardedGroupForEachTest(['vedette', 'vedette', 'redis-sentinel'], '127.1.2.3');

    it('is used by Vedettes and redis-sentinels in one group alike', async () => {
      await expectFailoverByWhatIsAnnounced(group());
    });
  });
});

/** A fresh group before each test, with a forwarder at `host` before each supervisor. */
function forwardedGroupForEachTest(supervisors: readonly SentinelKind[], host: string) {
  let forwarders: readonly PortForwarder[] = [];

  beforeEach('forward ports', async () => {
    forwarders = await Promise.all(supervisors.map(() => PortForwarder.start(host)));
  });

  const group = groupForEachTest(() => ({ supervisors, forwarders, downAfterMillis: DOWN_AFTER }));

  afterEach('end the forwarding', () => {
    for (const forwarder of forwarders) forwarder.close();
  });

  return { group, forwarders: () => forwarders };
}

async function expectFailoverByWhatIsAnnounced(group: Group): Promise<void> {
  await expectHellos(group);
  await expectComers(group);
  await group.firstMaster.kill();
  await group.waitForNewMaster(group.firstMaster, LIMIT);
  // Two votes made a leader, so at least one was asked for elsewhere.
  await expectComers(group);
  for (const member of group.supervisors) {
    const others = group.supervisors.filter((other) => other !== member);
    await expectListed(member, others);
    await member.command('SENTINEL', 'FLUSHCONFIG');
    const known = member.configuration.split('\n').filter((line) => line.startsWith('sentinel known-sentinel'));
    const runIds = await Promise.all(others.map((other) => other.runId()));
    expect(known, member.name).to.have.members(
      others.map(
        ({ announcedHost, announcedPort }, index) =>
          `sentinel known-sentinel ${MASTER_NAME} ${announcedHost} ${announcedPort} ${runIds[index]}`,
      ),
    );
  }
}

/** Everybody's hello begins with what it announces, on a data node as on the other Sentinels. */
async function expectHellos(group: Group): Promise<void> {
  const connection = await RespConnection.open(group.node(1).port);
  const heard = new Map<string, string>();
  try {
    connection.onMessage = (_, payload) => {
      const [host, port, runId] = payload.split(',');
      if (runId !== undefined) heard.set(runId, `${host} ${port}`);
    };
    await connection.command('SUBSCRIBE', HELLO_CHANNEL);
    const runIds = await Promise.all(group.supervisors.map((member) => member.runId()));
    await waitFor('everybody has said hello', LIMIT, () => expect([...heard.keys()]).to.have.members(runIds));
    expect(runIds.map((runId) => heard.get(runId))).to.deep.equal(
      group.supervisors.map(({ announcedHost, announcedPort }) => `${announcedHost} ${announcedPort}`),
    );
  } finally {
    connection.close();
  }
}

async function expectListed(member: SentinelProcess, others: readonly SentinelProcess[]): Promise<void> {
  const peers = await member.peers(MASTER_NAME);
  expect(
    peers.map(({ ip, port }) => `${ip} ${port}`),
    `known to ${member.name}`,
  ).to.have.members(others.map(({ announcedHost, announcedPort }) => `${announcedHost} ${announcedPort}`));
}

/** Every Sentinel that is connected to another has come by the forwarder. */
async function expectComers(group: Group): Promise<void> {
  for (const member of group.supervisors) {
    await waitFor(`the others are connected to ${member.name}`, LIMIT, async () => {
      const clients = String(await member.command('CLIENT', 'LIST')).split('\n');
      const sentinels = clients.filter((line) => line.includes(' name=sentinel-'));
      expect(sentinels.length).to.be.at.least(group.supervisors.length - 1);
      for (const line of sentinels) {
        const port = Number(/ addr=127\.0\.0\.1:(\d+) /.exec(line)?.[1]);
        expect(member.forwarder?.hasCarried(port), line).to.equal(true);
      }
    });
  }
}
