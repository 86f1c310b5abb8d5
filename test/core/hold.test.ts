// `SENTINEL PAUSE` inside one Sentinel: what it does not start, what it goes on doing, and how the word spreads.

import { expect } from 'chai';
import { resetMaster } from '../../src/core/administration.js';
import { considerVoteRequest } from '../../src/core/election.js';
import { adoptHold, beginHold, holdRemaining, isHeld } from '../../src/core/hold.js';
import { LONGEST_HOLD } from '../../src/core/limits.js';
import { startManualFailover } from '../../src/core/manual-failover.js';
import { HELLO_CHANNEL } from '../../src/core/types.js';
import {
  aGroup,
  aSentinel,
  type Group,
  type GroupOptions,
  MASTER_ADDRESS,
  peerId,
  replicaAddress,
} from './builders.js';

const MINUTE = 60_000;

function pause(group: Group, lasts = 5 * MINUTE): void {
  group.command((core, now) => beginHold(core, group.master(), lasts, now));
}

function resume(group: Group): void {
  pause(group, 0);
}

function aPausedGroup(options: GroupOptions = {}): Group {
  const group = aGroup(options);
  pause(group);
  group.advance(10);
  return group;
}

/** What was said of pauses to this peer. */
function told(group: Group, number: number): string[] {
  return group.sentTo(group.peer(number), 'tell-hold').map(({ request }) => request.commands[0]?.join(' ') ?? '');
}

describe('A paused Sentinel', () => {
  it('finds a dead master down and says so, but does not stand', () => {
    const group = aPausedGroup();
    group.killMaster();
    group.advance(2 * MINUTE);
    expect(group.eventTypes()).to.include.members(['+sdown', '+odown', '-failover-not-started']);
    expect(group.messages('-failover-not-started')).to.deep.equal([
      'master mymaster 10.0.0.1 6379 an operator has paused it',
    ]);
    expect(group.events('+try-failover', '+vote-for-leader')).to.deep.equal([]);
  });

  it('fails over at once when it is resumed', () => {
    const group = aPausedGroup();
    group.killMaster();
    group.advance(MINUTE);
    group.forget();
    resume(group);
    expect(group.untilEvent('+switch-master', 1_000)).to.be.at.most(500);
  });

  it('fails over when the pause is over, and not before', () => {
    const group = aGroup();
    pause(group, 10_000);
    group.killMaster();
    group.advance(9_990);
    expect(group.events('+try-failover')).to.deep.equal([]);
    group.untilEvent('+switch-master', 1_000);
  });

  it('does not demote a former master, nor repoint a replica', () => {
    const group = aGroup();
    group.learn(1, { epoch: 7, address: replicaAddress(1) });
    for (const peer of group.peers) Object.assign(peer.script.configuration, { epoch: 7, address: replicaAddress(1) });
    pause(group);
    group.replica(1).script.role = 'master';
    group.replica(1).script.follows = null;
    group.advance(MINUTE);
    expect(group.effects('send').filter(({ effect }) => effect.request.purpose.kind === 'change-role')).to.deep.equal(
      [],
    );
    resume(group);
    group.untilEvent('+convert-to-slave', 5_000);
  });

  it('ends what it has begun: the pause comes in the middle of a failover', () => {
    const group = aGroup();
    group.killMaster();
    group.until(() => group.master().failover?.state === 'promote', 3_000);
    pause(group);
    group.untilEvent('+failover-end', 5_000);
    expect(group.replica(2).script.follows).to.deep.equal(replicaAddress(1));
  });

  it('does what an operator asks for', () => {
    const group = aPausedGroup();
    group.command((core, now) => startManualFailover(core, group.master(), now));
    group.untilEvent('+failover-end', 5_000);
    expect(group.master().node.address).to.deep.equal(replicaAddress(1));
  });

  it('follows a newer configuration', () => {
    const group = aPausedGroup();
    group.learn(1, { epoch: 7, address: replicaAddress(1) });
    expect(group.master().configEpoch).to.equal(7);
  });

  it('goes on publishing', () => {
    const group = aPausedGroup();
    group.forget();
    group.advance(10_000);
    expect(group.published(group.first, HELLO_CHANNEL).length).to.be.within(4, 6);
  });

  it('votes for a Vedette, which may have been asked by an operator, and for no original Sentinel', () => {
    for (const isStock of [false, true]) {
      const group = aPausedGroup({ peer: { isStock } });
      const request = { epoch: 9, candidate: peerId(1) };
      group.command((core, now) => considerVoteRequest(core, group.master(), request, now));
      expect(group.master().vote.leader).to.equal(isStock ? null : peerId(1));
    }
  });

  it('says when it begins or is prolonged and when and why it ends', () => {
    const group = aGroup();
    pause(group, 10_000);
    pause(group, 20_000);
    group.advance(1_000);
    resume(group);
    pause(group, 1_000);
    group.advance(5_000);
    expect(group.events('+pause', '-pause').map(({ type, message }) => `${type} ${message}`)).to.deep.equal([
      '+pause master mymaster 10.0.0.1 6379 for 10 seconds',
      '+pause master mymaster 10.0.0.1 6379 for 20 seconds',
      '-pause master mymaster 10.0.0.1 6379 resumed',
      '+pause master mymaster 10.0.0.1 6379 for 1 seconds',
      '-pause master mymaster 10.0.0.1 6379 expired',
    ]);
  });

  it('is paused still after a restart, for what is left', () => {
    const group = aPausedGroup();
    group.advance(MINUTE);
    const left = holdRemaining(group.master(), group.now);
    const restarted = aSentinel(group.sentinel.snapshot());
    restarted.now = group.now;
    expect(holdRemaining(restarted.master(), group.now)).to.equal(left);
    expect(left).to.be.within(4 * MINUTE - 100, 4 * MINUTE);
  });

  it('is never paused for longer than a day, whatever a file or a peer says', () => {
    const group = aGroup({ master: { hold: { stamp: 5, until: Number.MAX_SAFE_INTEGER } } });
    expect(holdRemaining(group.master(), group.now)).to.be.at.most(LONGEST_HOLD);
    group.now += LONGEST_HOLD;
    group.tick();
    expect(isHeld(group.master(), group.now)).to.equal(false);
  });

  it('is still paused after RESET', () => {
    const group = aPausedGroup();
    group.command((core, now) => resetMaster(core, group.master(), now));
    group.advance(100);
    expect(isHeld(group.master(), group.now)).to.equal(true);
    expect(group.events('-pause').length + group.events('+pause').length).to.equal(1);
  });
});

