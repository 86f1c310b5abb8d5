// Row 6 of the fault table: links that work in one direction, between some and not between others. While a majority of the Sentinels
// sees the master nobody is failed over, and whatever was cut, all agree again soon after it is healed.

import { expect } from 'chai';

import { now } from '../../support/clock.js';
import { FaultLab, faultLab, IS_LONG, report, skipWithout } from '../../support/fault-lab.js';
import { MASTER_NAME } from '../../support/group.js';
import { type Host, Network, obstacleToNetworks } from '../../support/network.js';
import { holdsFor } from '../../support/wait.js';

const OPTIONS = { downAfterMillis: 500, failoverTimeoutMillis: 1000 } as const;
const WATCHED_FOR = 3 * (OPTIONS.downAfterMillis + OPTIONS.failoverTimeoutMillis);
const CONVERGENCE = 30_000;
const SWIZZLES = IS_LONG ? 30 : 1;
const SWIZZLED_FOR = 2500;

interface Cut {
  readonly what: string;
  apply(network: Network, nodes: readonly Host[], sentinels: readonly Host[]): void;
}

const CUTS: readonly Cut[] = [
  {
    what: 'one Sentinel hears nobody, and only the others see the master',
    apply: (network, _nodes, sentinels) => network.muffle(network.hosts, sentinels.slice(0, 1)),
  },
  {
    what: 'one Sentinel is heard by nobody',
    apply: (network, _nodes, sentinels) => network.muffle(sentinels.slice(0, 1), network.hosts),
  },
  {
    what: 'each Sentinel misses another node, and two miss each other',
    apply: (network, nodes, sentinels) => {
      for (const [index, sentinel] of sentinels.entries()) network.separate([sentinel], nodes.slice(index, index + 1));
      network.separate(sentinels.slice(1, 2), sentinels.slice(2, 3));
    },
  },
  {
    what: 'the replicas lose their master, which every Sentinel sees',
    apply: (network, nodes) => network.separate(nodes.slice(0, 1), nodes.slice(1)),
  },
];

describe('A partial partition that leaves the master in sight of a majority', function () {
  this.timeout(120_000);
  const labs: FaultLab[] = [];
  const networks: Network[] = [];

  before(function () {
    skipWithout(this, obstacleToNetworks());
  });

  afterEach('remove the groups', async function () {
    if (this.currentTest?.state === 'failed') for (const { group } of labs) process.stderr.write(`${group.report()}\n`);
    for (const lab of labs.splice(0)) await lab.dispose();
    for (const network of networks.splice(0)) network.remove();
  });

  // The cases wait side by side, each in a group of its own: waiting is all they do.
  it(`fails nobody over: ${CUTS.map(({ what }) => what).join('; ')}`, async () => {
    networks.push(...CUTS.map(() => Network.create(6)));
    // None may still be starting when the networks are removed: what it sends would leave this machine.
    const starts = await Promise.allSettled(networks.map((network) => FaultLab.start(network, OPTIONS)));
    labs.push(...starts.flatMap((start) => (start.status === 'fulfilled' ? [start.value] : [])));
    for (const start of starts) if (start.status === 'rejected') throw start.reason;
    for (const [index, { network, nodeHosts, supervisorHosts }] of labs.entries()) {
      CUTS[index]?.apply(network, nodeHosts, supervisorHosts);
    }
    await holdsFor('every first master stays the master', WATCHED_FOR, () => labs.forEach(expectNoFailover));
    const healedAt = now();
    for (const { network } of labs) network.heal();
    for (const { invariants, group } of labs) {
      expect(await invariants.settle({ withinMillis: CONVERGENCE })).to.equal(group.firstMaster);
    }
    labs.forEach(expectNoFailover);
    report('all settled', `${(now() - healedAt).toFixed(0)} ms after healing`);
  });
});

describe('Connections cut at random, again and again', function () {
  this.timeout(120_000);
  const lab = faultLab(OPTIONS);

  for (let round = 1; round <= SWIZZLES; round++) {
    it(`(${round}) end with one master on which everybody agrees`, async () => {
      const { network, invariants } = lab();
      await invariants.settle();
      const cuts = network.hosts.flatMap((from) =>
        network.hosts.filter((to) => to !== from && Math.random() < 0.4).map((to) => [from, to] as const),
      );
      for (const [from, to] of cuts) to.drop([from]);
      await holdsFor('nobody is elected without a majority', SWIZZLED_FOR, () => invariants.check());
      // Healed host by host, so that several more topologies are seen on the way.
      for (const host of [...network.hosts].sort(() => Math.random() - 0.5)) host.heal();
      const healedAt = now();
      await invariants.settle({ withinMillis: CONVERGENCE });
      const edges = cuts.map(([from, to]) => `${network.hosts.indexOf(from)}>${network.hosts.indexOf(to)}`);
      report('cut', edges.join(' '));
      report('settled', `${(now() - healedAt).toFixed(0)} ms after healing`);
    });
  }
});

function expectNoFailover({ group }: FaultLab): void {
  const attempts = group.events.filter(({ channel }) =>
    ['+odown', '+try-failover', '+switch-master'].includes(channel),
  );
  const words = attempts.map(({ source, channel, payload }) => `${source} ${channel} ${payload}`);
  expect(
    words.filter((text) => text.includes(MASTER_NAME)),
    'I9',
  ).to.deep.equal([]);
}
