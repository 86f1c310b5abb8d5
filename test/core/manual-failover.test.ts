// `SENTINEL FAILOVER`: when it is refused and why, which way it takes, and what it never does.

import { expect } from 'chai';
import { considerVoteRequest } from '../../src/core/election.js';
import { AUTHORITY, PROMISE } from '../../src/core/limits.js';
import {
  DEFAULT_MANUAL,
  type ManualPlan,
  planManualFailover,
  startManualFailover,
} from '../../src/core/manual-failover.js';
import type { ManualOptions } from '../../src/core/master.js';
import { aGroup, type Group, type GroupOptions, peerId, replicaAddress } from './builders.js';

function failOver(group: Group, options: Partial<ManualOptions> = {}): ManualPlan {
  return group.command((core, now) =>
    startManualFailover(core, group.master(), now, { ...DEFAULT_MANUAL, ...options }),
  );
}

/** The commands of every role change that left for this node. */
function roleChanges(group: Group, node: { readonly address: { host: string; port: number } }): string[] {
  return group.sentTo(node, 'change-role').map(({ request }) => request.commands[1]?.join(' ') ?? '');
}

describe('Manual failover', () => {
  it('starts at any moment between two reports of the replicas, which are ten seconds apart', () => {
    const group = aGroup();
    for (let second = 0; second < 25; second++) {
      group.advance(1_000);
      expect(
        planManualFailover(group.core, group.master(), DEFAULT_MANUAL, group.now).refusal,
        `second ${second}`,
      ).to.equal(null);
    }
  });

  it('promotes a replica although the master is well', () => {
    const group = aGroup();
    expect(failOver(group).refusal).to.equal(null);
    group.untilEvent('+switch-master', 1_000);
    expect(group.events('+odown', '+sdown')).to.deep.equal([]);
    expect(group.messages('+switch-master')).to.deep.equal(['mymaster 10.0.0.1 6379 10.0.0.2 6379']);
  });

  it('asks for votes, as the original does not: two in one epoch would split the group', () => {
    const group = aGroup({ peer: { votesFor: 'nobody' } });
    failOver(group);
    group.advance(10);
    expect(group.sentTo(group.peer(1), 'ask-master-down').length).to.equal(1);
    group.untilEvent('-failover-abort-not-elected', AUTHORITY + 10);
  });

  it('is not retried: whoever wanted it is to see that it came to nothing', () => {
    const group = aGroup({ peer: { votesFor: 'nobody' } });
    failOver(group);
    group.advance(120_000);
    expect(group.events('+try-failover').length).to.equal(1);
  });

  it('promotes the replica that was named, or none', () => {
    const group = aGroup({ replicas: 3 });
    expect(failOver(group, { target: replicaAddress(3) }).candidate).to.deep.equal(replicaAddress(3));
    group.untilEvent('+switch-master', 1_000);
    expect(group.master().node.address).to.deep.equal(replicaAddress(3));
    const other = aGroup({ replicas: 3 });
    other.replica(3).script.priority = 0;
    other.advance(10_500);
    expect(failOver(other, { target: replicaAddress(3) }).refusal).to.equal('no-good-replica');
  });

  describe('is refused', () => {
    it('while a failover is under way', () => {
      const group = aGroup({ node: { syncsAtOnce: false } });
      group.killMaster();
      group.untilEvent('+switch-master', 3_000);
      expect(failOver(group)).to.include({ refusal: 'in-progress', reason: 'reconfigure-replicas' });
    });

    it('while we have promised our support to another leader', () => {
      const group = aGroup();
      group.command((core, now) => considerVoteRequest(core, group.master(), { epoch: 2, candidate: peerId(1) }, now));
      expect(failOver(group)).to.include({
        refusal: 'in-progress',
        reason: `we have just voted for ${peerId(1)} in epoch 2`,
      });
      expect(group.master().vote.leader).to.equal(peerId(1));
      group.advance(PROMISE);
      expect(failOver(group).refusal).to.equal(null);
    });

    it('when no replica may be promoted, with the reason for each', () => {
      expect(failOver(aGroup({ node: { priority: 0 } }))).to.include({
        refusal: 'no-good-replica',
        reason: '10.0.0.2:6379 priority 0, 10.0.0.3:6379 priority 0',
      });
      expect(failOver(aGroup({ replicas: 0 }))).to.include({
        refusal: 'no-good-replica',
        reason: 'no replica is known',
      });
    });

    it('when fewer Sentinels answer than votes are needed', () => {
      const group = aGroup();
      for (const peer of group.peers) group.crash(peer);
      expect(failOver(group)).to.include({
        refusal: 'no-majority',
        reason: '1 Sentinels answer, 2 votes are needed',
      });
    });

    it('before a majority has told its epoch to a Sentinel that remembers no votes', () => {
      const group = aGroup({ currentEpoch: 0, master: { configEpoch: 0, voteEpoch: 0 } });
      expect(failOver(group)).to.include({
        refusal: 'no-majority',
        reason: 'no majority has reported its epoch yet',
      });
    });

    it('where only a handover will do and there can be none', () => {
      const group = aGroup();
      group.killMaster();
      group.until(() => group.master().node.link.state !== 'open', 100);
      expect(failOver(group, { way: 'coordinated' })).to.include({
        refusal: 'no-handover',
        reason: 'the master does not answer',
      });
    });

    it('without having changed anything', () => {
      const group = aGroup({ node: { priority: 0 } });
      failOver(group);
      group.advance(1_000);
      expect(group.events()).to.deep.equal([]);
      expect(group.core.currentEpoch).to.equal(1);
    });
  });

  it('can be planned without being started', () => {
    const group = aGroup();
    const plan = group.command((core, now) => planManualFailover(core, group.master(), DEFAULT_MANUAL, now));
    expect(plan).to.deep.equal({ way: 'handover', candidate: replicaAddress(1), refusal: null, reason: null });
    group.advance(1_000);
    expect(group.events()).to.deep.equal([]);
  });

  it('by force goes on without votes', () => {
    const group = aGroup();
    for (const peer of group.peers) group.crash(peer);
    expect(failOver(group, { way: 'force' })).to.include({ refusal: null, way: 'classic' });
    group.untilEvent('+switch-master', 1_000);
    expect(group.sentTo(group.first, 'pause')).to.deep.equal([]);
  });
});

