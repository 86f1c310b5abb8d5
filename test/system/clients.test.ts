// Client libraries as applications use them: they must find the master through Vedette and go on writing after a failover
// without being told anything, with TLS and passwords too.

import { setTimeout as delay } from 'node:timers/promises';

import { expect } from 'chai';
import { Redis } from 'ioredis';

import { Certificates } from '../support/certificates.js';
import { groupForEachTest } from '../support/fixture.js';
import { type Group, MASTER_NAME } from '../support/group.js';
import { waitFor } from '../support/wait.js';
import { type Client, LIBRARIES } from './client-libraries.js';

/** node-redis looks for a new topology every 10 s when no event tells it. */
const LIMIT = 20_000;
const WRITE_PERIOD = 5;
const APPLICATION = { username: 'application', password: 'its-password' };
const PASSWORD = 'password-of-everybody-else';

describe('A client library in Sentinel mode', function () {
  this.timeout(90_000);
  const group = groupForEachTest();

  for (const library of LIBRARIES) {
    it(`goes on writing when the master crashes: ${library.name}`, async () => {
      await writing(await library.connect(group()), async (application) => {
        await group().firstMaster.kill();
        await application.expectToReach(group());
      });
    });

    it(`goes on writing, and loses nothing, when a failover is asked for: ${library.name}`, async () => {
      await writing(await library.connect(group()), async (application) => {
        expect(await group().supervisor(0).command('SENTINEL', 'FAILOVER', MASTER_NAME)).to.equal('OK');
        const promoted = await application.expectToReach(group());
        await application.stop();
        // Writes come one after the other: the last that was acknowledged, or one that was cut off later, is what is there.
        expect(Number(await promoted.command('GET', 'number'))).to.be.at.least(application.lastAcknowledged);
      });
    });

    it(`reads from a replica that Vedette names: ${library.name}`, async () => {
      expect(group().firstReplicas.map(({ port }) => port)).to.include(await library.portOfReplica(group()));
    });
  }

  it('is told of a planned failover by +switch-master: ioredis with its failover detector', async () => {
    const sentinels = group().supervisors.map(({ host, port }) => ({ host, port }));
    const client = new Redis({ sentinels, name: MASTER_NAME, failoverDetector: true, maxRetriesPerRequest: null });
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

describe('A client library in Sentinel mode with TLS and users of its own', function () {
  this.timeout(90_000);
  let tls = {};
  const group = groupForEachTest({
    tls: (workspace) => {
      const certificates = new Certificates(workspace);
      const files = certificates.issue('everybody');
      tls = certificates.client(files);
      return { directives: certificates.directives(files), client: tls };
    },
    password: PASSWORD,
    nodeDirectives: [
      `requirepass ${PASSWORD}`,
      `masterauth ${PASSWORD}`,
      `user ${APPLICATION.username} on >${APPLICATION.password} ~* &* +@all -@admin +config|get`,
      // As in the documentation of Sentinel, section "Redis Access Control List authentication".
      'user vedette on >watching allchannels +multi +slaveof +ping +exec +subscribe +config|rewrite +role +publish +info +client|setname +client|kill +script|kill',
    ],
    directives: [
      `requirepass ${PASSWORD}`,
      `sentinel auth-user ${MASTER_NAME} vedette`,
      `sentinel auth-pass ${MASTER_NAME} watching`,
      // As in the same documentation, section "Access Control List authentication", and what subscribers need.
      `user ${APPLICATION.username} on >${APPLICATION.password} &* -@all +auth +client|getname +client|id +client|setname +client|setinfo +command +hello +ping +role +sentinel|get-master-addr-by-name +sentinel|master +sentinel|myid +sentinel|replicas +sentinel|slaves +sentinel|sentinels +sentinel|masters +subscribe +psubscribe +unsubscribe +punsubscribe`,
    ],
  });

  for (const library of LIBRARIES) {
    it(`goes on writing when the master crashes: ${library.name}`, async () => {
      const access = { onNodes: APPLICATION, onSentinels: APPLICATION, tls };
      await writing(await library.connect(group(), access), async (application) => {
        await group().firstMaster.kill();
        await application.expectToReach(group());
      });
    });
  }
});

/** An application that writes numbers one after the other, each when the one before was acknowledged or failed. */
class Application {
  lastAcknowledged = -1;
  readonly #client: Client;
  readonly #stopping = new AbortController();
  #running: Promise<void> = Promise.resolve();

  constructor(client: Client) {
    this.#client = client;
  }

  async start(): Promise<void> {
    this.#running = this.#run();
    await waitFor('the client writes', LIMIT, () => expect(this.lastAcknowledged).to.be.above(10));
  }

  /** Wants writes acknowledged that the new master has, and returns it. */
  async expectToReach(group: Group): Promise<Group['firstMaster']> {
    const promoted = await group.waitForNewMaster(group.firstMaster, LIMIT);
    const known = this.lastAcknowledged;
    await waitFor('the client writes to the new master', LIMIT, async () => {
      expect(this.lastAcknowledged).to.be.above(known + 10);
      expect(Number(await promoted.command('GET', 'number'))).to.be.above(known);
      expect(await this.#client.port()).to.equal(promoted.port);
    });
    return promoted;
  }

  /** Resolves when no write is under way any more. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    for (let number = 0; !this.#stopping.signal.aborted; number++) {
      try {
        await this.#client.write('number', String(number));
        this.lastAcknowledged = number;
      } catch {
        // Cut off in the middle of a write: the application tries the next one.
      }
      await delay(WRITE_PERIOD);
    }
  }
}

async function writing(client: Client, story: (application: Application) => Promise<void>): Promise<void> {
  const application = new Application(client);
  try {
    await application.start();
    await story(application);
  } finally {
    // A library that waits for a master for ever ends its write only when it is closed.
    const stopped = application.stop();
    await client.end();
    await stopped;
  }
}
