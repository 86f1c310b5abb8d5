// The failover state machine: every transition, every way out, and what must be on disk when.

import { expect } from 'chai';
import { considerVoteRequest } from '../../src/core/election.js';
import { AUTHORITY, SELECTION_PATIENCE } from '../../src/core/limits.js';
import type { Failover } from '../../src/core/master.js';
import { HELLO_CHANNEL } from '../../src/core/types.js';
import { aGroup, type Group, type GroupOptions, peerId } from './builders.js';
import { HISTORY, idOf } from './scripted-node.js';

type State = Failover['state'];

function state(group: Group): State | null {
  return group.master().failover?.state ?? null;
}

/** The master has just died and our failover has come this far. */
function aFailoverIn(wanted: State, options: GroupOptions = {}, prepare: (group: Group) => void = () => {}): Group {
  const group = aGroup(options);
  if (wanted === 'elect') for (const peer of group.peers) peer.script.votesFor = 'nobody';
  if (wanted === 'promote') for (const replica of group.replicas) replica.script.isObedient = false;
  if (wanted === 'reconfigure-replicas') for (const replica of group.replicas) replica.script.syncsAtOnce = false;
  prepare(group);
  group.killMaster();
  if (wanted === 'select') {
    // The others are asked for votes some 25 ms later, and the replicas for INFO with them.
    group.untilEvent('+odown', 2_000);
    for (const replica of group.replicas) group.hang(replica);
  }
  group.until(() => state(group) === wanted, 2_500, wanted);
  group.forget();
  return group;
}

