// A master that restarts without its data, and everything that only looks like one.

import { expect } from 'chai';
import { aGroup, type Group, type GroupOptions, replicaAddress } from './builders.js';
import { HISTORY, idOf, type NodeScript } from './scripted-node.js';

const NEW_HISTORY = idOf('a new history');

/** The master's process is replaced by another one, at once. */
function reboot(group: Group, script: Partial<NodeScript>): void {
  for (const replica of group.replicas) replica.script.linkUp = false;
  Object.assign(group.first.script, { runId: idOf('another run'), ...script });
  group.disconnect(group.first);
}

const EMPTY: Partial<NodeScript> = { replicationId: NEW_HISTORY, offset: 0, keys: 0 };

function rebootEmpty(options: GroupOptions = {}): Group {
  const group = aGroup(options);
  for (const peer of group.peers) peer.script.findsMasterDown = true;
  reboot(group, EMPTY);
  return group;
}

/** The replica has copied the empty master. */
function wipe(group: Group, number: number): void {
  Object.assign(group.replica(number).script, { ...EMPTY, linkUp: true });
}

function expectNothing(group: Group): void {
  group.advance(15_000);
  expect(group.events('+reboot-empty', '+sdown', '+odown', '+switch-master')).to.deep.equal([]);
  expect(group.master().node.reboot).to.equal(null);
}

