// Replicas that are hard to choose among: unknown histories, long outages, refused permissions, old servers.

import { expect } from 'chai';
import { allIsWell, aWorld, failover, groupOf, isFailedOver, nodeOf, theMaster } from './world.js';

/** Writes that a replica cut off from its master a moment earlier may lack. */
const LAST_MOMENT = 1;

describe('Scenario: selection', function () {
  this.timeout(60_000);

  it('hole 9a: a promoted replica that dies before anybody has synchronised leaves somebody to promote', () => {
    const world = aWorld({ groups: [{ replicas: 2, redis: { synchronisation: [4_000, 4_000], backlogBytes: 100 } }] });
    const former = nodeOf(world, 0);
    former.kill();
    failover(world, former, 5_000);
    const promoted = theMaster(world);

    promoted.kill();

    expect(world.waitUntil('a second failover', () => isFailedOver(world, promoted), 60_000)).to.be.at.most(
      1_000 + 10_000,
    );
  });

  it('hole 9b: a master that came back empty and died at once does not leave the group without one', () => {
    const world = aWorld();
    const former = nodeOf(world, 0);
    for (const index of [1, 2]) world.network.separate([former.machine], [nodeOf(world, index).machine]);
    for (const writer of groupOf(world).writers) writer.finish();
    former.kill();
    former.restart('empty');
    world.runFor(700);

    former.kill();

    expect(failover(world, former, 60_000)).to.be.at.most(10_000);
    expect(theMaster(world).history.writes.length).to.be.greaterThan(0);
    expect(groupOf(world).lostWrites(theMaster(world))).to.be.at.most(LAST_MOMENT);
  });

  it('hole 9d: replicas whose history nobody remembers are promoted when there is nobody else', () => {
    const world = aWorld();
    const former = nodeOf(world, 0);
    for (const index of [1, 2]) world.network.separate([former.machine], [nodeOf(world, index).machine]);
    for (const writer of groupOf(world).writers) writer.finish();
    for (const host of world.sentinels) {
      host.kill();
      host.disk.text = host.disk.text.replace(/^# vedette reign .*\n/gm, '');
    }
    former.kill();
    former.restart('empty');
    for (const host of world.sentinels) host.start();
    world.runFor(5_000);

    former.kill();

    expect(failover(world, former, 60_000)).to.be.at.most(10_000);
    expect(theMaster(world).history.writes.length).to.be.greaterThan(0);
  });

  it('hole 9c: Sentinels that start ten minutes after the death of a master find a replica to promote', () => {
    const world = aWorld();
    const former = nodeOf(world, 0);
    for (const host of world.sentinels) host.kill();
    former.kill();
    world.runFor(600_000);

    for (const host of world.sentinels) host.start();

    expect(failover(world, former, 60_000)).to.be.at.most(3_000);
  });

  it('hole 13: nodes under the documented access rules are failed over with the word they accept', () => {
    const denied = new Set(['REPLICAOF', '__sentinel__:vote', 'CLIENT|PAUSE']);
    const world = aWorld({ groups: [{ redis: { denied } }] });
    const former = nodeOf(world, 0);

    former.kill();

    expect(failover(world, former, 20_000)).to.be.at.most(1_000 + 1_500);
    former.restart('with-data');
    allIsWell(world, 10_000);
  });

  it('a node that permits no transaction whole is promoted by the parts that matter', () => {
    for (const part of ['CLIENT|KILL', 'CONFIG|REWRITE', 'MULTI']) {
      const world = aWorld({ groups: [{ redis: { denied: new Set([part]) } }] });
      const former = nodeOf(world, 0);

      former.kill();

      expect(failover(world, former, 20_000), part).to.be.at.most(1_000 + 2_000);
      allIsWell(world, 20_000);
    }
  });

  it('renamed commands are used under their new names', () => {
    const renamed = new Map([
      ['CONFIG', 'hidden-config'],
      ['SLAVEOF', 'hidden-slaveof'],
      ['REPLICAOF', 'hidden-replicaof'],
    ]);
    const directives = [...renamed].map(([standard, name]) => `sentinel rename-command % ${standard} ${name}`);
    const world = aWorld({ groups: [{ redis: { renamed }, directives }] });
    const former = nodeOf(world, 0);

    former.kill();

    expect(failover(world, former, 20_000)).to.be.at.most(1_000 + 50);
    expect(theMaster(world).savedMaster).to.equal(null);
  });

  it('servers without RESP3 are watched over two connections and failed over as fast', () => {
    const world = aWorld({ groups: [{ redis: { isResp2Only: true } }] });
    const former = nodeOf(world, 0);

    former.kill();

    expect(failover(world, former, 20_000)).to.be.at.most(1_000 + 50);
    former.restart('with-data');
    allIsWell(world, 10_000);
  });

  it('servers with a password are watched, failed over and demoted', () => {
    const world = aWorld({ groups: [{ redis: { password: 'secret' } }] });
    const former = nodeOf(world, 0);

    former.kill();
    failover(world, former, 5_000);
    former.restart('with-data');

    allIsWell(world, 10_000);
  });

  it('a replica with stale data that answers MASTERDOWN counts as alive and is promoted', () => {
    const world = aWorld({ groups: [{ redis: { servesStaleData: false } }] });
    const former = nodeOf(world, 0);

    former.kill();

    expect(failover(world, former, 20_000)).to.be.at.most(1_000 + 50);
  });

  it('a master that loads or is misconfigured is failed over only when it stops answering', () => {
    const world = aWorld();
    const former = nodeOf(world, 0);

    former.startLoading(() => undefined);
    world.runFor(10_000);
    expect(theMaster(world)).to.equal(former);
    former.isMisconfigured = true;

    expect(failover(world, former, 20_000)).to.be.at.most(1_000 + 300);
  });

  it('with the configured master dead for good, nodes that all came back as masters are brought under one of them', () => {
    const world = aWorld();
    const former = nodeOf(world, 0);
    const others = [nodeOf(world, 1), nodeOf(world, 2)];
    for (const writer of groupOf(world).writers) writer.finish();
    world.liveness.expectsWrites = false;
    former.kill();
    for (const node of others) {
      world.operator.tell(node.options.address, ['REPLICAOF', 'NO', 'ONE']);
      world.operator.tell(node.options.address, ['CONFIG', 'REWRITE']);
    }
    world.runFor(100);
    for (const node of others) node.kill();
    world.runFor(20_000);

    for (const node of others) node.restart('with-data');

    expect(allIsWell(world, 120_000)).to.be.at.most(60_000);
  });
});
