// Commands that arrive long after they were sent: a role change in the buffer of a broken path, or of a process that has hung.
// By then somebody else may have been elected, and the old command must not undo what the new leader did.

import { expect } from 'chai';
import { Pipe } from '../sim/pipe.js';
import type { SentinelHost } from '../sim/sentinel-host.js';
import type { Simulation } from '../sim/simulation.js';
import { allIsWell, always, aWorld, isFailedOver, nodeOf, theMaster } from './world.js';

/** Slow enough that every state of a failover lasts a few milliseconds. */
const SLOW = [2, 4] as const;

function leaderIn(world: Simulation, state: string): SentinelHost | null {
  const isIn = (host: SentinelHost) => host.sentinel?.core.topology.masters.get('mymaster')?.failover?.state === state;
  return world.sentinels.find(isIn) ?? null;
}

describe('Scenario: late command', function () {
  this.timeout(60_000);

  it('hole 8: a repointing that a broken path held back does not demote a master promoted since', () => {
    for (let seed = 1; seed <= 10; seed++) {
      const world = aWorld({ seed, sentinels: 5, groups: [{ quorum: 3 }], latency: SLOW });
      const former = nodeOf(world, 0);
      former.kill();
      world.waitUntil('a leader that promotes', () => leaderIn(world, 'promote') !== null, 10_000);
      const leader = leaderIn(world, 'promote');
      if (leader === null) throw new Error('a leader');
      const replicas = [nodeOf(world, 1), nodeOf(world, 2)];
      world.waitUntil('a promotion', () => replicas.some((node) => node.isMaster), 2_000);
      const [first, second] = nodeOf(world, 1).isMaster
        ? [nodeOf(world, 1), nodeOf(world, 2)]
        : [nodeOf(world, 2), nodeOf(world, 1)];
      // The leader is about to make the second one follow the first; its command is held back.
      const cut = world.network.cut([leader.machine], [second.machine]);
      world.runFor(300);
      first.kill();
      world.waitUntil('the second is promoted', () => second.isMaster && isFailedOver(world, first), 30_000);

      cut.mend();

      always(world, `the second stays the master (seed ${seed})`, () => second.isMaster, 30_000, 5);
      allIsWell(world, 30_000);
    }
  });

  for (const type of ['plain', 'subscribed'] as const) {
    it(`hole 8: a role change that waits on a ${type} connection of a hung server is void once a newer one was executed`, () => {
      for (let seed = 1; seed <= 10; seed++) {
        const world = aWorld({ seed, groups: [{ replicas: 1 }], latency: SLOW });
        const [former, replica] = [nodeOf(world, 0), nodeOf(world, 1)];
        // The connection of a leader of the past, whose command is written when the replica has just begun to hang.
        const options = { address: replica.options.address, credentials: null, clientName: 'past', wantsResp3: true };
        const past: Pipe = new Pipe(world.operator, world.network, options, {
          opened: () => {
            if (type === 'subscribed') past.send([['SUBSCRIBE', 'a channel']], () => undefined);
            past.flush();
          },
          closed: () => undefined,
          message: () => undefined,
        });
        former.kill();
        world.runFor(900);
        expect(past.isOpen).to.equal(true);
        replica.readsLatestFirst = true;
        replica.stop();
        past.send([['REPLICAOF', '10.9.9.9', '6379']], () => undefined);
        past.flush();
        world.runFor(450);

        replica.resume();
        world.waitUntil('the replica is promoted', () => replica.isMaster, 5_000);

        always(world, `it stays the master (seed ${seed})`, () => replica.isMaster, 20_000, 5);
      }
    });
  }

  it('hole 8: a leader that hangs over a whole failover of others does not undo it when it wakes', () => {
    for (let seed = 1; seed <= 10; seed++) {
      const world = aWorld({ seed, sentinels: 5, groups: [{ quorum: 3 }], latency: SLOW });
      const former = nodeOf(world, 0);
      former.kill();
      world.waitUntil('a leader that reconfigures', () => leaderIn(world, 'reconfigure-replicas') !== null, 10_000);
      const leader = leaderIn(world, 'reconfigure-replicas');
      leader?.stop();
      world.runFor(3_000);
      const first = theMaster(world);
      first.kill();
      world.waitUntil('a second failover', () => isFailedOver(world, first), 30_000);
      const second = theMaster(world);
      world.runFor(2_000);

      leader?.resume();

      always(world, `the second stays the master (seed ${seed})`, () => second.isMaster, 20_000, 5);
      allIsWell(world, 30_000);
    }
  });

  it('hole 8: a promoted replica that hangs through the promotion of another ends as its replica', () => {
    for (let seed = 1; seed <= 10; seed++) {
      const world = aWorld({ seed, groups: [{ replicas: 3 }], latency: SLOW });
      const former = nodeOf(world, 0);
      former.kill();
      world.waitUntil('a leader that promotes', () => leaderIn(world, 'promote') !== null, 10_000);
      const hung = [1, 2, 3].map((index) => nodeOf(world, index));
      for (const node of hung) node.stop();
      world.runFor(2_500);
      for (const node of hung) node.resume();

      allIsWell(world, 60_000);
    }
  });
});
