// Who counts as another Sentinel: whoever has proved it, whoever a verified one lists, and, for one that is new itself, everybody
// who is announced.

import { expect } from 'chai';
import { considerVoteRequest } from '../../src/core/election.js';
import { electorate, majority } from '../../src/core/electorate.js';
import { MAX_NEWCOMERS, MAX_PEERS_PER_MASTER } from '../../src/core/limits.js';
import type { Address } from '../../src/core/types.js';
import {
  aGroup,
  aMaster,
  aSentinel,
  aState,
  type Group,
  MASTER_ADDRESS,
  MY_ID,
  peerAddress,
  peerId,
  replicaAddress,
} from './builders.js';
import { idOf, ScriptedNode } from './scripted-node.js';
import { ScriptedPeer } from './scripted-peer.js';
import { Stage } from './stage.js';

/** Somebody who exists in hellos only, unless it is added to the stage. */
function invented(number: number, address: Address = { host: `10.66.${number >> 8}.${number & 255}`, port: 26379 }) {
  return new ScriptedPeer(idOf(`invented ${number}`), address, MASTER_ADDRESS);
}

function announceThrough(stage: Stage, peers: readonly ScriptedPeer[]): void {
  for (const peer of peers) stage.hear(peer.hello(), MASTER_ADDRESS);
}

/** A Sentinel that has just been started and knows its master only. */
function aNewSentinel(): Stage {
  const stage = aSentinel({ masters: [aMaster()] });
  stage.add(new ScriptedNode(MASTER_ADDRESS, { role: 'master' }));
  stage.advance(50);
  return stage;
}

/** Longer than everybody who is alive needs to announce itself. */
const ANNOUNCED = 4_100;

