// The checkers themselves: each rule is broken on purpose, in a world that is otherwise well, and has to be noticed.

import { expect } from 'chai';
import type { DataNode } from '../../src/core/data-node.js';
import { adoptEpoch } from '../../src/core/durable.js';
import type { Master } from '../../src/core/master.js';
import type { Address, LinkId } from '../../src/core/types.js';
import { ElectionRecord, Violation } from './election-record.js';
import type { RedisOptions } from './redis-node.js';
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
  if (host === undefined) throw new Error('a Sentinel');
  return { host, ...stateOf(host) };
}

function stateOf(host: SentinelHost): { core: NonNullable<SentinelHost['sentinel']>['core']; master: Master } {
  const core = host.sentinel?.core;
  const master = core?.topology.masters.get('mymaster');
  if (core === undefined || master === undefined) throw new Error('a Sentinel with a master');
  return { core, master };
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
      promotedRunId: promoted.runId,
      orderBy: Number.POSITIVE_INFINITY,
      isSent: false,
      inquiry: null,
    };

    expect(() => world.runFor(5_000)).to.throw(Violation, 'without having been elected');
  });

  it('notice an epoch that is told before it is on the disk', () => {
    const world = aSettledWorld();
    const { core } = someSentinel(world);

    core.currentEpoch += 5;
    core.savedEpoch = core.currentEpoch;

    expect(() => world.runFor(5_000)).to.throw(Violation, 'before it is on its disk');
  });

  it('notice an epoch that goes back', () => {
    const world = aSettledWorld();
    failOver(world);
    // All of them: one alone would soon hear of the epoch from the others.
    for (const host of world.sentinels) {
      const { core } = stateOf(host);
      core.currentEpoch = 0;
      core.savedEpoch = 0;
    }

    expect(() => world.runFor(5_000)).to.throw(Violation, 'went back from epoch 1 to 0');
  });

  it('notice a second vote in the same epoch, even across a restart', () => {
    const world = aSettledWorld();
    failOver(world);
    const { host, core, master } = someSentinel(world);
    const other = world.sentinels.find((one) => one.runId !== master.vote.leader && one !== host)?.runId ?? '';

    master.vote = { leader: other, epoch: master.vote.epoch, at: master.vote.at };
    core.touchBeforeSpeakingOf(master);

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
    core.touchBeforeSpeakingOf(master);

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

/** This Sentinel has been elected by everybody, as far as the checkers can know. */
function lead(world: Simulation, host: SentinelHost): void {
  const { core, master } = stateOf(host);
  const epoch = core.currentEpoch + 1;
  for (const one of world.sentinels) world.checkers.elections.vote(master.name, epoch, one.runId, host.runId);
  say(world, host, '+vote-for-leader', `${host.runId} ${epoch}`);
  say(world, host, '+elected-leader', 'master mymaster');
}

function say(world: Simulation, host: SentinelHost, type: string, message: string): void {
  const event = { at: host.now, level: 'warning', type, message, master: 'mymaster' } as const;
  world.checkers.effect(host, { kind: 'event', event });
}

function order(world: Simulation, host: SentinelHost, link: LinkId, target: Address | null): void {
  const purpose = {
    kind: 'change-role',
    master: 'mymaster',
    target,
    attempt: 1,
    askedAt: host.now,
    parts: [],
    whole: true,
  } as const;
  world.checkers.effect(host, { kind: 'send', link, request: { purpose, commands: [] } });
}

/** The Sentinel's record of the group's first replica. */
function firstReplica(world: Simulation, host: SentinelHost): DataNode {
  const { core, master } = stateOf(host);
  const address = world.groups[0]?.nodes[1]?.options.address;
  const node = address === undefined ? null : core.topology.findNode(master, address);
  if (node === null) throw new Error('a replica');
  return node;
}

describe('safety checkers of role changes', () => {
  function aWorldWith(options: Partial<RedisOptions> = {}): { world: Simulation; host: SentinelHost; node: DataNode } {
    const world = new Simulation({ seed: 5, groups: [{ node: (index) => (index === 1 ? options : {}) }] }).settled();
    const [host] = world.sentinels;
    if (host === undefined) throw new Error('a Sentinel');
    return { world, host, node: firstReplica(world, host) };
  }

  it('let an elected leader promote a good replica', () => {
    const { world, host, node } = aWorldWith();
    lead(world, host);

    expect(() => order(world, host, node.link.id, null)).not.to.throw();
  });

  for (const [what, options] of [
    ['of priority 0', { priority: 0 }],
    ['which is not announced', { isAnnounced: false }],
  ] as const) {
    it(`notice the promotion of a replica ${what}`, () => {
      const { world, host, node } = aWorldWith(options);
      lead(world, host);

      expect(() => order(world, host, node.link.id, null)).to.throw(Violation, what);
    });
  }

  it('notice the promotion of a replica that is down', () => {
    const { world, host, node } = aWorldWith();
    lead(world, host);
    node.subjectivelyDownSince = host.now;

    expect(() => order(world, host, node.link.id, null)).to.throw(Violation, 'which is down');
  });

  it('notice the promotion of a replica that never synchronised', () => {
    const { world, host, node } = aWorldWith();
    const [master, replica] = world.groups[0]?.nodes ?? [];
    if (master === undefined || replica === undefined) throw new Error('two nodes');
    world.network.separate([master.machine], [replica.machine]);
    replica.kill();
    replica.restart('empty');
    world.runFor(3_000);
    lead(world, host);

    expect(() => order(world, host, node.link.id, null)).to.throw(Violation, 'which never synchronised');
  });

  it('notice a promotion after the authority of its votes has ended', () => {
    const { world, host, node } = aWorldWith();
    lead(world, host);
    const { core, master } = stateOf(host);
    const epoch = core.currentEpoch + 1;
    adoptEpoch(core, master, epoch, host.now);
    world.runFor(1_000);
    const purpose = {
      kind: 'ask-master-down',
      master: 'mymaster',
      peer: '',
      address: { host: '10.1.0.1', port: 6379 },
      epoch,
      candidate: host.runId,
    } as const;
    world.checkers.effect(host, { kind: 'send', link: node.link.id, request: { purpose, commands: [] } });
    world.runFor(2_100);

    expect(() => order(world, host, node.link.id, null)).to.throw(Violation, 'ms after its first vote request');
  });

  it('notice a role change in TILT', () => {
    const { world, host, node } = aWorldWith();
    lead(world, host);
    stateOf(host).core.tilt = { since: host.now };

    expect(() => order(world, host, node.link.id, null)).to.throw(Violation, 'in TILT');
  });

  it('notice a node that is made to follow somebody else than the disk says, or itself', () => {
    const { world, host, node } = aWorldWith();
    const { master } = stateOf(host);

    expect(() => order(world, host, master.node.link.id, node.address)).to.throw(Violation, 'not what its disk says');
    expect(() => order(world, host, master.node.link.id, master.node.address)).to.throw(Violation, 'follow itself');
  });
});

describe('safety checkers of agreement, links and queues', () => {
  it('notice a failover that is begun without the agreement of a quorum', () => {
    const world = aSettledWorld();
    const { host, core, master } = someSentinel(world);
    master.objectivelyDownSince = host.now;
    master.failover = {
      state: 'elect',
      epoch: core.currentEpoch,
      startedAt: host.now,
      purpose: 'outage',
      manual: null,
      firstRequestAt: null,
    };
    say(world, host, '+sdown', 'master mymaster 10.1.0.1 6379');

    expect(() => say(world, host, '+try-failover', 'master mymaster')).to.throw(Violation, 'with 1 of 2 agreeing');
  });

  it('notice a leader that a minority has elected', () => {
    const world = aSettledWorld();
    const { host } = someSentinel(world);
    world.checkers.elections.vote('mymaster', 1, host.runId, host.runId);
    say(world, host, '+vote-for-leader', `${host.runId} 1`);

    expect(() => say(world, host, '+elected-leader', 'master mymaster')).to.throw(Violation, '1 votes of 2 needed');
  });

  it('notice what is delivered after the end of its link', () => {
    const world = aSettledWorld();
    const { host, master } = someSentinel(world);
    const link = master.node.link.id;
    world.checkers.input(host, { kind: 'link-down', link, reason: 'reset', refused: false });

    const late = { kind: 'message', link, channel: '__sentinel__:hello', payload: '' } as const;
    expect(() => world.checkers.input(host, late)).to.throw(Violation, 'after its end');
  });

  for (const [queue, length, message] of [
    ['longestQueue', 1_000, 'unanswered commands'],
    ['owedReplies', 10_000, 'owes 10000 replies'],
  ] as const) {
    it(`notice a queue that grows without end (${queue})`, () => {
      const world = aSettledWorld();
      const { host } = someSentinel(world);
      Object.defineProperty(host, queue, { get: () => length });

      expect(() => world.runFor(60_000)).to.throw(Violation, message);
    });
  }

  it('notice a configuration epoch that goes back on the disk', () => {
    const world = aSettledWorld();
    failOver(world);
    const { host } = someSentinel(world);
    const state = host.sentinel?.snapshot();
    const [saved] = state?.masters ?? [];
    if (state === undefined || saved === undefined) throw new Error('a saved master');

    const older = { ...state, masters: [{ ...saved, configEpoch: 0 }] };
    expect(() => world.checkers.saved(host, older)).to.throw(
      Violation,
      'saved configuration epoch 0 of mymaster after 1',
    );
  });
});

describe('safety checkers of original Sentinels', () => {
  /** The second leader of epoch 6 has one vote of that epoch, its own, and two of epoch 7. */
  function electTwice(world: Simulation, first: string, second: string, voters: readonly string[]): void {
    const { checkers } = world;
    for (const voter of [first, ...voters]) checkers.stockVoted('m', 6, voter, first);
    checkers.stockElected('m', 6, first);
    checkers.stockVoted('m', 6, second, second);
    for (const voter of voters) checkers.stockVoted('m', 7, voter, second);
    checkers.stockElected('m', 6, second);
  }

  it('let originals alone elect two leaders by votes of two epochs, as they do', () => {
    const world = new Simulation({ seed: 5, sentinels: 1, stockSentinels: 4 });
    const [first = '', second = '', ...others] = world.stockSentinels.map(({ runId }) => runId);

    expect(() => electTwice(world, first, second, others)).not.to.throw();
  });

  it('notice a second leader that got a vote of a Vedette', () => {
    const world = new Simulation({ seed: 5, sentinels: 2, stockSentinels: 3 });
    const [first = '', second = '', other = ''] = world.stockSentinels.map(({ runId }) => runId);

    expect(() => electTwice(world, first, second, [other, 'a Vedette'])).to.throw(Violation, 'both lead in epoch 6');
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
