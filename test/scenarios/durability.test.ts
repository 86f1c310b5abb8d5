// The disk as a party: saves that fail or take their time, crashes exactly at their boundaries, restarts with what was saved.

import { expect } from 'chai';
import { parseConfiguration } from '../../src/config/parser.js';
import { SimpleString } from '../../src/protocol/reply.js';
import { Pipe } from '../sim/pipe.js';
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

describe('Scenario: durability', function () {
  this.timeout(60_000);

  it('with every disk full nothing is told that is not saved, and nothing is lost when there is space again', () => {
    const world = aWorld();
    const former = nodeOf(world, 0);
    for (const host of world.sentinels) host.disk.failure = 'No space left on device';

    former.kill();

    always(world, 'nobody is promoted', () => !isFailedOver(world, former), 30_000, 50);
    for (const host of world.sentinels) host.disk.failure = null;
    expect(failover(world, former, 40_000)).to.be.at.most(35_000);
  });

  it('with one disk full the others fail over, and the one follows when it can save', () => {
    for (let index = 0; index < 3; index++) {
      const world = aWorld({ seed: 3 });
      const former = nodeOf(world, 0);
      const full = sentinelOf(world, index);
      full.disk.failure = 'No space left on device';
      former.kill();
      const others = world.sentinels.filter((host) => host !== full);
      const took = world.waitUntil(
        'the others agree',
        () => others.every((host) => namedBy(host, groupOf(world)) !== former),
        20_000,
      );
      expect(took).to.be.at.most(8_000);

      full.disk.failure = null;

      allIsWell(world, 20_000);
    }
  });

  it('hole 16: a full disk does not make its Sentinel look dead to its peers', () => {
    const lines: string[] = [];
    const world = aWorld({ sentinels: 3, show: (line) => lines.push(line) });
    sentinelOf(world, 0).disk.failure = 'No space left on device';
    const before = lines.length;

    nodeOf(world, 0).kill();
    world.runFor(20_000);

    const verdicts = lines.slice(before).filter((line) => line.includes('+sdown') && line.includes('sentinel '));
    expect(verdicts).to.deep.equal([]);
  });

  it('hole 16: what is asked behind a vote that cannot be saved is answered without waiting for the disk', () => {
    const world = aWorld();
    const [voter, candidate] = [sentinelOf(world, 0), sentinelOf(world, 1)];
    voter.disk.failure = 'No space left on device';
    const { host, port } = nodeOf(world, 0).options.address;
    const answers: unknown[] = [];
    const options = { address: voter.address, credentials: null, clientName: 'peer', wantsResp3: false };
    const pipe: Pipe = new Pipe(world.operator, world.network, options, {
      opened: () => {
        const request = ['SENTINEL', 'is-master-down-by-addr', host, String(port), '7', candidate.runId];
        pipe.send([request, ['PING']], (replies) => answers.push(...replies));
        pipe.flush();
      },
      closed: () => undefined,
      message: () => undefined,
    });

    world.runFor(300);

    expect(answers).to.deep.equal([[0, '*', 0], new SimpleString('PONG')]);
  });

  it('a slow disk delays a failover by little more than its saves', () => {
    const world = aWorld({ disk: { latency: [80, 120] } });
    const former = nodeOf(world, 0);

    former.kill();

    expect(failover(world, former, 20_000)).to.be.at.most(1_000 + 1_500);
  });

  for (const kind of ['before-save', 'after-save'] as const) {
    it(`crashes ${kind} during a failover never give two votes, and the group comes to agree`, () => {
      for (let seed = 1; seed <= 6; seed++) {
        for (let countdown = 1; countdown <= 4; countdown++) {
          const world = aWorld({ seed });
          const former = nodeOf(world, 0);
          for (const host of world.sentinels) {
            host.crashPoint = { point: { kind }, countdown };
            host.onCrash = () => {
              host.onCrash = null;
              world.agenda.after(15, () => host.start());
            };
          }

          former.kill();

          expect(failover(world, former, 60_000), `seed ${seed}, save ${countdown}`).to.be.at.most(15_000);
          allIsWell(world, 60_000);
        }
      }
    });
  }

  it('a group that restarts as a whole knows its master, its epochs and everybody at once', () => {
    const world = aWorld({ groups: [{ replicas: 3 }] });
    const former = nodeOf(world, 0);
    former.kill();
    failover(world, former, 5_000);
    former.restart('with-data');
    allIsWell(world, 10_000);
    const epoch = sentinelOf(world, 0).sentinel?.core.currentEpoch ?? 0;

    for (const host of world.sentinels) host.kill();
    world.runFor(10_000);
    for (const host of world.sentinels) host.start();

    for (const host of world.sentinels) {
      const master = host.sentinel?.core.topology.masters.get('mymaster');
      expect(namedBy(host, groupOf(world))).to.equal(theMaster(world));
      expect(master?.peers.size).to.equal(2);
      expect(master?.replicas.size).to.equal(3);
      expect(host.sentinel?.core.currentEpoch).to.be.at.least(epoch);
    }
    allIsWell(world, 10_000);
  });

  it('a group that restarts while its master is dead fails it over within down-after and two seconds', () => {
    const world = aWorld();
    const former = nodeOf(world, 0);
    for (const host of world.sentinels) host.kill();
    former.kill();
    world.runFor(60_000);

    for (const host of world.sentinels) host.start();

    expect(failover(world, former, 60_000)).to.be.at.most(1_000 + 2_000);
  });

  it('what is on the disk after a failover is the new configuration, epoch and address as one', () => {
    const world = aWorld();
    const former = nodeOf(world, 0);
    former.kill();
    failover(world, former, 5_000);
    world.runFor(1_000);

    for (const host of world.sentinels) {
      const [saved] = parseConfiguration(host.disk.text).state.masters;
      expect(saved?.address).to.deep.equal(theMaster(world).options.address);
      expect(saved?.configEpoch).to.be.greaterThan(0);
      expect(saved?.voteEpoch).to.be.at.least(saved?.configEpoch ?? 0);
    }
  });
});
