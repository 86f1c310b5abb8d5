// A stale master comes back. It is demoted at once if four things hold; with any one of them taken away it is left alone.

import { expect } from 'chai';
import { considerVoteRequest } from '../../src/core/election.js';
import { PROMISE, STALE_MASTER_PATIENCE } from '../../src/core/limits.js';
import { DEFAULT_MANUAL, startManualFailover } from '../../src/core/manual-failover.js';
import { aGroup, type Group, type GroupOptions, peerId } from './builders.js';
import { HISTORY, idOf, type ScriptedNode } from './scripted-node.js';
import { Stage } from './stage.js';

const DEMOTION = 'slave 10.0.0.1:6379 10.0.0.1 6379 @ mymaster 10.0.0.2 6379';

/** Replica 1 has been made the master in epoch 2, by a failover of others; the old master is still away. */
function afterASwitch(options: GroupOptions = {}): Group {
  const group = aGroup(options);
  const [promoted, ...others] = group.replicas;
  if (promoted === undefined) throw new Error('nobody to promote');
  group.crash(group.first);
  group.advance(1_200);
  promote(promoted);
  for (const replica of others) replica.script.follows = promoted.address;
  believe(group, promoted, 2);
  group.learn(1, { epoch: 2, address: promoted.address });
  group.advance(500);
  group.forget();
  return group;
}

function promote(node: ScriptedNode): void {
  node.script.role = 'master';
  node.script.follows = null;
  node.script.secondReplicationId = node.script.replicationId;
  node.script.replicationId = idOf(`reign of ${node.address.host}`);
}

function believe(group: Group, node: ScriptedNode, epoch: number): void {
  for (const peer of group.peers) {
    peer.script.configuration.address = node.address;
    peer.script.configuration.epoch = epoch;
  }
}

function comeBack(group: Group): void {
  group.revive(group.first);
}

function demotions(group: Group): number {
  return group.sentTo(group.first, 'change-role').length;
}

/** Longer than every question and retry, shorter than what a re-affirmation waits for. */
const A_WHILE = 6_000;

