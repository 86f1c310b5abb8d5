// Counting Sentinels: majority, votes needed, who looks alive, whose turn it is.

import { expect } from 'chai';
import {
  countAlive,
  electorate,
  looksAlive,
  majority,
  quorumCheck,
  rank,
  votesNeeded,
} from '../../src/core/electorate.js';
import { aGroup, aMaster, aSentinel, MY_ID, peerAddress, peerId } from './builders.js';

describe('Electorate', () => {
  for (const [peers, expected] of [
    [0, 1],
    [1, 2],
    [2, 2],
    [3, 3],
    [4, 3],
    [5, 4],
    [6, 4],
  ] as const) {
    it(`of ${peers + 1} has a majority of ${expected}, dead or alive`, () => {
      const group = aGroup({ peers, replicas: 0 });
      for (const peer of group.peers) group.crash(peer);
      group.advance(2_000);
      expect(electorate(group.master())).to.equal(peers + 1);
      expect(majority(group.master())).to.equal(expected);
    });
  }

  it('needs as many votes as the majority or the quorum, whichever is greater', () => {
    const needed = (quorum: number) => votesNeeded(aGroup({ peers: 4, replicas: 0, master: { quorum } }).master());
    expect([1, 2, 3, 4, 5, 9].map(needed)).to.deep.equal([3, 3, 3, 4, 5, 9]);
  });

  it('counts as alive ourselves and whoever is connected and not subjectively down', () => {
    const group = aGroup({ peers: 4, replicas: 0 });
    expect(countAlive(group.master())).to.equal(5);
    group.crash(group.peer(1));
    expect(countAlive(group.master())).to.equal(4);
    group.hang(group.peer(2));
    group.advance(1_500);
    expect(countAlive(group.master())).to.equal(3);
    const third = group.master().peers.get(peerId(3));
    expect(third !== undefined && looksAlive(third)).to.equal(true);
  });

  it('is enough or not for CKQUORUM by who is not subjectively down', () => {
    const group = aGroup({ peers: 2, replicas: 0, master: { quorum: 3 } });
    expect(quorumCheck(group.core, group.master())).to.deep.equal({ usable: 3, hasQuorum: true, hasMajority: true });
    group.crash(group.peer(1));
    group.advance(1_100);
    expect(quorumCheck(group.core, group.master())).to.deep.equal({ usable: 2, hasQuorum: false, hasMajority: true });
    group.crash(group.peer(2));
    group.advance(1_100);
    expect(quorumCheck(group.core, group.master())).to.deep.equal({ usable: 1, hasQuorum: false, hasMajority: false });
  });
});

describe('Rank', () => {
  const ids = [MY_ID, ...[1, 2, 3, 4].map(peerId)];

  /** Each Sentinel's own opinion of its rank in the next election. */
  function ranks(epoch: number, name = 'mymaster', currentEpochs: readonly number[] = []): number[] {
    return ids.map((myId, at) => {
      const peers = ids.filter((id) => id !== myId).map((runId, index) => ({ runId, address: peerAddress(index + 1) }));
      const currentEpoch = currentEpochs[at] ?? epoch - 1;
      const stage = aSentinel({ myId, currentEpoch, masters: [aMaster({ name, peers, configEpoch: epoch - 1 })] });
      for (const peer of stage.master(name).peers.values()) peer.link.state = 'open';
      return rank(stage.core, stage.master(name));
    });
  }

  it('is a place of its own for everybody when all see all alive', () => {
    for (let epoch = 1; epoch <= 30; epoch++) {
      expect([...ranks(epoch)].sort((one, other) => one - other)).to.deep.equal([0, 1, 2, 3, 4]);
    }
  });

  it('puts each Sentinel first about equally often', () => {
    const firsts = new Map<number, number>();
    for (let epoch = 1; epoch <= 300; epoch++) {
      const first = ranks(epoch).indexOf(0);
      firsts.set(first, (firsts.get(first) ?? 0) + 1);
    }
    for (let index = 0; index < ids.length; index++) expect(firsts.get(index)).to.be.within(35, 90);
  });

  it('does not depend on the current epoch, which others may have heard of sooner', () => {
    expect(ranks(5, 'mymaster', [5, 6, 7, 8, 9])).to.deep.equal(ranks(5));
  });

  it('differs between masters, so that no Sentinel leads everything', () => {
    const orders = new Set(Array.from({ length: 20 }, (_, index) => ranks(5, `master${index}`).join()));
    expect(orders.size).to.be.greaterThan(10);
  });

  it('passes over Sentinels that do not look alive', () => {
    const group = aGroup({ peers: 4, replicas: 0, settings: {}, currentEpoch: 1 });
    for (const peer of group.peers) group.crash(peer);
    expect(rank(group.core, group.master())).to.equal(0);
  });
});
