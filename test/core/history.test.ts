// What is remembered of failovers: which phases, when, why it ended, and what is left unknown.

import { expect } from 'chai';
import { resetMaster } from '../../src/core/administration.js';
import { considerVoteRequest } from '../../src/core/election.js';
import type { FailoverRecord } from '../../src/core/failover-record.js';
import { MAX_HISTORY } from '../../src/core/limits.js';
import { DEFAULT_MANUAL, startManualFailover } from '../../src/core/manual-failover.js';
import type { ManualOptions } from '../../src/core/master.js';
import { aGroup, type Group, MASTER_ADDRESS, peerId, replicaAddress } from './builders.js';
import { Stage } from './stage.js';

function lastRecord(group: Group): FailoverRecord {
  const record = group.master().history.at(-1);
  if (record === undefined) throw new Error('nothing is remembered');
  return record;
}

function failOver(group: Group, options: Partial<ManualOptions> = {}): void {
  const plan = group.command((core, now) =>
    startManualFailover(core, group.master(), now, { ...DEFAULT_MANUAL, ...options }),
  );
  expect(plan.refusal).to.equal(null);
}

/** A group whose master died and was replaced by us. */
function afterOutage(group: Group = aGroup()): Group {
  group.killMaster();
  group.untilEvent('+failover-phases', 5_000);
  return group;
}

