// SENTINEL MASTERS, MASTER, REPLICAS, SENTINELS: field names and their order, because clients read some by position.

import { expect } from 'chai';
import { ErrorReply } from '../../../src/protocol/reply.js';
import { aDesk, type Desk, elements, fields } from '../desk.js';

const MASTER_FIELDS =
  'name ip port runid flags link-pending-commands link-refcount last-ping-sent last-ok-ping-reply last-ping-reply down-after-milliseconds info-refresh role-reported role-reported-time config-epoch num-slaves num-other-sentinels quorum failover-timeout parallel-syncs';
const REPLICA_FIELDS =
  'name ip port runid flags link-pending-commands link-refcount last-ping-sent last-ok-ping-reply last-ping-reply down-after-milliseconds info-refresh role-reported role-reported-time master-link-down-time master-link-status master-host master-port slave-priority slave-repl-offset replica-announced';
const PEER_FIELDS =
  'name ip port runid flags link-pending-commands link-refcount last-ping-sent last-ok-ping-reply last-ping-reply down-after-milliseconds last-hello-message voted-leader voted-leader-epoch';

const master = (desk: Desk) => fields(desk.ask('SENTINEL', 'MASTER', 'mymaster'));
/** The instances of a reply that is an array of maps. */
const instances = (reply: string) =>
  reply
    .split(/\r\n(?=\*\d+\r\n)/)
    .slice(1)
    .map(fields);
const replicas = (desk: Desk) => instances(desk.ask('SENTINEL', 'REPLICAS', 'mymaster'));
const sentinels = (desk: Desk) => instances(desk.ask('SENTINEL', 'SENTINELS', 'mymaster'));

describe('SENTINEL MASTER', () => {
  it('has the original’s fields in the original’s order', () => {
    const reply = aDesk().ask('SENTINEL', 'MASTER', 'mymaster');
    expect([...fields(reply).keys()].join(' ')).to.equal(MASTER_FIELDS);
    expect(elements(reply)[32]).to.equal('num-other-sentinels');
  });

  it('describes a healthy master', () => {
    const desk = aDesk({ master: { quorum: 2, parallelSyncs: 3 } });
    expect(Object.fromEntries(master(desk))).to.include({
      name: 'mymaster',
      ip: '10.0.0.1',
      port: '6379',
      runid: desk.group.first.script.runId,
      flags: 'master',
      'link-refcount': '1',
      'down-after-milliseconds': '1000',
      'role-reported': 'master',
      'config-epoch': '1',
      'num-slaves': '2',
      'num-other-sentinels': '2',
      quorum: '2',
      'failover-timeout': '10000',
      'parallel-syncs': '3',
    });
  });

  it('is a map in RESP3', () => {
    const desk = aDesk();
    desk.client.protocol = 3;
    expect(desk.ask('SENTINEL', 'MASTER', 'mymaster')).to.match(/^%20\r\n/);
  });

  it('shows since when it is down, in whole milliseconds', () => {
    const desk = aDesk();
    desk.group.killMaster();
    desk.group.untilEvent('+odown', 3_000);
    const down = master(desk);
    expect(down.get('flags')).to.match(/^s_down,o_down,master,disconnected/);
    expect([...down.keys()].join(' ')).to.contain(' last-ping-reply s-down-time o-down-time down-after-milliseconds ');
    for (const name of ['s-down-time', 'o-down-time', 'last-ping-sent', 'last-ok-ping-reply', 'last-ping-reply']) {
      expect(down.get(name), name).to.match(/^\d+$/);
    }
    expect(Number(down.get('last-ping-sent'))).to.be.at.least(1_000);
  });

  it('calls a master disconnected that answers only that we must log in', () => {
    const desk = aDesk();
    const { script } = desk.group.first;
    const alive = script.pingReply;
    script.pingReply = new ErrorReply('NOAUTH Authentication required.');
    desk.group.advance(1_100);
    expect(master(desk).get('flags')).to.match(/\bmaster,disconnected\b/);
    script.pingReply = alive;
    desk.group.advance(1_100);
    expect(master(desk).get('flags')).to.equal('master');
  });

  it('shows the state of a failover and the promoted replica', () => {
    const desk = aDesk();
    desk.group.killMaster();
    desk.group.untilEvent('+odown', 3_000);
    const states = new Set<string>();
    desk.group.until(
      () => {
        const now = master(desk);
        states.add(now.get('failover-state') ?? '');
        return replicas(desk).some((replica) => replica.get('flags')?.includes('promoted'));
      },
      5_000,
      'a promotion',
    );
    expect(master(desk).get('flags')).to.contain('failover_in_progress');
    expect([...states]).to.include.members(['wait_start', 'wait_promotion']);
  });

  it('shows scripts only where there are some', () => {
    const desk = aDesk({ master: { notificationScript: '/n', clientReconfigScript: '/r' } });
    expect([...master(desk)].slice(-2)).to.deep.equal([
      ['notification-script', '/n'],
      ['client-reconfig-script', '/r'],
    ]);
  });

  it('does not exist for an unknown name', () => {
    const desk = aDesk();
    for (const subcommand of [
      'MASTER',
      'REPLICAS',
      'SLAVES',
      'SENTINELS',
      'CKQUORUM',
      'FAILOVER',
      'REMOVE',
      'PRIMARY',
    ]) {
      expect(desk.ask('SENTINEL', subcommand, 'foo'), subcommand).to.equal('-ERR No such master with that name\r\n');
    }
    expect(desk.ask('SENTINEL', 'SET', 'foo', 'quorum', 1)).to.equal('-ERR No such master with that name\r\n');
  });
});

