// Standing as a candidate and counting votes: when, with what delay, against which obstacles, and how often again.

import { expect } from 'chai';
import { count, type Outcome, turnAt } from '../../src/core/election.js';
import { majority, rank } from '../../src/core/electorate.js';
import {
  AUTHORITY,
  LEAST_HEAD_START,
  LONGEST_RETRY,
  PROMISE,
  RETRY_AFTER_AT_LEAST,
  RETRY_AFTER_AT_MOST,
} from '../../src/core/limits.js';
import { SeededRandom } from '../../src/core/random.js';
import { aGroup, aMaster, aSentinel, type Group, MY_ID, peerAddress, peerId } from './builders.js';
import { idOf } from './scripted-node.js';

describe('Candidacy', () => {
  it('begins as soon as the master is objectively down when our rank is 0', () => {
    const group = aGroup({ peers: 0, master: { quorum: 1 } });
    group.killMaster();
    group.untilEvent('+odown', 1_200);
    expect(group.events('+try-failover').map(({ at }) => at)).to.deep.equal([group.now]);
  });

  it('is delayed by our rank, at least 25 ms a place', () => {
    const ranks = new Set<number>();
    for (let epoch = 1; epoch <= 12; epoch++) {
      const group = aGroup({ currentEpoch: epoch, peers: 4, master: { quorum: 2, configEpoch: epoch } });
      const place = rank(group.core, group.master());
      ranks.add(place);
      group.killMaster();
      group.untilEvent('+odown', 1_200);
      expect(group.untilEvent('+try-failover', 500)).to.be.within(
        place * LEAST_HEAD_START - 1,
        place * LEAST_HEAD_START + 1,
      );
    }
    expect(ranks.size).to.be.greaterThan(2);
  });

  it('is delayed by four round trips to the slowest peer where that is more', () => {
    const group = aGroup({ currentEpoch: 1, peers: 2 });
    expect(rank(group.core, group.master())).to.equal(1);
    group.killMaster();
    group.untilEvent('+sdown', 1_100);
    for (const peer of group.master().peers.values()) peer.link.lastRoundTrip = 50;
    group.untilEvent('+odown', 100);
    expect(group.untilEvent('+try-failover', 500)).to.be.within(199, 201);
  });

  describe('where many masters are down together', () => {
    /** When the candidates of the first ranks would stand, counted from the first one's turn. */
    function turns(down: number, hopeless = 0): readonly number[] {
      const peers = [1, 2].map((number) => ({ runId: peerId(number), address: peerAddress(number) }));
      const names = Array.from({ length: 800 }, (_, index) => `m${index}`);
      const stage = aSentinel({ masters: names.map((name) => aMaster({ name, peers })) });
      names.slice(0, down + hopeless).forEach((name, index) => {
        stage.master(name).objectivelyDownSince = stage.now;
        if (index >= down) stage.master(name).obstacle = 'no eligible replica';
      });
      for (const peer of stage.master('m0').peers.values()) peer.link.state = 'open';
      const found = new Map(
        names.map((name) => {
          const master = stage.master(name);
          return [rank(stage.core, master), turnAt(stage.core, master, 0, stage.now)];
        }),
      );
      return [0, 1, 2].map((place) => found.get(place) ?? Number.NaN);
    }

    it('leaves whoever comes first 5 ms more for each of them', () => {
      expect(turns(101)).to.deep.equal([0, LEAST_HEAD_START + 500, 2 * (LEAST_HEAD_START + 500)]);
    });

    it('is not delayed by more than 3 s for their sake', () => {
      expect(turns(700)).to.deep.equal([0, LEAST_HEAD_START + 3_000, 2 * LEAST_HEAD_START + 3_000]);
    });

    it('is not delayed by masters for which no failover can be started', () => {
      expect(turns(1, 100)[1]).to.equal(LEAST_HEAD_START);
    });
  });

  it('waits for nobody: a rank is a delay, not a queue', () => {
    const group = aGroup({ peers: 2, peer: { votesFor: 'the candidate' } });
    group.killMaster();
    group.untilEvent('+elected-leader', 1_500);
  });

  it('opens a new epoch, says so, and votes for itself', () => {
    const group = aGroup({ currentEpoch: 41, peers: 0, master: { quorum: 1 } });
    group.killMaster();
    group.untilEvent('+vote-for-leader', 2_000);
    const types = group.eventTypes();
    const first = types.indexOf('+new-epoch');
    expect(types.slice(first, first + 3)).to.deep.equal(['+new-epoch', '+try-failover', '+vote-for-leader']);
    expect(group.messages('+new-epoch')).to.deep.equal(['42']);
    expect(group.messages('+vote-for-leader')).to.deep.equal([`${MY_ID} 42`]);
  });

  it('asks every peer for its vote in that epoch with our run id, once, when the vote for ourselves is on disk', () => {
    const group = aGroup({ peer: { votesFor: 'nobody' } });
    group.killMaster();
    group.untilEvent('+odown', 1_300);
    group.disk = 'held';
    group.untilEvent('+try-failover', 200);
    group.forget();
    group.advance(500);
    for (const peer of group.peers) expect(group.sentTo(peer, 'ask-master-down')).to.deep.equal([]);
    group.answerSave();
    for (const peer of group.peers) {
      expect(group.sentTo(peer, 'ask-master-down').map(({ request }) => request.commands)).to.deep.equal([
        [['SENTINEL', 'is-master-down-by-addr', '10.0.0.1', '6379', '2', MY_ID]],
      ]);
    }
    group.advance(900);
    expect(group.sentTo(group.peer(1), 'ask-master-down').length).to.equal(1);
  });

  it('repeats its question after an ask period to whoever has not given a vote, and to nobody else', () => {
    const group = aGroup({ peers: 4, master: { quorum: 3 } });
    group.peer(1).script.votesFor = idOf('somebody else');
    for (const number of [3, 4]) group.peer(number).script.votesFor = 'nobody';
    group.killMaster();
    group.untilEvent('+try-failover', 1_500);
    group.advance(5);
    group.forget();
    group.advance(1_100);
    const candidates = group.peers.map((peer) =>
      group.sentTo(peer, 'ask-master-down').map(({ request }) => request.commands[0]?.[5]),
    );
    expect(candidates).to.deep.equal([['*'], ['*'], [MY_ID], [MY_ID]]);
  });

  describe('against an obstacle', () => {
    it('is not begun with fewer Sentinels alive than votes are needed', () => {
      const group = aGroup({ peers: 4, master: { quorum: 2 } });
      for (const number of [1, 2, 3]) group.crash(group.peer(number));
      group.killMaster();
      group.advance(5_000);
      expect(group.events('+odown').length).to.equal(1);
      expect(group.events('+try-failover')).to.deep.equal([]);
      expect(group.core.currentEpoch).to.equal(1);
      expect(group.messages('-failover-not-started')).to.deep.equal([
        'master mymaster 10.0.0.1 6379 2 Sentinels answer, 3 votes are needed',
      ]);
    });

    it('begins as soon as enough Sentinels are back', () => {
      const group = aGroup({ peers: 4, master: { quorum: 2 } });
      for (const number of [1, 2, 3]) group.crash(group.peer(number));
      group.killMaster();
      group.advance(5_000);
      group.revive(group.peer(1));
      expect(group.untilEvent('+try-failover', 1_000)).to.be.at.most(500);
    });

    it('is not begun without an eligible replica, and the event gives the reason of each', () => {
      const group = aGroup();
      group.replica(1).script.priority = 0;
      group.replica(2).script.isAnnounced = false;
      group.core.tunables.infoPeriod = 100;
      group.advance(10_100);
      group.killMaster();
      group.advance(3_000);
      expect(group.events('+try-failover')).to.deep.equal([]);
      expect(group.messages('-failover-not-started')).to.deep.equal([
        'master mymaster 10.0.0.1 6379 no eligible replica: 10.0.0.2:6379 priority 0, 10.0.0.3:6379 not announced',
      ]);
    });

    it('says so when no replica is known at all', () => {
      const group = aGroup({ replicas: 0 });
      group.killMaster();
      group.advance(2_000);
      expect(group.messages('-failover-not-started')).to.deep.equal([
        'master mymaster 10.0.0.1 6379 no eligible replica: none is known',
      ]);
    });

    it('is told once each time it changes, and again in the next outage', () => {
      const group = aGroup({ node: { priority: 0 } });
      const outage = () => {
        group.killMaster();
        group.advance(5_000);
        group.revive(group.first);
        group.advance(1_000);
      };
      outage();
      expect(group.events('-failover-not-started').length).to.equal(1);
      for (const replica of group.replicas) replica.script.priority = 100;
      group.advance(11_000);
      for (const peer of group.peers) peer.script.votesFor = 'nobody';
      outage();
      for (const replica of group.replicas) replica.script.priority = 0;
      group.advance(11_000);
      group.forget();
      outage();
      expect(group.events('-failover-not-started').length).to.equal(1);
    });

    it('begins within a look once a replica becomes eligible, not minutes later', () => {
      const group = aGroup();
      for (const replica of group.replicas) group.crash(replica);
      group.killMaster();
      group.advance(20_000);
      expect(group.events('+try-failover')).to.deep.equal([]);
      group.revive(group.replica(1));
      expect(group.untilEvent('+try-failover', 2_000)).to.be.at.most(400);
    });
  });

  describe('that came to nothing', () => {
    function loseElections(group: Group, duration: number): number[] {
      group.killMaster();
      group.advance(duration);
      return group.events('+try-failover').map(({ at }) => at);
    }

    it(`ends ${AUTHORITY} ms after its first request`, () => {
      const group = aGroup({ peer: { votesFor: 'nobody' } });
      group.killMaster();
      group.untilEvent('+try-failover', 1_500);
      const requested = group.master().failover;
      group.advance(1);
      const took = group.untilEvent('-failover-abort-not-elected', 3_000);
      expect(took).to.be.within(AUTHORITY - 1, AUTHORITY + 1);
      expect(requested?.epoch).to.equal(2);
      expect(group.messages('-failover-abort-not-elected')).to.deep.equal(['master mymaster 10.0.0.1 6379']);
    });

    it('ends at once when the votes that are left cannot be enough', () => {
      const group = aGroup({ peer: { votesFor: idOf('somebody else') } });
      group.killMaster();
      group.untilEvent('+try-failover', 1_500);
      expect(group.untilEvent('-failover-abort-not-elected', 100)).to.be.at.most(5);
    });

    it('ends although its own vote never reached the disk', () => {
      const group = aGroup({ peers: 0, master: { quorum: 1 } });
      group.killMaster();
      group.disk = 'held';
      group.untilEvent('+try-failover', 1_500);
      const ticksBefore = group.ticks;
      group.advance(AUTHORITY);
      expect(group.events('-failover-abort-not-elected').length).to.equal(1);
      expect(group.events('+elected-leader')).to.deep.equal([]);
      expect(group.ticks - ticksBefore).to.be.below(200);
    });

    it('is followed by another once promises to others are over and 0.2 to 2 s, twice as long each time, have passed', () => {
      const group = aGroup({ peer: { votesFor: idOf('somebody else') } });
      const stood = loseElections(group, 300_000);
      const pauses = stood.slice(1).map((at, index) => at - (stood[index] ?? Number.NaN));
      expect(pauses.length).to.be.greaterThan(6);
      pauses.forEach((pause, index) => {
        // The rank adds up to two places; the lost election itself takes a round trip.
        expect(pause).to.be.at.least(Math.min(LONGEST_RETRY, RETRY_AFTER_AT_LEAST * 2 ** index));
        expect(pause).to.be.at.most(Math.max(PROMISE, Math.min(LONGEST_RETRY, RETRY_AFTER_AT_MOST * 2 ** index)) + 100);
      });
      expect(group.core.currentEpoch).to.equal(1 + stood.length);
      expect(pauses.at(-1)).to.be.greaterThan(RETRY_AFTER_AT_MOST);
    });

    it('does not make later outages suffer: the pause begins anew when the master was up in between', () => {
      const group = aGroup({ peer: { votesFor: idOf('somebody else') } });
      loseElections(group, 60_000);
      group.revive(group.first);
      for (const peer of group.peers) peer.script.findsMasterDown = false;
      group.advance(60_000);
      group.forget();
      const stood = loseElections(group, 5_000);
      expect((stood[1] ?? Number.NaN) - (stood[0] ?? Number.NaN)).to.be.at.most(PROMISE + 100);
    });

    it('is not repeated while too few could support it', () => {
      const group = aGroup({ peer: { votesFor: idOf('somebody else') } });
      group.killMaster();
      group.untilEvent('-failover-abort-not-elected', 2_500);
      group.forget();
      group.advance(PROMISE - 10);
      expect(group.events('+try-failover')).to.deep.equal([]);
      expect(group.untilEvent('+try-failover', 500)).to.be.at.most(200);
    });
  });
});

