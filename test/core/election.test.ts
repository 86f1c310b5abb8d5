// Giving votes and keeping promises. Standing and counting are in `candidacy.test.ts`.

import { expect } from 'chai';
import { considerVoteRequest, promiseUntil } from '../../src/core/election.js';
import { explain } from '../../src/core/explanation.js';
import { PROMISE, STOCK_EPOCH_BINDING } from '../../src/core/limits.js';
import type { RunId } from '../../src/core/types.js';
import { aGroup, aState, type Group, MY_ID, peerId } from './builders.js';
import { idOf } from './scripted-node.js';
import { Stage } from './stage.js';

function ask(group: Stage, candidate: RunId, epoch: number): { leader: RunId | null; epoch: number } {
  group.command((core, now) => considerVoteRequest(core, group.master(), { epoch, candidate }, now));
  const { leader, epoch: voted } = group.master().vote;
  return { leader, epoch: voted };
}

/** A group whose peers refuse vote messages, as original Sentinels do, and have shown it. */
function aStockGroup(): Group {
  const group = aGroup({ peer: { isStock: true } });
  group.crash(group.first);
  group.untilEvent('+sdown', 1_200);
  group.revive(group.first);
  group.advance(500);
  group.forget();
  return group;
}

describe('Vote', () => {
  it('is given to the first candidate of a new epoch', () => {
    const group = aGroup();
    expect(ask(group, peerId(1), 2)).to.deep.equal({ leader: peerId(1), epoch: 2 });
    expect(
      group.events('+new-epoch', '+vote-for-leader').map(({ type, message }) => `${type} ${message}`),
    ).to.deep.equal(['+new-epoch 2', `+vote-for-leader ${peerId(1)} 2`]);
  });

  it('is given once in an epoch: whoever asks later is told for whom', () => {
    const group = aGroup();
    ask(group, peerId(1), 2);
    group.advance(PROMISE + 1);
    expect(ask(group, peerId(2), 2)).to.deep.equal({ leader: peerId(1), epoch: 2 });
    expect(ask(group, peerId(1), 2)).to.deep.equal({ leader: peerId(1), epoch: 2 });
    expect(group.events('+vote-for-leader').length).to.equal(1);
  });

  it('is not given in an epoch that is over', () => {
    const group = aGroup({ currentEpoch: 9, master: { voteEpoch: 7, configEpoch: 8 } });
    group.advance(PROMISE);
    for (const epoch of [0, 1, 7, 8]) expect(ask(group, peerId(1), epoch).epoch).to.equal(7);
    expect(ask(group, peerId(1), 9)).to.deep.equal({ leader: peerId(1), epoch: 9 });
  });

  it("makes the candidate's epoch the current one even when it is refused", () => {
    const group = aGroup();
    ask(group, peerId(1), 5);
    expect(ask(group, peerId(2), 8)).to.deep.equal({ leader: peerId(1), epoch: 5 });
    expect(group.core.currentEpoch).to.equal(8);
  });

  it('is not given to somebody who is no known Sentinel of this master', () => {
    const group = aGroup();
    expect(ask(group, idOf('a stranger'), 2)).to.deep.equal({ leader: null, epoch: 1 });
  });

  it('is given to ourselves when somebody asks that, and leads to nothing', () => {
    const group = aGroup();
    expect(ask(group, MY_ID, 50)).to.deep.equal({ leader: MY_ID, epoch: 50 });
    expect(group.master().failover).to.equal(null);
    expect(ask(group, peerId(1), 50)).to.deep.equal({ leader: MY_ID, epoch: 50 });
    expect(ask(group, peerId(1), 51)).to.deep.equal({ leader: peerId(1), epoch: 51 });
  });

  it('is not given to ourselves against a promise', () => {
    const group = aGroup();
    ask(group, peerId(1), 5);
    expect(ask(group, MY_ID, 6)).to.deep.equal({ leader: peerId(1), epoch: 5 });
    group.advance(PROMISE + 1);
    expect(ask(group, MY_ID, 7)).to.deep.equal({ leader: MY_ID, epoch: 7 });
  });

  it('is saved before anything else', () => {
    const group = aGroup();
    group.disk = 'held';
    ask(group, peerId(1), 2);
    expect(group.effects('save').length).to.equal(1);
    expect(group.core.durability.canSpeak).to.equal(false);
  });

  it('ends our own candidacy', () => {
    const group = aGroup({ peer: { votesFor: 'nobody' } });
    group.killMaster();
    group.untilEvent('+try-failover', 2_000);
    group.advance(5);
    expect(ask(group, peerId(1), 9)).to.deep.equal({ leader: MY_ID, epoch: 2 });
    group.until(() => group.master().failover === null, 3_000);
    expect(ask(group, peerId(1), 10)).to.deep.equal({ leader: peerId(1), epoch: 10 });
    group.forget();
    group.advance(PROMISE - 1);
    expect(group.events('+try-failover')).to.deep.equal([]);
    group.advance(2_000);
    expect(group.events('+try-failover').length).to.equal(1);
  });
});

