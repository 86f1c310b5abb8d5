// The documentation's section "TILT mode", sentence by sentence, each in our own words.

import { expect } from 'chai';
import { aDesk, elements } from '../commands/desk.js';
import { aGroup } from '../core/builders.js';

describe('TILT mode', () => {
  // A Sentinel depends on its clock: it compares when it was called with when it should have been, and a difference of two
  // seconds or more makes it enter TILT. (The original also distrusts a clock that jumped; ours cannot be set.)
  it('is entered when the process has stood still for two seconds', () => {
    const calm = aGroup();
    calm.stall(1_900);
    expect(calm.core.tilt).to.equal(null);
    const stalled = aGroup();
    stalled.stall(2_200);
    expect(stalled.core.tilt).not.to.equal(null);
  });

  // It goes on watching everything.
  it('goes on asking everybody', () => {
    const group = aGroup();
    group.hang(group.peer(1));
    group.stall(3_000);
    group.forget();
    group.advance(900);
    expect(group.core.tilt).not.to.equal(null);
    for (const node of [group.first, ...group.replicas]) {
      expect(group.sentTo(node, 'ping').length).to.be.at.least(3);
    }
  });

  // It stops acting.
  it('stops acting', () => {
    const group = aGroup();
    group.killMaster();
    group.until(() => group.master().failover?.state === 'elect', 2_000);
    group.hang(group.peer(1));
    group.stall(3_000);
    group.forget();
    group.advance(900);
    expect(group.events()).to.deep.equal([]);
    for (const replica of group.replicas) expect(group.sentTo(replica, 'change-role')).to.deep.equal([]);
  });

  // It answers IS-MASTER-DOWN-BY-ADDR with "not down", because its judgement cannot be trusted.
  it('answers that the master is not down', () => {
    const desk = aDesk({ node: { priority: 0 } });
    const { group } = desk;
    const ask = () => elements(desk.ask('SENTINEL', 'IS-MASTER-DOWN-BY-ADDR', '10.0.0.1', 6379, 1, '*'))[0];
    group.crash(group.first);
    group.untilEvent('+sdown', 1_200);
    expect(ask()).to.equal('1');
    group.hang(group.peer(1));
    group.stall(3_000);
    expect(ask()).to.equal('0');
    group.untilEvent('-tilt', 2_000);
    group.advance(100);
    expect(ask()).to.equal('1');
  });

  // It leaves the mode when all has been normal for a while. (Thirty seconds there, during which nothing is failed over; here as
  // soon as everybody had the time to answer, at most tilt-period.)
  it('is left when everybody had the time to answer', () => {
    const group = aGroup();
    group.stall(3_000);
    expect(group.untilEvent('-tilt', 30_000)).to.be.at.most(200);
  });

  // INFO shows since when it has lasted, and -1 where it does not.
  it('shows in INFO', () => {
    const desk = aDesk();
    expect(desk.ask('INFO', 'sentinel')).to.contain('sentinel_tilt:0\r\nsentinel_tilt_since_seconds:-1\r\n');
    desk.group.hang(desk.group.peer(1));
    desk.group.stall(3_000);
    expect(desk.ask('INFO', 'sentinel')).to.contain('sentinel_tilt:1\r\nsentinel_tilt_since_seconds:0\r\n');
  });

  // Entering and leaving are told as events.
  it('is told', () => {
    const group = aGroup();
    group.stall(3_000);
    group.advance(1_200);
    expect(group.events('+tilt', '-tilt').map(({ type, message }) => `${type} ${message}`)).to.deep.equal([
      '+tilt #tilt mode entered',
      '-tilt #tilt mode exited',
    ]);
  });
});
