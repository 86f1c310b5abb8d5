// Former masters that come back, and replicas that contradict the configuration: who is demoted, when, and who must not be.
// The counterexamples of the design review that concern demotion are here, each named after its hole.

import { expect } from 'chai';
import type { Machine } from '../sim/network.js';
import type { Simulation } from '../sim/simulation.js';
import { allIsWell, always, aWorld, failover, groupOf, namedBy, nodeOf, sentinelOf, theMaster } from './world.js';

/** Two nodes that follow each other serve nobody: the outage that careless demotions make. */
function isCycle(world: Simulation): boolean {
  const { nodes } = groupOf(world);
  return nodes.every((node) => !node.isAlive || !node.isMaster);
}

describe('Scenario: returning master', function () {
  this.timeout(60_000);

  for (const seed of [1, 2, 3, 4, 5]) {
    it(`is a replica again within a second (seed ${seed})`, () => {
      const world = aWorld({ seed });
      const former = nodeOf(world, 0);
      former.kill();
      failover(world, former, 5_000);
      world.runFor(seed * 1_000);

      former.restart('with-data');
      const took = world.waitUntil('demoted', () => !former.isMaster, 10_000);

      expect(took).to.be.at.most(1_000);
      allIsWell(world, 5_000);
    });
  }

  it('is a replica again within a second of waking from a hang', () => {
    const world = aWorld();
    const former = nodeOf(world, 0);
    former.stop();
    failover(world, former, 5_000);
    world.runFor(20_000);

    former.resume();

    expect(world.waitUntil('demoted', () => !former.isMaster, 10_000)).to.be.at.most(1_000);
  });

  it('is a replica again within two seconds of the end of a partition', () => {
    const world = aWorld({ sentinels: 5, groups: [{ quorum: 3 }] });
    const former = nodeOf(world, 0);
    const all = [...world.network.machines.values()];
    const cut = world.network.separate([former.machine], all);
    failover(world, former, 5_000);
    world.runFor(15_000);

    cut.mend();

    expect(world.waitUntil('demoted', () => !former.isMaster, 10_000)).to.be.at.most(2_000);
  });

  it('brings Sentinels with it that do not take their own silence for that of the new master', () => {
    const world = aWorld({ sentinels: 5, groups: [{ quorum: 2, downAfter: 1_000 }] });
    const group = groupOf(world);
    const former = nodeOf(world, 0);
    const cutOff = [sentinelOf(world, 0).machine, sentinelOf(world, 1).machine];
    const isCutOff = (machine: Machine) => machine === former.machine || cutOff.includes(machine);
    const others = [...world.network.machines.values()].filter((machine) => !isCutOff(machine));
    const fromReplicas = world.network.separate(cutOff, [nodeOf(world, 1).machine, nodeOf(world, 2).machine]);
    const cut = world.network.separate([former.machine, ...cutOff], others);
    const witness = sentinelOf(world, 4);
    world.waitUntil('promoted', () => namedBy(witness, group) !== former, 5_000);
    const promoted = namedBy(witness, group);
    world.runFor(15_000);

    // They hear of the new master before they reach it.
    cut.mend();
    const isHeardOf = () => world.sentinels.every((host) => namedBy(host, group) === promoted);
    world.waitUntil('everybody has heard of it', isHeardOf, 5_000);
    always(world, 'it is the master', () => namedBy(witness, group) === promoted, 500);
    fromReplicas.mend();

    always(world, 'it is the master', () => namedBy(witness, group) === promoted, 5_000);
    allIsWell(world, 5_000);
  });

  it('is made to follow even when it returns without its data', () => {
    const world = aWorld();
    const former = nodeOf(world, 0);
    former.kill();
    failover(world, former, 5_000);

    former.restart('empty');

    allIsWell(world, 30_000);
    expect(groupOf(world).lostWrites(theMaster(world))).to.equal(0);
  });

  it('is not demoted by a minority, however long that lasts', () => {
    const world = aWorld({ sentinels: 5, groups: [{ quorum: 3 }] });
    const former = nodeOf(world, 0);
    former.kill();
    failover(world, former, 5_000);
    for (const index of [2, 3, 4]) sentinelOf(world, index).kill();
    world.runFor(5_000);

    former.restart('with-data');

    always(world, 'it stays a master', () => former.isMaster, 600_000, 1_000);
  });

  for (const end of ['crash', 'hang', 'loss of power'] as const) {
    it(`hole 2a: the last living master is not demoted in favour of one that is dying (${end})`, () => {
      for (let seed = 1; seed <= 5; seed++) {
        const world = aWorld({ seed, groups: [{ replicas: 1 }] });
        const [former, promoted] = [nodeOf(world, 0), nodeOf(world, 1)];
        former.kill();
        failover(world, former, 5_000);
        world.runFor(1_000);

        former.restart('with-data');
        if (end === 'crash') promoted.kill();
        else if (end === 'hang') promoted.stop();
        else promoted.losePower();

        always(world, `it stays a master (seed ${seed})`, () => former.isMaster, 30_000, 10);
      }
    });
  }

  it('hole 2b: a leader that dies between its save and its hello leaves no two nodes that follow each other', () => {
    for (const crashAt of ['change-role', '+promoted-slave', 'save', '+switch-master', 'publish']) {
      const world = aWorld({ seed: 7 });
      const former = nodeOf(world, 0);
      for (const host of world.sentinels) {
        host.onCrash = () => {
          for (const other of world.sentinels) other.crashPoint = null;
          world.agenda.after(4_000, () => host.start());
        };
      }
      former.kill();
      world.runFor(900);
      for (const host of world.sentinels)
        host.crashPoint = { point: { kind: 'after', what: '+elected-leader' }, countdown: 99 };
      world.waitUntil('a leader', () => world.checkers.elections.elections > 0, 5_000);
      for (const host of world.sentinels) host.crashPoint = { point: { kind: 'after', what: crashAt }, countdown: 1 };
      world.runFor(600);
      former.restart('with-data');

      always(world, `somebody is a master (crash after ${crashAt})`, () => !isCycle(world), 30_000, 5);
      allIsWell(world, 60_000);
    }
  });

  it('hole 2c: the last living master is not demoted in favour of one that has become a replica', () => {
    for (let seed = 1; seed <= 5; seed++) {
      const world = aWorld({ seed, groups: [{ replicas: 1 }] });
      const [former, promoted] = [nodeOf(world, 0), nodeOf(world, 1)];
      former.kill();
      failover(world, former, 5_000);
      world.runFor(1_000);

      // An operator wants the former one back, and tells only the servers.
      const { host, port } = former.options.address;
      former.restart('with-data');
      world.operator.tell(promoted.options.address, ['REPLICAOF', host, String(port)]);

      always(world, `somebody is a master (seed ${seed})`, () => !isCycle(world), 30_000, 1);
      allIsWell(world, 30_000);
    }
  });

  it('hole 3: a vote for a later epoch that came to nothing does not hold the demotion for ever', () => {
    const world = aWorld({ sentinels: 3 });
    const former = nodeOf(world, 0);
    former.kill();
    failover(world, former, 5_000);
    // A candidate of a later epoch gets the others' votes and is gone before it does anything.
    const [candidate, second, third] = world.sentinels;
    if (candidate === undefined || second === undefined || third === undefined) throw new Error('three Sentinels');
    const epoch = String((candidate.sentinel?.core.currentEpoch ?? 0) + 1);
    const { host, port } = theMaster(world).options.address;
    const request = ['SENTINEL', 'is-master-down-by-addr', host, String(port), epoch, candidate.runId];
    for (const voter of [second, third]) world.operator.tell(voter.address, request);
    world.runFor(100);
    expect(world.checkers.elections.votesFor('mymaster', Number(epoch), candidate.runId)).to.equal(2);
    candidate.kill();

    former.restart('with-data');

    expect(world.waitUntil('demoted', () => !former.isMaster, 60_000)).to.be.at.most(15_000);
  });

  it('a replica that follows the wrong master is put right', () => {
    const world = aWorld({ groups: [{ replicas: 3 }] });
    const [lost, wrong] = [nodeOf(world, 3), nodeOf(world, 2)];

    world.operator.tell(lost.options.address, [
      'REPLICAOF',
      wrong.options.address.host,
      String(wrong.options.address.port),
    ]);
    world.runFor(1_000);
    expect(lost.upstream?.address).to.deep.equal(wrong.options.address);

    allIsWell(world, 30_000);
  });
});
