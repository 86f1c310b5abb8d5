// `fence-isolated-master`: writes that would be lost are not taken; and everything that must not be mistaken for isolation.

import { expect } from 'chai';
import type { GroupOptions } from '../sim/group.js';
import type { Machine } from '../sim/network.js';
import type { SentinelHost } from '../sim/sentinel-host.js';
import type { Simulation, SimulationOptions } from '../sim/simulation.js';
import { allIsWell, always, aWorld, groupOf, namedBy, nodeOf, sentinelOf, theMaster } from './world.js';

const DOWN_AFTER = 1_000;

function aFencedWorld(group: Partial<GroupOptions> = {}, options: Partial<SimulationOptions> = {}): Simulation {
  const directives = ['sentinel fence-isolated-master % yes'];
  return aWorld({ groups: [{ downAfter: DOWN_AFTER, directives, ...group }], ...options });
}

/** Cuts off the master with the first Sentinels, some replicas, and every writer. The operator reaches both sides. */
function isolate(world: Simulation, sentinels: number, replicas = 0) {
  const group = groupOf(world);
  const side: Machine[] = [
    ...world.sentinels.slice(0, sentinels).map(({ machine }) => machine),
    ...group.nodes.slice(0, 1 + replicas).map(({ machine }) => machine),
    ...group.writers.map(({ machine }) => machine),
  ];
  const others = [...world.network.machines.values()].filter((machine) => !side.includes(machine));
  return world.network.separate(
    side,
    others.filter((machine) => machine !== world.operator.machine),
  );
}

function isFenced(host: SentinelHost): boolean {
  const [master] = host.sentinel?.core.topology.masters.values() ?? [];
  return master !== undefined && master.fence !== null;
}

function lostAfterPartition(world: Simulation): number {
  const cut = isolate(world, 1);
  world.runFor(15_000);
  cut.mend();
  expect(allIsWell(world, 30_000)).to.be.at.most(3_000);
  expect(theMaster(world)).not.to.equal(nodeOf(world, 0));
  return groupOf(world).lostWrites(theMaster(world));
}

