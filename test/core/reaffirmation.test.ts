// Re-affirmation: a group that contradicts itself elects somebody to confirm the address that is master. Nothing is promoted.

import { expect } from 'chai';
import { aGroup, type Group, type GroupOptions } from './builders.js';
import { idOf, type ScriptedNode } from './scripted-node.js';

/** Four publish periods: what may still be mere delay. */
const PATIENCE = 8_000;

function reign(node: ScriptedNode): void {
  node.script.role = 'master';
  node.script.follows = null;
  node.script.replicationId = idOf(`reign of ${node.address.host}`);
}

function roleChanges(group: Group): number {
  return [group.first, ...group.replicas].reduce((sum, node) => sum + group.sentTo(node, 'change-role').length, 0);
}

/** Keeps the peers' hellos coming, as they would in a running group. */
function advanceWithHellos(group: Group, duration: number): void {
  for (let passed = 0; passed < duration; passed += 1_000) {
    for (const peer of group.peers) group.hear(peer.hello());
    group.advance(1_000);
  }
}

describe('Re-affirmation', () => {
  function aTie(options: GroupOptions = {}): Group {
    const group = aGroup(options);
    for (const peer of group.peers) {
      peer.script.configuration.address = group.replica(1).address;
      peer.script.configuration.epoch = 1;
    }
    return group;
  }

  it('of equal epochs confirms the address that is master, with a newer epoch', () => {
    const group = aTie();
    advanceWithHellos(group, PATIENCE + 2_000);
    expect(group.messages('+contradiction')).to.deep.equal([
      'master mymaster 10.0.0.1 6379 10.0.0.2:6379 is announced for the same epoch 1',
    ]);
    expect(group.messages('+reaffirmed')).to.deep.equal(['master mymaster 10.0.0.1 6379']);
    expect(group.master().configEpoch).to.equal(2);
    expect(group.master().node.address).to.deep.equal(group.first.address);
    expect(roleChanges(group)).to.equal(0);
    expect(group.events('+switch-master')).to.deep.equal([]);
  });

  it('of equal epochs takes the other address when that one reigns', () => {
    const group = aTie();
    group.first.script.role = 'slave';
    group.first.script.follows = group.replica(1).address;
    reign(group.replica(1));
    advanceWithHellos(group, PATIENCE + 3_000);
    expect(group.messages('+switch-master')).to.deep.equal(['mymaster 10.0.0.1 6379 10.0.0.2 6379']);
    expect(group.replica(1).script.role).to.equal('master');
  });

  it('is not begun before the contradiction has lasted four publish periods', () => {
    const group = aTie();
    advanceWithHellos(group, PATIENCE - 1_000);
    expect(group.events('+contradiction', '+try-reaffirmation')).to.deep.equal([]);
  });

  it('is not begun when the contradiction was mere delay', () => {
    const group = aTie();
    advanceWithHellos(group, PATIENCE - 2_000);
    for (const peer of group.peers) peer.script.configuration.address = group.first.address;
    advanceWithHellos(group, 10_000);
    expect(group.events('+contradiction', '+try-reaffirmation')).to.deep.equal([]);
  });

  it('waits a moment for INFO that was asked since it began, and decides by nothing older', () => {
    const group = aTie({ master: { downAfter: 60_000 } });
    advanceWithHellos(group, PATIENCE - 1_000);
    for (const peer of group.peers) group.hear(peer.hello());
    group.hang(group.first);
    group.until(() => group.master().failover?.state === 'select', 2_500);
    group.advance(100);
    expect(group.events('+reaffirmed', '-reaffirmation-abort-no-master')).to.deep.equal([]);
    group.revive(group.first);
    group.untilEvent('+reaffirmed', 50);
  });

  it('confirms nobody without a majority of votes', () => {
    const group = aTie({ peer: { votesFor: 'nobody' } });
    advanceWithHellos(group, PATIENCE + 4_000);
    expect(group.events('+try-reaffirmation').length).to.be.greaterThan(0);
    expect(group.events('+reaffirmed')).to.deep.equal([]);
    expect(group.master().configEpoch).to.equal(1);
  });

  it('of a replica that turned master confirms the configured one, so that the other may be demoted', () => {
    const group = aGroup();
    group.core.tunables.infoPeriod = 1_000;
    group.advance(10_000);
    reign(group.replica(2));
    advanceWithHellos(group, PATIENCE + 4_000);
    expect(group.messages('+reaffirmed')).to.deep.equal(['master mymaster 10.0.0.1 6379']);
    expect(roleChanges(group)).to.equal(0);
    for (const peer of group.peers) peer.script.configuration.epoch = group.master().configEpoch;
    group.untilEvent('+convert-to-slave', 3_000);
    expect(group.replica(2).script.follows).to.deep.equal(group.first.address);
  });

  it('of a configured master that is a replica takes over the node that is master instead', () => {
    const group = aGroup({ master: { downAfter: 60_000 } });
    group.core.tunables.infoPeriod = 1_000;
    group.advance(10_000);
    group.first.script.role = 'slave';
    group.first.script.follows = group.replica(2).address;
    reign(group.replica(2));
    advanceWithHellos(group, PATIENCE + 4_000);
    expect(group.messages('+switch-master')).to.deep.equal(['mymaster 10.0.0.1 6379 10.0.0.3 6379']);
    expect(group.sentTo(group.replica(2), 'change-role')).to.deep.equal([]);
  });

  it('of several that reign takes the one that most Sentinels name', () => {
    const group = aGroup({ peers: 4, master: { quorum: 2 } });
    reign(group.replica(1));
    reign(group.replica(2));
    for (const [index, peer] of group.peers.entries()) {
      peer.script.configuration.address = group.replica(index < 3 ? 2 : 1).address;
    }
    advanceWithHellos(group, PATIENCE + 4_000);
    expect(group.master().node.address).to.deep.equal(group.replica(2).address);
  });

  it('gives up when no node reigns', () => {
    const group = aTie();
    for (const node of [group.first, ...group.replicas]) {
      node.script.role = 'slave';
      node.script.follows = { host: '10.9.9.9', port: 6379 };
    }
    advanceWithHellos(group, PATIENCE + 4_000);
    expect(group.events('-reaffirmation-abort-no-master').length).to.be.greaterThan(0);
    expect(roleChanges(group)).to.equal(0);
  });

  it('is not caused by what somebody says in the name of a Sentinel that is gone', () => {
    const group = aGroup();
    group.crash(group.peer(1));
    group.advance(2_000);
    for (let second = 0; second < 60; second++) {
      const { configEpoch } = group.master();
      group.hear(group.peer(1).hello({ configEpoch, currentEpoch: 1, master: group.replica(1).address }));
      group.advance(1_000);
    }
    expect(group.events('+try-reaffirmation')).to.deep.equal([]);
  });
});