describe('The history of failovers', () => {
  it('tells of an outage when the silence began and how long after it each phase was reached', () => {
    const group = aGroup();
    const diedAt = group.now;

    afterOutage(group);

    const record = lastRecord(group);
    expect(record).to.include({ reason: 'objectively-down', result: 'completed', epoch: 2, attempts: 1 });
    expect(record).to.include({ at: diedAt, leader: group.core.myId, learnedFrom: null });
    expect([record.oldAddress, record.newAddress]).to.deep.equal([MASTER_ADDRESS, replicaAddress(1)]);
    const { detected, agreed, elected, selected, promoted, published, repointed, finished } = record.phases;
    expect(detected).to.be.within(1_000, 1_010);
    const times = [detected, agreed, elected, selected, promoted, published, repointed, finished].map(Number);
    expect(times).to.deep.equal([...times].sort((one, other) => one - other));
    expect(finished).to.be.within(1_001, 2_000);
  });

  it('has the offsets of the promoted replica and of the runner-up', () => {
    const group = aGroup();
    group.replica(1).script.offset = 4_000;
    group.replica(2).script.offset = 3_990;

    afterOutage(group);

    expect(lastRecord(group)).to.include({ promotedOffset: 4_000, runnerUpOffset: 3_990 });
  });

  it('knows no runner-up where there was none', () => {
    expect(lastRecord(afterOutage(aGroup({ replicas: 1 }))).runnerUpOffset).to.equal(null);
  });

  it('says in an event at the end what it has recorded', () => {
    const group = afterOutage();
    const [message] = group.messages('+failover-phases');

    expect(message).to.match(
      /^master mymaster 10\.0\.0\.2 6379 #epoch=2 reason=objectively-down result=completed detected=10\d\d agreed=10\d\d elected=\d+ selected=\d+ promoted=\d+ published=\d+ repointed=\d+ finished=\d+$/,
    );
    expect(group.messages('+failover-phases').length).to.equal(1);
  });

  it('counts a configuration as published only when the disk has it', () => {
    const group = aGroup({ replicas: 1 });
    group.killMaster();
    group.until(() => group.master().failover?.state === 'promote', 3_000, 'promotion');
    group.disk = 'held';
    group.untilEvent('+failover-end', 5_000);
    const endedAt = group.now;
    group.advance(300);
    expect(group.messages('+failover-phases')).to.deep.equal([]);
    expect(lastRecord(group).phases.published).to.equal(null);

    group.disk = 'working';
    group.answerSave();

    expect(lastRecord(group).phases.published).to.equal(group.now - lastRecord(group).at);
    expect(lastRecord(group).phases.finished).to.equal(endedAt - lastRecord(group).at);
    expect(group.messages('+failover-phases').length).to.equal(1);
  });

  it('leaves "repointed" unknown while a replica follows nobody, and says that the time was up', () => {
    const group = aGroup({ master: { failoverTimeout: 2_000 } });
    group.replica(2).script.isObedient = false;
    group.killMaster();
    group.untilEvent('+failover-phases', 10_000);

    expect(lastRecord(group).phases.repointed).to.equal(null);
    expect(lastRecord(group).phases.finished).to.be.a('number');
    expect(lastRecord(group).result).to.equal('timed-out');
  });

  describe('of planned failovers', () => {
    it('names the handover, and has neither detection nor agreement', () => {
      const group = aGroup();
      failOver(group);
      group.untilEvent('+failover-phases', 2_000);

      expect(lastRecord(group)).to.include({ reason: 'planned-handover', result: 'completed' });
      expect(lastRecord(group).phases).to.include({ detected: null, agreed: null });
      expect(lastRecord(group).phases.promoted).to.be.a('number');
    });

    it('names the ways that are no handover', () => {
      for (const [way, version, reason] of [
        ['force', '7.2.4', 'planned-forced'],
        ['handover', '5.0.0', 'planned-classic'],
        ['coordinated', '7.2.4', 'planned-coordinated'],
      ] as const) {
        const group = aGroup();
        group.first.script.version = version;
        group.advance(10_500);
        failOver(group, { way });
        group.untilEvent('+failover-phases', 3_000);
        expect(lastRecord(group).reason).to.equal(reason);
      }
    });

    it('keeps one that came to nothing, with why', () => {
      const group = aGroup({ peer: { votesFor: 'nobody' } });
      failOver(group);
      group.untilEvent('-failover-abort-not-elected', 3_000);

      expect(lastRecord(group)).to.include({ result: 'aborted-not-elected', newAddress: null });
      expect(lastRecord(group).phases.elected).to.equal(null);
      expect(group.messages('+failover-phases')).to.deep.equal([]);
    });
  });

  it('has one record for an outage, however many attempts it took', () => {
    const group = aGroup({ peer: { votesFor: 'nobody' } });
    group.killMaster();
    group.until(() => group.events('-failover-abort-not-elected').length === 2, 20_000);
    expect(group.master().history.length).to.equal(1);
    for (const peer of group.peers) peer.script.votesFor = 'the candidate';
    group.untilEvent('+failover-phases', 20_000);

    expect(group.master().history.length).to.equal(1);
    expect(lastRecord(group)).to.include({ attempts: 3, result: 'completed' });
    expect(lastRecord(group).phases.detected).to.be.within(1_000, 1_010);
  });

  it('has another record for the next outage', () => {
    const group = aGroup({ peer: { votesFor: 'nobody' } });
    for (const number of [1, 2]) {
      group.killMaster();
      group.until(() => group.master().history.length === number, 20_000, `record ${number}`);
      group.revive(group.first);
      for (const peer of group.peers) peer.script.findsMasterDown = false;
      group.until(() => group.master().objectivelyDownSince === null, 20_000);
      group.advance(3_000);
    }

    expect(group.master().history.map(({ result }) => result.startsWith('aborted-'))).to.deep.equal([true, true]);
  });

  it('says that a candidacy ended because another leader was faster', () => {
    const group = aGroup({ peer: { votesFor: 'nobody' } });
    failOver(group);
    group.learn(1, { epoch: 7, address: replicaAddress(2) });

    expect(group.master().history.map(({ result }) => result)).to.deep.equal(['aborted-other-leader', 'adopted']);
  });

  describe('of a follower', () => {
    it('has its own sight of the outage, the leader it voted for, and from whom it learned the outcome', () => {
      const group = aGroup();
      group.killMaster();
      group.untilEvent('+odown', 3_000);
      group.command((core, now) => considerVoteRequest(core, group.master(), { epoch: 7, candidate: peerId(2) }, now));
      group.learn(1, { epoch: 7, address: replicaAddress(2) });

      const record = lastRecord(group);
      expect(record).to.include({ reason: 'objectively-down', result: 'adopted', epoch: 7, attempts: 0 });
      expect(record).to.include({ leader: peerId(2), learnedFrom: peerId(1), promotedOffset: null });
      expect(record.phases.detected).to.be.within(1_000, 1_010);
      expect(record.phases.published).to.be.within(1_000, 1_100);
      expect(record.phases).to.include({ elected: null, selected: null, promoted: null, finished: null });
      expect(group.messages('+failover-phases')[0]).to.contain('result=adopted').and.to.contain('elected=-');
    });

    it('does not know why where it saw no outage', () => {
      const group = aGroup();
      group.learn(1, { epoch: 7, address: replicaAddress(2) });

      expect(lastRecord(group)).to.include({ reason: null, leader: null, result: 'adopted' });
      expect(lastRecord(group).phases).to.include({ detected: null, agreed: null });
    });

    it('takes the place of its own attempts in that outage', () => {
      const group = aGroup({ peer: { votesFor: 'nobody' } });
      group.killMaster();
      group.untilEvent('-failover-abort-not-elected', 5_000);
      group.learn(1, { epoch: 7, address: replicaAddress(2) });

      expect(group.master().history.length).to.equal(1);
      expect(lastRecord(group)).to.include({ result: 'adopted', attempts: 1 });
    });

    it('ends a failover of ours whose replicas are still being repointed', () => {
      const group = aGroup({ node: { syncsAtOnce: false } });
      group.killMaster();
      group.untilEvent('+switch-master', 3_000);
      group.learn(1, { epoch: 7, address: replicaAddress(2) });

      expect(group.master().history.map(({ result }) => result)).to.deep.equal(['superseded', 'adopted']);
    });
  });

  it('has no record of a configuration that names the same master', () => {
    const group = aGroup();
    group.learn(1, { epoch: 7, address: MASTER_ADDRESS });
    expect(group.master().history).to.deep.equal([]);
  });

  it('forgets the oldest beyond its limit', () => {
    const group = aGroup();
    for (let epoch = 2; epoch < 2 + MAX_HISTORY + 3; epoch++) {
      group.learn(1, { epoch, address: replicaAddress(1 + (epoch % 2)) });
    }
    expect(group.master().history.length).to.equal(MAX_HISTORY);
    expect(group.master().history[0]?.epoch).to.equal(2 + 3);
  });

  it('is saved without delaying anything: the last save holds the whole record', () => {
    const group = afterOutage();
    group.advance(1_000);
    expect(group.core.durability.isDirty).to.equal(false);

    const [saved] = group.sentinel.snapshot().masters;
    const after = new Stage(group.sentinel.snapshot(), 3);

    expect(saved?.history).to.deep.equal(group.master().history);
    expect(after.master().history).to.deep.equal(group.master().history);
  });

  it('calls a failover interrupted that a restart or a reset has cut short', () => {
    const group = aGroup({ node: { syncsAtOnce: false } });
    group.killMaster();
    group.untilEvent('+switch-master', 3_000);

    const after = new Stage(group.sentinel.snapshot(), 3);
    expect(after.master().history.at(-1)?.result).to.equal('interrupted');
    group.command((core, now) => resetMaster(core, group.master(), now));
    expect(lastRecord(group).result).to.equal('interrupted');
  });

  it('shows a re-affirmation as what it is', () => {
    const group = aGroup();
    group.first.script.role = 'slave';
    group.first.script.follows = replicaAddress(1);
    group.replica(1).script.role = 'master';
    group.untilEvent('+reaffirmed', 60_000);
    group.untilEvent('+failover-phases', 10_000);

    expect(lastRecord(group)).to.include({ reason: 'reaffirmation', newAddress: group.master().node.address });
  });

  it('shows that a promotion which somebody else had begun was finished', () => {
    const group = aGroup();
    const { replicationId } = group.replica(2).script;
    group.replica(2).script.role = 'master';
    group.replica(2).script.secondReplicationId = replicationId;
    group.replica(2).script.replicationId = 'c'.repeat(40);
    afterOutage(group);

    expect(lastRecord(group)).to.include({ reason: 'takeover', runnerUpOffset: null });
    expect(lastRecord(group).newAddress).to.deep.equal(replicaAddress(2));
  });
});