describe('Announced Sentinel', () => {
  it('does not count in an established group, however often it announces itself', () => {
    const group = aGroup();
    for (let time = 0; time < 10; time++) {
      announceThrough(group, [invented(1), invented(2), invented(3)]);
      group.advance(2_000);
    }
    expect(electorate(group.master())).to.equal(3);
    expect(group.master().peers.size).to.equal(2);
    expect(group.sentinel.snapshot().masters[0]?.peers.length).to.equal(2);
  });

  it('is told nothing and asked nothing but who it is', () => {
    const group = aGroup();
    const stranger = invented(1);
    stranger.script.answersAs = idOf('somebody else');
    group.add(stranger);
    announceThrough(group, [stranger]);
    group.advance(3_000);
    const asked = group
      .effects('send')
      .filter(({ effect }) => effect.request.commands.some(([, word]) => word === 'MYID'));
    expect(asked.length).to.equal(1);
    expect(group.core.topology.peerLinks.size).to.equal(2);
    expect(group.messages('-gossip-refused')).to.deep.equal([
      `master mymaster 10.0.0.1 6379 from ${stranger.runId} 10.66.0.1 26379: another Sentinel answers at its address`,
    ]);
  });

  it('counts as soon as its address has said its run id', () => {
    const group = aGroup();
    group.add(invented(1));
    announceThrough(group, [invented(1)]);
    expect(group.master().peers.size).to.equal(2);
    group.advance(5);
    expect(group.master().peers.size).to.equal(3);
    expect(group.events('+sentinel').length).to.equal(1);
    expect(electorate(group.master())).to.equal(4);
  });

  it('is believed then what it has said before: its configuration is asked for without another hello', () => {
    const group = aGroup();
    const newcomer = invented(1);
    Object.assign(newcomer.script.configuration, { epoch: 7, address: replicaAddress(1) });
    group.add(newcomer);
    announceThrough(group, [newcomer]);
    group.advance(10);
    expect(group.master().configEpoch).to.equal(7);
    expect(group.master().node.address).to.deep.equal(replicaAddress(1));
  });

  it('raises no epoch before', () => {
    const group = aGroup();
    group.hear(invented(1).hello({ currentEpoch: 900, configEpoch: 900 }));
    group.hearVote(invented(2).vote('sdown', { currentEpoch: 900, configEpoch: 900 }));
    group.advance(3_000);
    expect(group.core.currentEpoch).to.equal(1);
  });

  it('gets no vote before', () => {
    const group = aGroup();
    announceThrough(group, [invented(1)]);
    const request = { epoch: 9, candidate: invented(1).runId };
    group.command((core, now) => considerVoteRequest(core, group.master(), request, now));
    expect(group.master().vote.leader).to.equal(null);
  });

  it('that cannot say its id is believed when it answers for the master', () => {
    const group = aGroup();
    const old = invented(1);
    old.script.answersAs = null;
    group.add(old);
    announceThrough(group, [old]);
    group.advance(6);
    expect(group.master().peers.get(old.runId)?.isVerified).to.equal(true);
  });

  it('is refuted when a data node answers at its address', () => {
    const group = aGroup();
    const decoy = invented(1, replicaAddress(1));
    announceThrough(group, [decoy]);
    group.advance(10);
    expect(group.master().peers.size).to.equal(2);
    expect(group.messages('-gossip-refused')[0]).to.match(/no Sentinel of this master answers at its address$/);
    expect(group.core.topology.peerLinks.size).to.equal(2);
  });

  it('under our own address is refuted', () => {
    const group = aGroup();
    const mirror = invented(1);
    mirror.script.answersAs = MY_ID;
    group.add(mirror);
    announceThrough(group, [mirror]);
    group.advance(1_000);
    expect(electorate(group.master())).to.equal(3);
  });

  it('whose host is a name is refused where names are not resolved', () => {
    const group = aGroup();
    announceThrough(group, [invented(1, { host: 'looked.up.example', port: 26379 })]);
    group.advance(100);
    expect(group.effects('resolve')).to.deep.equal([]);
    expect(group.core.counters.hellosIgnored).to.equal(1);
  });

  it('with the id of a living peer and another address moves nobody', () => {
    const group = aGroup();
    const thief = new ScriptedPeer(peerId(1), { host: '10.66.6.6', port: 26379 }, MASTER_ADDRESS);
    for (let time = 0; time < 5; time++) {
      announceThrough(group, [thief]);
      group.advance(1_000);
    }
    expect(group.master().peers.get(peerId(1))?.address).to.deep.equal(peerAddress(1));
    expect(group.effects('open')).to.deep.equal([]);
  });

  it('with the id of a dead peer has to prove that it is the one', () => {
    const group = aGroup();
    group.crash(group.peer(1));
    group.advance(1_500);
    announceThrough(group, [new ScriptedPeer(peerId(1), { host: '10.66.6.6', port: 26379 }, MASTER_ADDRESS)]);
    group.advance(5_000);
    expect(group.master().peers.get(peerId(1))?.address).to.deep.equal(peerAddress(1));
    expect(electorate(group.master())).to.equal(3);
  });

  it('is heard at its new address once the old one falls silent, though its hellos stay the same', () => {
    const group = aGroup();
    const moved = new ScriptedPeer(peerId(1), { host: '10.0.9.9', port: 26379 }, MASTER_ADDRESS);
    group.add(moved);
    announceThrough(group, [moved]);
    group.advance(100);
    group.crash(group.peer(1));
    announceThrough(group, [moved]);
    group.advance(100);
    expect(group.master().peers.get(peerId(1))?.address).to.deep.equal(moved.address);
  });
});

describe('A thousand invented Sentinels', () => {
  function flooded(): Group {
    const group = aGroup();
    for (let number = 0; number < 1_000; number++) {
      announceThrough(group, [invented(number)]);
      if (number % 10 === 0) group.advance(1);
    }
    return group;
  }

  it('cost a bounded number of connections, records and events', () => {
    const group = flooded();
    expect(group.master().newcomers.size).to.be.at.most(MAX_NEWCOMERS);
    expect(group.core.topology.peerLinks.size).to.be.at.most(2 + MAX_NEWCOMERS);
    expect(group.events('-gossip-refused').length).to.be.within(1, 32);
    expect(group.core.counters.hellosIgnored).to.be.greaterThan(900);
    group.advance(60_000);
    expect(group.master().newcomers.size).to.equal(0);
    expect(group.core.topology.peerLinks.size).to.equal(2);
  });

  it('do not delay a failover', () => {
    const quiet = aGroup();
    quiet.killMaster();
    const expected = quiet.untilEvent('+switch-master', 5_000);
    const group = flooded();
    group.killMaster();
    expect(group.untilEvent('+switch-master', 5_000)).to.be.at.most(expected + 100);
  });

  it('do not keep out one that exists for longer than a few seconds', () => {
    const group = flooded();
    group.add(invented(5_000));
    group.advance(2_100);
    announceThrough(group, [invented(5_000)]);
    group.advance(10);
    expect(group.master().peers.size).to.equal(3);
  });
});

