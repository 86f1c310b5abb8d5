// A newer configuration in a hello is a claim: what confirms it, what does not, and what a forger gets.

import { expect } from 'chai';
import type { DataNode } from '../../src/core/data-node.js';
import { aGroup, type Group, MASTER_ADDRESS, replicaAddress } from './builders.js';
import { HISTORY, idOf } from './scripted-node.js';

/** Peer 1 announces replica 1 for epoch 7; what it says when it is asked is the test's business. */
function announce(group: Group): void {
  group.hear(group.peer(1).hello({ configEpoch: 7, currentEpoch: 7, master: replicaAddress(1) }));
}

function admit(group: Group, number: number): void {
  Object.assign(group.peer(number).script.configuration, { epoch: 7, address: replicaAddress(1) });
}

function configuration(group: Group): string {
  const { configEpoch, node } = group.master();
  return `${configEpoch} ${node.address.host}`;
}

function nodeOf(group: Group, number: number): DataNode {
  const node = group.core.topology.findNode(group.master(), replicaAddress(number));
  if (node === null) throw new Error(`no replica ${number}`);
  return node;
}

/** Longer than a claim lives. */
const LONG: number = 11_000;

describe('Claim of a newer configuration', () => {
  it('is confirmed by its sender, asked over our own link, one round trip later', () => {
    const group = aGroup();
    admit(group, 1);
    announce(group);
    expect(configuration(group)).to.equal('1 10.0.0.1');
    expect(group.sentTo(group.peer(1), 'ask-configuration').length).to.equal(1);
    group.advance(2);
    expect(configuration(group)).to.equal('7 10.0.0.2');
  });

  it('is worth nothing when the sender says otherwise: the hello was forged', () => {
    const group = aGroup();
    announce(group);
    group.advance(LONG);
    expect(configuration(group)).to.equal('1 10.0.0.1');
    expect(group.events('+switch-master', '+config-update-from')).to.deep.equal([]);
    expect(group.sentTo(group.replica(2), 'change-role')).to.deep.equal([]);
  });

  it('is worth nothing when the sender cannot be asked', () => {
    const group = aGroup();
    admit(group, 1);
    group.hang(group.peer(1));
    announce(group);
    group.advance(LONG);
    expect(configuration(group)).to.equal('1 10.0.0.1');
  });

  it('is confirmed later if the sender answers later', () => {
    const group = aGroup();
    group.hang(group.peer(1));
    announce(group);
    group.advance(1_000);
    admit(group, 1);
    group.revive(group.peer(1));
    group.until(() => configuration(group) === '7 10.0.0.2', 2_000);
  });

  it('is confirmed by another Sentinel that has adopted it', () => {
    const group = aGroup();
    group.crash(group.peer(1));
    announce(group);
    group.advance(100);
    admit(group, 2);
    group.hear(group.peer(2).hello());
    group.advance(3);
    expect(configuration(group)).to.equal('7 10.0.0.2');
  });

  it('is confirmed by our own INFO: that replica is a master now, and nothing in the past explains it', () => {
    const group = aGroup();
    group.crash(group.peer(1));
    const { script } = group.replica(1);
    script.role = 'master';
    script.secondReplicationId = HISTORY;
    script.replicationId = idOf('a new reign');
    announce(group);
    group.until(() => configuration(group) === '7 10.0.0.2', 100);
  });

  it('is not confirmed by INFO from before it was heard: the node may have become a replica since', () => {
    const group = aGroup();
    group.crash(group.peer(1));
    const { script } = group.replica(1);
    Object.assign(script, { role: 'master', secondReplicationId: HISTORY, replicationId: idOf('a short reign') });
    group.until(() => nodeOf(group, 1).info?.role === 'master', 11_000);
    Object.assign(script, { role: 'slave', follows: group.first.address });
    announce(group);
    group.advance(5_000);
    expect(configuration(group)).to.equal('1 10.0.0.1');
  });

  it('is not confirmed by a master that owes its role to the past', () => {
    const group = aGroup();
    group.master().reigns.unshift({ address: replicaAddress(1), replicationId: idOf('long ago') });
    group.crash(group.peer(1));
    group.replica(1).script.role = 'master';
    group.replica(1).script.replicationId = idOf('long ago');
    announce(group);
    group.advance(5_000);
    expect(configuration(group)).to.equal('1 10.0.0.1');
  });

  it('is adopted as its sender reports it: it may have moved on since its hello', () => {
    const group = aGroup();
    Object.assign(group.peer(1).script.configuration, { epoch: 9, address: replicaAddress(2) });
    announce(group);
    group.advance(2);
    expect(configuration(group)).to.equal('9 10.0.0.3');
  });

  it('is not believed of an address that has said it is somebody else', () => {
    const group = aGroup();
    admit(group, 1);
    const shared = group.core.topology.peerLinkOf(group.linkTo(group.peer(1).address).id);
    if (shared === undefined) throw new Error('no link');
    shared.confirmedRunId = idOf('somebody else');
    announce(group);
    group.advance(1_000);
    expect(configuration(group)).to.equal('1 10.0.0.1');
  });

  for (const reply of [
    [],
    ['10.0.0.2', 6379],
    [6379, 6379, 7, 0, 7, 0],
    ['10.0.0.2', '6379', 7, 0, 7, 0],
    ['10.0.0.2', 0, 7, 0, 7, 0],
    ['10.0.0.2', 65_536, 7, 0, 7, 0],
    ['10.0.0.2', 6379, 7.5, 0, 7, 0],
    ['10.0.0.2', 6379, 2 ** 60, 0, 7, 0],
    ['10.0.0.2', 6379, 7, -1, 7, 0],
  ]) {
    it(`is not confirmed by the answer ${JSON.stringify(reply)}`, () => {
      const group = aGroup();
      group.peer(1).script.configurationReply = reply;
      announce(group);
      group.advance(1_000);
      expect(configuration(group)).to.equal('1 10.0.0.1');
    });
  }

  it('is asked about a few times a second at most, however often it is repeated', () => {
    const group = aGroup();
    for (let time = 0; time < 100; time++) {
      group.hear(group.peer(1).hello({ configEpoch: 7, currentEpoch: 7 + time, master: replicaAddress(1) }));
      group.advance(10);
    }
    expect(group.sentTo(group.peer(1), 'ask-configuration').length).to.be.within(4, 6);
  });

  it('is forgotten when it is not repeated', () => {
    const group = aGroup();
    announce(group);
    group.advance(LONG);
    expect(group.master().claim).to.equal(null);
    group.forget();
    group.advance(5_000);
    expect(group.sentTo(group.peer(1), 'ask-configuration')).to.deep.equal([]);
  });
});

