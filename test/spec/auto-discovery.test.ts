// The documentation's section "Sentinels and replicas auto discovery", sentence by sentence, each in our own words.

import { expect } from 'chai';
import { HELLO_CHANNEL } from '../../src/core/types.js';
import {
  aGroup,
  aMaster,
  aSentinel,
  MASTER_ADDRESS,
  MY_ID,
  peerAddress,
  peerId,
  replicaAddress,
} from '../core/builders.js';
import { ScriptedNode } from '../core/scripted-node.js';
import { ScriptedPeer } from '../core/scripted-peer.js';

describe('Sentinels and replicas auto discovery', () => {
  // Other Sentinels need not be configured: they find each other through the nodes they watch.
  it('meets another Sentinel through a hello on a data node', () => {
    const group = aGroup({ peers: 0 });
    const other = new ScriptedPeer(peerId(5), peerAddress(5), MASTER_ADDRESS);
    group.add(other);
    group.hear(other.hello(), replicaAddress(2));
    // (The original takes its word for it. Here it is asked first who it is, which takes a connection and a round trip.)
    group.advance(5);
    expect(group.messages('+sentinel')).to.deep.equal([
      `sentinel ${peerId(5)} 10.0.1.5 26379 @ mymaster 10.0.0.1 6379`,
    ]);
  });

  // Replicas need not be configured either: they are found by asking the master.
  it('finds replicas in the INFO of the master', () => {
    const stage = aSentinel({ masters: [aMaster()] });
    stage.add(new ScriptedNode(MASTER_ADDRESS, { role: 'master', replicas: [replicaAddress(1), replicaAddress(2)] }));
    stage.advance(50);
    expect(stage.messages('+slave')).to.deep.equal([
      'slave 10.0.0.2:6379 10.0.0.2 6379 @ mymaster 10.0.0.1 6379',
      'slave 10.0.0.3:6379 10.0.0.3 6379 @ mymaster 10.0.0.1 6379',
    ]);
    const opened = stage.effects('open').map(({ effect }) => effect.address);
    expect(opened).to.deep.include.members([replicaAddress(1), replicaAddress(2)]);
  });

  // Every two seconds a hello with address and run id goes to the channel __sentinel__:hello of every master and replica.
  it('publishes its address and run id on every node every two seconds', () => {
    const group = aGroup();
    group.advance(10_100);
    for (const node of [group.first, ...group.replicas]) {
      const hellos = group.published(node, HELLO_CHANNEL);
      expect(hellos.length).to.be.within(5, 6);
      for (const hello of hellos) expect(hello.split(',').slice(0, 3)).to.deep.equal(['10.0.0.100', '26379', MY_ID]);
    }
  });

  // Every Sentinel is subscribed to that channel on every master and replica.
  it('listens on every node', () => {
    const group = aGroup();
    for (const node of [group.first, ...group.replicas]) {
      expect(group.linkTo(node.address).subscriptions.hello).to.equal('subscribed');
    }
  });

  // A hello contains the sender's whole configuration of the master.
  it('tells its configuration of the master in every hello', () => {
    const group = aGroup({ currentEpoch: 12, master: { configEpoch: 9 } });
    group.advance(2_100);
    expect(group.published(group.first, HELLO_CHANNEL)[0]).to.equal(
      `10.0.0.100,26379,${MY_ID},12,mymaster,10.0.0.1,6379,9`,
    );
  });

  // A receiver with an older configuration takes the newer one over at once.
  it('takes over a newer configuration at once, and an older one never', () => {
    const group = aGroup({ currentEpoch: 5, master: { configEpoch: 5 } });
    group.learn(1, { epoch: 4, address: replicaAddress(1) });
    expect(group.master().node.address).to.deep.equal(MASTER_ADDRESS);
    const heardAt = group.now;
    group.learn(1, { epoch: 6, address: replicaAddress(1) });
    // (The original believes the hello itself. Here its sender is asked first, which takes a round trip.)
    const [switched] = group.events('+switch-master');
    expect((switched?.at ?? Number.NaN) - heardAt).to.be.at.most(2);
    expect(group.master().configEpoch).to.equal(6);
  });

  // Before a Sentinel is added, one with the same run id or the same address is looked for, and replaced.
  it('replaces a Sentinel with the same run id', () => {
    const group = aGroup();
    const moved = new ScriptedPeer(peerId(1), peerAddress(77), MASTER_ADDRESS);
    group.crash(group.peer(1));
    group.add(moved);
    group.hear(moved.hello());
    group.advance(5);
    expect(group.master().peers.size).to.equal(2);
    expect(group.master().peers.get(peerId(1))?.address).to.deep.equal(peerAddress(77));
  });

  it('replaces a Sentinel with the same address', () => {
    const group = aGroup({ peer: { answersAs: null } });
    group.advance(3 * group.core.tunables.publishPeriod);
    group.hear(new ScriptedPeer(peerId(77), peerAddress(1), MASTER_ADDRESS).hello());
    group.advance(5);
    expect([...group.master().peers.keys()]).to.have.members([peerId(2), peerId(77)]);
  });
});

describe('Sentinel reconfiguration of instances outside of the failover procedure', () => {
  // Even without a failover a Sentinel puts right what contradicts the configuration in force: a replica that claims to be a
  // master, and one that follows another master. It must have contradicted for longer than configurations take to spread.
  it('repoints a replica of another master, but not before configurations have had the time to spread', () => {
    const group = aGroup({ peer: {} });
    for (const peer of group.peers) peer.script.configuration.epoch = 1;
    group.core.tunables.infoPeriod = 200;
    group.advance(10_000);
    group.forget();
    group.replica(1).script.follows = { host: '10.9.9.9', port: 6379 };
    group.advance(2 * group.core.tunables.publishPeriod - 200);
    expect(group.sentTo(group.replica(1), 'change-role')).to.deep.equal([]);
    group.untilEvent('+fix-slave-config', 1_000);
    expect(group.replica(1).script.follows).to.deep.equal(MASTER_ADDRESS);
  });

  // A master that was failed over becomes a replica when it returns.
  it('makes a master that was failed over a replica when it returns', () => {
    const group = aGroup();
    group.killMaster();
    group.untilEvent('+failover-end', 5_000);
    for (const peer of group.peers) {
      peer.script.configuration.address = replicaAddress(1);
      peer.script.configuration.epoch = 2;
    }
    group.advance(10_000);
    group.revive(group.first);
    group.untilEvent('+convert-to-slave', 1_000);
    expect(group.first.script.follows).to.deep.equal(replicaAddress(1));
  });

  // A replica that was cut off during a failover is repointed when it can be reached again.
  it('repoints a replica that was away during the failover', () => {
    const group = aGroup({ replicas: 3 });
    group.replica(1).script.offset = 9_000;
    group.crash(group.replica(3));
    group.advance(1_500);
    group.killMaster();
    group.untilEvent('+failover-end', 5_000);
    for (const peer of group.peers) {
      peer.script.configuration.address = replicaAddress(1);
      peer.script.configuration.epoch = 2;
    }
    group.revive(group.replica(3));
    group.until(() => group.replica(3).script.follows?.host === '10.0.0.2', 10_000);
  });
});