describe('Handover', () => {
  /** The replica is behind: it will not have caught up before the test says so. */
  function aLaggingGroup(options: GroupOptions = {}): Group {
    const group = aGroup(options);
    for (const replica of group.replicas) replica.script.offset = 900;
    failOver(group);
    group.until(() => group.master().failover?.state === 'hand-over', 1_000);
    return group;
  }

  it('pauses writes and reads the offset behind them in one write, before anything is promoted', () => {
    const group = aLaggingGroup();
    group.advance(10);
    expect(group.sentTo(group.first, 'pause')[0]?.request.commands).to.deep.equal([
      ['CLIENT', 'PAUSE', '400', 'WRITE'],
      ['INFO'],
    ]);
    expect(roleChanges(group, group.replica(1))).to.deep.equal([]);
  });

  it('promotes only when the replica has the paused offset', () => {
    const group = aLaggingGroup();
    group.advance(200);
    expect(roleChanges(group, group.replica(1))).to.deep.equal([]);
    group.replica(1).script.offset = 1_000;
    group.advance(10);
    expect(roleChanges(group, group.replica(1))).to.deep.equal(['REPLICAOF NO ONE']);
  });

  it('does not believe the offset of another history', () => {
    const group = aLaggingGroup();
    group.replica(1).script.offset = 5_000;
    group.replica(1).script.replicationId = 'e'.repeat(40);
    group.advance(500);
    expect(roleChanges(group, group.replica(1))).to.deep.equal([]);
  });

  it('renews the pause before it ends, and publishes nothing on the paused link meanwhile', () => {
    const group = aLaggingGroup();
    group.core.tunables.publishPeriod = 50;
    group.advance(5);
    group.forget();
    group.advance(600);
    const renewals = group.sentTo(group.first, 'pause');
    expect(renewals.length).to.be.within(5, 7);
    expect(group.sentTo(group.first, 'publish')).to.deep.equal([]);
    expect(group.sentTo(group.replica(1), 'publish').length).to.be.greaterThan(5);
  });

  it('lifts the pause and gives up when the replica does not catch up in time', () => {
    const group = aLaggingGroup();
    group.advance(1_100);
    expect(group.messages('-handover')).to.deep.equal([
      'slave 10.0.0.2:6379 10.0.0.2 6379 @ mymaster 10.0.0.1 6379 the replica is 100 bytes behind after 1000 ms',
    ]);
    expect(group.sentTo(group.first, 'unpause').length).to.equal(1);
    expect(group.master().failover).to.equal(null);
    for (const node of [group.first, ...group.replicas]) expect(roleChanges(group, node)).to.deep.equal([]);
  });

  it('demotes the old master, in one transaction that ends the pause, the moment the configuration is on disk', () => {
    const group = aGroup();
    failOver(group);
    group.until(() => group.master().failover?.state === 'promote', 1_000);
    group.disk = 'held';
    group.untilEvent('+switch-master', 100);
    group.advance(50);
    expect(roleChanges(group, group.first)).to.deep.equal([]);
    group.disk = 'working';
    group.answerSave();
    expect(roleChanges(group, group.first)).to.deep.equal(['REPLICAOF 10.0.0.2 6379']);
    expect(group.sentTo(group.first, 'change-role')[0]?.request.commands.map((words) => words.join(' '))).to.include(
      'CLIENT UNPAUSE',
    );
    expect(group.events('-handover')).to.deep.equal([]);
  });

  it('says that writes may be lost when the pause ended before the demotion', () => {
    const group = aGroup();
    failOver(group);
    group.until(() => group.master().failover?.state === 'promote', 1_000);
    group.disk = 'held';
    group.untilEvent('+switch-master', 100);
    group.hang(group.first);
    group.advance(1_500);
    expect(group.messages('-handover')).to.deep.equal([
      'slave 10.0.0.1:6379 10.0.0.1 6379 @ mymaster 10.0.0.2 6379 the pause ended too early, writes may be lost',
    ]);
  });

  it('is not tried on a master whose version cannot pause writes', () => {
    const group = aGroup();
    group.first.script.version = '6.0.16';
    group.advance(10_500);
    expect(failOver(group)).to.include({
      way: 'classic',
      refusal: null,
      reason: "the master's version 6.0.16 cannot pause writes",
    });
    group.untilEvent('+switch-master', 1_000);
    expect(group.sentTo(group.first, 'pause')).to.deep.equal([]);
    expect(group.events('-handover', '+failover-state-handover')).to.deep.equal([]);
  });

  it('is told as a state of the failover', () => {
    const group = aLaggingGroup();
    expect(group.messages('+failover-state-handover')).to.deep.equal([
      'slave 10.0.0.2:6379 10.0.0.2 6379 @ mymaster 10.0.0.1 6379',
    ]);
  });

  it('is given up for the classic way when the master refuses to pause', () => {
    const group = aGroup();
    group.first.script.refusals.set('CLIENT PAUSE', 'NOPERM no');
    failOver(group);
    group.untilEvent('+switch-master', 2_000);
    expect(group.messages('-role-change-refused')).to.deep.equal([
      'master mymaster 10.0.0.1 6379 CLIENT PAUSE: NOPERM no',
    ]);
    expect(group.messages('-handover')).to.deep.equal([
      'slave 10.0.0.2:6379 10.0.0.2 6379 @ mymaster 10.0.0.1 6379 the master refuses CLIENT PAUSE',
    ]);
  });

  it('waits for a master that cannot pause now, and is given up rather than made a failover that loses writes', () => {
    const group = aGroup();
    group.first.script.refusals.set('CLIENT PAUSE', 'BUSY Redis is busy running a script');
    failOver(group);
    group.untilEvent('-failover-abort-handover', 2_000);
    expect(group.messages('-handover').join()).to.match(/the master does not pause \(BUSY .*\) after \d+ ms$/);
    expect(group.events('-role-change-refused').length).to.equal(1);
    expect(group.sentTo(group.first, 'pause').length).to.be.within(10, 60);
    for (const replica of group.replicas) expect(group.sentTo(replica, 'change-role')).to.deep.equal([]);
    group.first.script.refusals.clear();
    group.advance(5_000);
    failOver(group);
    group.untilEvent('+switch-master', 1_000);
    expect(group.messages('-handover').length).to.equal(1);
  });

  it('is tried again when an operator asks again: permissions may have changed', () => {
    const group = aGroup();
    group.first.script.refusals.set('CLIENT PAUSE', 'NOPERM no');
    failOver(group, { way: 'coordinated' });
    group.untilEvent('-failover-abort-handover', 2_000);
    expect(group.sentTo(group.first, 'pause').length).to.equal(1);
    group.first.script.refusals.clear();
    group.advance(5_000);
    expect(failOver(group, { way: 'coordinated' }).refusal).to.equal(null);
    group.untilEvent('+switch-master', 1_000);
  });

  for (const reason of ['we stand still', 'the master answers late'] as const) {
    it(`does not promote after its pause has broken while the order waited for the disk: ${reason}`, () => {
      const group = aGroup();
      failOver(group);
      group.until(() => group.master().failover?.state === 'hand-over', 200);
      // The election of another master raises the epoch, and the disk is slow for once.
      group.disk = 'held';
      group.hear(group.peer(1).hello({ currentEpoch: 9 }));
      group.advance(20);
      if (reason === 'the master answers late') {
        group.hang(group.first);
        group.advance(480);
      }
      // Writes are taken that no replica has.
      group.first.script.offset = 5_000;
      if (reason === 'we stand still') group.stall(600);
      else group.revive(group.first);
      group.advance(5);
      expect(group.core.tilt).to.equal(null);
      group.answerSave();
      group.advance(100);
      for (const replica of group.replicas) expect(group.sentTo(replica, 'change-role')).to.deep.equal([]);
      for (const replica of group.replicas) replica.script.offset = 5_000;
      group.disk = 'working';
      group.advance(1_500);
      const isOver = group.events('+switch-master', '-failover-abort-handover', '-failover-abort-slave-timeout').length;
      expect(isOver).to.equal(1);
    });
  }
});