describe('Failover', () => {
  it('goes through its states in their order and tells each step', () => {
    const group = aGroup();
    group.killMaster();
    group.untilEvent('+failover-end', 5_000);
    const replica = 'slave 10.0.0.2:6379 10.0.0.2 6379 @ mymaster 10.0.0.1 6379';
    const steps = group
      .events()
      .filter(({ type }) => !/^\+sdown|^-role-change|^\+slave$|reconf-(sent|inprog|done)|phases/.test(type));
    expect(steps.map(({ type, message }) => `${type} ${message}`)).to.deep.equal([
      '+odown master mymaster 10.0.0.1 6379 #quorum 2/2',
      '+new-epoch 2',
      '+try-failover master mymaster 10.0.0.1 6379',
      `+vote-for-leader ${group.core.myId} 2`,
      '+elected-leader master mymaster 10.0.0.1 6379',
      '+failover-state-select-slave master mymaster 10.0.0.1 6379',
      `+selected-slave ${replica}`,
      `+failover-state-send-slaveof-noone ${replica}`,
      `+failover-state-wait-promotion ${replica}`,
      `+promoted-slave ${replica}`,
      '+failover-state-reconf-slaves master mymaster 10.0.0.1 6379',
      '+switch-master mymaster 10.0.0.1 6379 10.0.0.2 6379',
      '+failover-end master mymaster 10.0.0.2 6379',
    ]);
  });

  it('takes a few round trips from objectively down to the switch', () => {
    const group = aGroup({ peers: 0, master: { quorum: 1 } });
    group.killMaster();
    group.untilEvent('+odown', 1_200);
    expect(group.untilEvent('+switch-master', 1_000)).to.be.at.most(6);
  });

  describe('while it is elected', () => {
    it('moves on to the selection when it has the votes', () => {
      const group = aFailoverIn('elect');
      for (const peer of group.peers) peer.script.votesFor = 'the candidate';
      group.untilEvent('+elected-leader', 1_100);
    });

    it('is given up after the authority of its votes', () => {
      const group = aFailoverIn('elect');
      group.untilEvent('-failover-abort-not-elected', AUTHORITY + 100);
      expect(state(group)).to.equal(null);
    });

    it('is given up when the master is back', () => {
      const group = aFailoverIn('elect');
      group.revive(group.first);
      group.untilEvent('-failover-abort-master-is-back', 500);
      expect(state(group)).to.equal(null);
      group.advance(10_000);
      expect(group.events('+try-failover')).to.deep.equal([]);
    });
  });

  describe('while it selects', () => {
    it('waits for reports that are younger than the candidacy', () => {
      const group = aFailoverIn('select');
      for (const replica of group.replicas) group.revive(replica);
      expect(group.untilEvent('+selected-slave', 100)).to.be.at.most(5);
    });

    it(`waits no longer than ${SELECTION_PATIENCE} ms`, () => {
      const group = aFailoverIn('select');
      expect(group.untilEvent('+selected-slave', 1_000)).to.be.within(SELECTION_PATIENCE - 5, SELECTION_PATIENCE + 1);
    });

    it('chooses by the offsets of those reports, not of older ones', () => {
      const group = aFailoverIn('select', { replicas: 3 });
      expect(group.core.topology.findNode(group.master(), group.replica(3).address)?.info?.offset).to.equal(1_000);
      group.replica(3).script.offset = 9_000;
      for (const replica of group.replicas) group.revive(replica);
      group.untilEvent('+selected-slave', 100);
      expect(group.messages('+selected-slave')[0]).to.match(/^slave 10\.0\.0\.4:6379 /);
    });

    it('is given up when no replica is left to choose', () => {
      const group = aFailoverIn('select');
      for (const replica of group.replicas) group.crash(replica);
      group.untilEvent('-failover-abort-no-good-slave', SELECTION_PATIENCE + 10);
      expect(state(group)).to.equal(null);
    });

    it('finishes a promotion that another leader began instead of promoting a second replica', () => {
      const group = aGroup({ replicas: 3 });
      group.replica(1).script.offset = 9_000;
      group.killMaster();
      const { script } = group.replica(3);
      script.role = 'master';
      script.replicationId = idOf('an unannounced reign');
      script.secondReplicationId = HISTORY;
      group.untilEvent('+switch-master', 4_000);
      group.advance(5);
      expect(group.messages('+selected-slave')).to.deep.equal([
        'slave 10.0.0.4:6379 10.0.0.4 6379 @ mymaster 10.0.0.1 6379',
      ]);
      expect(group.sentTo(group.replica(3), 'change-role')).to.deep.equal([]);
      expect(group.sentTo(group.replica(1), 'change-role').length).to.equal(1);
      expect(group.replica(1).script.follows).to.deep.equal(group.replica(3).address);
    });

    it('says so when it had to give up the age limits', () => {
      const group = aGroup({ node: { replicationId: idOf('a stranger') } });
      group.killMaster();
      group.untilEvent('+selection-without-age-limits', 8_000);
      group.untilEvent('+switch-master', 500);
      const [outage] = group.events('+odown');
      const [switched] = group.events('+switch-master');
      expect((switched?.at ?? 0) - (outage?.at ?? 0)).to.be.within(5_000, 5_300);
    });
  });

  describe('while it promotes', () => {
    it('believes the INFO that comes with the role change, not its reply', () => {
      const group = aFailoverIn('promote');
      group.advance(500);
      expect(group.events('+promoted-slave')).to.deep.equal([]);
      const asked = group.sentTo(group.replica(1), 'change-role');
      expect(asked.length).to.be.at.most(1);
    });

    it('is given up for another replica when this one refuses to change its role', () => {
      const group = aGroup();
      group.replica(1).script.offset = 9_000;
      for (const word of ['REPLICAOF', 'SLAVEOF']) group.replica(1).script.refusals.set(word, 'NOPERM no permission');
      group.killMaster();
      group.untilEvent('-failover-abort-no-good-slave', 3_000);
      group.untilEvent('+switch-master', 3_000);
      expect(group.master().node.address).to.deep.equal(group.replica(2).address);
    });

    it('goes on with the other word when the one learned before is refused now', () => {
      const group = aGroup();
      group.replica(1).script.offset = 9_000;
      group.replica(1).script.refusals.set('REPLICAOF', 'NOPERM no permission');
      group.killMaster();
      group.untilEvent('+switch-master', 3_000);
      expect(group.master().node.address).to.deep.equal(group.replica(1).address);
      expect(group.events('+try-failover')).to.have.length(1);
    });

    it('repeats a role change that did nothing', () => {
      const group = aFailoverIn('promote');
      group.replica(1).script.isObedient = true;
      group.untilEvent('+promoted-slave', 1_100);
    });

    it('begins with a new choice when the chosen replica has restarted: it may have lost what it was chosen for', () => {
      const group = aFailoverIn('promote');
      const [chosen, other] = [group.replica(1), group.replica(2)];
      group.crash(chosen);
      Object.assign(chosen.script, { runId: idOf('another life'), replicationId: idOf('another history'), offset: 0 });
      for (const replica of group.replicas) replica.script.isObedient = true;
      group.revive(chosen);
      group.untilEvent('+switch-master', 3_000);
      expect(group.events('+selected-slave')).to.have.length(1);
      expect(group.master().node.address).to.deep.equal(other.address);
      expect(chosen.script.role).to.equal('slave');
    });

    it('is given up when its authority ends, which is counted from its first vote request', () => {
      const group = aGroup({ node: { isObedient: false } });
      group.killMaster();
      group.untilEvent('+try-failover', 2_000);
      group.advance(2);
      const took = group.untilEvent('-failover-abort-slave-timeout', 3_000);
      expect(took).to.be.within(AUTHORITY - 3, AUTHORITY + 1);
      expect(state(group)).to.equal(null);
    });

    it('is tried again with a new epoch', () => {
      const group = aFailoverIn('promote');
      group.untilEvent('-failover-abort-slave-timeout', 3_000);
      for (const replica of group.replicas) replica.script.isObedient = true;
      group.untilEvent('+switch-master', 3_000);
      expect(group.master().configEpoch).to.be.greaterThan(2);
    });

    it('goes on although the master came back: the role change may be on its way', () => {
      const group = aFailoverIn('promote');
      group.revive(group.first);
      group.advance(300);
      expect(state(group)).to.equal('promote');
    });
  });

  describe('whose promotion is observed when the promises of its voters are over', () => {
    /** The order leaves in the last moment of our authority; then the process stands still, and what has arrived is read first. */
    function aLatePromotion(): Group {
      const group = aGroup();
      group.killMaster();
      group.untilEvent('+sdown', 2_000);
      group.hang(group.replica(2));
      group.until(() => group.master().failover?.state === 'elect', 3_000);
      const requestedAt = group.now;
      group.until(() => group.master().failover?.state === 'select', 100);
      group.disk = 'held';
      group.hear(group.peer(1).hello({ currentEpoch: 9 }), group.replica(1).address);
      group.until(() => group.master().failover?.state === 'promote', 400);
      group.advance(requestedAt + AUTHORITY - 60 - group.now);
      group.answerSave();
      group.disk = 'working';
      expect(group.sentTo(group.replica(1), 'change-role').length).to.equal(1);
      group.now += 1_950;
      expect(group.core.tilt).to.equal(null);
      return group;
    }

    it('is announced when a majority, asked then, has promised nothing to anybody later', () => {
      const group = aLatePromotion();
      group.advance(0);
      expect(group.events('+switch-master')).to.deep.equal([]);
      group.untilEvent('+switch-master', 20);
      expect(group.peers.flatMap((peer) => group.sentTo(peer, 'ask-configuration')).length).to.be.at.least(2);
    });

    it('is left to whoever leads next when they have', () => {
      const group = aLatePromotion();
      for (const peer of group.peers) peer.script.configuration.promisedEpoch = 10;
      group.advance(AUTHORITY);
      expect(group.events('+switch-master')).to.deep.equal([]);
      expect(group.events('-failover-abort-slave-timeout').length).to.equal(1);
    });
  });

  describe('while replicas are made to follow', () => {
    it('has its configuration in force already', () => {
      const group = aFailoverIn('reconfigure-replicas');
      expect(group.master().node.address).to.deep.equal(group.replica(1).address);
      expect(group.master().configEpoch).to.equal(2);
      expect(group.master().objectivelyDownSince).to.equal(null);
    });

    it('ends when all that can be reached follow', () => {
      const group = aFailoverIn('reconfigure-replicas');
      group.advance(1_000);
      expect(group.events('+failover-end')).to.deep.equal([]);
      group.replica(2).script.linkUp = true;
      group.untilEvent('+failover-end', 300);
      expect(state(group)).to.equal(null);
    });
  });

  it('announces its configuration to every node and peer at once, after it was saved', () => {
    const group = aGroup();
    group.killMaster();
    group.until(() => state(group) === 'promote', 3_000);
    group.disk = 'held';
    group.untilEvent('+switch-master', 100);
    group.forget();
    group.advance(500);
    const parties = [...group.replicas, ...group.peers];
    for (const party of parties) expect(group.published(party, HELLO_CHANNEL)).to.deep.equal([]);
    expect(group.sentTo(group.replica(2), 'change-role')).to.deep.equal([]);
    group.answerSave();
    for (const party of parties) {
      expect(group.published(party, HELLO_CHANNEL)).to.deep.equal([
        `10.0.0.100,26379,${group.core.myId},2,mymaster,10.0.0.2,6379,2`,
      ]);
    }
    expect(group.sentTo(group.replica(2), 'change-role').length).to.equal(1);
  });

  it('saves epoch and address as one pair', () => {
    const group = aGroup();
    const pairs = new Set<string>();
    const note = () => {
      for (const master of group.sentinel.snapshot().masters) pairs.add(`${master.configEpoch} ${master.address.host}`);
    };
    group.killMaster();
    while (group.events('+failover-end').length === 0) {
      group.advance(1);
      note();
    }
    expect([...pairs]).to.deep.equal(['1 10.0.0.1', '2 10.0.0.2']);
  });

  it('sends nothing that binds before the vote for ourselves is on disk', () => {
    const group = aGroup({ peers: 0, master: { quorum: 1 } });
    group.killMaster();
    group.disk = 'held';
    group.untilEvent('+try-failover', 1_100);
    group.advance(500);
    expect(group.events('+elected-leader')).to.deep.equal([]);
    for (const replica of group.replicas) expect(group.sentTo(replica, 'change-role')).to.deep.equal([]);
    group.disk = 'working';
    group.answerSave();
    expect(group.untilEvent('+switch-master', 100)).to.be.at.most(5);
  });

  it('goes on where it can when saving fails only now and then', () => {
    const group = aGroup();
    group.disk = { failure: 'EIO' };
    group.killMaster();
    group.advance(4_000);
    expect(group.events('+switch-master')).to.deep.equal([]);
    group.disk = 'working';
    group.untilEvent('+switch-master', 40_000);
  });

  for (const wanted of ['elect', 'select', 'promote'] as const) {
    it(`is given up in state ${wanted} when we vote for somebody else`, () => {
      const group = aFailoverIn(wanted);
      // The promise to ourselves ends with the authority; only then can the vote be given.
      group.master().vote = { ...group.master().vote, leader: peerId(1) };
      group.command((core, now) => considerVoteRequest(core, group.master(), { epoch: 7, candidate: peerId(1) }, now));
      expect(state(group)).to.equal(null);
    });

    it(`is given up in state ${wanted} when a newer configuration arrives`, () => {
      const group = aFailoverIn(wanted);
      group.learn(1, { epoch: 7, address: group.replica(2).address });
      expect(state(group)).to.equal(null);
      expect(group.master().node.address).to.deep.equal(group.replica(2).address);
    });

    it(`is given up in state ${wanted} in TILT`, () => {
      const group = aFailoverIn(wanted);
      group.stall(2_500);
      expect(group.events('+tilt').length).to.equal(1);
      expect(state(group)).to.equal(null);
    });
  }

  it('is not given up past the promotion by a vote or by TILT, only by a newer configuration', () => {
    const group = aFailoverIn('reconfigure-replicas');
    group.command((core, now) => considerVoteRequest(core, group.master(), { epoch: 7, candidate: peerId(1) }, now));
    expect(group.master().vote.leader).to.equal(peerId(1));
    expect(state(group)).to.equal('reconfigure-replicas');
    group.stall(2_500);
    expect(state(group)).to.equal('reconfigure-replicas');
    group.advance(100);
    group.learn(1, { epoch: 7, address: group.replica(2).address });
    expect(state(group)).to.equal(null);
  });

  for (const [failure, event] of [
    ['crash-after-election', '+elected-leader'],
    ['crash-after-promotion', '+promoted-slave'],
  ] as const) {
    it(`leaves the process with status 99 where ${failure} is simulated`, () => {
      const group = aGroup();
      group.core.simulatedFailures.add(failure);
      group.killMaster();
      group.untilEvent(event, 3_000);
      const kinds = group.log.map(({ effect }) => (effect.kind === 'event' ? effect.event.type : effect.kind));
      expect(kinds.slice(kinds.indexOf(event) + 1)[0]).to.equal('exit');
      expect(group.effects('exit')[0]?.effect.code).to.equal(99);
    });
  }
});