describe('The word of a pause', () => {
  it('goes to every peer at once, with what is left of it, and only once', () => {
    const group = aPausedGroup();
    group.advance(10_000);
    const { stamp } = group.master().hold;
    for (const number of [1, 2]) expect(told(group, number)).to.deep.equal([`SENTINEL HOLD mymaster ${stamp} 300000`]);
  });

  it('is repeated while it is not answered, and told again on a new connection', () => {
    const group = aGroup();
    group.crash(group.peer(1));
    pause(group);
    group.advance(3_000);
    expect(told(group, 1)).to.deep.equal([]);
    group.revive(group.peer(1));
    group.advance(3_000);
    expect(told(group, 1).length).to.equal(1);
    expect(Number(told(group, 1)[0]?.split(' ').at(-1))).to.be.within(294_000, 297_100);
  });

  it('is told to an original Sentinel at most once', () => {
    const group = aPausedGroup({ peer: { isStock: true } });
    group.advance(10_000);
    expect(told(group, 1).length).to.be.at.most(1);
  });

  it('costs nothing where nobody has paused anything', () => {
    const group = aGroup();
    group.advance(10_000);
    expect(told(group, 1)).to.deep.equal([]);
  });

  it('gives way to a later one that a peer knows', () => {
    const group = aGroup();
    group.peer(1).script.hold = [group.now + 60_000, 0];
    pause(group);
    group.advance(10);
    expect(isHeld(group.master(), group.now)).to.equal(false);
    expect(group.events('-pause').length).to.equal(1);
  });

  it('of which a peer knows a later end lasts until that: our clock may have been set while we were away', () => {
    const group = aGroup({ master: { hold: { stamp: 5, until: 900_000 } } });
    expect(isHeld(group.master(), group.now)).to.equal(false);
    group.command((core, now) => adoptHold(core, group.master(), 5, 60_000, now));
    expect(holdRemaining(group.master(), group.now)).to.equal(60_000);
    group.advance(500);
    group.command((core, now) => adoptHold(core, group.master(), 5, 60_000, now));
    expect(holdRemaining(group.master(), group.now)).to.equal(59_500);
    resume(group);
    group.command((core, now) => adoptHold(core, group.master(), group.master().hold.stamp, 60_000, now));
    expect(isHeld(group.master(), group.now)).to.equal(false);
  });

  it('outdoes every earlier one, even of a clock that is ahead', () => {
    const ahead = 1_000_000 + 3_600_000;
    const group = aGroup({ master: { hold: { stamp: ahead, until: 0 } } });
    pause(group);
    expect(group.master().hold.stamp).to.equal(ahead + 1);
    expect(isHeld(group.master(), group.now)).to.equal(true);
  });

  it('is forgotten when nothing could contradict it any more', () => {
    const group = aGroup();
    pause(group, 1_000);
    group.advance(10);
    for (let hour = 0; hour < 26; hour++) {
      group.now += 3_600_000;
      group.tick();
    }
    expect(group.sentinel.snapshot().masters[0]?.hold).to.equal(null);
    expect(group.master().node.address).to.deep.equal(MASTER_ADDRESS);
  });

  it('is no word with a stamp that no clock has: it could not be outdone', () => {
    const group = aGroup();
    group.command((core, now) => adoptHold(core, group.master(), 2 ** 52, 60_000, now));
    expect(isHeld(group.master(), group.now)).to.equal(false);
    const ahead = group.now + 2 * 86_400_000;
    group.command((core, now) => adoptHold(core, group.master(), ahead, 60_000, now));
    expect(isHeld(group.master(), group.now)).to.equal(true);
    resume(group);
    expect(isHeld(group.master(), group.now)).to.equal(false);
  });
});