describe('Scenario: a fence around an isolated master', function () {
  this.timeout(60_000);

  it('keeps writes from being acknowledged that would be lost', () => {
    for (let seed = 1; seed <= 5; seed++) {
      const unfenced = lostAfterPartition(aWorld({ seed, groups: [{ downAfter: DOWN_AFTER }] }));
      const fenced = lostAfterPartition(aFencedWorld({}, { seed }));

      expect(unfenced, `seed ${seed}`).to.be.greaterThan(500);
      expect(fenced, `seed ${seed}`).to.be.lessThan(50);
    }
  });

  it('stands before the others have found the master down', () => {
    for (const downAfter of [500, 1_000, 5_000, 30_000]) {
      const world = aFencedWorld({ downAfter });
      isolate(world, 1);
      const took = world.waitUntil('fenced', () => nodeOf(world, 0).isPaused, 2 * downAfter);
      expect(took).to.be.lessThan(downAfter * 0.9);
    }
  });

  it('stands after a quarter of down-after and a tenth for the next PING, because what is acknowledged until then is lost', () => {
    for (const downAfter of [1_000, 2_000, 5_000]) {
      const world = aFencedWorld({ downAfter });
      isolate(world, 1);
      const took = world.waitUntil('fenced', () => nodeOf(world, 0).isPaused, downAfter);
      expect(took, `down-after ${downAfter}`).to.be.within(0.24 * downAfter, 0.37 * downAfter);
    }
  });

  it('is not put up for packets that are lost and come 200 ms later, or for as short an interruption', () => {
    for (const [downAfter, interruption] of [
      [1_000, 50],
      [5_000, 500],
    ] as const) {
      const world = aFencedWorld({ downAfter });
      const cut = isolate(world, 1);
      world.runFor(interruption);
      cut.mend();

      always(world, 'nothing is paused', () => !nodeOf(world, 0).isPaused, 2 * downAfter);
    }
  });

  it('goes over into the demotion, without a moment in which writes are taken', () => {
    const world = aFencedWorld();
    const former = nodeOf(world, 0);
    const cut = isolate(world, 1);
    world.waitUntil('fenced', () => former.isPaused, DOWN_AFTER);
    world.runFor(10_000);
    const acknowledged = groupOf(world).acknowledgedWrites;
    cut.mend();

    always(world, 'it is paused or no master', () => former.isPaused || !former.isMaster, 3_000, 1);

    expect(former.isMaster).to.equal(false);
    expect(former.isPaused).to.equal(false);
    expect(isFenced(sentinelOf(world, 0))).to.equal(false);
    allIsWell(world, 5_000);
    expect(groupOf(world).acknowledgedWrites).to.be.greaterThan(acknowledged);
  });

  it('comes down when the others are back and know nothing newer', () => {
    const world = aFencedWorld();
    const master = nodeOf(world, 0);
    const cut = isolate(world, 1);
    world.waitUntil('fenced', () => master.isPaused, DOWN_AFTER);
    cut.mend();

    world.waitUntil('taken down', () => !master.isPaused, 2_000);

    expect(isFenced(sentinelOf(world, 0))).to.equal(false);
    world.runFor(5_000);
    expect(allIsWell(world, 5_000)).to.be.at.most(1_000);
    expect(theMaster(world)).to.equal(master);
    expect(groupOf(world).lostWrites(master)).to.equal(0);
  });

  it('stays while the others are back and still find the master down: they may replace it at any moment', () => {
    for (let seed = 1; seed <= 3; seed++) {
      const world = aFencedWorld({}, { seed });
      const group = groupOf(world);
      const [beside, ...others] = world.sentinels.map(({ machine }) => machine);
      const [master, ...replicas] = group.nodes.map(({ machine }) => machine);
      if (beside === undefined || master === undefined) throw new Error('nobody is there');
      const writers = group.writers.map(({ machine }) => machine);
      const betweenSentinels = world.network.separate([beside], others);
      const fromReplicas = world.network.separate([beside], replicas);
      const fromMaster = world.network.separate([master, ...writers], [...others, ...replicas]);
      // They can promote nobody for now.
      const farFromReplicas = world.network.separate(others, replicas);
      world.waitUntil('fenced', () => nodeOf(world, 0).isPaused, DOWN_AFTER);
      world.runFor(3_000);
      const acknowledged = group.acknowledgedWrites;

      betweenSentinels.mend();
      always(world, 'no write is taken', () => group.acknowledgedWrites === acknowledged, 5_000);

      // Now they can.
      farFromReplicas.mend();
      world.runFor(5_000);
      expect(group.acknowledgedWrites).to.equal(acknowledged);
      for (const cut of [fromReplicas, fromMaster]) cut.mend();
      allIsWell(world, 60_000);
      expect(theMaster(world)).not.to.equal(nodeOf(world, 0));
    }
  });

  it('is held by every Sentinel on that side, and none of them finds the master down', () => {
    const world = aFencedWorld({ quorum: 3, replicas: 3 }, { sentinels: 5 });
    const master = nodeOf(world, 0);
    const cut = isolate(world, 2);
    world.waitUntil('fenced', () => master.isPaused, DOWN_AFTER);

    always(
      world,
      'the Sentinels beside it reach it',
      () => world.sentinels.slice(0, 2).every((host) => namedBy(host, groupOf(world)) === master && !findsDown(host)),
      10_000,
    );
    cut.mend();

    expect(allIsWell(world, 30_000)).to.be.at.most(3_000);
  });

  it('comes down although its Sentinel can save nothing', () => {
    const world = aFencedWorld();
    const [master, host] = [nodeOf(world, 0), sentinelOf(world, 0)];
    host.disk.failure = 'No space left on device';
    const replicas = groupOf(world).nodes.slice(1);
    const farFromReplicas = world.network.separate(
      world.sentinels.slice(1).map(({ machine }) => machine),
      replicas.map(({ machine }) => machine),
    );
    const cut = isolate(world, 1);
    world.waitUntil('fenced', () => master.isPaused, DOWN_AFTER);
    // The others have had an election about something else: their epoch, which ours cannot save, is greater.
    const { core } = sentinelOf(world, 1).sentinel ?? {};
    const [theirs] = core?.topology.masters.values() ?? [];
    if (core === undefined || theirs === undefined) throw new Error('another Sentinel');
    world.runFor(500);
    core.currentEpoch++;
    core.touchBeforeSpeakingOf(theirs);
    world.runFor(200);
    for (const one of [cut, farFromReplicas]) one.mend();

    world.waitUntil('taken down', () => !master.isPaused, 5_000);
    expect(host.sentinel?.core.currentEpoch).to.be.greaterThan(host.sentinel?.core.savedEpoch ?? 0);
  });

  it('comes down at once when it is switched off', () => {
    const world = aFencedWorld();
    isolate(world, 1);
    world.waitUntil('fenced', () => nodeOf(world, 0).isPaused, DOWN_AFTER);

    const host = sentinelOf(world, 0);
    world.operator.tell(host.address, ['SENTINEL', 'SET', groupOf(world).name, 'fence-isolated-master', 'no']);

    world.waitUntil('taken down', () => !nodeOf(world, 0).isPaused, 500);
  });

  describe('is not put up', () => {
    function neverFenced(world: Simulation): void {
      always(world, 'no fence', () => !world.sentinels.some(isFenced), 10_000);
    }

    it('unless it is asked for', () => {
      const world = aWorld();
      isolate(world, 1);
      neverFenced(world);
    });

    it('while a majority of the replicas is attached', () => {
      const world = aFencedWorld({ replicas: 3 });
      isolate(world, 1, 2);
      neverFenced(world);
    });

    it('when the other Sentinels have died on hosts that live', () => {
      const world = aFencedWorld();
      for (const host of world.sentinels.slice(1)) host.kill();
      nodeOf(world, 1).kill();
      nodeOf(world, 2).kill();
      neverFenced(world);
    });

    it('while those who have fallen silent could not elect a leader', () => {
      const world = aFencedWorld({ quorum: 3, replicas: 3 }, { sentinels: 5 });
      isolate(world, 3);
      neverFenced(world);
    });

    it('beside an original Sentinel, which would take the held up PUBLISH for the death of the master', () => {
      const world = aFencedWorld({ quorum: 3, replicas: 3 }, { sentinels: 4, stockSentinels: 1 });
      const [stock] = world.stockSentinels;
      if (stock === undefined) throw new Error('no original Sentinel');
      const group = groupOf(world);
      const side = [sentinelOf(world, 0).machine, stock.machine, nodeOf(world, 0).machine];
      const writers = group.writers.map(({ machine }) => machine);
      const others = [...world.network.machines.values()].filter(
        (machine) => !side.includes(machine) && !writers.includes(machine),
      );
      world.network.separate([...side, ...writers], others);
      neverFenced(world);
    });
  });
});

function findsDown(host: SentinelHost): boolean {
  const [master] = host.sentinel?.core.topology.masters.values() ?? [];
  return master?.node.isSubjectivelyDown ?? false;
}
