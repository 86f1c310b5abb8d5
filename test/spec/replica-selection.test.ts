// The documentation's section "Replica selection and priority", sentence by sentence, each in our own words.

import { expect } from 'chai';
import { aGroup, type Group, type GroupOptions } from '../core/builders.js';
import { idOf, type NodeScript } from '../core/scripted-node.js';

/** Lets the master die when the replicas are as the test wants them, and returns the host that was promoted. */
function promotedAmong(scripts: readonly Partial<NodeScript>[], options: GroupOptions = {}): string | null {
  const group = among(scripts, options);
  group.killMaster();
  group.advance(4_000);
  const [switched] = group.messages('+switch-master');
  return switched?.split(' ')[3] ?? null;
}

function among(scripts: readonly Partial<NodeScript>[], options: GroupOptions = {}): Group {
  const group = aGroup({ replicas: scripts.length, ...options });
  group.core.tunables.infoPeriod = 1_000;
  scripts.forEach((script, index) => {
    Object.assign(group.replica(index + 1).script, script);
  });
  group.advance(12_000);
  group.forget();
  return group;
}

describe('Replica selection and priority', () => {
  // A replica whose link to the master was down for more than ten times down-after is not suitable. (The original adds how long
  // it has itself found the master down. Here the allowance is added to the youngest replica's: the original's own count is
  // small after its restart, so that it found nobody suitable.)
  it('does not consider a replica that has been cut off far longer than the others', () => {
    const cut = { linkUp: false, offset: 1_000_000 };
    expect(promotedAmong([{ ...cut, linkDownForSeconds: 11 }, {}])).to.equal('10.0.0.3');
    expect(promotedAmong([{ ...cut, linkDownForSeconds: 10 }, {}])).to.equal('10.0.0.2');
  });

  // Suitable replicas are sorted by replica-priority; the lower number is better.
  it('prefers the lower priority', () => {
    expect(promotedAmong([{ priority: 100 }, { priority: 10 }, { priority: 50 }])).to.equal('10.0.0.3');
    expect(promotedAmong([{ priority: 100, offset: 9_999_999 }, { priority: 99 }])).to.equal('10.0.0.3');
  });

  // Among equal priorities the one that has processed more of the replication stream is better.
  it('prefers the greater offset among equal priorities', () => {
    expect(promotedAmong([{ offset: 1_000 }, { offset: 1_001 }, { offset: 999 }])).to.equal('10.0.0.3');
  });

  // Among equal priorities and offsets the lexicographically smaller run id is chosen: not better, but always the same.
  it('prefers the smaller run id among equals', () => {
    const ids = ['3', '1', '2'].map((digit) => ({ runId: digit.repeat(40) }));
    expect(promotedAmong(ids)).to.equal('10.0.0.3');
  });

  // Priority 0 means never to be promoted.
  it('never promotes a replica of priority 0', () => {
    expect(promotedAmong([{ priority: 0, offset: 9_999_999 }, { priority: 200 }])).to.equal('10.0.0.3');
    expect(promotedAmong([{ priority: 0 }])).to.equal(null);
  });

  // Such a replica is still made to follow the new master.
  it('repoints replicas of priority 0 like all others', () => {
    const group = among([{ priority: 0 }, {}]);
    group.killMaster();
    group.untilEvent('+failover-end', 5_000);
    expect(group.replica(1).script.follows).to.deep.equal(group.replica(2).address);
  });

  // (From "replica-announced no" in Redis's own configuration: a replica that is not announced is never promoted.)
  it('never promotes a replica that is not announced', () => {
    expect(promotedAmong([{ isAnnounced: false, offset: 9_999_999 }, {}])).to.equal('10.0.0.3');
  });

  // Ours: a replica whose data comes from somewhere else is no choice either, as long as there is another.
  it('does not promote a replica with a replication history of its own', () => {
    expect(promotedAmong([{ replicationId: idOf('elsewhere'), offset: 9_999_999 }, {}])).to.equal('10.0.0.3');
  });
});