describe('Stale master', () => {
  it('is demoted within moments of its return', () => {
    const group = afterASwitch();
    comeBack(group);
    expect(group.untilEvent('+convert-to-slave', 1_000)).to.be.at.most(220);
    expect(group.messages('+convert-to-slave')).to.deep.equal([DEMOTION]);
    expect(group.first.script.follows).to.deep.equal(group.replica(1).address);
    group.advance(A_WHILE);
    expect(demotions(group)).to.equal(1);
  });

  it('is demoted although it came back with another history, if it was seen reigning before the election', () => {
    const group = afterASwitch();
    group.first.script.replicationId = idOf('restarted empty');
    comeBack(group);
    group.untilEvent('+convert-to-slave', 1_000);
  });

  it('is demoted although it restarted with its data, which gives it a history beside its own', () => {
    const group = afterASwitch();
    Object.assign(group.first.script, {
      runId: idOf('restarted'),
      replicationId: idOf('restarted with data'),
      secondReplicationId: HISTORY,
    });
    comeBack(group);
    group.untilEvent('+convert-to-slave', 1_000);
  });

  it('is demoted although it restarted with the data of an earlier reign, which it had as a replica', () => {
    const group = afterASwitch();
    const earlier = { address: group.replica(2).address, replicationId: idOf('an earlier reign') };
    group.master().reigns.unshift(earlier);
    Object.assign(group.first.script, {
      runId: idOf('restarted'),
      replicationId: idOf('restarted with old data'),
      secondReplicationId: earlier.replicationId,
    });
    comeBack(group);
    group.untilEvent('+convert-to-slave', 1_000);
  });

  it('is demoted after our own restart if its history is the one that was saved', () => {
    const before = afterASwitch();
    const after = new Stage(before.sentinel.snapshot(), 2, [before.first, ...before.replicas, ...before.peers]);
    before.first.condition = 'up';
    expect(after.master().reigns.some(({ replicationId }) => replicationId === HISTORY)).to.equal(true);
    after.untilEvent('+convert-to-slave', 2_000);
  });

  describe('is left alone without its sighting', () => {
    it('while it only might come back as a replica', () => {
      const group = afterASwitch();
      group.first.script.role = 'slave';
      group.first.script.follows = group.replica(1).address;
      comeBack(group);
      group.advance(A_WHILE);
      expect(demotions(group)).to.equal(0);
    });

    it('when it has been promoted since it was seen reigning: somebody may be about to announce it', () => {
      const group = afterASwitch();
      group.first.script.secondReplicationId = idOf(`reign of ${group.replica(1).address.host}`);
      group.first.script.replicationId = idOf('promoted while nobody looked');
      comeBack(group);
      group.advance(A_WHILE);
      expect(demotions(group)).to.equal(0);
    });

    it('when its reign is not known to be older than the configuration in force', () => {
      const group = afterASwitch();
      promote(group.replica(2));
      group.advance(A_WHILE);
      expect(group.sentTo(group.replica(2), 'change-role')).to.deep.equal([]);
    });
  });

  describe('is left alone without a majority for the configuration', () => {
    for (const [what, change] of [
      ['has another address', (group: Group) => believe(group, group.first, 2)],
      ['has an older epoch', (group: Group) => believe(group, group.replica(1), 1)],
      [
        'does not answer the question',
        (group: Group) => {
          for (const peer of group.peers) group.hang(peer);
        },
      ],
      [
        'cannot be reached',
        (group: Group) => {
          for (const peer of group.peers) group.crash(peer);
        },
      ],
    ] as const) {
      it(`that ${what}`, () => {
        const group = afterASwitch();
        change(group);
        comeBack(group);
        group.advance(A_WHILE);
        expect(demotions(group)).to.equal(0);
      });
    }

    it('and the majority is that of all known, not of those who answer', () => {
      const group = afterASwitch({ peers: 4, master: { quorum: 2 } });
      for (const number of [2, 3, 4]) group.crash(group.peer(number));
      comeBack(group);
      group.advance(A_WHILE);
      expect(demotions(group)).to.equal(0);
      group.revive(group.peer(2));
      group.untilEvent('+convert-to-slave', STALE_MASTER_PATIENCE + 1_000);
    });

    it('that was asked after the sighting: an answer to an earlier round does not count', () => {
      const group = afterASwitch();
      for (const peer of group.peers) group.hang(peer);
      for (const peer of group.master().peers.values()) {
        peer.configuration = {
          round: group.master().staleCheckRound,
          at: group.now,
          epoch: 2,
          address: group.replica(1).address,
          promisedEpoch: 0,
          isReconfiguring: false,
          reportedEpoch: 0,
        };
      }
      comeBack(group);
      group.advance(800);
      expect(demotions(group)).to.equal(0);
    });
  });

  describe('is left alone while a promise to a later epoch is among the majority', () => {
    it('of a peer', () => {
      const group = afterASwitch();
      for (const peer of group.peers) peer.script.configuration.promisedEpoch = 3;
      comeBack(group);
      group.advance(A_WHILE);
      expect(demotions(group)).to.equal(0);
      for (const peer of group.peers) peer.script.configuration.promisedEpoch = 0;
      group.untilEvent('+convert-to-slave', STALE_MASTER_PATIENCE + 100);
    });

    it('of ourselves, for as long as the promise lasts', () => {
      const group = afterASwitch();
      group.crash(group.peer(2));
      group.command((core, now) => considerVoteRequest(core, group.master(), { epoch: 3, candidate: peerId(1) }, now));
      comeBack(group);
      group.advance(PROMISE - 10);
      expect(demotions(group)).to.equal(0);
      group.untilEvent('+convert-to-slave', STALE_MASTER_PATIENCE + 100);
    });

    it('but not for a promise that the configuration in force has kept', () => {
      const group = afterASwitch();
      for (const peer of group.peers) peer.script.configuration.promisedEpoch = 2;
      comeBack(group);
      group.untilEvent('+convert-to-slave', 1_000);
    });
  });

  describe('is left alone without a reigning master to follow', () => {
    it('that is subjectively down', () => {
      const group = afterASwitch({ peers: 2 });
      group.crash(group.replica(1));
      group.untilEvent('+sdown', 1_200);
      comeBack(group);
      group.advance(1_000);
      expect(demotions(group)).to.equal(0);
    });

    it('that has not answered since the majority was asked', () => {
      const group = afterASwitch({ master: { downAfter: 60_000 } });
      group.hang(group.replica(1));
      comeBack(group);
      group.advance(A_WHILE);
      expect(demotions(group)).to.equal(0);
      group.revive(group.replica(1));
      group.untilEvent('+convert-to-slave', STALE_MASTER_PATIENCE + 100);
    });

    it('that says it is a replica', () => {
      const group = afterASwitch();
      group.replica(1).script.role = 'slave';
      group.replica(1).script.follows = group.first.address;
      comeBack(group);
      group.advance(A_WHILE);
      expect(demotions(group)).to.equal(0);
    });

    it('and its INFO is asked after the majority has answered', () => {
      const group = afterASwitch();
      comeBack(group);
      group.untilEvent('+convert-to-slave', 1_000);
      const asked = group.sentTo(group.peer(1), 'ask-configuration').at(-1)?.at ?? Number.NaN;
      const confirmed = group.sentTo(group.replica(1), 'info').filter(({ at }) => at > asked);
      expect(confirmed.length).to.be.greaterThan(0);
      const order = group.log.flatMap(({ effect }) => (effect.kind === 'send' ? [effect.request.purpose.kind] : []));
      expect(order.lastIndexOf('change-role')).to.be.greaterThan(order.lastIndexOf('ask-configuration'));
    });
  });

  it('is left alone in TILT', () => {
    const group = afterASwitch();
    group.hang(group.replica(2));
    group.stall(3_000);
    comeBack(group);
    group.advance(900);
    expect(group.core.tilt).not.to.equal(null);
    expect(demotions(group)).to.equal(0);
    group.untilEvent('+convert-to-slave', STALE_MASTER_PATIENCE);
  });

  it('is left alone while a failover of ours is not past promotion', () => {
    const group = afterASwitch({ peer: { votesFor: 'nobody' } });
    const options = { ...DEFAULT_MANUAL, way: 'force' } as const;
    for (const replica of group.replicas) replica.script.isObedient = false;
    group.command((core, now) => startManualFailover(core, group.master(), now, options));
    group.until(() => group.master().failover?.state === 'promote', 500);
    comeBack(group);
    group.advance(1_000);
    expect(group.master().failover?.state).to.equal('promote');
    expect(demotions(group)).to.equal(0);
  });

  it('is asked about with one write a peer: our own command, and the two that an original Sentinel knows', () => {
    const group = afterASwitch();
    comeBack(group);
    group.untilEvent('+convert-to-slave', 1_000);
    expect(group.sentTo(group.peer(1), 'ask-configuration').map(({ request }) => request.commands)).to.deep.equal([
      [
        ['SENTINEL', 'CONFIGURATION', 'mymaster'],
        ['SENTINEL', 'GET-MASTER-ADDR-BY-NAME', 'mymaster'],
        ['SENTINEL', 'MASTER', 'mymaster'],
      ],
    ]);
  });

  it('is demoted on the word of stock Sentinels, too, as they show address and epoch', () => {
    const group = afterASwitch({ peer: { isStock: true } });
    comeBack(group);
    group.untilEvent('+convert-to-slave', 1_000);
    const deposed = afterASwitch({ peer: { isStock: true } });
    believe(deposed, deposed.replica(1), 1);
    comeBack(deposed);
    deposed.advance(A_WHILE);
    expect(demotions(deposed)).to.equal(0);
  });

  it('is asked about again after a while, with a new round, as long as something is missing', () => {
    const group = afterASwitch();
    for (const peer of group.peers) peer.script.configuration.promisedEpoch = 3;
    comeBack(group);
    group.advance(4_500);
    const rounds = group
      .sentTo(group.peer(1), 'ask-configuration')
      .map(({ request }) => (request.purpose.kind === 'ask-configuration' ? request.purpose.round : Number.NaN));
    expect(rounds.length).to.be.within(4, 5);
    expect(new Set(rounds).size).to.equal(rounds.length);
  });
});

