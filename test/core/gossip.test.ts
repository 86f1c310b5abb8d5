// Hellos and votes: what is believed of gossip, what is ignored and counted, and how peers are met, moved and replaced.

import { expect } from 'chai';
import { MAX_PEERS_PER_MASTER } from '../../src/core/limits.js';
import { VOTE_CHANNEL } from '../../src/core/types.js';
import { aGroup, aMaster, aSentinel, type Group, MASTER_ADDRESS, MY_ID, peerAddress, peerId } from './builders.js';
import { idOf } from './scripted-node.js';
import { ScriptedPeer } from './scripted-peer.js';
import type { Stage } from './stage.js';

function aPeer(number: number, script: ConstructorParameters<typeof ScriptedPeer>[3] = {}): ScriptedPeer {
  return new ScriptedPeer(peerId(number), peerAddress(number), MASTER_ADDRESS, script);
}

function peerIds(stage: Stage): string[] {
  return [...stage.master().peers.keys()];
}

/** Everything that gossip could have changed. */
function beliefs(stage: Stage): unknown {
  return structuredClone({ ...stage.sentinel.snapshot(), settings: null, masters: stage.sentinel.snapshot().masters });
}

describe('Hello', () => {
  it('introduces a Sentinel that was not known', () => {
    const group = aGroup({ peers: 0 });
    group.add(aPeer(1));
    group.hear(aPeer(1).hello({ configEpoch: 1, currentEpoch: 1 }));
    group.advance(5);
    expect(group.messages('+sentinel')).to.deep.equal([
      `sentinel ${peerId(1)} 10.0.1.1 26379 @ mymaster 10.0.0.1 6379`,
    ]);
    group.advance(10);
    expect(group.linkTo(peerAddress(1)).isOpen).to.equal(true);
    expect(group.sentinel.snapshot().masters[0]?.peers).to.deep.equal([{ runId: peerId(1), address: peerAddress(1) }]);
  });

  it('raises the current epoch', () => {
    const group = aGroup();
    group.hear(group.peer(1).hello({ currentEpoch: 17 }));
    expect(group.core.currentEpoch).to.equal(17);
    expect(group.messages('+new-epoch')).to.deep.equal(['17']);
    group.hear(group.peer(2).hello({ currentEpoch: 16 }));
    expect(group.core.currentEpoch).to.equal(17);
  });

  it('with a newer configuration is adopted, told and saved, epoch and address together', () => {
    const group = aGroup();
    group.learn(1, { epoch: 7, currentEpoch: 8, address: group.replica(2).address });
    const events = group.events().filter(({ type }) => type !== '+failover-phases');
    expect(events.map(({ type, message }) => `${type} ${message}`)).to.deep.equal([
      '+new-epoch 8',
      `+config-update-from sentinel ${peerId(1)} 10.0.1.1 26379 @ mymaster 10.0.0.1 6379`,
      '+switch-master mymaster 10.0.0.1 6379 10.0.0.3 6379',
      '+slave slave 10.0.0.2:6379 10.0.0.2 6379 @ mymaster 10.0.0.3 6379',
      '+slave slave 10.0.0.1:6379 10.0.0.1 6379 @ mymaster 10.0.0.3 6379',
      // The nodes of this test have not changed their roles, which contradicts the configuration.
      '-role-change master mymaster 10.0.0.3 6379 new reported role is slave',
      '-role-change slave 10.0.0.1:6379 10.0.0.1 6379 @ mymaster 10.0.0.3 6379 new reported role is master',
    ]);
    const [saved] = group.sentinel.snapshot().masters;
    expect([saved?.configEpoch, saved?.address]).to.deep.equal([7, { host: '10.0.0.3', port: 6379 }]);
  });

  it('with a newer epoch and the same address is adopted without a switch', () => {
    const group = aGroup();
    group.learn(1, { epoch: 7, address: MASTER_ADDRESS });
    expect(group.master().configEpoch).to.equal(7);
    expect(group.events('+switch-master', '+config-update-from')).to.deep.equal([]);
  });

  for (const configEpoch of [0, 1]) {
    it(`with configuration epoch ${configEpoch} changes nothing where 1 is in force`, () => {
      const group = aGroup();
      group.learn(1, { epoch: configEpoch, address: group.replica(2).address });
      expect(group.master().node.address).to.deep.equal(MASTER_ADDRESS);
      expect(group.master().configEpoch).to.equal(1);
    });
  }

  it('names a master that was no known replica: it is watched from then on', () => {
    const group = aGroup();
    const address = { host: '10.0.0.77', port: 7777 };
    group.learn(1, { epoch: 2, address });
    expect(group.master().node.address).to.deep.equal(address);
    expect(group.effects('open').at(-1)?.effect.address).to.deep.equal(address);
  });

  it('keeps the connections of nodes whose roles change', () => {
    const group = aGroup();
    const links = [group.first, ...group.replicas].map(({ address }) => group.linkTo(address).id);
    group.learn(1, { epoch: 2, address: group.replica(1).address });
    group.advance(1_000);
    expect([group.first, ...group.replicas].map(({ address }) => group.linkTo(address).id)).to.deep.equal(links);
    expect(group.effects('open')).to.deep.equal([]);
    expect(group.effects('close')).to.deep.equal([]);
  });

  it('of our own comes back through every node and is ignored without being counted', () => {
    const group = aGroup();
    const before = beliefs(group);
    const own = new ScriptedPeer(MY_ID, { host: '10.0.0.100', port: 26379 }, MASTER_ADDRESS);
    group.hear(own.hello({ configEpoch: 9, currentEpoch: 9, master: group.replica(1).address }));
    expect(beliefs(group)).to.deep.equal(before);
    expect(group.core.counters.hellosIgnored).to.equal(0);
  });

  describe('that is malformed', () => {
    const good = aPeer(1).hello({ configEpoch: 5, currentEpoch: 5 });
    for (const [what, payload] of [
      ['has nothing in it', ''],
      ['has seven fields', good.split(',').slice(0, 7).join(',')],
      ['has nine fields', `${good},x`],
      ['has an impossible port', good.replace('26379', '66666')],
      ['has a run id of another form', good.replace(peerId(1), 'x'.repeat(40))],
      ['has a negative epoch', good.replace(/5$/, '-5')],
      ['has an epoch of 2^64 − 1', good.replace(/5$/, '18446744073709551615')],
      ['speaks of a master we do not watch', good.replace('mymaster', 'another')],
      ['is binary rubbish', '\x00\xff\x80,,,,,,,'],
    ]) {
      it(`because it ${what} is ignored and counted`, () => {
        const group = aGroup();
        const before = beliefs(group);
        group.hear(payload ?? '');
        expect(beliefs(group)).to.deep.equal(before);
        expect(group.core.counters.hellosIgnored).to.equal(1);
        expect(group.core.currentEpoch).to.equal(1);
      });
    }
  });

  it('that repeats the last one of its sender only shows that it is alive', () => {
    const group = aGroup();
    group.hear(group.peer(1).hello());
    group.advance(500);
    group.forget();
    group.hear(group.peer(1).hello());
    expect(group.master().peers.get(peerId(1))?.lastHelloAt).to.equal(group.now);
    expect(group.log).to.deep.equal([]);
  });

  it('that repeats an earlier one than the last of its sender is read again', () => {
    const group = aGroup();
    const sayings = [MASTER_ADDRESS, group.replica(1).address, MASTER_ADDRESS];
    for (const master of sayings) group.hear(group.peer(1).hello({ configEpoch: 1, currentEpoch: 1, master }));
    expect(group.master().peers.get(peerId(1))?.announced?.address).to.deep.equal(MASTER_ADDRESS);
  });

  it('that claims a newer configuration is a claim each time, word for word the same or not', () => {
    const group = aGroup();
    const { address } = group.replica(1);
    const claim = () => group.hear(group.peer(1).hello({ configEpoch: 5, currentEpoch: 5, master: address }));
    for (let second = 0; second < 30; second++) {
      claim();
      group.advance(1_000);
    }
    expect(group.master().configEpoch).to.equal(1);
    group.peer(1).script.configuration = { address, epoch: 5, promisedEpoch: 0, isReconfiguring: false };
    claim();
    group.advance(300);
    expect(group.sentinel.snapshot().masters[0]).to.deep.include({ configEpoch: 5, address });
  });

  it('that repeats the last one but for the epoch raises ours once, and never lowers it', () => {
    const group = aGroup();
    group.hear(group.peer(1).hello());
    group.advance(5);
    group.hear(group.peer(1).hello({ currentEpoch: 17 }));
    expect(group.core.currentEpoch).to.equal(17);
    expect(group.messages('+new-epoch')).to.deep.equal(['17']);
    group.advance(5);
    group.forget();
    for (const currentEpoch of [17, 16, 17]) group.hear(group.peer(1).hello({ currentEpoch }));
    expect(group.core.currentEpoch).to.equal(17);
    expect(group.log).to.deep.equal([]);
  });

  it('that repeats the last one but for an epoch out of all proportion is not believed', () => {
    const group = aGroup();
    group.hear(group.peer(1).hello());
    group.hear(group.peer(1).hello({ currentEpoch: 2 ** 40 }));
    expect(group.core.currentEpoch).to.equal(1);
    expect(group.core.counters.epochsRefused).to.equal(1);
  });

  it(`of a new Sentinel is ignored and counted where ${MAX_PEERS_PER_MASTER} are known`, () => {
    const peers = Array.from({ length: MAX_PEERS_PER_MASTER }, (_, index) => ({
      runId: peerId(index + 1),
      address: peerAddress(index + 1),
    }));
    const stage = aSentinel({ masters: [aMaster({ peers })] });
    stage.hear(aPeer(200).hello({ configEpoch: 9, currentEpoch: 9 }));
    expect(stage.master().peers.size).to.equal(MAX_PEERS_PER_MASTER);
    expect(stage.core.counters.hellosIgnored).to.equal(1);
    expect(stage.core.currentEpoch).to.equal(1);
    stage.hear(aPeer(3).hello({ currentEpoch: 9 }));
    expect(stage.core.currentEpoch).to.equal(9);
  });
});

