// Row 13 of the fault table: the master is known by a host name, and the name server hangs or denies that the name exists. Looking up
// names must not hold up anything else: nobody is found down, clients are answered, and a master that dies is failed over.

import { expect } from 'chai';

import { now } from '../../support/clock.js';
import { FaultLab, IS_LONG, report, skipWithout } from '../../support/fault-lab.js';
import { expectModestMemory } from '../../support/invariants.js';
import { NameServer } from '../../support/name-server.js';
import { Network, obstacleToNetworks } from '../../support/network.js';
import { PingProbe } from '../../support/ping-probe.js';
import { holdsFor, waitFor } from '../../support/wait.js';

const DOWN_AFTER = 500;
const FAILOVER_TIMEOUT = 1000;
const WATCHED_FOR = IS_LONG ? 30_000 : 3 * (DOWN_AFTER + FAILOVER_TIMEOUT);
const LIMIT = DOWN_AFTER + 6000;
/** The table's figure is 50 ms, on a machine that does nothing else. */
const LAG_LIMIT = 500;

describe('A name server', function () {
  this.timeout(IS_LONG ? 120_000 : 60_000);
  let network: Network | null = null;
  let names: NameServer | null = null;
  let lab: FaultLab | null = null;

  before('make the network', function () {
    skipWithout(this, obstacleToNetworks());
  });

  afterEach('remove everything', async function () {
    if (this.currentTest?.state === 'failed') process.stderr.write(`${lab?.group.report()}\n`);
    const supervisors = lab?.group.supervisors ?? [];
    await lab?.dispose();
    names?.close();
    network?.remove();
    lab = null;
    expectModestMemory(supervisors);
  });

  for (const mode of ['hangs', 'denies'] as const) {
    it(`that ${mode === 'hangs' ? 'hangs' : 'denies the name'} holds up neither Sentinels nor their failover`, async () => {
      network = Network.create(6);
      const [master] = network.hosts;
      if (master === undefined) throw new Error('there are six');
      names = await NameServer.start(network.harness, master.address);
      for (const host of network.hosts) names.configure(host);
      lab = await FaultLab.start(network, {
        downAfterMillis: DOWN_AFTER,
        failoverTimeoutMillis: FAILOVER_TIMEOUT,
        masterHost: 'master.test',
        directives: ['sentinel resolve-hostnames yes'],
      });
      const { group, invariants } = lab;
      const asked = names.questions;
      expect(asked, 'questions while it answered').to.be.above(0);
      names.mode = mode;
      const began = now();
      const probe = await PingProbe.start(group.supervisor(0));
      // A lost connection is what makes a Sentinel look the name up again, if the last answer is old enough.
      await waitFor(
        'a Sentinel asks for the address again',
        10_000,
        async () => {
          for (const type of ['normal', 'pubsub']) await group.firstMaster.command('CLIENT', 'KILL', 'TYPE', type);
          expect(names?.questions, 'questions').to.be.above(asked);
        },
        500,
      );
      await holdsFor('nobody is found down', WATCHED_FOR, () => invariants.expectNoAlarmSince(began));
      const diedAt = now();
      await group.firstMaster.kill();
      await invariants.settle({ withinMillis: LIMIT, absent: [group.firstMaster] });
      report('one master for all', `${(now() - diedAt - DOWN_AFTER).toFixed(0)} ms after down-after`);
      await group.firstMaster.start();
      await invariants.settle();
      const lag = await probe.stop();
      report('99 of 100 PINGs answered within', `${lag.toFixed(0)} ms`);
      expect(lag).to.be.below(LAG_LIMIT);
    });
  }
});