describe('Replica of the wrong master', () => {
  function aStray(): Group {
    const group = afterASwitch();
    group.replica(2).script.follows = { host: '10.9.9.9', port: 6379 };
    group.until(
      () => group.core.topology.findNode(group.master(), group.replica(2).address)?.info?.masterHost === '10.9.9.9',
      11_000,
    );
    group.forget();
    return group;
  }

  it('is repointed after two hello periods', () => {
    const group = aStray();
    group.untilEvent('+fix-slave-config', 5_000);
    expect(group.messages('+fix-slave-config')).to.deep.equal([
      'slave 10.0.0.3:6379 10.0.0.3 6379 @ mymaster 10.0.0.2 6379',
    ]);
    const node = group.core.topology.findNode(group.master(), group.replica(2).address);
    expect(group.now - (node?.configurationReportedAt ?? 0)).to.be.within(4_000, 4_010);
    expect(group.replica(2).script.follows).to.deep.equal(group.replica(1).address);
  });

  it('is left to the Sentinel that is making replicas follow', () => {
    const group = aStray();
    group.peer(2).script.configuration.isReconfiguring = true;
    group.advance(8_000);
    expect(group.sentTo(group.replica(2), 'change-role')).to.deep.equal([]);
    group.peer(2).script.configuration.isReconfiguring = false;
    group.untilEvent('+fix-slave-config', STALE_MASTER_PATIENCE + 100);
  });

  it('is repointed only under the same conditions as a stale master', () => {
    const group = aStray();
    for (const peer of group.peers) peer.script.configuration.promisedEpoch = 3;
    group.advance(8_000);
    expect(group.sentTo(group.replica(2), 'change-role')).to.deep.equal([]);
  });
});

describe('Equal configuration epochs', () => {
  it('with different addresses demote nobody: neither is newer', () => {
    const group = afterASwitch();
    believe(group, group.first, 2);
    for (const peer of group.peers) group.hear(peer.hello(), group.replica(1).address);
    comeBack(group);
    group.advance(A_WHILE);
    expect(demotions(group)).to.equal(0);
    expect(group.master().node.address).to.deep.equal(group.replica(1).address);
  });
});