describe('A master that restarts without its data', () => {
  it('is subjectively down within moments, and the event says why', () => {
    const group = rebootEmpty();

    expect(group.untilEvent('+sdown', 1_000)).to.be.at.most(10);
    expect(group.messages('+reboot-empty')).to.deep.equal([
      'master mymaster 10.0.0.1 6379 it restarted with 0 of 100 keys and a new replication history, 10.0.0.2:6379 still has the data',
    ]);
    expect(group.events('+reboot-empty')[0]?.level).to.equal('warning');
  });

  it('is failed over long before down-after, to the replica with the most data', () => {
    const group = aGroup({ master: { downAfter: 30_000 } });
    group.replica(2).script.offset = 1_500;
    for (const peer of group.peers) peer.script.findsMasterDown = true;
    reboot(group, EMPTY);

    expect(group.untilEvent('+switch-master', 1_000)).to.be.at.most(300);

    expect(group.master().node.address).to.deep.equal(replicaAddress(2));
    expect(group.master().history.at(-1)).to.include({ reason: 'rebooted-empty' });
    expect(group.events('+reboot-empty', '-reboot-empty').length).to.equal(1);
  });

  it('is demoted afterwards like every former master', () => {
    const group = rebootEmpty();
    group.untilEvent('+switch-master', 1_000);
    for (const peer of group.peers) {
      peer.script.configuration.address = group.master().node.address;
      peer.script.configuration.epoch = group.master().configEpoch;
    }
    expect(group.untilEvent('+convert-to-slave', 2_000)).to.be.at.most(1_100);
  });

  it('never makes a replica a candidate that has already copied it, whatever its priority', () => {
    const group = aGroup();
    for (const peer of group.peers) peer.script.findsMasterDown = true;
    wipe(group, 1);
    group.replica(1).script.priority = 1;
    reboot(group, EMPTY);
    wipe(group, 1);

    group.untilEvent('+switch-master', 2_000);

    expect(group.master().node.address).to.deep.equal(replicaAddress(2));
  });

  it('is left alone when it is too late: no replica has the data any more', () => {
    const group = aGroup();
    reboot(group, EMPTY);
    wipe(group, 1);
    wipe(group, 2);
    expectNothing(group);
    expect(group.master().reigns.at(-1)?.replicationId).to.equal(NEW_HISTORY);
  });

  it('is no longer down when the last replica has copied it before anybody was elected', () => {
    const group = aGroup({ peer: { votesFor: 'nobody' } });
    reboot(group, EMPTY);
    group.untilEvent('+reboot-empty', 100);
    wipe(group, 1);
    wipe(group, 2);

    group.untilEvent('-reboot-empty', 3_000);

    group.untilEvent('-sdown', 10);
    expect(group.events('+switch-master')).to.deep.equal([]);
  });

  it('counts although clients have written a little since', () => {
    const group = aGroup();
    reboot(group, { ...EMPTY, keys: 10, offset: 400 });
    group.untilEvent('+reboot-empty', 100);
  });

  it('is judged when it has loaded what it has, not while it loads', () => {
    const group = aGroup();
    reboot(group, { ...EMPTY, isLoading: true });
    group.advance(900);
    expect(group.events('+reboot-empty')).to.deep.equal([]);
    group.first.script.isLoading = false;
    expect(group.untilEvent('+reboot-empty', 2_000)).to.be.at.most(1_010);
  });

  it('is looked for at growing intervals in the first second, and then at the pace of PINGs', () => {
    const group = aGroup({ master: { downAfter: 30_000 } });
    group.killMaster();
    const diedAt = group.now;
    group.advance(3_000);
    const link = group.linkTo(group.first.address).id;
    const attempts = group.effects('open').filter(({ effect }) => effect.link === link);
    // Each refusal takes a millisecond, and so does an attempt.
    const within = (from: number, to: number) =>
      attempts.filter(({ at }) => at - diedAt >= from && at - diedAt < to).length;
    expect([within(0, 250), within(250, 1_000), within(1_000, 3_000)]).to.deep.equal([4, 2, 2]);
  });

  it('is found by the others too as soon as one of them finds it down', () => {
    const group = aGroup({ master: { downAfter: 30_000 } });
    group.killMaster();
    group.advance(1_700);
    Object.assign(group.first.script, { runId: idOf('another run'), ...EMPTY });
    group.revive(group.first);
    group.hearVote(group.peer(1).vote('sdown'), replicaAddress(1));
    expect(group.untilEvent('+reboot-empty', 2_000)).to.be.at.most(10);
  });

  it('is remembered over a second restart', () => {
    const group = aGroup();
    reboot(group, { ...EMPTY, isLoading: true });
    group.advance(100);
    reboot(group, { ...EMPTY, runId: idOf('a third run'), isLoading: false });
    group.untilEvent('+reboot-empty', 1_000);
  });

  describe('is not seen in', () => {
    it('a restart with the data (RDB: the history goes on)', () => {
      const group = aGroup();
      reboot(group, { replicationId: NEW_HISTORY, secondReplicationId: HISTORY, offset: 0 });
      expectNothing(group);
    });

    it('a restart with the data under a new history (AOF)', () => {
      const group = aGroup();
      reboot(group, { replicationId: NEW_HISTORY, offset: 0, keys: 99 });
      expectNothing(group);
    });

    it('a restart with an empty data set that is known to continue the history', () => {
      const group = aGroup();
      reboot(group, { ...EMPTY, secondReplicationId: HISTORY });
      expectNothing(group);
    });

    it('the restart of a master that was empty before', () => {
      const group = aGroup({ node: { keys: 0 } });
      group.first.script.keys = 0;
      group.advance(10_500);
      group.forget();
      reboot(group, EMPTY);
      expectNothing(group);
    });

    it('FLUSHALL, with and without a later restart', () => {
      const group = aGroup();
      for (const node of [group.first, ...group.replicas]) node.script.keys = 0;
      group.advance(12_000);
      reboot(group, EMPTY);
      expectNothing(group);
    });

    it('FLUSHALL right before a restart: the replicas are as empty', () => {
      const group = aGroup({ node: { keys: 0 } });
      reboot(group, EMPTY);
      expectNothing(group);
    });

    it('a reload: the process is the same', () => {
      const group = aGroup();
      Object.assign(group.first.script, EMPTY);
      expectNothing(group);
    });

    it('the restart of a replica', () => {
      const group = aGroup();
      Object.assign(group.replica(1).script, { runId: idOf('another run'), ...EMPTY });
      group.disconnect(group.replica(1));
      expectNothing(group);
    });

    it('a group whose replicas had lost touch before the restart: what they have may be out of date', () => {
      const group = aGroup({ node: { offset: 900 } });
      reboot(group, EMPTY);
      expectNothing(group);
    });

    it('the first report of a master that we have not seen before', () => {
      const group = aGroup();
      group.master().node.runId = '';
      group.master().node.info = null;
      reboot(group, EMPTY);
      expectNothing(group);
    });
  });
});
