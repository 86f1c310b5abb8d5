// Elections that go wrong: split votes, deaf and mute candidates, forgotten votes, two masters at once, leaders that come too late.

import { expect } from 'chai';
import { PROMISE } from '../../src/core/limits.js';
import type { Address } from '../../src/core/types.js';
import type { SentinelHost } from '../sim/sentinel-host.js';
import { Simulation } from '../sim/simulation.js';
import {
  allIsWell,
  always,
  aWorld,
  failover,
  groupOf,
  isFailedOver,
  namedBy,
  nodeOf,
  sentinelOf,
  theMaster,
} from './world.js';

describe('Scenario: election', function () {
  this.timeout(60_000);

  it('a split vote is tried again within seconds', () => {
    let splits = 0;
    for (let seed = 1; seed <= 12; seed++) {
      const lines: string[] = [];
      const world = aWorld({
        seed,
        sentinels: 4,
        groups: [{ quorum: 2, downAfter: 3_000 }],
        show: (line) => lines.push(line),
      });
      // Two pairs that hear of each other's candidates long after they have voted for their own.
      const [one, two, three, four] = world.sentinels.map(({ machine }) => machine);
      if (one === undefined || two === undefined || three === undefined || four === undefined) throw new Error('four');
      for (const left of [one, two]) {
        for (const right of [three, four]) {
          left.baseLatency.set(right, 290);
          right.baseLatency.set(left, 290);
        }
      }
      world.runFor(5_000);
      const former = nodeOf(world, 0);

      former.kill();
      const took = failover(world, former, 30_000);

      if (lines.some((line) => line.includes('-failover-abort-not-elected'))) splits++;
      expect(took, `seed ${seed}`).to.be.at.most(3_000 + 12_000);
    }
    expect(splits, 'splits in twelve seeds').to.be.greaterThan(0);
  });

  it('a candidate that nobody hears does not keep the others from electing one', () => {
    const world = aWorld({ sentinels: 5, groups: [{ quorum: 3 }] });
    const former = nodeOf(world, 0);
    const mute = sentinelOf(world, 0).machine;
    const others = world.sentinels.slice(1).map(({ machine }) => machine);
    world.network.cut([mute], others);

    former.kill();

    expect(
      world.waitUntil(
        'the others agree',
        () => world.sentinels.slice(1).every((host) => namedBy(host, groupOf(world)) !== former),
        10_000,
      ),
    ).to.be.at.most(4_000);
  });

  it('a candidate that hears nobody does not keep the others from electing one', () => {
    const world = aWorld({ sentinels: 5, groups: [{ quorum: 3 }] });
    const former = nodeOf(world, 0);
    const deaf = sentinelOf(world, 0).machine;
    world.network.cut(
      world.sentinels.slice(1).map(({ machine }) => machine),
      [deaf],
    );

    former.kill();

    expect(
      world.waitUntil(
        'the others agree',
        () => world.sentinels.slice(1).every((host) => namedBy(host, groupOf(world)) !== former),
        10_000,
      ),
    ).to.be.at.most(4_000);
  });

  it('two masters that die in the same moment are both failed over in their time', () => {
    for (let seed = 1; seed <= 8; seed++) {
      const world = aWorld({ seed, groups: [{ name: 'one' }, { name: 'two' }] });
      const [first, second] = [nodeOf(world, 0, 0), nodeOf(world, 0, 1)];

      first.kill();
      second.kill();
      const took = world.waitUntil(
        'both failed over',
        () => isFailedOver(world, first, groupOf(world, 0)) && isFailedOver(world, second, groupOf(world, 1)),
        20_000,
      );

      expect(took, `seed ${seed}`).to.be.at.most(6_000);
    }
  });

  it('hole 5a: Sentinels that could never reach some of the others count them all the same', () => {
    const world = new Simulation({ seed: 2, sentinels: 5, groups: [{ quorum: 2, writers: 0 }] });
    const former = nodeOf(world, 0);
    const [a, b, c, d, e] = world.sentinels;
    if (!a || !b || !c || !d || !e) throw new Error('five Sentinels');
    world.network.separate([a.machine, b.machine], [d.machine, e.machine]);
    world.start();
    world.runFor(20_000);
    c.kill();
    world.runFor(5_000);

    former.kill();

    always(world, 'neither two elect anybody', () => groupOf(world).masters.length === 0, 60_000, 10);
    c.start();
    world.waitUntil('failover', () => groupOf(world).masters.length === 1, 30_000);
  });

  it('hole 5b: a Sentinel that is reinstalled again and again is counted once', () => {
    const world = new Simulation({ seed: 1 });
    const reinstalled = sentinelOf(world, 2);
    const fresh = reinstalled.disk.text;
    world.settled();
    for (let round = 0; round < 3; round++) {
      reinstalled.kill();
      world.runFor(5_000);
      reinstalled.disk.text = fresh;
      world.checkers.reinstalled(reinstalled);
      reinstalled.start();
      world.runFor(10_000);
    }

    const former = nodeOf(world, 0);
    sentinelOf(world, 1).kill();
    former.kill();

    expect(failover(world, former, 20_000)).to.be.at.most(5_000);
  });

  it('hole 12a: a Sentinel that sees no replica does not take the votes from those that do', () => {
    for (let seed = 1; seed <= 10; seed++) {
      const world = aWorld({ seed });
      const former = nodeOf(world, 0);
      world.network.separate([sentinelOf(world, 0).machine], [nodeOf(world, 1).machine, nodeOf(world, 2).machine]);
      world.runFor(5_000);

      former.kill();

      const others = world.sentinels.slice(1);
      const isOver = () => others.every((host) => namedBy(host, groupOf(world)) !== former);
      expect(world.waitUntil('failover', isOver, 20_000), `seed ${seed}`).to.be.at.most(1_200);
    }
  });

  it('hole 12b: a candidate that cannot win does not use up epochs', () => {
    const world = aWorld({ groups: [{ writers: 0 }] });
    const former = nodeOf(world, 0);
    // The others cannot save a vote, and so they give none.
    for (const host of world.sentinels.slice(1)) host.disk.failure = 'No space left on device';
    former.kill();

    world.runFor(600_000);

    expect(world.checkers.elections.elections).to.equal(0);
    expect(sentinelOf(world, 0).sentinel?.core.currentEpoch).to.be.within(2, 100);
  });

  it('hole 14: a Sentinel that has forgotten its votes gives none in an epoch that it may have voted in', () => {
    const world = aWorld();
    const former = nodeOf(world, 0);
    former.kill();
    failover(world, former, 5_000);
    const voter = sentinelOf(world, 0);
    const { vote, configEpoch } = voter.sentinel?.core.topology.masters.get('mymaster') ?? {};
    const rival = world.sentinels.find((host) => host !== voter && host.runId !== vote?.leader);
    expect(vote?.epoch).to.equal(configEpoch);
    voter.kill();
    voter.disk.text = voter.disk.text.replace(/^(sentinel (leader|config|current)-epoch|# vedette) .*\n/gm, '');
    world.checkers.reinstalled(voter);
    voter.start();

    const answers: unknown[] = [];
    const { host, port } = theMaster(world).options.address;
    const request = ['SENTINEL', 'is-master-down-by-addr', host, String(port), String(vote?.epoch), rival?.runId ?? ''];
    for (let round = 0; round < 20; round++) {
      world.operator.tell(voter.address, request, (reply) => answers.push(Array.isArray(reply) ? reply[1] : reply));
      world.runFor(250);
    }

    expect(answers).to.deep.equal(Array.from(answers, () => '*'));
    expect(answers.length).to.equal(20);
  });

  it('hole 14: a Sentinel that lost everything votes for nobody until its promises of before are over', () => {
    for (let seed = 1; seed <= 5; seed++) {
      const world = aWorld({ seed });
      const [voter, candidate, rival] = [sentinelOf(world, 0), sentinelOf(world, 1), sentinelOf(world, 2)];
      const { host, port } = nodeOf(world, 0).options.address;
      const leaders: unknown[] = [];
      const ask = (epoch: number, runId: string) => {
        const question = ['SENTINEL', 'IS-MASTER-DOWN-BY-ADDR', host, String(port), String(epoch), runId];
        world.operator.tell(voter.address, question, (reply) => leaders.push(Array.isArray(reply) ? reply[1] : reply));
      };
      // Nobody else hears of the candidate and its epoch.
      const others = [...world.network.machines.values()].filter(
        (machine) => machine !== candidate.machine && machine !== world.operator.machine,
      );
      world.network.separate([candidate.machine], others);
      ask(100, candidate.runId);
      world.runFor(100);
      expect(leaders, `seed ${seed}`).to.deep.equal([candidate.runId]);
      voter.kill();
      voter.disk.text = voter.disk.text
        .replace(/^sentinel (leader-epoch|config-epoch|current-epoch|known-\S+) .*\n/gm, '')
        .replace(/^# vedette .*\n/gm, '');
      world.checkers.reinstalled(voter);
      voter.start();
      const until = world.now + PROMISE - 200;
      while (world.now < until) {
        ask(100, rival.runId);
        world.runFor(100);
      }
      expect(leaders.slice(1), `seed ${seed}`).not.to.include(rival.runId);
    }
  });

  it('hole 14: a Sentinel that watches a master anew keeps the promise it made before', () => {
    const world = aWorld();
    const [voter, candidate, rival] = [sentinelOf(world, 0), sentinelOf(world, 1), sentinelOf(world, 2)];
    const { host, port } = nodeOf(world, 0).options.address;
    const { ask, answers } = ballot(world, voter.address);
    ask(100, candidate.runId);
    world.runFor(100);
    world.operator.tell(voter.address, ['SENTINEL', 'REMOVE', 'mymaster']);
    world.runFor(50);
    world.operator.tell(voter.address, ['SENTINEL', 'MONITOR', 'mymaster', host, String(port), '2']);
    const knowsRival = () => voter.sentinel?.core.topology.masters.get('mymaster')?.peers.has(rival.runId) === true;
    const took = world.waitUntil('it has met the rival', knowsRival, 2_800);

    ask(101, rival.runId);
    world.runFor(3_100 - took);
    ask(102, rival.runId);
    world.runFor(100);

    expect(answers.map(([leader]) => leader)).to.deep.equal([candidate.runId, candidate.runId, rival.runId]);
  });

  it('hole 17: whoever has voted supports nobody else for three seconds, itself included', () => {
    const world = aWorld();
    const [voter, candidate, rival] = [sentinelOf(world, 0), sentinelOf(world, 1), sentinelOf(world, 2)];
    const { ask, answers } = ballot(world, voter.address);

    ask(100, candidate.runId);
    world.runFor(1_000);
    ask(101, rival.runId);
    world.runFor(1_500);
    ask(102, rival.runId);
    world.runFor(1_000);
    ask(103, rival.runId);
    world.runFor(1_000);

    expect(answers).to.deep.equal([
      [candidate.runId, 100],
      [candidate.runId, 100],
      [candidate.runId, 100],
      [rival.runId, 103],
    ]);
  });

  it('hole 17: a leader that wakes after its authority has expired changes nothing', () => {
    for (const stall of [1_500, 2_500, 6_000]) {
      const world = aWorld({ seed: stall });
      const former = nodeOf(world, 0);
      former.kill();
      world.waitUntil('a candidate', () => leading(world) !== null, 5_000);
      const leader = leading(world);

      leader?.stop();
      world.runFor(stall);
      leader?.resume();

      // Whatever it still does is judged by the checkers.
      allIsWell(world, 20_000);
    }
  });

  it('hole 17: a leader that was cut off before it could promote does not do so when a path is back', () => {
    for (let seed = 1; seed <= 5; seed++) {
      const world = aWorld({ seed, latency: [2, 4] });
      const former = nodeOf(world, 0);
      former.kill();
      world.waitUntil('a candidate', () => leading(world, ['elect']) !== null, 5_000);
      const leader = leading(world, ['elect']);
      if (leader === null) throw new Error('a candidate');
      const replicas = groupOf(world).nodes.slice(1);
      const cut = world.network.separate(
        [leader.machine],
        replicas.map(({ machine }) => machine),
      );
      world.waitUntil('a leader', () => leading(world, ['promote']) === leader, 2_000);
      const { failover: wanted } = leader.sentinel?.core.topology.masters.get('mymaster') ?? {};
      const chosen = wanted?.state === 'promote' ? groupOf(world).nodeAt(wanted.promoted.address) : null;
      if (chosen === null) throw new Error('a replica to promote');
      // The others do not see the one it has chosen, and take another one.
      const others = world.sentinels.filter((host) => host !== leader).map(({ machine }) => machine);
      world.network.separate([leader.machine, chosen.machine], others);
      world.waitUntil('another one leads', () => groupOf(world).masters.length === 1, 20_000);
      const [promoted] = groupOf(world).masters;
      expect(promoted, `seed ${seed}`).not.to.equal(chosen);
      world.runFor(5_000);

      cut.mend();
      world.runFor(10_000);

      // What it had sent before may still arrive and be put right; whatever it sends now is judged by the checkers.
      world.network.heal();
      allIsWell(world, 60_000);
    }
  });

  it('a lost quorum of one voter is enough to do nothing, and its return to go on', () => {
    const world = aWorld({ sentinels: 3, groups: [{ quorum: 3 }] });
    const former = nodeOf(world, 0);
    sentinelOf(world, 2).stop();
    world.runFor(3_000);
    former.kill();
    always(world, 'nothing is promoted', () => !isFailedOver(world, former), 60_000, 100);

    sentinelOf(world, 2).resume();

    expect(failover(world, former, 10_000)).to.be.at.most(3_000);
  });
});

function leading(world: Simulation, states = ['elect', 'select', 'promote']): SentinelHost | null {
  const isLeading = (host: SentinelHost) => {
    const state = host.sentinel?.core.topology.masters.get('mymaster')?.failover?.state;
    return state !== undefined && states.includes(state);
  };
  return world.sentinels.find(isLeading) ?? null;
}

/** Asks one Sentinel for its vote in the name of others; an answer is the leader it supports and the epoch of that vote. */
function ballot(world: Simulation, voter: Address) {
  const { host, port } = nodeOf(world, 0).options.address;
  const answers: unknown[][] = [];
  const ask = (epoch: number, runId: string) => {
    const request = ['SENTINEL', 'is-master-down-by-addr', host, String(port), String(epoch), runId];
    world.operator.tell(voter, request, (reply) => answers.push(Array.isArray(reply) ? reply.slice(1) : [reply]));
  };
  return { ask, answers };
}
