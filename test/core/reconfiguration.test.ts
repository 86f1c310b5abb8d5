// The last state of a failover: replicas follow the new master, so many at a time, each with a limit of time.

import { expect } from 'chai';
import type { Reconfiguration } from '../../src/core/data-node.js';
import { WATCH_PERIOD } from '../../src/core/limits.js';
import { aGroup, type Group, type GroupOptions } from './builders.js';
import { idOf } from './scripted-node.js';

/** Replica 1 has just been promoted; the others have not been told yet, and will not sync unless the test lets them. */
function aSwitch(options: GroupOptions = {}, replicas = 4): Group {
  const group = aGroup({ replicas, node: { syncsAtOnce: false }, ...options });
  group.replica(1).script.offset = 9_000;
  group.killMaster();
  group.untilEvent('+switch-master', 3_000);
  return group;
}

function progress(group: Group): (Reconfiguration | undefined)[] {
  return group.replicas
    .slice(1)
    .map(({ address }) => group.core.topology.findNode(group.master(), address)?.reconfiguration);
}

describe('Reconfiguration', () => {
  for (const parallelSyncs of [1, 2, 3]) {
    it(`repoints ${parallelSyncs} replicas at a time where parallel-syncs is ${parallelSyncs}`, () => {
      const group = aSwitch({ master: { parallelSyncs } });
      group.advance(1_000);
      const asked = group.replicas.slice(1).filter((replica) => group.sentTo(replica, 'change-role').length > 0);
      expect(asked.length).to.equal(parallelSyncs);
      expect(progress(group).filter((each) => each === 'in-progress').length).to.equal(parallelSyncs);
    });
  }

  it('goes on with the next replica when one is done', () => {
    const group = aSwitch({ master: { parallelSyncs: 1 } });
    for (const [index, replica] of group.replicas.slice(1).entries()) {
      group.until(() => replica.script.follows?.host === '10.0.0.2', 1_000);
      expect(group.events('+slave-reconf-done').length).to.equal(index);
      replica.script.linkUp = true;
    }
    group.untilEvent('+failover-end', 1_000);
    expect(group.messages('+slave-reconf-sent').length).to.equal(3);
    expect(group.messages('+slave-reconf-inprog').length).to.equal(3);
    expect(group.messages('+slave-reconf-done').length).to.equal(3);
  });

  it('tells each step of a replica: sent, following, in sync', () => {
    const group = aSwitch({}, 2);
    group.advance(300);
    expect(progress(group)).to.deep.equal(['in-progress']);
    group.replica(2).script.linkUp = true;
    group.advance(300);
    const steps = group.events().filter(({ type }) => type.startsWith('+slave-reconf'));
    const replica = 'slave 10.0.0.3:6379 10.0.0.3 6379 @ mymaster 10.0.0.2 6379';
    expect(steps.map(({ type, message }) => `${type} ${message}`)).to.deep.equal([
      `+slave-reconf-sent ${replica}`,
      `+slave-reconf-inprog ${replica}`,
      `+slave-reconf-done ${replica}`,
    ]);
  });

  it(`watches the replicas every ${WATCH_PERIOD} ms meanwhile`, () => {
    const group = aSwitch({}, 2);
    group.advance(100);
    group.forget();
    group.advance(2_000);
    expect(group.sentTo(group.replica(2), 'info').length).to.be.within(9, 12);
  });

  it('says nothing of a replica that follows the new master already', () => {
    const group = aGroup({ replicas: 2 });
    group.killMaster();
    group.until(() => group.master().failover?.state === 'promote', 3_000);
    group.replica(2).script.follows = group.replica(1).address;
    group.replica(2).script.linkUp = true;
    group.core.topology.findNode(group.master(), group.replica(2).address);
    group.untilEvent('+switch-master', 100);
    group.forget();
    group.untilEvent('+failover-end', 1_000);
    expect(group.sentTo(group.replica(2), 'change-role').length).to.be.at.most(1);
  });

  it('does not wait for a replica that cannot be reached', () => {
    const group = aGroup({ replicas: 3 });
    group.replica(1).script.offset = 9_000;
    group.crash(group.replica(3));
    group.advance(2_000);
    group.forget();
    group.killMaster();
    group.untilEvent('+failover-end', 3_000);
    expect(group.messages('+slave-reconf-done')).to.deep.equal([
      'slave 10.0.0.3:6379 10.0.0.3 6379 @ mymaster 10.0.0.2 6379',
    ]);
    expect(group.events('+failover-end-for-timeout')).to.deep.equal([]);
  });

  it('ends when the new master is objectively down: the next failover is not kept waiting', () => {
    const group = aSwitch({ master: { failoverTimeout: 180_000 } });
    const { address } = group.replica(1);
    group.crash(group.replica(1));
    for (const peer of group.peers) Object.assign(peer.script.configuration, { address, epoch: 2 });
    expect(group.untilEvent('+failover-end', 3_000)).to.be.at.most(1_300);
    expect(group.untilEvent('+try-failover', 3_000)).to.be.at.most(500);
  });

  it('leaves the dead master to the repair of wrong nodes', () => {
    const group = aSwitch();
    group.advance(5_000);
    expect(group.sentTo(group.first, 'change-role')).to.deep.equal([]);
  });

  it('leaves a replica that says it is a master to that repair as well: somebody may have promoted it', () => {
    const group = aGroup({ replicas: 3, master: { parallelSyncs: 3 } });
    group.replica(1).script.offset = 9_000;
    const { script } = group.replica(3);
    script.role = 'master';
    script.replicationId = idOf('promoted by somebody else');
    group.killMaster();
    group.untilEvent('+switch-master', 3_000);
    group.advance(7_000);
    expect(group.sentTo(group.replica(3), 'change-role')).to.deep.equal([]);
    expect(group.events('+failover-end').length).to.equal(1);
  });

  it('lets the next replica go on when one does nothing for the reconfiguration timeout', () => {
    const group = aSwitch({ master: { parallelSyncs: 1, failoverTimeout: 100_000 } }, 3);
    const [, second, third] = group.replicas;
    if (second === undefined || third === undefined) throw new Error('too few replicas');
    second.script.isObedient = false;
    third.script.isObedient = false;
    group.untilEvent('+slave-reconf-sent', 100);
    const sentAt = group.now;
    group.untilEvent('-slave-reconf-sent-timeout', 11_000);
    expect(group.now - sentAt).to.be.within(10_000, 10_002);
    group.advance(100);
    expect(group.messages('+slave-reconf-sent').length).to.equal(2);
  });

  it('ends after the failover timeout, tells the rest to follow once more, and says that it was cut short', () => {
    const group = aSwitch({ master: { parallelSyncs: 1 } });
    const switchedAt = group.now;
    group.untilEvent('+failover-end', 11_000);
    expect(group.now - switchedAt).to.be.within(10_000, 10_002);
    const ends = group.events().filter(({ type }) => /failover-end|sent-be/.test(type));
    expect(ends.map(({ type }) => type)).to.deep.equal([
      '+failover-end-for-timeout',
      '+slave-reconf-sent-be',
      '+slave-reconf-sent-be',
      '+failover-end',
    ]);
    for (const replica of group.replicas.slice(1)) expect(replica.script.follows?.host).to.equal('10.0.0.2');
    expect(progress(group)).to.deep.equal(['none', 'none', 'none']);
  });
});

