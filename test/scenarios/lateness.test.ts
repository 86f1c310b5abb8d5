// Sentinels that stall: their own lateness is nobody's death, and it must not keep them from noticing a real one afterwards.

import { expect } from 'chai';
import { ErrorReply, type Reply } from '../../src/protocol/reply.js';
import { allIsWell, always, aWorld, failover, nodeOf, sentinelOf } from './world.js';

describe('Scenario: lateness', function () {
  this.timeout(60_000);

  for (const timersFirst of [true, false]) {
    it(`no stall of all Sentinels makes them judge a healthy master (${timersFirst ? 'timers' : 'input'} first)`, () => {
      for (let seed = 1; seed <= 10; seed++) {
        const world = aWorld({ seed });
        for (const host of world.sentinels) host.timersFirst = timersFirst;
        for (let round = 0; round < 8; round++) {
          for (const host of world.sentinels) host.stop();
          world.runFor(200 + 900 * round * (seed / 5));
          for (const host of world.sentinels) host.resume();
          always(world, 'nobody judges the master', () => !isAnybodyJudging(world), 1_500, 5);
        }
        expect(world.checkers.elections.elections).to.equal(0);
      }
    });
  }

  it('a freeze of everything at once, which answers nothing meanwhile, makes nobody judge a healthy master', () => {
    for (let seed = 1; seed <= 10; seed++) {
      const world = aWorld({ seed, latency: [2, 8] });
      const everything = [...world.sentinels, ...world.groups.flatMap(({ nodes }) => nodes)];
      for (let round = 0; round < 5; round++) {
        for (const process of everything) process.stop();
        world.runFor(1_200 + 137 * round + 11 * seed);
        for (const process of everything) process.resume();
        always(world, 'nobody judges the master', () => !isAnybodyJudging(world), 1_500, 1);
      }
    }
  });

  it('a master that dies after a stall of three seconds is failed over like any other', () => {
    const world = aWorld();
    const former = nodeOf(world, 0);
    for (const host of world.sentinels) host.stop();
    world.runFor(3_000);
    for (const host of world.sentinels) host.resume();
    world.runFor(500);

    former.kill();

    expect(failover(world, former, 20_000)).to.be.at.most(1_000 + 100);
  });

  it('a master that dies during a stall is failed over within down-after and two seconds of the resume', () => {
    for (const stall of [500, 1_500, 3_000, 10_000, 30_000]) {
      const world = aWorld({ seed: stall });
      const former = nodeOf(world, 0);
      for (const host of world.sentinels) host.stop();
      world.runFor(stall / 2);
      former.kill();
      world.runFor(stall / 2);

      for (const host of world.sentinels) host.resume();

      expect(failover(world, former, 20_000), `stall of ${stall} ms`).to.be.at.most(1_000 + 2_000);
    }
  });

  it('one stalled Sentinel of three does not delay the other two', () => {
    const world = aWorld();
    const former = nodeOf(world, 0);
    sentinelOf(world, 0).stop();
    world.runFor(200);

    former.kill();
    const others = world.sentinels.slice(1);
    const took = world.waitUntil(
      'the two agree',
      () => others.every((host) => host.sentinel?.core.topology.masters.get('mymaster')?.configEpoch !== 0),
      10_000,
    );

    expect(took).to.be.at.most(1_000 + 300);
    sentinelOf(world, 0).resume();
    allIsWell(world, 10_000);
  });

  it('hole 18: a process that is always late still finds a dead master down', () => {
    const world = aWorld();
    const former = nodeOf(world, 0);
    const throttle = () => {
      for (const host of world.sentinels) host.stop();
      world.agenda.after(150, () => {
        for (const host of world.sentinels) host.resume();
        world.agenda.after(10, throttle);
      });
    };
    throttle();
    world.runFor(5_000);

    former.kill();

    // Down-after, as much again for each of the three that lateness may excuse, and the failover.
    expect(failover(world, former, 60_000)).to.be.at.most(8_000);
  });

  it('hole 18: a process that loses nearly all of its time is excused for three times down-after, and no longer', () => {
    const world = aWorld({ sentinels: 1, groups: [{ quorum: 1 }] });
    const [host] = world.sentinels;
    if (host === undefined) throw new Error('a Sentinel');
    const throttle = () => {
      host.stop();
      world.agenda.after(1_500, () => {
        host.resume();
        world.agenda.after(10, throttle);
      });
    };
    throttle();
    world.runFor(5_000);

    nodeOf(world, 0).losePower();

    const isFound = () => host.sentinel?.core.topology.masters.get('mymaster')?.node.isSubjectivelyDown === true;
    expect(world.waitUntil('found down', isFound, 60_000)).to.be.at.most(1_000 + 3_000 + 3 * 1_510);
  });

  it('a manual failover is not begun in TILT', () => {
    const world = aWorld();
    const host = sentinelOf(world, 0);
    const answers: Reply[] = [];
    world.operator.tell(host.address, ['SENTINEL', 'DEBUG', 'info-period', '500']);
    world.runFor(2_000);
    host.timersFirst = false;
    host.stop();
    world.runFor(2_500);
    world.operator.tell(host.address, ['SENTINEL', 'FAILOVER', 'mymaster'], (reply) => answers.push(reply));
    world.runFor(1_000);

    // The Sentinel reads the command before it has heard anybody again.
    host.resume();
    world.runFor(20);

    expect(answers.map((reply) => reply instanceof ErrorReply)).to.deep.equal([true]);
  });
});

function isAnybodyJudging(world: ReturnType<typeof aWorld>): boolean {
  return world.sentinels.some((host) => {
    const master = host.sentinel?.core.topology.masters.get('mymaster');
    return master?.node.isSubjectivelyDown === true;
  });
}