describe('Promise', () => {
  it(`binds the giver of a vote to its leader for ${PROMISE} ms`, () => {
    const group = aGroup();
    ask(group, peerId(1), 2);
    group.advance(PROMISE - 1);
    expect(ask(group, peerId(2), 3)).to.deep.equal({ leader: peerId(1), epoch: 2 });
    group.advance(1);
    expect(ask(group, peerId(2), 4)).to.deep.equal({ leader: peerId(2), epoch: 4 });
  });

  it('does not keep its leader from asking again with a later epoch', () => {
    const group = aGroup();
    ask(group, peerId(1), 2);
    group.advance(10);
    expect(ask(group, peerId(1), 3)).to.deep.equal({ leader: peerId(1), epoch: 3 });
  });

  it('binds ourselves too: we do not stand meanwhile, by an outage or on command', () => {
    const group = aGroup();
    ask(group, peerId(1), 2);
    group.killMaster();
    group.advance(PROMISE - 1);
    expect(group.events('+sdown').length).to.equal(1);
    expect(group.events('+try-failover')).to.deep.equal([]);
  });

  it('ends when the configuration it was about is in force', () => {
    const group = aGroup();
    ask(group, peerId(1), 2);
    expect(promiseUntil(group.master(), MY_ID)).to.equal(group.now + PROMISE);
    group.learn(1, { epoch: 2, address: group.replica(1).address });
    expect(promiseUntil(group.master(), MY_ID)).to.equal(0);
    expect(ask(group, peerId(2), 3)).to.deep.equal({ leader: peerId(2), epoch: 3 });
  });

  it('binds anew after a restart, although nobody knows how old the vote is', () => {
    const before = aGroup();
    ask(before, peerId(1), 2);
    before.advance(1_000);
    const saved = before.sentinel.snapshot();
    const after = new Stage(saved, 2, [before.first, ...before.replicas, ...before.peers]);
    after.advance(PROMISE - 1);
    expect(ask(after, peerId(2), 3)).to.deep.equal({ leader: peerId(1), epoch: 2 });
    after.advance(1);
    expect(ask(after, peerId(2), 4)).to.deep.equal({ leader: peerId(2), epoch: 4 });
  });

  it('of a vote whose leader the file does not name binds to nobody else either', () => {
    const group = aGroup({ currentEpoch: 5, master: { voteEpoch: 5, voteLeader: null } });
    expect(ask(group, peerId(1), 6)).to.deep.equal({ leader: null, epoch: 5 });
    group.advance(PROMISE);
    expect(ask(group, peerId(1), 7)).to.deep.equal({ leader: peerId(1), epoch: 7 });
  });

  it('to ourselves lasts as long as the candidacy, not a fixed time', () => {
    const group = aGroup({ peer: { votesFor: 'nobody' } });
    group.killMaster();
    group.untilEvent('+try-failover', 2_000);
    expect(promiseUntil(group.master(), MY_ID)).to.equal(Number.POSITIVE_INFINITY);
    group.until(() => group.master().failover === null, 3_000);
    expect(promiseUntil(group.master(), MY_ID)).to.equal(0);
    expect(ask(group, peerId(1), 3)).to.deep.equal({ leader: peerId(1), epoch: 3 });
  });
});