describe('Client reconfiguration script', () => {
  const script = '/etc/vedette/reconfigure';

  it('is started by the leader with the documented arguments', () => {
    const group = aSwitch({ master: { clientReconfigScript: script } });
    expect(group.effects('run-script').map(({ effect }) => effect)).to.deep.equal([
      {
        kind: 'run-script',
        path: script,
        args: ['mymaster', 'leader', 'start', '10.0.0.1', '6379', '10.0.0.2', '6379'],
      },
    ]);
  });

  it('is started by whoever hears of the switch, as an observer', () => {
    const group = aGroup({ master: { clientReconfigScript: script } });
    group.learn(1, { epoch: 5, address: group.replica(2).address });
    expect(group.effects('run-script').map(({ effect }) => effect.args)).to.deep.equal([
      ['mymaster', 'observer', 'start', '10.0.0.1', '6379', '10.0.0.3', '6379'],
    ]);
  });
});

describe('Notification script', () => {
  it('is started for every warning of its master, with the type and the payload of the event, and for nothing else', () => {
    const group = aGroup({ master: { notificationScript: '/etc/vedette/notify' } });
    group.killMaster();
    group.untilEvent('+failover-end', 5_000);
    const warnings = group.events().filter(({ level, master }) => level === 'warning' && master === 'mymaster');
    expect(warnings.length).to.be.greaterThan(8);
    expect(group.effects('run-script').map(({ effect }) => [effect.path, ...effect.args])).to.deep.equal(
      warnings.map(({ type, message }) => ['/etc/vedette/notify', type, message]),
    );
  });
});
