// What a fence does when it cannot be put up, inside one Sentinel. What it saves is told in `test/scenarios/fencing.test.ts`.

import { expect } from 'chai';
import { aGroup } from './builders.js';

describe('A fence', () => {
  it('comes down when the master refuses to pause, and is not tried again on that connection', () => {
    const group = aGroup({ master: { fenceIsolatedMaster: true } });
    group.first.script.refusals.set('CLIENT PAUSE', 'NOPERM no permissions');
    for (const party of [...group.peers, ...group.replicas]) group.hang(party);
    group.advance(10_000);
    expect(group.eventTypes().filter((type) => /fence|refused/.test(type))).to.deep.equal([
      '+fence',
      '-role-change-refused',
      '-fence',
    ]);
    expect(group.sentTo(group.first, 'pause').length).to.equal(1);
  });

  it('is tried again and again on a master that a script blocks', () => {
    const group = aGroup({ master: { fenceIsolatedMaster: true } });
    group.first.script.refusals.set('CLIENT PAUSE', 'BUSY Redis is busy running a script');
    for (const party of [...group.peers, ...group.replicas]) group.hang(party);
    group.untilEvent('+fence', 1_000);
    group.advance(300);
    group.first.script.refusals.clear();
    group.until(() => group.master().node.pause !== null, 30);
    expect(group.events('-fence')).to.deep.equal([]);
  });
});