describe('Epoch from gossip', () => {
  /** How far an hour's gossip may raise it. */
  const GROWTH = 2 ** 20;

  it('is taken over within the growth that an hour allows', () => {
    const group = aGroup();
    group.hear(group.peer(1).hello({ currentEpoch: 1 + GROWTH }));
    expect(group.core.currentEpoch).to.equal(1 + GROWTH);
  });

  it('beyond it is refused, told and counted, in one jump or in many', () => {
    for (const epochs of [[2 + GROWTH], [GROWTH, GROWTH + 2], [Number.MAX_SAFE_INTEGER]]) {
      const group = aGroup();
      for (const currentEpoch of epochs) group.hear(group.peer(1).hello({ currentEpoch }));
      expect(group.core.currentEpoch).to.be.at.most(1 + GROWTH);
      expect(group.events('-epoch-refused').length).to.equal(1);
      expect(group.core.counters.epochsRefused).to.be.at.least(1);
    }
  });

  it('may grow again after an hour', () => {
    const group = aGroup();
    group.hear(group.peer(1).hello({ currentEpoch: 1 + GROWTH }));
    group.now += 3_600_000;
    group.tick();
    group.hear(group.peer(1).hello({ currentEpoch: 1 + 2 * GROWTH }));
    expect(group.core.currentEpoch).to.equal(1 + 2 * GROWTH);
  });

  it('beyond it is taken over when a majority, asked, lives in such an epoch', () => {
    const group = aGroup();
    const far = 2 ** 40;
    for (const peer of group.peers) peer.script.configuration.epoch = far;
    group.hear(group.peer(1).hello({ currentEpoch: far, configEpoch: far, master: MASTER_ADDRESS }));
    group.until(() => group.core.currentEpoch === far, 3_000);
    expect(configuration(group)).to.equal(`${far} 10.0.0.1`);
  });

  it('is not taken over for one Sentinel that claims it', () => {
    const group = aGroup({ peers: 4 });
    const far = 2 ** 40;
    group.peer(1).script.configuration.epoch = far;
    group.hear(group.peer(1).hello({ currentEpoch: far, configEpoch: far, master: replicaAddress(1) }));
    group.advance(5_000);
    expect(group.core.currentEpoch).to.equal(1);
    expect(configuration(group)).to.equal('1 10.0.0.1');
  });

  it('does not end elections when it was forged', () => {
    const group = aGroup();
    group.hear(group.peer(1).hello({ currentEpoch: Number.MAX_SAFE_INTEGER }));
    group.killMaster();
    group.untilEvent('+switch-master', 3_000);
    expect(group.core.currentEpoch).to.equal(2);
  });
});
