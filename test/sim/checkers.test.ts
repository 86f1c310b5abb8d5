// The checkers themselves: each rule is broken on purpose, in a world that is otherwise well, and has to be noticed.

import { expect } from 'chai';
import type { Master } from '../../src/core/master.js';
import { ElectionRecord, Violation } from './election-record.js';
import type { SentinelHost } from './sentinel-host.js';
import { Simulation } from './simulation.js';

function aSettledWorld(): Simulation {
  return new Simulation({ seed: 5 }).settled();
}

function someSentinel(world: Simulation): {
  host: SentinelHost;
  core: NonNullable<SentinelHost['sentinel']>['core'];
  master: Master;
} {
  const [host] = world.sentinels;
  const core = host?.sentinel?.core;
  const master = core?.topology.masters.get('mymaster');
  if (host === undefined || core === undefined || master === undefined) throw new Error('a Sentinel with a master');
  return { host, core, master };
}

function failOver(world: Simulation): void {
  world.groups[0]?.nodes[0]?.kill();
  world.runFor(5_000);
  expect(world.checkers.elections.elections).to.equal(1);
}

describe('safety checkers of the simulator', () => {
  it('notice a promotion by a Sentinel that was not elected', () => {
    const world = aSettledWorld();
    const { core, master } = someSentinel(world);
    const [promoted] = master.replicas.values();
    if (promoted === undefined) throw new Error('a replica');

    const now = master.node.link.stateSince;
    master.failover = {
      state: 'promote',
      epoch: core.currentEpoch + 1,
      startedAt: now,
      purpose: 'outage',
      manual: null,
      since: now,
      authorityUntil: Number.POSITIVE_INFINITY,
      promoted,
      isHandover: false,
      isSent: false,
    };

    expect(() => world.runFor(5_000)).to.throw(Violation, 'without having been elected');
  });

  it('notice an epoch that is told before it is on the disk', () => {
    const world = aSettledWorld();
    const { core } = someSentinel(world);

    core.currentEpoch += 5;

    expect(() => world.runFor(5_000)).to.throw(Violation, 'before it is on its disk');
  });

  it('notice an epoch that goes back', () => {
    const world = aSettledWorld();
    failOver(world);
    const { core } = someSentinel(world);

    core.currentEpoch = 0;

    expect(() => world.runFor(5_000)).to.throw(Violation, 'went back from epoch 1 to 0');
  });

  it('notice a second vote in the same epoch, even across a restart', () => {
    const world = aSettledWorld();
    failOver(world);
    const { host, core, master } = someSentinel(world);
    const other = world.sentinels.find((one) => one.runId !== master.vote.leader && one !== host)?.runId ?? '';

    master.vote = { leader: other, epoch: master.vote.epoch, at: master.vote.at };
    core.durability.touchBeforeSpeaking();

    expect(() => world.runFor(5_000)).to.throw(Violation, /voted for .* and for .* in epoch 1/);
  });

  it('notice a configuration file that has forgotten what it said', () => {
    const world = aSettledWorld();
    const { host } = someSentinel(world);
    const before = host.disk.text;
    failOver(world);

    host.kill();
    host.disk.text = before;

    expect(() => host.start()).to.throw(Violation, 'forgot');
  });

  it('notice one configuration epoch with two addresses', () => {
    const world = aSettledWorld();
    failOver(world);
    const { core, master } = someSentinel(world);
    const other = [...master.replicas.values()].find((node) => node !== master.node);
    if (other === undefined) throw new Error('a replica');

    core.topology.exchangeMaster(master, other);
    core.durability.touchBeforeSpeaking();

    expect(() => world.runFor(5_000)).to.throw(Violation, /configuration epoch 1 of mymaster is/);
  });

  it('notice a failover that is begun without a down master', () => {
    const world = aSettledWorld();
    const { core, master } = someSentinel(world);

    master.failover = {
      state: 'elect',
      epoch: core.currentEpoch,
      startedAt: 0,
      purpose: 'outage',
      manual: null,
      firstRequestAt: null,
    };
    core.announce('warning', '+try-failover', master, 'master mymaster', 0);

    expect(() => world.runFor(5_000)).to.throw(Violation, 'which is not down');
  });
});

describe('record of elections', () => {
  it('takes the same vote twice, but no other one in the same epoch', () => {
    const record = new ElectionRecord();
    record.vote('m', 3, 'voter', 'one');
    record.vote('m', 3, 'voter', 'one');
    record.vote('m', 4, 'voter', 'two');

    expect(() => record.vote('m', 3, 'voter', 'two')).to.throw(Violation);
  });

  it('takes one leader for each master and epoch, with the votes it needs', () => {
    const record = new ElectionRecord();
    for (const voter of ['a', 'b']) record.vote('m', 1, voter, 'a');
    record.elect('m', 1, 'a', 2);

    expect(() => record.elect('m', 1, 'b', 0)).to.throw(Violation, 'both lead');
    expect(() => record.elect('m', 2, 'a', 1)).to.throw(Violation, '0 votes of 1');
  });
});
