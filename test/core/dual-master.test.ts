// Two masters at the same time are an alarm, given once; one after the other is a failover, and no alarm.

import { expect } from 'chai';
import { DEFAULT_MANUAL, startManualFailover } from '../../src/core/manual-failover.js';
import { aGroup, type Group, replicaAddress } from './builders.js';

const BOTH = 'master mymaster 10.0.0.1 6379 #masters 10.0.0.1:6379 10.0.0.2:6379';

/** Somebody has turned replica 1 into a master behind our back, and we have noticed. */
function sighting(): Group {
  const group = aGroup();
  group.replica(1).script.role = 'master';
  group.untilEvent('+dual-master', 11_000);
  return group;
}

function failOver(group: Group, way: 'handover' | 'force'): void {
  group.command((core, now) => startManualFailover(core, group.master(), now, { ...DEFAULT_MANUAL, way }));
}

describe('Two masters at the same time', () => {
  it('are told with both addresses, as a warning', () => {
    const group = sighting();
    expect(group.messages('+dual-master')).to.deep.equal([BOTH]);
    expect(group.events('+dual-master')[0]?.level).to.equal('warning');
  });

  it('are told once, however many reports repeat it, and whatever happens to a connection', () => {
    const group = sighting();
    group.advance(4_000);
    group.disconnect(group.replica(1));
    group.advance(2_000);
    expect(group.events('+dual-master', '-dual-master').length).to.equal(1);
    expect(group.sentTo(group.replica(1), 'info').length).to.be.greaterThan(4);
  });

  it('are over within about a second of one of them following the other', () => {
    const group = sighting();
    group.advance(1_500);
    group.replica(1).script.role = 'slave';
    expect(group.untilEvent('-dual-master', 2_000)).to.be.at.most(1_010);
    expect(group.messages('-dual-master')).to.deep.equal([BOTH]);
  });

  it('are over when one of them is down', () => {
    const group = sighting();
    group.crash(group.replica(1));
    group.untilEvent('-dual-master', 1_300);
  });

  it('may become three, which is news', () => {
    const group = aGroup();
    group.replica(1).script.role = 'master';
    group.untilEvent('+dual-master', 11_000);
    group.replica(2).script.role = 'master';
    group.until(() => group.events('+dual-master').length === 2, 11_000);
    expect(group.messages('+dual-master')[1]).to.equal(`${BOTH} 10.0.0.3:6379`);
    expect(group.events('-dual-master')).to.deep.equal([]);
  });

  it('are seen when a former master returns, and are over when it has been demoted', () => {
    const group = aGroup();
    group.killMaster();
    group.untilEvent('+failover-end', 5_000);
    group.advance(2_000);
    expect(group.events('+dual-master')).to.deep.equal([]);
    for (const peer of group.peers) {
      peer.script.configuration.address = replicaAddress(1);
      peer.script.configuration.epoch = group.master().configEpoch;
    }
    group.first.condition = 'up';

    group.untilEvent('+convert-to-slave', 1_000);

    expect(group.eventTypes().indexOf('+dual-master')).to.be.within(0, group.eventTypes().indexOf('+convert-to-slave'));
    group.untilEvent('-dual-master', 1_100);
  });

  for (const [what, prepare] of [
    ['a failover', (group: Group) => group.killMaster()],
    ['a failover away from a master that hangs', (group: Group) => hang(group)],
    ['a handover', (group: Group) => failOver(group, 'handover')],
  ] as const) {
    it(`are not seen in ${what}`, () => {
      const group = aGroup();
      prepare(group);
      group.untilEvent('+failover-end', 5_000);
      group.advance(3_000);
      expect(group.events('+dual-master', '-dual-master')).to.deep.equal([]);
    });
  }

  it('are not seen by an observer of a handover, who sees the one promoted a moment before the other is demoted', () => {
    const group = aGroup();
    group.replica(1).script.role = 'master';
    group.master().replicas.forEach((node) => {
      node.infoWanted = true;
    });
    group.advance(900);
    group.first.script.role = 'slave';
    group.first.script.follows = replicaAddress(1);
    group.learn(1, { epoch: 7, address: replicaAddress(1) });
    group.advance(20_000);
    expect(group.events('+dual-master')).to.deep.equal([]);
  });

  it('are seen at once when the other one has been a master for long', () => {
    const group = aGroup();
    group.learn(1, { epoch: 7, address: replicaAddress(1) });
    group.crash(group.first);
    group.replica(1).script.role = 'master';
    group.advance(12_000);
    group.revive(group.first);
    expect(group.untilEvent('+dual-master', 2_000)).to.be.at.most(220);
  });

  it('are not seen by one who learns of a failover', () => {
    const group = aGroup();
    group.replica(1).script.role = 'master';
    group.first.script.role = 'slave';
    group.first.script.follows = replicaAddress(1);
    group.learn(1, { epoch: 7, address: replicaAddress(1) });
    group.advance(20_000);
    expect(group.events('+dual-master')).to.deep.equal([]);
  });
});

function hang(group: Group): void {
  group.hang(group.first);
  for (const peer of group.peers) peer.script.findsMasterDown = true;
}
