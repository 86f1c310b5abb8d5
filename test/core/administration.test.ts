// What operators change at run time: MONITOR, REMOVE, RESET, SET.

import { expect } from 'chai';
import {
  applyPeerCredentials,
  applySettings,
  monitorMaster,
  removeMaster,
  resetMaster,
} from '../../src/core/administration.js';
import { castVote } from '../../src/core/durable.js';
import { considerVoteRequest, promiseUntil } from '../../src/core/election.js';
import { PROMISE } from '../../src/core/limits.js';
import { HELLO_CHANNEL } from '../../src/core/types.js';
import { aGroup, type Group, MASTER_ADDRESS, MY_ID, peerId } from './builders.js';

/** Everything that still leaves towards the nodes and peers of the group. */
function speech(group: Group): number {
  return group.effects('send').length + group.effects('open').length;
}

describe('REMOVE', () => {
  it('ends everything about the master at once: links, hellos, questions', () => {
    const group = aGroup();
    group.command((core, now) => removeMaster(core, group.master(), now));
    expect(group.messages('-monitor')).to.deep.equal(['master mymaster 10.0.0.1 6379']);
    expect(group.effects('close').length).to.equal(5);
    group.forget();
    group.advance(30_000);
    expect(speech(group)).to.equal(0);
    expect(group.events()).to.deep.equal([]);
    expect(group.sentinel.snapshot().masters).to.deep.equal([]);
  });

  it('ends also what was waiting for the disk', () => {
    const group = aGroup();
    group.disk = 'held';
    group.command((core, now) => castVote(core, group.master(), peerId(1), 2, now));
    group.advance(3_000);
    group.command((core, now) => removeMaster(core, group.master(), now));
    group.forget();
    group.answerSave();
    group.disk = 'working';
    group.advance(5_000);
    expect(speech(group)).to.equal(0);
  });

  it('lets answers that are still under way come to nothing', () => {
    const group = aGroup();
    group.killMaster();
    group.untilEvent('+sdown', 1_100);
    const pending = group.peers.map(({ address }) => group.linkTo(address).id);
    group.command((core, now) => removeMaster(core, group.master(), now));
    for (const link of pending) {
      group.receive({
        kind: 'reply',
        link,
        request: {
          purpose: {
            kind: 'ask-master-down',
            master: 'mymaster',
            peer: peerId(1),
            address: MASTER_ADDRESS,
            epoch: 2,
            candidate: null,
          },
          commands: [['SENTINEL']],
        },
        replies: [[1, '*', 0]],
      });
      group.receive({ kind: 'link-down', link, reason: 'late', refused: false });
    }
    group.advance(1_000);
    expect(group.events('+odown')).to.deep.equal([]);
  });

  it('followed by MONITOR leaves our vote in place as long as it binds us', () => {
    const group = aGroup();
    const ask = (epoch: number, candidate: string) =>
      group.command((core, now) => considerVoteRequest(core, group.master(), { epoch, candidate }, now));
    ask(5, peerId(1));
    removeAndMonitor(group);
    for (const peer of group.peers) group.hear(peer.hello({ currentEpoch: 4 }));
    group.advance(5);
    ask(5, peerId(2));
    ask(6, peerId(2));
    expect(group.master().vote).to.include({ leader: peerId(1), epoch: 5 });
    group.advance(PROMISE);
    ask(6, peerId(2));
    expect(group.master().vote).to.include({ leader: peerId(2), epoch: 6 });
  });

  it('followed by MONITOR later begins without the votes of before, and is free once a majority has told its epoch', () => {
    const group = aGroup();
    const ask = (epoch: number, candidate: string) =>
      group.command((core, now) => considerVoteRequest(core, group.master(), { epoch, candidate }, now));
    ask(5, peerId(1));
    group.advance(PROMISE);
    removeAndMonitor(group);
    group.advance(500);
    for (const peer of group.peers) group.hear(peer.hello({ currentEpoch: 5 }));
    group.advance(5);
    ask(6, peerId(2));
    expect(group.master().vote).to.include({ leader: peerId(2), epoch: 6 });
  });

  it('is free at once if its last vote is only an epoch in the file: operators expect a master that they add to be failed over', () => {
    const group = aGroup({ master: { configEpoch: 0, voteEpoch: 5, voteLeader: null }, currentEpoch: 5 });
    removeAndMonitor(group);
    expect(promiseUntil(group.master(), MY_ID)).to.be.at.most(group.now);
    expect(group.master().beganBlank).to.equal(false);
  });
});

function removeAndMonitor(group: Group): void {
  group.command((core, now) => {
    removeMaster(core, group.master(), now);
    monitorMaster(core, { name: 'mymaster', address: MASTER_ADDRESS, quorum: 2 }, now);
  });
}

