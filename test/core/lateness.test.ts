// Our own lateness: counted against the promise of the last step, tolerated a little, and forgiven only by an on-time tick.

import { expect } from 'chai';
import { Lateness } from '../../src/core/lateness.js';
import { LATENESS_EXCUSE_IN_DOWN_AFTERS, LATENESS_TOLERANCE } from '../../src/core/limits.js';
import { aGroup, type Group } from './builders.js';

describe('Lateness', () => {
  it('is none within the tolerance', () => {
    const lateness = new Lateness(1_000);
    lateness.promise(1_100);
    expect(lateness.begin(1_100 + LATENESS_TOLERANCE, true)).to.equal(0);
    expect(lateness.isLate).to.equal(false);
    expect(lateness.total).to.equal(0);
  });

  it('adds up, counted from the promised moment', () => {
    const lateness = new Lateness(1_000);
    lateness.promise(1_100);
    expect(lateness.begin(1_350, true)).to.equal(250);
    lateness.promise(1_400);
    expect(lateness.begin(1_900, false)).to.equal(500);
    expect(lateness.total).to.equal(750);
  });

  it('is not counted twice when several inputs arrive in the same late moment', () => {
    const lateness = new Lateness(1_000);
    lateness.promise(1_100);
    lateness.begin(1_600, false);
    expect(lateness.begin(1_600, false)).to.equal(0);
    expect(lateness.total).to.equal(500);
  });

  it('lasts until a tick is on time; an input that is on time does not end it', () => {
    const lateness = new Lateness(1_000);
    lateness.begin(2_000, true);
    lateness.promise(2_001);
    lateness.begin(2_001, false);
    expect(lateness.isLate).to.equal(true);
    lateness.promise(2_002);
    lateness.begin(2_002, true);
    expect(lateness.isLate).to.equal(false);
  });
});

describe('Verdicts of a process that was late', () => {
  /** Stalls that are shorter than the TILT trigger, one after the other, with a tick between them and nothing read. */
  function stallRepeatedly(group: Group, duration: number, times: number): void {
    for (let time = 0; time < times; time++) group.stall(duration);
  }

  it('wait: answers that arrived during the stall are read first', () => {
    const group = aGroup();
    group.stall(1_900);
    expect(group.events('+sdown')).to.deep.equal([]);
    group.advance(3_000);
    expect(group.events('+sdown')).to.deep.equal([]);
  });

  it('do not count the lost time as silence of others', () => {
    const group = aGroup();
    group.hang(group.first);
    group.advance(600);
    group.stall(1_500);
    const afterStall = group.now;
    const took = group.untilEvent('+sdown', 2_000);
    // Of 1000 ms some 400 to 600 had passed before (a PING goes out every 200), and the time up to the promised tick.
    expect(group.messages('+sdown')).to.deep.equal(['master mymaster 10.0.0.1 6379']);
    expect(took).to.be.within(300, 700);
    expect(group.now).to.equal(afterStall + took);
  });

  it('subtract the lost time rather than start the silence anew', () => {
    const group = aGroup();
    group.hang(group.first);
    group.advance(900);
    group.stall(1_500);
    expect(group.untilEvent('+sdown', 2_000)).to.be.below(450);
  });

  it('are given in spite of lateness once it has excused three times down-after', () => {
    const group = aGroup({ peers: 0, replicas: 0 });
    group.hang(group.first);
    group.advance(300);
    const silentSince = group.linkTo(group.first.address).silentSince ?? Number.NaN;
    const downAfter = group.master().settings.downAfter;
    while (group.events('+sdown').length === 0 && group.now < silentSince + 20_000) stallRepeatedly(group, 300, 1);
    const [event] = group.events('+sdown');
    expect(event?.message).to.equal('master mymaster 10.0.0.1 6379');
    const judged = (event?.at ?? 0) - silentSince;
    expect(judged).to.be.at.least((LATENESS_EXCUSE_IN_DOWN_AFTERS + 1) * downAfter);
    expect(judged).to.be.at.most((LATENESS_EXCUSE_IN_DOWN_AFTERS + 1) * downAfter + 2_000);
  });

  it('of a node that was overdue already are confirmed only by an on-time step', () => {
    const group = aGroup({ peers: 0, replicas: 0 });
    group.hang(group.first);
    group.until(() => group.master().node.overdueSince !== null, 2_000);
    expect(group.events('+sdown')).to.deep.equal([]);
    group.stall(300);
    expect(group.events('+sdown')).to.deep.equal([]);
    group.revive(group.first);
    group.advance(500);
    expect(group.events('+sdown')).to.deep.equal([]);
  });
});