describe('Votes of a Sentinel that remembers none', () => {
  /** Started without a vote epoch in its file: new, reinstalled, or MONITOR after REMOVE. */
  function aNewcomer(peers: number): Group {
    return aGroup({ peers, currentEpoch: 0, master: { configEpoch: 0, voteEpoch: 0 } });
  }

  it('are withheld until a majority has told its epoch', () => {
    const group = aNewcomer(4);
    group.hear(group.peer(1).hello({ currentEpoch: 6 }));
    expect(ask(group, peerId(1), 7)).to.deep.equal({ leader: null, epoch: 0 });
    group.advance(PROMISE);
    group.hear(group.peer(2).hello({ currentEpoch: 5 }));
    expect(ask(group, peerId(1), 8)).to.deep.equal({ leader: peerId(1), epoch: 8 });
  });

  it('begin above the highest epoch that the majority reported', () => {
    const group = aNewcomer(2);
    group.hear(group.peer(1).hello({ currentEpoch: 6 }));
    group.advance(PROMISE);
    expect(ask(group, peerId(1), 6)).to.deep.equal({ leader: null, epoch: 6 });
    expect(ask(group, peerId(1), 7)).to.deep.equal({ leader: peerId(1), epoch: 7 });
  });

  it('are withheld for as long as a forgotten vote may have bound them, counted from when we began', () => {
    const group = aNewcomer(2);
    group.hear(group.peer(1).hello({ currentEpoch: 6 }));
    expect(ask(group, peerId(1), 7)).to.deep.equal({ leader: null, epoch: 6 });
    group.advance(PROMISE);
    expect(ask(group, peerId(1), 8)).to.deep.equal({ leader: peerId(1), epoch: 8 });
  });

  it('are withheld from ourselves as well: no candidacy, and an event says why', () => {
    const group = aNewcomer(2);
    group.killMaster();
    group.untilEvent('+odown', 1_500);
    group.advance(1_000);
    expect(group.events('+try-failover')).to.deep.equal([]);
    expect(group.messages('-failover-not-started')).to.deep.equal([
      'master mymaster 10.0.0.1 6379 no majority has reported its epoch yet',
    ]);
    group.hear(group.peer(1).hello(), group.replica(1).address);
    expect(group.untilEvent('+try-failover', 1_000)).to.be.at.most(200);
  });

  it('need nobody else where there is nobody else', () => {
    const group = aGroup({ peers: 0, currentEpoch: 0, master: { quorum: 1, configEpoch: 0, voteEpoch: 0 } });
    group.killMaster();
    group.untilEvent('+switch-master', 2_000);
  });

  it('wait where there is nobody else if there have been elections: promises of an earlier life must be over', () => {
    const group = aGroup({ peers: 0, currentEpoch: 6, master: { quorum: 1, configEpoch: 0, voteEpoch: 0 } });
    group.killMaster();
    group.untilEvent('+switch-master', PROMISE);
    expect(group.now - group.core.startedAt).to.be.within(PROMISE, PROMISE + 100);
    expect(group.messages('-failover-not-started')).to.deep.equal([
      'master mymaster 10.0.0.1 6379 this Sentinel has just begun, and may have voted before',
    ]);
  });

  it('are not taken for known because we were asked about a failover, or stood in vain, before anybody was heard', () => {
    const blank = { quorum: 1, configEpoch: 0, voteEpoch: 0, peers: [], replicas: [], reigns: [] };
    const group = aGroup({ peers: 2, currentEpoch: 0, master: blank });
    group.hang(group.first);
    group.command((core, now) => explain(core, group.master(), now));
    group.advance(1_200);
    for (const number of [1, 2]) group.hear(group.peer(number).hello({ currentEpoch: 57 }));
    group.advance(50);
    expect(ask(group, peerId(1), 58).epoch).to.be.at.most(1);
    group.advance(PROMISE);
    expect(group.master().vote.epoch).to.be.at.least(57);
  });

  it('do not begin because somebody unknown asks for one: that shows how few have been heard', () => {
    const group = aGroup({ peers: 2, currentEpoch: 0, master: { configEpoch: 0, voteEpoch: 0, peers: [] } });
    group.advance(PROMISE);
    expect(ask(group, peerId(2), 5)).to.deep.equal({ leader: null, epoch: 0 });
    expect(group.master().heardEpochs).not.to.equal(null);
  });
});

