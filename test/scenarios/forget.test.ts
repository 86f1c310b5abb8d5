// An operator has a group forget what is gone for good; told to one Sentinel, looked into by each.

import { expect } from 'chai';
import { electorate } from '../../src/core/electorate.js';
import type { Simulation } from '../sim/simulation.js';
import type { Command } from '../sim/wire.js';
import { allIsWell, aWorld, failover, nodeOf, sentinelOf } from './world.js';

function order(world: Simulation, index: number, ...command: Command): void {
  world.operator.tell(sentinelOf(world, index).address, command);
}

function masters(world: Simulation) {
  return world.sentinels.flatMap(({ sentinel }) => sentinel?.core.topology.masters.get('mymaster') ?? []);
}

describe('Scenario: what is forgotten', function () {
  this.timeout(60_000);

  it('is a Sentinel that is gone for good: all that are left count one less, and a failover needs fewer votes', () => {
    const world = aWorld({ seed: 5, sentinels: 5, groups: [{ replicas: 2, quorum: 2 }] });
    const gone = sentinelOf(world, 4);
    const runId = gone.sentinel?.core.myId ?? '';
    gone.kill();
    world.runFor(12_000);
    order(world, 0, 'SENTINEL', 'FORGET', 'mymaster', 'SENTINEL', runId);
    world.waitUntil('all count four', () => masters(world).every((master) => electorate(master) === 4), 1_000);
    sentinelOf(world, 3).kill();
    const former = nodeOf(world, 0);
    former.kill();
    expect(failover(world, former, 5_000)).to.be.at.most(2_500);
  });

  it('is nothing that is alive for one of the others: a Sentinel that only the asked one cannot reach', () => {
    const world = aWorld({ seed: 6, sentinels: 5, groups: [{ replicas: 2, quorum: 2 }] });
    const runId = sentinelOf(world, 4).sentinel?.core.myId ?? '';
    order(world, 0, 'SENTINEL', 'FORGET', 'mymaster', 'SENTINEL', runId);
    world.runFor(5_000);
    for (const master of masters(world)) expect(electorate(master)).to.equal(5);
  });

  it('is a replica that is gone for good, everywhere, until it comes back', () => {
    const world = aWorld({ seed: 7, groups: [{ replicas: 2 }] });
    const gone = nodeOf(world, 2);
    const { host, port } = gone.options.address;
    gone.kill();
    world.runFor(12_000);
    order(world, 1, 'SENTINEL', 'FORGET', 'mymaster', 'REPLICA', host, String(port));
    world.waitUntil('all know one', () => masters(world).every(({ replicas }) => replicas.size === 1), 1_000);
    world.runFor(20_000);
    expect(masters(world).every(({ replicas }) => replicas.size === 1)).to.equal(true);
    gone.restart('with-data');
    world.waitUntil('all know two', () => masters(world).every(({ replicas }) => replicas.size === 2), 20_000);
    allIsWell(world, 20_000);
  });

  it('is a replica that was only cut off, until its way to the master is mended', () => {
    const world = aWorld({ seed: 8, groups: [{ replicas: 2 }] });
    const away = nodeOf(world, 2);
    const { host, port } = away.options.address;
    const others = [...world.network.machines.values()].filter((machine) => machine !== away.machine);
    const cut = world.network.separate([away.machine], others);
    for (const end of [...away.ends]) world.network.reset(end);
    world.runFor(12_000);
    order(world, 1, 'SENTINEL', 'FORGET', 'mymaster', 'REPLICA', host, String(port));
    world.waitUntil('all know one', () => masters(world).every(({ replicas }) => replicas.size === 1), 5_000);
    cut.mend();
    world.waitUntil('all know two', () => masters(world).every(({ replicas }) => replicas.size === 2), 90_000);
    allIsWell(world, 20_000);
  });

  it('is a Sentinel that was only down, until it is back: then it counts again', () => {
    const world = aWorld({ seed: 9, groups: [{ replicas: 2 }] });
    const away = sentinelOf(world, 2);
    const runId = away.runId;
    away.kill();
    world.runFor(12_000);
    order(world, 0, 'SENTINEL', 'FORGET', 'mymaster', 'SENTINEL', runId);
    world.waitUntil('two count two', () => masters(world).every((master) => electorate(master) === 2), 1_000);
    away.start();
    world.waitUntil(
      'three count three',
      () => masters(world).length === 3 && masters(world).every((master) => electorate(master) === 3),
      10_000,
    );
    allIsWell(world, 20_000);
  });
});
