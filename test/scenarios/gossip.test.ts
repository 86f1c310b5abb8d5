// Hole 15 of the design review: run ids are public, and whoever may PUBLISH on a data node can speak in anybody's name. What is
// forged that way makes Sentinels ask; it never makes them act.

import { expect } from 'chai';
import { addressKey } from '../../src/core/types.js';
import type { SentinelHost } from '../sim/sentinel-host.js';
import type { Simulation } from '../sim/simulation.js';
import { always, aWorld, failover, groupOf, namedBy, nodeOf, sentinelOf } from './world.js';

const HELLO_CHANNEL = '__sentinel__:hello';
const VOTE_CHANNEL = '__sentinel__:vote';
const FORGERY_PERIOD = 200;
/** Far above what elections can have used. */
const FORGED_EPOCH = 50;

interface Forgery {
  readonly currentEpoch: number;
  readonly configEpoch: number;
  /** Which node is said to be the master. */
  readonly master: number;
}

/** The eight fields of a hello in the name of this Sentinel. */
function helloOf(world: Simulation, host: SentinelHost, { currentEpoch, configEpoch, master }: Forgery): string {
  const { address } = nodeOf(world, master).options;
  const sender = [host.address.host, host.address.port, host.runId, currentEpoch];
  return [...sender, groupOf(world).name, address.host, address.port, configEpoch].join(',');
}

/** Publishes on all nodes, again and again. */
function forge(world: Simulation, channel: string, payloads: readonly string[], times: number): void {
  for (let round = 0; round < times; round++) {
    for (const node of groupOf(world).nodes) {
      for (const payload of payloads) world.operator.tell(node.options.address, ['PUBLISH', channel, payload]);
    }
    world.runFor(FORGERY_PERIOD);
  }
}

describe('Scenario: forged gossip', function () {
  this.timeout(60_000);

  it('hole 15a: forged votes and one Sentinel that cannot see the master fail over nothing', () => {
    const world = aWorld();
    const master = nodeOf(world, 0);
    const [cut, ...others] = world.sentinels;
    if (cut === undefined) throw new Error('three Sentinels');
    world.network.separate([cut.machine], [master.machine]);
    const hellos = others.map((host) => helloOf(world, host, { currentEpoch: 0, configEpoch: 0, master: 0 }));

    forge(
      world,
      VOTE_CHANNEL,
      hellos.map((hello) => `${hello},sdown`),
      50,
    );

    expect(master.isMaster).to.equal(true);
    expect(world.checkers.elections.elections).to.equal(0);
    expect(cut.sentinel?.core.currentEpoch).to.equal(0);
  });

  it('hole 15b: a forged configuration is followed by nobody', () => {
    const world = aWorld();
    const forgery = { currentEpoch: FORGED_EPOCH, configEpoch: FORGED_EPOCH, master: 1 };
    const forged = world.sentinels.map((host) => helloOf(world, host, forgery));

    for (let round = 0; round < 50; round++) {
      forge(world, HELLO_CHANNEL, forged, 1);
      const named = world.sentinels.map((host) => namedBy(host, groupOf(world))?.name);
      expect(named, `round ${round}`).to.deep.equal(Array.from(world.sentinels, () => nodeOf(world, 0).name));
    }

    always(world, 'the master is the master', () => nodeOf(world, 0).isMaster, 10_000);
    expect(addressKey(nodeOf(world, 1).upstream?.address ?? nodeOf(world, 1).options.address)).to.equal(
      addressKey(nodeOf(world, 0).options.address),
    );
  });

  it('hole 15c: forged epochs do not use up all that there are, and elections go on', () => {
    const world = aWorld();
    const master = nodeOf(world, 0);
    const host = sentinelOf(world, 1);
    for (const currentEpoch of [2 ** 32, 2 ** 40, 2 ** 53 - 2]) {
      forge(world, HELLO_CHANNEL, [helloOf(world, host, { currentEpoch, configEpoch: 0, master: 0 })], 5);
    }

    for (const one of world.sentinels) expect(one.sentinel?.core.currentEpoch).to.be.at.most(2 ** 20);
    master.kill();
    expect(failover(world, master, 5_000)).to.be.at.most(2_000);
  });
});