describe('Address of a Sentinel', () => {
  it('is switched when its run id is announced elsewhere', () => {
    const group = aGroup();
    const moved = new ScriptedPeer(peerId(1), { host: '10.0.9.9', port: 5000 }, MASTER_ADDRESS);
    group.crash(group.peer(1));
    group.add(moved);
    group.hear(moved.hello());
    group.advance(5);
    expect(group.messages('+sentinel-address-switch')).to.deep.equal([
      `master mymaster 10.0.0.1 6379 ip 10.0.9.9 port 5000 for ${peerId(1)}`,
    ]);
    expect(peerIds(group)).to.have.members([peerId(1), peerId(2)]);
    group.advance(100);
    expect(group.linkTo(moved.address).isOpen).to.equal(true);
    expect(group.events('+sentinel')).to.deep.equal([]);
  });

  it('is switched although its new place was announced while the old one answered', () => {
    const group = aGroup();
    const moved = new ScriptedPeer(peerId(1), { host: '10.0.9.9', port: 5000 }, MASTER_ADDRESS);
    group.add(moved);
    group.hear(moved.hello());
    group.advance(1_000);
    expect(group.master().peers.get(peerId(1))?.address).to.deep.equal(peerAddress(1));
    group.crash(group.peer(1));
    group.hear(moved.hello());
    group.advance(100);
    expect(group.master().peers.get(peerId(1))?.address).to.deep.equal(moved.address);
  });

  it('closes the link that nobody uses any more', () => {
    const group = aGroup();
    const link = group.linkTo(group.peer(1).address).id;
    const moved = new ScriptedPeer(peerId(1), { host: '10.0.9.9', port: 5000 }, MASTER_ADDRESS);
    group.add(moved);
    group.hang(group.peer(1));
    group.advance(1_200);
    group.hear(moved.hello());
    group.advance(5);
    group.forget();
    group.advance(5_000);
    expect(group.effects('open').filter(({ effect }) => effect.link === link)).to.deep.equal([]);
  });

  it('where another run id answers belongs to that one: a reinstalled Sentinel is counted once', () => {
    const group = aGroup();
    const fresh = idOf('reinstalled');
    group.crash(group.peer(1));
    group.peer(1).script.answersAs = fresh;
    group.revive(group.peer(1));
    group.untilEvent('+sentinel', 1_000);
    group.advance(100);
    expect(peerIds(group)).to.have.members([fresh, peerId(2)]);
    expect(group.messages('+sentinel-invalid-addr').length + group.messages('+sentinel').length).to.be.at.least(1);
  });

  it('that has answered with a run id is not given to another by a hello', () => {
    const group = aGroup();
    const forger = new ScriptedPeer(idOf('forger'), group.peer(1).address, MASTER_ADDRESS);
    group.hear(forger.hello({ configEpoch: 9, currentEpoch: 9, master: group.replica(1).address }));
    expect(peerIds(group)).to.have.members([peerId(1), peerId(2)]);
    expect(group.master().configEpoch).to.equal(1);
    expect(group.core.currentEpoch).to.equal(1);
    expect(group.core.counters.hellosIgnored).to.equal(1);
  });

  it('that cannot say who it is goes to another id when its own is heard no more', () => {
    const group = aGroup({ peers: 1, peer: { answersAs: null } });
    const fresh = new ScriptedPeer(idOf('fresh'), group.peer(1).address, MASTER_ADDRESS);
    group.hear(fresh.hello());
    group.advance(5);
    expect(peerIds(group)).to.deep.equal([peerId(1)]);
    group.advance(20_000);
    group.hear(fresh.hello());
    group.advance(5);
    expect(peerIds(group)).to.deep.equal([fresh.runId]);
    expect(group.messages('+sentinel-invalid-addr')).to.deep.equal([
      `sentinel ${peerId(1)} 10.0.1.1 26379 @ mymaster 10.0.0.1 6379`,
    ]);
  });

  it('that turns out to be our own is forgotten', () => {
    const stage = aSentinel({ masters: [aMaster({ peers: [{ runId: peerId(1), address: peerAddress(1) }] })] });
    stage.add(aPeer(1, { answersAs: MY_ID }));
    stage.advance(50);
    expect(stage.master().peers.size).to.equal(0);
    stage.advance(5_000);
    expect(stage.effects('open').filter(({ effect }) => effect.address.host === '10.0.1.1').length).to.equal(1);
  });

  it('is shared by all masters that are watched together', () => {
    const names = ['one', 'two', 'three'];
    const peers = [{ runId: peerId(1), address: peerAddress(1) }];
    const stage = aSentinel({ masters: names.map((name) => aMaster({ name, peers })) });
    stage.add(aPeer(1));
    stage.advance(500);
    const links = names.map((name) => stage.master(name).peers.get(peerId(1))?.link);
    expect(new Set(links).size).to.equal(1);
    expect(links[0]?.references).to.equal(3);
    expect(stage.effects('open').filter(({ effect }) => effect.address.port === 26379).length).to.equal(1);
  });
});

