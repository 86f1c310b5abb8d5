// Vedettes beside original Sentinels, as modelled: each leads, votes and follows, and the other's quirks do no lasting harm.

import { expect } from 'chai';
import type { Simulation } from '../sim/simulation.js';
import { allIsWell, always, aWorld, groupOf, namedBy, nodeOf } from './world.js';

function stockOf(world: Simulation, index = 0): Simulation['stockSentinels'][number] {
  const stock = world.stockSentinels[index];
  if (stock === undefined) throw new Error(`no stock Sentinel ${index}`);
  return stock;
}

/** A mixed group discovers itself at the pace of stock hellos. */
function aMixedWorld(seed: number, sentinels: number, stockSentinels: number): Simulation {
  const world = aWorld({
    seed,
    sentinels,
    stockSentinels,
    groups: [{ quorum: Math.floor((sentinels + stockSentinels) / 2) + 1 }],
  });
  world.runFor(15_000);
  return world;
}

describe('Scenario: mixed group', function () {
  this.timeout(60_000);

  for (const [sentinels, stock] of [
    [2, 1],
    [1, 2],
    [3, 2],
    [2, 3],
  ] as const) {
    it(`${sentinels} Vedettes and ${stock} stock Sentinels fail a dead master over and demote it on its return`, () => {
      for (let seed = 1; seed <= 5; seed++) {
        const world = aMixedWorld(seed, sentinels, stock);
        const former = nodeOf(world, 0);

        former.kill();
        const took = world.waitUntil(
          'failover',
          () => world.liveness.pending() === null && groupOf(world).masters[0] !== former,
          60_000,
        );
        former.restart('with-data');

        expect(took, `seed ${seed}`).to.be.at.most(8_000);
        expect(allIsWell(world, 60_000), `seed ${seed}`).to.be.at.most(15_000);
      }
    });
  }

  it('a stock Sentinel wins elections with votes of Vedettes, and Vedettes with votes of stock Sentinels', () => {
    const leaders = new Set<string>();
    for (const sentinels of [1, 2]) {
      const lines: string[] = [];
      const world = aRecordedWorld(sentinels, lines);
      nodeOf(world, 0).kill();
      world.waitUntil('failover', () => groupOf(world).masters.length === 1, 60_000);
      for (const line of lines) {
        const [, name] = /(S\d|A\d) +(\+elected-leader|failover: select)/.exec(line) ?? [];
        if (name !== undefined) leaders.add(name.charAt(0));
      }
    }
    expect(leaders).to.deep.equal(new Set(['A', 'S']));
  });

  it('hole 1a: a manual failover by a stock Sentinel, which asks nobody, makes no two nodes follow each other', () => {
    for (let seed = 1; seed <= 10; seed++) {
      const world = aMixedWorld(seed, 2, 1);
      const replies: unknown[] = [];
      world.operator.tell(stockOf(world).address, ['SENTINEL', 'FAILOVER', 'mymaster'], (reply) => replies.push(reply));

      always(
        world,
        `somebody is a master (seed ${seed})`,
        () => groupOf(world).nodes.some((node) => node.isMaster),
        30_000,
        1,
      );

      expect(allIsWell(world, 60_000), `seed ${seed}`).to.be.at.most(30_000);
      expect(groupOf(world).masters[0]).not.to.equal(nodeOf(world, 0));
    }
  });

  it('hole 4: two configurations of one epoch do not last', () => {
    const world = aMixedWorld(3, 2, 1);
    const [stock, other] = [stockOf(world), world.sentinels[0]];
    if (other === undefined) throw new Error('a Vedette');
    const everybody = [...world.network.machines.values()];
    const cut = world.network.separate(
      [stock.machine, nodeOf(world, 2).machine],
      everybody.filter((machine) => machine !== nodeOf(world, 2).machine),
    );
    world.runFor(500);

    // Alone with one replica the stock Sentinel promotes it; meanwhile the Vedettes elect for the master's death.
    world.operator.tell(stock.address, ['SENTINEL', 'FAILOVER', 'mymaster']);
    nodeOf(world, 0).kill();
    world.runFor(10_000);
    cut.mend();

    expect(allIsWell(world, 120_000)).to.be.at.most(90_000);
  });

  it('hole 4b: a stock candidate gets no vote for a later epoch once another got one after its first request', () => {
    const world = aMixedWorld(1, 2, 1);
    const [stock, voter, rival] = [stockOf(world), world.sentinels[0], world.sentinels[1]];
    if (voter === undefined || rival === undefined) throw new Error('two Vedettes');
    const { host, port } = nodeOf(world, 0).options.address;
    const answers: unknown[] = [];
    const ask = (epoch: number, runId: string) => {
      const request = ['SENTINEL', 'is-master-down-by-addr', host, String(port), String(epoch), runId];
      world.operator.tell(voter.address, request, (reply) =>
        answers.push(Array.isArray(reply) ? reply.slice(1) : reply),
      );
      world.runFor(3_100);
    };

    ask(100, stock.runId);
    ask(101, rival.runId);
    ask(102, stock.runId);

    expect(answers).to.deep.equal([
      [stock.runId, 100],
      [rival.runId, 101],
      [rival.runId, 101],
    ]);
  });

  it('hole 11: a stock leader is believed by the address its clients are told, not by the one it is still failing over', () => {
    for (let seed = 1; seed <= 5; seed++) {
      const world = aWorld({ seed, sentinels: 1, stockSentinels: 2, groups: [{ node: onlyTheFirstMayBePromoted }] });
      world.runFor(15_000);
      const [host] = world.sentinels;
      const [master, promoted, other] = [nodeOf(world, 0), nodeOf(world, 1), nodeOf(world, 2)];
      if (host === undefined) throw new Error('a Vedette');
      // The Vedette cannot look for itself, and the leader goes on waiting for the other replica.
      world.network.separate([host.machine], [promoted.machine]);
      world.network.separate([other.machine], [promoted.machine]);
      master.kill();
      world.waitUntil('a promotion by a stock Sentinel', () => promoted.isMaster, 60_000);

      const took = world.waitUntil('the Vedette knows', () => namedBy(host, groupOf(world)) === promoted, 20_000);

      expect(took, `seed ${seed}`).to.be.at.most(4_000);
    }
  });
});

function onlyTheFirstMayBePromoted(index: number): { readonly priority?: number } {
  return index === 2 ? { priority: 0 } : {};
}

function aRecordedWorld(sentinels: number, lines: string[]): Simulation {
  const world = aWorld({ sentinels, stockSentinels: 3 - sentinels, show: (line) => lines.push(line) });
  world.runFor(15_000);
  return world;
}