describe('RESET', () => {
  it('forgets replicas, peers and the failover, and finds them again', () => {
    const group = aGroup({ node: { isObedient: false } });
    group.killMaster();
    group.until(() => group.master().failover?.state === 'promote', 3_000);
    group.revive(group.first);
    group.command((core, now) => resetMaster(core, group.master(), now));
    expect(group.messages('+reset-master')).to.deep.equal(['master mymaster 10.0.0.1 6379']);
    expect(group.effects('close').length).to.be.at.least(4);
    expect([group.master().replicas.size, group.master().peers.size, group.master().failover]).to.deep.equal([
      0,
      0,
      null,
    ]);
    group.advance(500);
    expect(group.master().replicas.size).to.equal(2);
    group.hear(group.peer(1).hello());
    group.advance(5);
    expect(group.master().peers.size).to.equal(1);
  });

  it('shows for a moment that everything is forgotten, as clients of the original expect', () => {
    const group = aGroup();
    group.command((core, now) => resetMaster(core, group.master(), now));
    group.advance(45);
    expect(group.master().replicas.size).to.equal(0);
    group.advance(50);
    expect(group.master().replicas.size).to.equal(2);
  });

  it('keeps the configuration, the vote and the settings', () => {
    const group = aGroup({ master: { downAfter: 1_234 } });
    group.command((core, now) => considerVoteRequest(core, group.master(), { epoch: 5, candidate: peerId(1) }, now));
    const [before] = group.sentinel.snapshot().masters;
    group.command((core, now) => resetMaster(core, group.master(), now));
    const [after] = group.sentinel.snapshot().masters;
    expect(after).to.deep.equal({ ...before, replicas: [], peers: [] });
    group.command((core, now) => considerVoteRequest(core, group.master(), { epoch: 5, candidate: peerId(2) }, now));
    expect(group.master().vote.leader).to.equal(peerId(1));
  });

  it('leaves no ghost of the former record behind that waits for the disk', () => {
    const group = aGroup();
    group.disk = 'held';
    group.command((core, now) => castVote(core, group.master(), peerId(1), 2, now));
    group.advance(3_000);
    group.command((core, now) => resetMaster(core, group.master(), now));
    group.advance(100);
    group.forget();
    group.disk = 'working';
    group.answerSave();
    group.advance(50);
    const known = new Set([...group.master().nodes()].map(({ link }) => link.id));
    for (const { effect } of group.effects('open')) expect(known.has(effect.link)).to.equal(true);
    for (const { effect } of group.effects('send')) expect(known.has(effect.link)).to.equal(true);
  });
});

describe('What the disk does not have yet', () => {
  it('is told no sooner because of a RESET', () => {
    const group = aGroup();
    group.disk = 'held';
    group.command((core, now) => castVote(core, group.master(), peerId(1), 2, now));
    group.command((core, now) => resetMaster(core, group.master(), now));
    expect(group.core.canSpeakOf(group.master())).to.equal(false);
  });

  it('is told no sooner because the master is removed and monitored again', () => {
    const group = aGroup();
    group.disk = 'held';
    group.command((core, now) => castVote(core, group.master(), peerId(1), 2, now));
    group.command((core, now) => removeMaster(core, group.master(), now));
    const wanted = { name: 'mymaster', address: MASTER_ADDRESS, quorum: 2 };
    group.command((core, now) => monitorMaster(core, wanted, now));
    expect(group.master().vote.epoch).to.equal(2);
    expect(group.core.canSpeakOf(group.master())).to.equal(false);
  });
});

describe('SET', () => {
  it('of credentials takes effect on new connections, which replace the present ones', () => {
    const group = aGroup();
    group.command((core, now) => {
      group.master().settings.authPass = 'new';
      applySettings(core, group.master(), new Set(['authPass']), now);
    });
    group.advance(100);
    const opened = group.effects('open').map(({ effect }) => effect.credentials);
    expect(opened).to.deep.equal([1, 2, 3].map(() => ({ user: null, password: 'new' })));
    expect(group.effects('save').length).to.equal(1);
  });

  it('of anything else leaves the connections alone', () => {
    const group = aGroup();
    group.command((core, now) => {
      group.master().settings.downAfter = 60_000;
      applySettings(core, group.master(), new Set(['downAfter']), now);
    });
    group.crash(group.first);
    group.advance(5_000);
    expect(group.effects('close')).to.deep.equal([]);
    expect(group.events('+sdown')).to.deep.equal([]);
  });

  it('of a shorter down-after is noticed at once', () => {
    const group = aGroup({ master: { downAfter: 60_000 } });
    group.crash(group.first);
    group.advance(5_000);
    group.command((core, now) => {
      group.master().settings.downAfter = 1_000;
      applySettings(core, group.master(), new Set(['downAfter']), now);
    });
    group.advance(2);
    expect(group.events('+sdown').length).to.equal(1);
  });

  it('of the credentials for Sentinels replaces the links to them only', () => {
    const group = aGroup();
    group.command((core, now) => {
      core.settings.sentinelPass = 'new';
      applyPeerCredentials(core, now);
    });
    group.advance(100);
    expect(
      group.effects('open').map(({ effect }) => [effect.address.port, effect.credentials?.password]),
    ).to.deep.equal([
      [26379, 'new'],
      [26379, 'new'],
    ]);
  });
});

describe('RESET while the disk is slow', () => {
  it('does not tell a configuration that is not saved', () => {
    const group = aGroup();
    group.disk = 'held';
    group.learn(1, { epoch: 7, address: group.replica(1).address });
    group.advance(2_000);
    expect(group.master().configEpoch).to.equal(7);
    group.command((core, now) => resetMaster(core, group.master(), now));
    group.forget();
    group.advance(3_000);
    expect(group.published(group.master().node, HELLO_CHANNEL)).to.deep.equal([]);
  });
});