describe('A new Sentinel', () => {
  it('counts every announced address, because it may be the one that cannot reach the others', () => {
    const stage = aNewSentinel();
    announceThrough(
      stage,
      [1, 2, 3, 4].map((number) => invented(number)),
    );
    stage.advance(60_000);
    expect(stage.master().peers.size).to.equal(0);
    expect(majority(stage.master())).to.equal(3);
  });

  it('counts an address once, whoever is announced there', () => {
    const stage = aNewSentinel();
    announceThrough(
      stage,
      [1, 2, 3, 4].map((number) => invented(number, peerAddress(1))),
    );
    expect(electorate(stage.master())).to.equal(2);
  });

  it('goes on counting them while no more than half have proved themselves', () => {
    const stage = aNewSentinel();
    stage.add(invented(1));
    announceThrough(
      stage,
      [1, 2, 3, 4].map((number) => invented(number)),
    );
    stage.advance(60_000);
    expect(stage.master().peers.size).to.equal(1);
    expect(stage.master().isEstablished).to.equal(false);
    expect(electorate(stage.master())).to.equal(5);
  });

  it('counts only those with proof once that is more than half, but not before all can have announced themselves', () => {
    const stage = aNewSentinel();
    for (const number of [1, 2]) stage.add(invented(number));
    announceThrough(
      stage,
      [1, 2].map((number) => invented(number)),
    );
    stage.advance(1_000);
    expect(stage.master().isEstablished).to.equal(false);
    announceThrough(
      stage,
      [3, 4].map((number) => invented(number)),
    );
    expect(electorate(stage.master())).to.equal(5);
    stage.advance(ANNOUNCED);
    expect(stage.master().isEstablished).to.equal(true);
    expect(electorate(stage.master())).to.equal(3);
  });

  it('does not count an address that has refuted itself', () => {
    const stage = aNewSentinel();
    const refuted = invented(1);
    refuted.script.answersAs = idOf('somebody else');
    stage.add(refuted);
    announceThrough(stage, [refuted]);
    expect(electorate(stage.master())).to.equal(2);
    stage.advance(10);
    expect(electorate(stage.master())).to.equal(1);
  });

  it('counts no more than the limit', () => {
    const stage = aNewSentinel();
    for (let number = 0; number < 200; number++) announceThrough(stage, [invented(number)]);
    expect(electorate(stage.master())).to.equal(1 + MAX_PEERS_PER_MASTER);
  });

  it('still counts them after a restart', () => {
    const stage = aNewSentinel();
    stage.add(invented(1));
    announceThrough(
      stage,
      [1, 2, 3].map((number) => invented(number)),
    );
    stage.advance(ANNOUNCED);
    const restarted = aSentinel(stage.sentinel.snapshot());
    restarted.add(new ScriptedNode(MASTER_ADDRESS, { role: 'master' }));
    expect(restarted.master().isEstablished).to.equal(false);
    expect(electorate(restarted.master())).to.equal(4);
    restarted.advance(ANNOUNCED);
    expect(electorate(restarted.master())).to.equal(4);
  });

  it('that is restarted before everybody can have announced himself goes on counting everybody', () => {
    const saved = aMaster({ configEpoch: 0, voteEpoch: 0 });
    const one = new ScriptedPeer(peerId(1), peerAddress(1), saved.address);
    const first = new Stage(aState({ masters: [saved] }), 1, [one, new ScriptedNode(saved.address)]);
    first.advance(500);
    first.hear(one.hello());
    first.advance(500);
    expect(first.master().peers.size).to.equal(1);
    const second = new Stage(first.sentinel.snapshot(), 2, [...first.parties.values()]);
    second.advance(500);
    // They are behind a firewall: nobody can ask them.
    for (const number of [3, 4, 5])
      second.hear(new ScriptedPeer(peerId(number), peerAddress(number), saved.address).hello());
    second.advance(100);
    expect(electorate(second.master())).to.equal(5);
  });

  it('that has saved only peers with proof asks newcomers for theirs from the start', () => {
    const group = aGroup();
    expect(group.master().isEstablished).to.equal(true);
  });
});