describe('Counting votes', () => {
  /** By the definition: of all ways in which the open votes may still be given, is one enough, and are all? */
  function countDumbly(ballots: readonly ('ours' | 'refused' | 'open')[], needed: number): Outcome {
    let best = 1;
    let worst = 1;
    for (const ballot of ballots) {
      if (ballot === 'ours') worst++;
      if (ballot !== 'refused') best++;
    }
    if (worst >= needed) return 'won';
    return best < needed ? 'lost' : 'open';
  }

  it('agrees with the definition for any votes, electorate and quorum', () => {
    const random = new SeededRandom(2024);
    const seen = { won: 0, lost: 0, open: 0 };
    for (let round = 0; round < 400; round++) {
      const peers = random.below(7);
      const epoch = 5;
      const group = aGroup({ peers, replicas: 0, master: { quorum: 1 + random.below(8) } });
      const ballots = [...group.master().peers.values()].map((peer) => {
        const drawn = random.below(7);
        const other = peerId(9);
        switch (drawn) {
          case 0:
          case 1:
            peer.vote = { leader: MY_ID, epoch, at: group.now };
            return 'ours';
          case 2:
            peer.vote = { leader: other, epoch, at: group.now };
            peer.refusedEpoch = epoch;
            return 'refused';
          case 3:
            peer.vote = { leader: MY_ID, epoch: epoch - 1, at: group.now };
            return 'open';
          case 4:
            peer.vote = { leader: other, epoch: epoch + 1, at: group.now };
            peer.refusedEpoch = epoch;
            return 'refused';
          case 5:
            peer.refusedEpoch = epoch - 1;
            return 'open';
          default:
            return 'open';
        }
      });
      const needed = Math.max(majority(group.master()), group.master().settings.quorum);
      const expected = countDumbly(ballots, needed);
      expect(count(group.core, group.master(), epoch), `${ballots.join()} of which ${needed}`).to.equal(expected);
      seen[expected]++;
    }
    for (const times of Object.values(seen)) expect(times).to.be.greaterThan(20);
  });

  it('needs the majority even with a quorum of 1, and the quorum even beyond the majority', () => {
    const elected = (quorum: number, granting: number) => {
      const group = aGroup({ peers: 4, master: { quorum } });
      group.peers.forEach((peer, index) => {
        peer.script.votesFor = index < granting ? 'the candidate' : 'nobody';
      });
      group.killMaster();
      group.advance(2_500);
      return group.events('+elected-leader').length > 0;
    };
    expect(elected(1, 1)).to.equal(false);
    expect(elected(1, 2)).to.equal(true);
    expect(elected(4, 2)).to.equal(false);
    expect(elected(4, 3)).to.equal(true);
  });

  it('is not disturbed by the elections of another master', () => {
    const group = aGroup({ peer: { votesFor: 'nobody' } });
    group.killMaster();
    group.untilEvent('+try-failover', 1_500);
    group.advance(5);
    // Another master's election raises the current epoch everywhere; the votes for ours still arrive for its own.
    group.hear(group.peer(1).hello({ currentEpoch: 30 }), group.replica(1).address);
    expect(group.core.currentEpoch).to.equal(30);
    for (const peer of group.peers) peer.script.votesFor = 'the candidate';
    group.untilEvent('+elected-leader', 1_100);
    group.untilEvent('+switch-master', 500);
    expect(group.master().configEpoch).to.equal(2);
  });
});