describe('Vote message', () => {
  it('counts as a sign of life, an introduction and a report of the epoch', () => {
    const group = aGroup({ peers: 0 });
    group.add(aPeer(1));
    group.hearVote(aPeer(1).vote('up', { currentEpoch: 6 }));
    group.advance(5);
    expect(peerIds(group)).to.deep.equal([peerId(1)]);
    group.hearVote(aPeer(1).vote('up', { currentEpoch: 6 }));
    expect(group.core.currentEpoch).to.equal(6);
    expect(group.master().peers.get(peerId(1))?.speaksVotes).to.equal(true);
  });

  it('never changes the configuration', () => {
    const group = aGroup();
    group.hearVote(group.peer(1).vote('sdown', { configEpoch: 9, currentEpoch: 9, master: group.replica(1).address }));
    expect(group.master().configEpoch).to.equal(1);
    expect(group.master().node.address).to.deep.equal(MASTER_ADDRESS);
  });

  for (const [what, payload] of [
    ['a hello', aPeer(1).hello()],
    ['a verdict of another word', aPeer(1).vote('up').replace(/up$/, 'maybe')],
    ['another master', aPeer(1).vote('up', { masterName: 'another' })],
    ['nothing', ''],
  ]) {
    it(`that holds ${what} is ignored and counted`, () => {
      const group = aGroup();
      group.hearVote(payload ?? '');
      expect(group.core.counters.votesIgnored).to.equal(1);
      expect(group.core.counters.hellosIgnored).to.equal(0);
    });
  }

  it('of our own is ignored without being counted', () => {
    const group = aGroup();
    group.hearVote(new ScriptedPeer(MY_ID, peerAddress(9), MASTER_ADDRESS).vote('sdown'));
    expect(group.core.counters.votesIgnored).to.equal(0);
    expect(group.master().peers.size).to.equal(2);
  });

  it('makes us ask its sender once, however often it is repeated before the answer', () => {
    const group = aGroup({ replicas: 1 });
    group.crash(group.first);
    group.untilEvent('+sdown', 1_100);
    group.advance(50);
    group.forget();
    group.hang(group.peer(1));
    for (let time = 0; time < 5; time++) group.hearVote(group.peer(1).vote('sdown'), group.replica(1).address);
    expect(group.sentTo(group.peer(1), 'ask-master-down').length).to.equal(1);
  });

  it('that repeats the verdict which its sender has given us changes nothing', () => {
    const group = aGroup({ node: { priority: 0 } });
    group.killMaster();
    group.untilEvent('+odown', 1_100);
    group.hearVote(group.peer(1).vote('sdown'));
    group.advance(50);
    group.forget();
    group.hearVote(group.peer(1).vote('sdown'));
    expect(group.master().peers.get(peerId(1))?.lastVoteMessageAt).to.equal(group.now);
    expect(group.log).to.deep.equal([]);
  });

  it('makes us ask its sender again when it changes its mind after an answer', () => {
    const group = aGroup({ node: { priority: 0 } });
    group.core.tunables.askPeriod = 60_000;
    group.crash(group.first);
    group.untilEvent('+sdown', 1_100);
    group.advance(50);
    for (const [verdict, type] of [
      ['sdown', '+odown'],
      ['up', '-odown'],
      ['sdown', '+odown'],
    ] as const) {
      group.forget();
      group.peer(1).script.findsMasterDown = verdict === 'sdown';
      group.hearVote(group.peer(1).vote(verdict));
      group.advance(3);
      expect(group.events(type).length, verdict).to.equal(1);
    }
  });

  describe('of ours', () => {
    function ourVotes(group: Group, party: { readonly address: { host: string; port: number } }): string[] {
      return group.published(party, VOTE_CHANNEL).map((payload) => payload.split(',').at(-1) ?? '');
    }

    it('goes to every replica and peer the moment our verdict changes', () => {
      const group = aGroup();
      group.crash(group.first);
      group.untilEvent('+sdown', 1_100);
      const { now } = group;
      for (const party of [...group.replicas, ...group.peers]) {
        expect(ourVotes(group, party)).to.deep.equal(['sdown']);
        const [sent] = group
          .sentTo(party, 'publish')
          .filter(({ request }) => request.commands[0]?.[1] === VOTE_CHANNEL);
        expect(sent?.at).to.equal(now);
      }
      expect(group.published(group.replica(1), VOTE_CHANNEL)).to.deep.equal([
        `10.0.0.100,26379,${MY_ID},1,mymaster,10.0.0.1,6379,1,sdown`,
      ]);
    });

    it('is repeated every ask period while the master is down for us, and taken back once', () => {
      const group = aGroup({ node: { priority: 0 } });
      group.crash(group.first);
      group.untilEvent('+sdown', 1_100);
      group.advance(3_010);
      group.revive(group.first);
      group.untilEvent('-sdown', 500);
      group.advance(5_000);
      expect(ourVotes(group, group.replica(1))).to.deep.equal(['sdown', 'sdown', 'sdown', 'sdown', 'up']);
    });

    it('is not sent again to a peer that has refused it', () => {
      const group = aGroup({ peer: { isStock: true }, node: { priority: 0 } });
      group.crash(group.first);
      group.advance(6_000);
      expect(ourVotes(group, group.peer(1)).length).to.be.at.most(1);
      expect(group.sentTo(group.peer(1), 'ask-master-down').length).to.be.at.least(4);
    });

    it('is offered again on a new connection: the peer may have been upgraded', () => {
      const group = aGroup({ peer: { isStock: true }, node: { priority: 0 } });
      group.crash(group.first);
      group.advance(2_000);
      group.peer(1).script.isStock = false;
      group.forget();
      group.disconnect(group.peer(1));
      group.advance(3_000);
      expect(ourVotes(group, group.peer(1)).length).to.be.at.least(2);
    });

    it('is not sent through a node that refuses the channel', () => {
      const refusals = new Map([['SUBSCRIBE __SENTINEL__:VOTE', 'NOPERM no permissions to access a channel']]);
      const group = aGroup({ node: { refusals, priority: 0 } });
      group.crash(group.first);
      group.advance(3_000);
      for (const replica of group.replicas) expect(ourVotes(group, replica)).to.deep.equal([]);
      expect(ourVotes(group, group.peer(1)).length).to.be.at.least(1);
    });
  });
});
