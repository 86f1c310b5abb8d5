// What a new configuration leaves behind of the old one, and what it begins anew, for the leader and for those who hear of it.

import { expect } from 'chai';
import { aGroup, type Group, MASTER_ADDRESS, replicaAddress } from './builders.js';
import { idOf } from './scripted-node.js';

/** Replica 1 is the master now, by a failover of others; the old one is dead. */
function anObservedSwitch(): Group {
  const group = aGroup({ peer: { votesFor: 'nobody' } });
  group.killMaster();
  group.untilEvent('+odown', 2_000);
  const { script } = group.replica(1);
  script.role = 'master';
  script.follows = null;
  script.secondReplicationId = script.replicationId;
  script.replicationId = idOf('a new reign');
  group.learn(1, { epoch: 5, address: replicaAddress(1) });
  return group;
}

describe('Switch of masters', () => {
  it('says of the dead master under its new name that it is down', () => {
    const group = anObservedSwitch();
    group.advance(10);
    expect(group.messages('+sdown')).to.deep.equal([
      'master mymaster 10.0.0.1 6379',
      'slave 10.0.0.1:6379 10.0.0.1 6379 @ mymaster 10.0.0.2 6379',
    ]);
  });

  it('judges the new master anew: only a silence of down-after since the switch makes it down', () => {
    const group = aGroup();
    group.crash(group.replica(1));
    group.untilEvent('+sdown', 1_200);
    group.learn(1, { epoch: 5, address: replicaAddress(1) });
    group.advance(900);
    const asReplica = 'slave 10.0.0.2:6379 10.0.0.2 6379 @ mymaster 10.0.0.1 6379';
    expect(group.messages('+sdown')).to.deep.equal([asReplica]);
    group.advance(200);
    expect(group.messages('+sdown')).to.deep.equal([asReplica, 'master mymaster 10.0.0.2 6379']);
  });

  it('takes agreement about the old master for no agreement about the new one', () => {
    const group = anObservedSwitch();
    expect(group.master().objectivelyDownSince).to.equal(null);
    for (const peer of group.master().peers.values()) expect(peer.verdict).to.equal(null);
    group.forget();
    for (const peer of group.peers) peer.script.findsMasterDown = false;
    group.crash(group.replica(1));
    group.advance(3_000);
    expect(group.events('+odown')).to.deep.equal([]);
  });

  it('records the reign of the new master as soon as it is known, so that it can be told from later ones', () => {
    const group = anObservedSwitch();
    group.advance(10);
    expect(group.master().reigns.at(-1)).to.deep.equal({
      address: replicaAddress(1),
      replicationId: idOf('a new reign'),
    });
  });

  it('asks every node for INFO at once', () => {
    const group = aGroup();
    group.forget();
    group.learn(1, { epoch: 5, address: replicaAddress(1) });
    for (const node of [group.first, ...group.replicas]) expect(group.sentTo(node, 'info').length).to.be.at.least(1);
  });

  it('tells everybody at once', () => {
    const group = aGroup();
    group.forget();
    group.learn(1, { epoch: 5, address: replicaAddress(1) });
    for (const party of [group.first, ...group.replicas, ...group.peers]) {
      expect(group.published(party, '__sentinel__:hello').at(-1)).to.match(/,10\.0\.0\.2,6379,5$/);
    }
  });

  it('back to a former master is a switch like any other', () => {
    const group = aGroup();
    group.learn(1, { epoch: 5, address: replicaAddress(1) });
    group.learn(1, { epoch: 6, address: MASTER_ADDRESS });
    expect(group.messages('+switch-master')).to.deep.equal([
      'mymaster 10.0.0.1 6379 10.0.0.2 6379',
      'mymaster 10.0.0.2 6379 10.0.0.1 6379',
    ]);
    expect(group.master().replicas.size).to.equal(2);
  });
});