describe('SENTINEL MASTERS', () => {
  it('is an array of the same maps, by either name', () => {
    const desk = aDesk();
    const one = desk.ask('SENTINEL', 'MASTER', 'mymaster');
    expect(desk.ask('SENTINEL', 'MASTERS')).to.equal(`*1\r\n${one}`);
    expect(desk.ask('SENTINEL', 'PRIMARIES')).to.equal(`*1\r\n${one}`);
    expect(desk.ask('SENTINEL', 'PRIMARY', 'mymaster')).to.equal(one);
  });
});

describe('SENTINEL REPLICAS', () => {
  it('has the original’s fields in the original’s order', () => {
    for (const replica of replicas(aDesk())) expect([...replica.keys()].join(' ')).to.equal(REPLICA_FIELDS);
  });

  it('describes a healthy replica, and answers to its old name', () => {
    const desk = aDesk();
    const [first] = replicas(desk);
    expect(Object.fromEntries(first ?? [])).to.include({
      name: '10.0.0.2:6379',
      ip: '10.0.0.2',
      port: '6379',
      flags: 'slave',
      'role-reported': 'slave',
      'master-link-down-time': '0',
      'master-link-status': 'ok',
      'master-host': '10.0.0.1',
      'master-port': '6379',
      'slave-priority': '100',
      'slave-repl-offset': '1000',
      'replica-announced': '1',
    });
    expect(desk.ask('SENTINEL', 'SLAVES', 'mymaster')).to.equal(desk.ask('SENTINEL', 'REPLICAS', 'mymaster'));
  });

  it('says of a replica that has never reported what the original assumes', () => {
    const desk = aDesk();
    const unseen = desk.group.master().replicas.get('10.0.0.2:6379');
    if (unseen === undefined) throw new Error('the replica is not known');
    unseen.info = null;
    unseen.infoAt = null;
    unseen.roleReported = null;
    expect(Object.fromEntries(replicas(desk)[0] ?? [])).to.include({
      'info-refresh': '0',
      'role-reported': 'slave',
      'master-link-status': 'err',
      'master-host': '?',
      'master-port': '0',
      'slave-priority': '100',
      'slave-repl-offset': '0',
    });
  });

  it('leaves out a replica that does not want to be announced', () => {
    const desk = aDesk();
    desk.group.replica(1).script.isAnnounced = false;
    desk.group.advance(11_000);
    expect(replicas(desk).map((replica) => replica.get('name'))).to.deep.equal(['10.0.0.3:6379']);
  });

  it('writes IPv6 addresses in brackets', () => {
    const desk = aDesk({ master: { replicas: [{ host: '::2', port: 6379 }] } });
    expect(replicas(desk).map((replica) => replica.get('name'))).to.include('[::2]:6379');
  });
});

describe('SENTINEL SENTINELS', () => {
  it('has the original’s fields in the original’s order', () => {
    const desk = aDesk();
    const [peer] = sentinels(desk);
    expect([...(peer?.keys() ?? [])].join(' ')).to.equal(PEER_FIELDS);
    expect(Object.fromEntries(peer ?? [])).to.include({
      name: desk.group.peer(1).runId,
      ip: '10.0.1.1',
      port: '26379',
      flags: 'sentinel',
      'voted-leader': '?',
      'voted-leader-epoch': '0',
    });
  });

  it('shows who finds the master down and whom it votes for', () => {
    const desk = aDesk();
    desk.group.killMaster();
    desk.group.untilEvent('+elected-leader', 5_000);
    const peer = sentinels(desk).find((candidate) => candidate.get('voted-leader') !== '?');
    expect(peer?.get('flags')).to.equal('sentinel,master_down');
    expect(peer?.get('voted-leader')).to.equal(desk.group.core.myId);
    expect(peer?.get('voted-leader-epoch')).to.equal(String(desk.group.core.currentEpoch));
  });
});
