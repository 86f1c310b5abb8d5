// TILT: after a stall of ours nothing is believed and nothing begun until everybody had the time to answer.

import { expect } from 'chai';
import { ANSWER_TIME_AFTER_STALL } from '../../src/core/limits.js';
import { aGroup, type Group } from './builders.js';

const STALL = 2_500;

describe('TILT', () => {
  it('begins with a step that is later than the trigger, and says so', () => {
    const group = aGroup();
    group.stall(STALL);
    expect(group.events('+tilt').map(({ message, master }) => [message, master])).to.deep.equal([
      ['#tilt mode entered', null],
    ]);
    expect(group.core.tilt).to.deep.equal({ since: group.now });
  });

  it('does not begin with a shorter stall', () => {
    const group = aGroup();
    group.stall(group.core.tunables.tiltTrigger - 1);
    expect(group.core.tilt).to.equal(null);
  });

  it('begins with an input as well as with a tick', () => {
    const group = aGroup();
    group.now += STALL;
    group.hear(group.peer(1).hello());
    expect(group.events('+tilt').length).to.equal(1);
  });

  it('begins with a command as well', () => {
    const group = aGroup();
    group.now += STALL;
    group.command(() => null);
    expect(group.events('+tilt').length).to.equal(1);
  });

  it('follows a trigger that was changed', () => {
    const group = aGroup();
    group.core.tunables.tiltTrigger = 10_000;
    group.stall(STALL);
    expect(group.events('+tilt')).to.deep.equal([]);
  });

  it('asks everybody again at once', () => {
    const group = aGroup();
    group.now += STALL;
    group.tick();
    for (const party of [group.first, ...group.replicas, ...group.peers]) {
      const [asked] = group.sentTo(party, 'ping');
      expect(asked?.at).to.equal(group.now);
    }
  });

  it('ends as soon as everybody has answered', () => {
    const group = aGroup();
    group.stall(STALL);
    expect(group.untilEvent('-tilt', 1_000)).to.be.at.most(101);
    expect(group.messages('-tilt')).to.deep.equal(['#tilt mode exited']);
  });

  it(`ends after ${ANSWER_TIME_AFTER_STALL} ms although somebody stays silent`, () => {
    const group = aGroup();
    group.hang(group.replica(1));
    group.stall(STALL);
    expect(group.untilEvent('-tilt', 2_000)).to.be.within(ANSWER_TIME_AFTER_STALL, ANSWER_TIME_AFTER_STALL + 1);
  });

  it('ends after tilt-period where that is shorter', () => {
    const group = aGroup();
    group.core.tunables.tiltPeriod = 300;
    group.hang(group.replica(1));
    group.stall(STALL);
    expect(group.untilEvent('-tilt', 2_000)).to.be.within(300, 301);
  });

  it('begins anew with another stall, and is told once', () => {
    const group = aGroup();
    group.hang(group.replica(1));
    group.stall(STALL);
    group.stall(STALL);
    expect(group.events('+tilt').length).to.equal(1);
    expect(group.core.tilt?.since).to.equal(group.now);
  });

  it('judges nobody meanwhile, neither down nor up again', () => {
    const group = aGroup({ node: { priority: 0 } });
    group.hang(group.first);
    group.hang(group.replica(1));
    group.crash(group.replica(2));
    group.stall(STALL);
    group.advance(ANSWER_TIME_AFTER_STALL - 10);
    expect(group.core.tilt).not.to.equal(null);
    expect(group.events('+sdown', '-sdown')).to.deep.equal([]);
  });

  it('starts nothing meanwhile', () => {
    const group = aGroup({ peers: 2 });
    group.killMaster();
    group.untilEvent('+odown', 1_500);
    group.hang(group.peer(1));
    group.stall(STALL);
    group.forget();
    group.advance(ANSWER_TIME_AFTER_STALL - 10);
    expect(group.events('+try-failover')).to.deep.equal([]);
    for (const peer of group.peers) expect(group.sentTo(peer, 'ask-master-down')).to.deep.equal([]);
  });

  it('takes back the verdict that was told', () => {
    const group = aGroup({ node: { priority: 0 } });
    group.killMaster();
    group.untilEvent('+sdown', 1_500);
    group.advance(100);
    group.forget();
    group.hang(group.peer(1));
    group.stall(STALL);
    const [told] = group.published(group.peer(2), '__sentinel__:vote');
    expect(told).to.match(/,up$/);
  });

  /** The whole Sentinel host was suspended; the master died meanwhile or right afterwards. */
  function failsOver(group: Group): void {
    group.untilEvent('+switch-master', 5_000);
  }

  it('does not keep a master that died during the stall from being failed over', () => {
    const group = aGroup();
    group.now += 3_000;
    group.killMaster();
    group.tick();
    failsOver(group);
  });

  it('does not keep a master that dies right afterwards from being failed over like any other', () => {
    const group = aGroup();
    group.stall(3_000);
    group.untilEvent('-tilt', 1_100);
    const resumedAt = group.now;
    group.killMaster();
    failsOver(group);
    expect(group.now - resumedAt).to.be.below(1_400);
  });

  it('makes no replica look too old after a stall of an hour', () => {
    const group = aGroup();
    group.stall(3_600_000);
    group.untilEvent('-tilt', 1_100);
    for (const replica of group.replicas) replica.script.linkDownForSeconds = 1;
    group.killMaster();
    failsOver(group);
  });
});