describe('A Sentinel that we cannot reach', () => {
  /** Peer 1 lists the invented one with these flags. */
  function listed(flags: string, isStock: boolean): Group {
    const group = aGroup({ peer: { isStock } });
    const { runId, address } = invented(1);
    group.peer(1).script.lists = [{ runId, address, flags }];
    for (let time = 0; time < 5; time++) {
      announceThrough(group, [invented(1)]);
      group.advance(1_000);
    }
    return group;
  }

  it('counts when a verified peer lists it', () => {
    const group = listed('sentinel', false);
    expect(electorate(group.master())).to.equal(4);
    expect(group.master().peers.get(invented(1).runId)?.isVerified).to.equal(false);
    expect(group.events('+sentinel').length).to.equal(1);
  });

  it('counts by an original Sentinel that is connected to it', () => {
    expect(electorate(listed('sentinel', true).master())).to.equal(4);
  });

  for (const flags of ['sentinel,disconnected', 's_down,sentinel', 's_down,sentinel,disconnected']) {
    it(`does not count by an original Sentinel that lists it as ${flags}`, () => {
      expect(electorate(listed(flags, true).master())).to.equal(3);
    });
  }

  it('does not count when it is listed at another address', () => {
    const group = aGroup();
    group.peer(1).script.lists = [{ runId: invented(1).runId, address: peerAddress(50), flags: 'sentinel' }];
    announceThrough(group, [invented(1)]);
    group.advance(5_000);
    expect(electorate(group.master())).to.equal(3);
  });

  it('is not learned from a list alone: it must be heard, or nobody could ever be forgotten', () => {
    const group = aGroup();
    const { runId, address } = invented(1);
    group.peer(1).script.lists = [{ runId, address, flags: 'sentinel' }];
    announceThrough(group, [invented(2)]);
    group.advance(5_000);
    expect(group.master().peers.has(runId)).to.equal(false);
  });

  it('leads peers to be asked for their lists now and then, and not for every hello', () => {
    const group = aGroup();
    for (let time = 0; time < 100; time++) {
      announceThrough(group, [invented(time % 5)]);
      group.advance(100);
    }
    expect(group.sentTo(group.peer(1), 'ask-sentinels').length).to.be.within(1, 3);
  });
});

describe('Strict membership', () => {
  function aStrictGroup(): Group {
    const group = aGroup({ settings: { knownPeersOnly: true } });
    group.forget();
    return group;
  }

  it('believes in nobody who is not in the configuration, whatever it can prove', () => {
    const group = aStrictGroup();
    group.add(invented(1));
    announceThrough(group, [invented(1)]);
    group.advance(5_000);
    expect(electorate(group.master())).to.equal(3);
    expect(group.core.topology.peerLinks.size).to.equal(2);
    expect(group.messages('-gossip-refused')[0]).to.match(/it is not in the configuration$/);
  });

  it('lets a configured Sentinel move, if it proves that it has', () => {
    const group = aStrictGroup();
    const moved = new ScriptedPeer(peerId(1), { host: '10.0.9.9', port: 26379 }, MASTER_ADDRESS);
    group.crash(group.peer(1));
    group.add(moved);
    announceThrough(group, [moved]);
    group.advance(5);
    expect(group.master().peers.get(peerId(1))?.address).to.deep.equal(moved.address);
  });

  it('fails over as ever', () => {
    const group = aStrictGroup();
    group.killMaster();
    group.untilEvent('+switch-master', 3_000);
  });
});

describe('Refused gossip', () => {
  it('is told once for each sender and reason, not for each message', () => {
    const group = aGroup();
    const stranger = invented(1);
    stranger.script.answersAs = idOf('somebody else');
    group.add(stranger);
    for (let time = 0; time < 100; time++) {
      announceThrough(group, [stranger]);
      group.advance(500);
    }
    expect(group.events('-gossip-refused').length).to.equal(1);
    expect(group.core.counters.hellosIgnored).to.be.greaterThan(90);
  });

  it('is told of a configuration that its sender, asked, does not have', () => {
    const group = aGroup();
    for (let time = 0; time < 10; time++) {
      group.hear(group.peer(1).hello({ configEpoch: 7, currentEpoch: 7, master: replicaAddress(1) }));
      group.advance(500);
    }
    expect(group.messages('-gossip-refused')).to.deep.equal([
      `master mymaster 10.0.0.1 6379 from ${peerId(1)} 10.0.1.1 26379: nobody confirms that 10.0.0.2 6379 is the master`,
    ]);
    expect(group.core.counters.claimsRefused).to.equal(1);
  });
});