describe('Vote for a stock Sentinel', () => {
  it('is given like any other', () => {
    expect(ask(aStockGroup(), peerId(1), 2)).to.deep.equal({ leader: peerId(1), epoch: 2 });
  });

  it('is given with a later epoch as long as we voted for nobody else since its first request', () => {
    const group = aStockGroup();
    ask(group, peerId(1), 2);
    group.advance(1_000);
    expect(ask(group, peerId(1), 4)).to.deep.equal({ leader: peerId(1), epoch: 4 });
  });

  it('is refused with a later epoch when we voted for somebody else since: it would publish the earlier one', () => {
    const group = aStockGroup();
    ask(group, peerId(1), 2);
    group.advance(PROMISE);
    expect(ask(group, peerId(2), 3)).to.deep.equal({ leader: peerId(2), epoch: 3 });
    group.advance(PROMISE);
    expect(ask(group, peerId(1), 4)).to.deep.equal({ leader: peerId(2), epoch: 3 });
  });

  it(`is free again ${STOCK_EPOCH_BINDING} ms after its first request`, () => {
    const group = aStockGroup();
    ask(group, peerId(1), 2);
    group.advance(PROMISE);
    ask(group, peerId(2), 3);
    group.advance(STOCK_EPOCH_BINDING - PROMISE + 1);
    expect(ask(group, peerId(1), 4)).to.deep.equal({ leader: peerId(1), epoch: 4 });
  });

  it('keeps us from standing for twice the failover timeout, the time a stock leader takes for itself', () => {
    const group = aStockGroup();
    ask(group, peerId(1), 2);
    group.killMaster();
    group.advance(2 * 10_000 - 1);
    expect(group.events('+try-failover')).to.deep.equal([]);
    group.advance(200);
    expect(group.events('+try-failover').length).to.equal(1);
  });

  it('keeps us from nothing any more once its configuration is in force', () => {
    const group = aStockGroup();
    ask(group, peerId(1), 2);
    group.learn(1, { epoch: 2, address: group.replica(1).address });
    const [promoted, other] = [group.replica(1), group.replica(2)];
    promoted.script.role = 'master';
    other.script.follows = promoted.address;
    group.advance(1_000);
    group.forget();
    group.crash(promoted);
    for (const peer of group.peers) peer.script.findsMasterDown = true;
    expect(group.untilEvent('+try-failover', 3_000)).to.be.below(1_500);
  });
});

describe('A Sentinel with a damaged file', () => {
  it('lives at least in the epoch of its votes and configurations', () => {
    const group = aGroup({ currentEpoch: 0, master: { voteEpoch: 7, configEpoch: 5 } });
    expect(group.core.currentEpoch).to.equal(7);
    expect(new Stage(aState({ currentEpoch: 3, masters: [] }), 1).core.currentEpoch).to.equal(3);
    group.advance(PROMISE);
    group.killMaster();
    group.untilEvent('+switch-master', 3_000);
    expect(group.master().configEpoch).to.equal(8);
  });
});
