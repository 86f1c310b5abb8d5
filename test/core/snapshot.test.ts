// What survives a restart: everything that was decided, nothing that was merely observed.

import { expect } from 'chai';
import { monitorMaster } from '../../src/core/administration.js';
import { considerVoteRequest } from '../../src/core/election.js';
import type { SavedState } from '../../src/core/state.js';
import { aGroup, aMaster, aSentinel, aState, MY_ID, peerAddress, peerId, replicaAddress } from './builders.js';
import { Stage } from './stage.js';

/** Restores and snapshots again, without any time passing. */
function throughRestart(saved: SavedState): SavedState {
  return new Stage(saved, 99).sentinel.snapshot();
}

describe('Snapshot', () => {
  it('of a restored state is that state', () => {
    const saved = aState({
      currentEpoch: 9,
      settings: { announceHost: '203.0.113.1', announcePort: 9, sentinelUser: 'u', sentinelPass: 'p' },
      masters: [
        aMaster({
          name: 'one',
          configEpoch: 4,
          voteEpoch: 8,
          voteLeader: peerId(1),
          replicas: [replicaAddress(1), replicaAddress(2)],
          peers: [{ runId: peerId(1), address: { host: '10.0.1.1', port: 26379 } }],
          reigns: [{ address: replicaAddress(1), replicationId: 'a'.repeat(40) }],
          quorum: 3,
          downAfter: 12_345,
          parallelSyncs: 7,
          authUser: 'watch',
          authPass: 'secret',
          notificationScript: '/n',
          clientReconfigScript: '/c',
          masterRebootDownAfter: 5,
          renamedCommands: new Map([['CONFIG', 'cfg']]),
        }),
        aMaster({ name: 'two', address: { host: '10.0.5.1', port: 7000 } }),
      ],
    });
    expect(throughRestart(saved)).to.deep.equal(saved);
  });

  it('after a failover restores the new configuration, its members and our vote', () => {
    const group = aGroup();
    group.killMaster();
    group.untilEvent('+failover-end', 5_000);
    const saved = group.sentinel.snapshot();
    expect(throughRestart(saved)).to.deep.equal(saved);
    const [master] = saved.masters;
    expect(saved.currentEpoch).to.equal(2);
    expect(master?.address).to.deep.equal(replicaAddress(1));
    expect(master?.configEpoch).to.equal(2);
    expect([master?.voteEpoch, master?.voteLeader]).to.deep.equal([2, MY_ID]);
    expect(master?.replicas.map(({ host }) => host)).to.have.members(['10.0.0.1', '10.0.0.3']);
    expect(master?.peers.map(({ runId }) => runId)).to.deep.equal([peerId(1), peerId(2)]);
    expect(master?.reigns.map(({ address }) => address.host)).to.deep.equal(['10.0.0.1', '10.0.0.2']);
  });

  it('never lets a vote be given twice, wherever a restart falls', () => {
    const group = aGroup();
    group.command((core, now) => considerVoteRequest(core, group.master(), { epoch: 5, candidate: peerId(1) }, now));
    const restarted = new Stage(group.sentinel.snapshot(), 3, [...group.parties.values()]);
    restarted.advance(60_000);
    restarted.command((core, now) =>
      considerVoteRequest(core, restarted.master(), { epoch: 5, candidate: peerId(2) }, now),
    );
    expect(restarted.master().vote).to.include({ leader: peerId(1), epoch: 5 });
  });

  it('is a copy: what changes afterwards does not reach into it', () => {
    const group = aGroup();
    const saved = group.sentinel.snapshot();
    const text = JSON.stringify(saved);
    group.master().settings.renamedCommands.set('CONFIG', 'x');
    group.master().settings.downAfter = 1;
    group.core.settings.announceHost = 'x';
    group.killMaster();
    group.untilEvent('+failover-end', 5_000);
    expect(JSON.stringify(saved)).to.equal(text);
    expect(saved.masters[0]?.settings.renamedCommands.size).to.equal(0);
  });

  it('leaves out ourselves and addresses that are saved twice', () => {
    const stage = aSentinel({
      masters: [
        aMaster({
          replicas: [replicaAddress(1), replicaAddress(1), { host: '10.0.0.1', port: 6379 }],
          peers: [
            { runId: MY_ID, address: { host: '10.0.1.9', port: 26379 } },
            { runId: peerId(1), address: { host: '10.0.1.1', port: 26379 } },
            { runId: peerId(1), address: { host: '10.0.1.2', port: 26379 } },
          ],
        }),
      ],
    });
    const [master] = stage.sentinel.snapshot().masters;
    expect(master?.replicas).to.deep.equal([replicaAddress(1)]);
    expect(master?.peers.map(({ address }) => address.host)).to.deep.equal(['10.0.1.1']);
  });
});

describe('Identity', () => {
  it('is drawn on the very first start and saved at once', () => {
    const stage = aSentinel({ myId: null });
    stage.advance(5);
    expect(stage.core.myId).to.match(/^[0-9a-f]{40}$/);
    expect(stage.effects('save').length).to.equal(1);
    expect(stage.sentinel.snapshot().myId).to.equal(stage.core.myId);
  });

  it('is kept from then on, without a save', () => {
    const stage = aSentinel();
    stage.advance(1_000);
    expect(stage.core.myId).to.equal(MY_ID);
    expect(stage.effects('save')).to.deep.equal([]);
  });

  it('differs between seeds', () => {
    expect(aSentinel({ myId: null, seed: 1 }).core.myId).not.to.equal(aSentinel({ myId: null, seed: 2 }).core.myId);
  });
});

describe('The snapshot of a master', () => {
  it('is the same object until something of that master changes', () => {
    const others = {
      address: { host: '10.0.5.1', port: 7000 },
      peers: [{ runId: peerId(1), address: peerAddress(1) }],
    };
    const stage = aSentinel({ masters: [aMaster({ ...others, name: 'one' }), aMaster({ ...others, name: 'two' })] });
    const [one, two] = stage.sentinel.snapshot().masters;
    stage.advance(100);
    expect(stage.sentinel.snapshot().masters.map((master, index) => master === [one, two][index])).to.deep.equal([
      true,
      true,
    ]);
    stage.command((core, now) =>
      considerVoteRequest(core, stage.master('one'), { epoch: 7, candidate: peerId(1) }, now),
    );
    const [changed, same] = stage.sentinel.snapshot().masters;
    expect(changed?.voteEpoch).to.equal(7);
    expect(same).to.equal(two);
  });

  it('follows a failover that is under way from phase to phase', () => {
    const group = aGroup();
    const elected = () => group.sentinel.snapshot().masters[0]?.history.at(-1)?.phases.elected ?? null;
    group.killMaster();
    group.untilEvent('+try-failover', 2_000);
    expect(elected()).to.equal(null);
    group.untilEvent('+elected-leader', 2_000);
    expect(elected()).not.to.equal(null);
  });
});

describe('Monitoring a master at run time', () => {
  it('is saved with the defaults that are in force', () => {
    const group = aGroup();
    group.core.tunables.defaultDownAfter = 6_000;
    group.command((core, now) =>
      monitorMaster(core, { name: 'other', address: { host: '10.0.7.1', port: 7000 }, quorum: 1 }, now),
    );
    group.advance(200);
    expect(group.effects('save').length).to.equal(1);
    const saved = group.sentinel.snapshot().masters.find(({ name }) => name === 'other');
    expect(saved?.settings.downAfter).to.equal(6_000);
    expect(group.messages('+monitor')).to.deep.equal(['master other 10.0.7.1 7000 quorum 1']);
  });
});
