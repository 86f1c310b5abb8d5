// The documentation's section "Configuration epochs", sentence by sentence, each in our own words.

import { expect } from 'chai';
import { considerVoteRequest } from '../../src/core/election.js';
import { aDesk } from '../commands/desk.js';
import { aGroup, type Group, MY_ID, peerId, replicaAddress } from '../core/builders.js';

function ask(group: Group, number: number, epoch: number): string {
  group.command((core, now) => considerVoteRequest(core, group.master(), { epoch, candidate: peerId(number) }, now));
  const { leader, epoch: voted } = group.master().vote;
  return `${leader} ${voted}`;
}

describe('Configuration epochs', () => {
  // To start a failover a Sentinel needs the authorisation of a majority.
  it('authorises a failover by a majority only', () => {
    for (const [granting, isAuthorised] of [
      [1, false],
      [2, true],
    ] as const) {
      const group = aGroup({ peers: 4 });
      group.peers.forEach((peer, index) => {
        peer.script.votesFor = index < granting ? 'the candidate' : 'nobody';
      });
      group.killMaster();
      group.advance(3_000);
      expect(group.events('+elected-leader').length > 0).to.equal(isAuthorised);
    }
  });

  // An authorised Sentinel gets a configuration epoch of its own for the master it fails over.
  it('gives the configuration the epoch of the election', () => {
    const group = aGroup({ currentEpoch: 20, master: { configEpoch: 11, voteEpoch: 20 } });
    group.advance(3_000);
    group.killMaster();
    group.untilEvent('+switch-master', 3_000);
    expect(group.master().configEpoch).to.equal(21);
    expect(group.messages('+vote-for-leader')).to.deep.equal([`${MY_ID} 21`]);
  });

  // Since a majority gave that epoch to one Sentinel, no other can have it: each voter votes once in it.
  it('gives one vote an epoch', () => {
    const group = aGroup();
    expect(ask(group, 1, 6)).to.equal(`${peerId(1)} 6`);
    group.advance(10_000);
    expect(ask(group, 2, 6)).to.equal(`${peerId(1)} 6`);
  });

  // Every attempt therefore has an epoch that no other attempt has had.
  it('never uses an epoch of its own twice', () => {
    const group = aGroup({ peer: { votesFor: 'nobody' } });
    group.killMaster();
    group.advance(60_000);
    const epochs = group.messages('+vote-for-leader').map((message) => Number(message.split(' ')[1]));
    expect(epochs.length).to.be.greaterThan(3);
    expect(new Set(epochs).size).to.equal(epochs.length);
    expect(epochs).to.deep.equal([...epochs].sort((one, other) => one - other));
  });

  // Whoever voted for another waits before it tries itself, so that the other can finish. (The original waits twice the failover
  // timeout, minutes; a Vedette's vote binds it for three seconds, the time after which its leader has lost its authority.)
  it('waits after a vote for somebody else before it stands itself', () => {
    const group = aGroup();
    ask(group, 1, 2);
    const votedAt = group.now;
    group.killMaster();
    group.untilEvent('+try-failover', 10_000);
    expect(group.now - votedAt).to.be.within(3_000, 3_200);
  });

  // If a majority can talk to each other, somebody will be authorised in the end.
  it('tries again until it is authorised', () => {
    const group = aGroup({ peer: { votesFor: 'nobody' } });
    group.killMaster();
    group.advance(30_000);
    expect(group.events('+switch-master')).to.deep.equal([]);
    for (const peer of group.peers) peer.script.votesFor = 'the candidate';
    group.untilEvent('+switch-master', 35_000);
  });

  // Different Sentinels, and different masters, never share a configuration epoch by accident: a seen epoch raises the own one.
  it('takes over every greater epoch it sees, so that its next one is greater still', () => {
    const group = aGroup();
    group.hear(group.peer(1).hello({ currentEpoch: 100 }));
    ask(group, 2, 150);
    group.hearVote(group.peer(1).vote('up', { currentEpoch: 200 }));
    expect(group.messages('+new-epoch')).to.deep.equal(['100', '150', '200']);
    group.advance(4_000);
    group.killMaster();
    group.untilEvent('+switch-master', 5_000);
    expect(group.master().configEpoch).to.equal(201);
  });

  // The configuration epoch is shown as config-epoch.
  it('shows the configuration epoch', () => {
    const desk = aDesk({ currentEpoch: 9, master: { configEpoch: 7 } });
    expect(desk.ask('SENTINEL', 'MASTER', 'mymaster')).to.contain('$12\r\nconfig-epoch\r\n$1\r\n7\r\n');
    desk.group.learn(1, { epoch: 8, address: replicaAddress(1) });
    expect(desk.ask('SENTINEL', 'MASTER', 'mymaster')).to.contain('$12\r\nconfig-epoch\r\n$1\r\n8\r\n');
  });
});
