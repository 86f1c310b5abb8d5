// Several Sentinels and an operator who pauses the group at one of them.

import { expect } from 'chai';
import { isHeld } from '../../src/core/hold.js';
import type { Simulation } from '../sim/simulation.js';
import type { Command } from '../sim/wire.js';
import { allIsWell, always, aWorld, failover, isFailedOver, nodeOf, sentinelOf, theMaster } from './world.js';

function order(world: Simulation, index: number, ...command: Command): void {
  world.operator.tell(sentinelOf(world, index).address, command);
}

/** The Sentinels that run and are paused. */
function paused(world: Simulation): number {
  return world.sentinels.filter(({ sentinel }) => {
    const master = sentinel?.core.topology.masters.get('mymaster');
    return master !== undefined && isHeld(master, world.now);
  }).length;
}

function aPausedWorld(seconds: number): Simulation {
  const world = aWorld({ seed: 3, groups: [{ replicas: 2 }] });
  order(world, 0, 'SENTINEL', 'PAUSE', 'mymaster', String(seconds));
  world.waitUntil('everybody is paused', () => paused(world) === 3, 100);
  return world;
}

describe('Scenario: a paused group', function () {
  this.timeout(60_000);

  it('starts nothing when its master dies, and fails over when another Sentinel is told to resume', () => {
    const world = aPausedWorld(300);
    const former = nodeOf(world, 0);
    former.kill();
    always(world, 'nobody is promoted', () => !isFailedOver(world, former), 30_000);
    order(world, 2, 'SENTINEL', 'RESUME', 'mymaster');
    expect(failover(world, former, 5_000)).to.be.at.most(1_000);
    expect(paused(world)).to.equal(0);
  });

  it('fails over by itself when the pause expires', () => {
    const world = aPausedWorld(20);
    const former = nodeOf(world, 0);
    former.kill();
    always(world, 'nobody is promoted', () => !isFailedOver(world, former), 19_000);
    failover(world, former, 5_000);
  });

  it('stays paused through restarts, and a Sentinel that was away when it was told learns of it', () => {
    const world = aWorld({ seed: 4, groups: [{ replicas: 2 }] });
    const [first, , third] = world.sentinels;
    if (first === undefined || third === undefined) throw new Error('there are three');
    third.kill();
    world.runFor(100);
    order(world, 0, 'SENTINEL', 'PAUSE', 'mymaster', '300');
    world.waitUntil('two are paused', () => paused(world) === 2, 100);
    first.kill();
    world.runFor(100);
    first.start();
    third.start();
    world.waitUntil('all are paused', () => paused(world) === 3, 5_000);
    const former = nodeOf(world, 0);
    former.kill();
    always(world, 'nobody is promoted', () => !isFailedOver(world, former), 20_000);
  });

  it('is failed over by an operator all the same', () => {
    const world = aPausedWorld(300);
    const former = theMaster(world);
    order(world, 1, 'SENTINEL', 'FAILOVER', 'mymaster');
    failover(world, former, 5_000);
    expect(allIsWell(world, 30_000)).to.be.at.most(20_000);
    expect(paused(world)).to.equal(3);
  });
});
