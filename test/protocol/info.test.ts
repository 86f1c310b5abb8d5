// The INFO parser against real reports (shortened) of several versions, and against text nobody should send.

import { expect } from 'chai';
import { SeededRandom } from '../../src/core/random.js';
import { type InfoReport, MAX_REPLICA_LINES, parseInfo } from '../../src/protocol/info.js';
import { randomBytes } from './random-text.js';

const RUN_ID = '1f0c2c9d6e2b7f3a5d4e8c6b9a0f1e2d3c4b5a69';
const REPLICATION_ID = '64678efb15e53a54b41df6f01bb17c5bf9e14db4';
const FORMER_REPLICATION_ID = '0a678efb15e53a54b41df6f01bb17c5bf9e14db4';

const MASTER_7 = [
  '# Server',
  'redis_version:7.0.15',
  'redis_mode:standalone',
  `run_id:${RUN_ID}`,
  '',
  '# Persistence',
  'loading:0',
  'async_loading:0',
  '',
  '# Replication',
  'role:master',
  'connected_slaves:2',
  'slave0:ip=127.0.0.1,port=6380,state=online,offset=1358,lag=0',
  'slave1:ip=fd00::7,port=6381,state=wait_bgsave,offset=0,lag=1',
  'master_failover_state:no-failover',
  `master_replid:${REPLICATION_ID}`,
  'master_replid2:0000000000000000000000000000000000000000',
  'master_repl_offset:1358',
  'second_repl_offset:-1',
  '',
];

const REPLICA_7 = [
  '# Server',
  'redis_version:7.0.15',
  `run_id:${RUN_ID}`,
  '# Replication',
  'role:slave',
  'master_host:127.0.0.1',
  'master_port:6379',
  'master_link_status:down',
  'master_last_io_seconds_ago:-1',
  'master_sync_in_progress:1',
  'slave_read_repl_offset:1400',
  'slave_repl_offset:1358',
  'master_link_down_since_seconds:12',
  'slave_priority:25',
  'slave_read_only:1',
  'replica_announced:0',
  'connected_slaves:0',
  `master_replid:${REPLICATION_ID}`,
  `master_replid2:${FORMER_REPLICATION_ID}`,
  'master_repl_offset:9999',
];

function report(...lines: readonly string[]): InfoReport {
  return parseInfo(`${lines.join('\r\n')}\r\n`);
}

describe('INFO report', () => {
  describe('of a master', () => {
    it('carries identity, role, replicas, offset and history', () => {
      expect(report(...MASTER_7)).to.deep.equal({
        runId: RUN_ID,
        version: '7.0.15',
        role: 'master',
        replicas: [
          { host: '127.0.0.1', port: 6380, state: 'online', offset: 1358 },
          { host: 'fd00::7', port: 6381, state: 'wait_bgsave', offset: 0 },
        ],
        masterHost: null,
        masterPort: null,
        masterLinkUp: false,
        masterLinkDownFor: null,
        masterSyncInProgress: false,
        priority: 100,
        offset: 1358,
        historyOffset: 1358,
        replicationId: REPLICATION_ID,
        secondReplicationId: '',
        isAnnounced: true,
        loading: false,
        keys: 0,
      });
    });

    it('lists the replicas of Redis before 2.8, which have no names for their values', () => {
      const { replicas } = report('role:master', 'slave0:127.0.0.1,6380,online', 'slave1:10.0.0.2,6381,send_bulk');
      expect(replicas).to.deep.equal([
        { host: '127.0.0.1', port: 6380, state: 'online', offset: 0 },
        { host: '10.0.0.2', port: 6381, state: 'send_bulk', offset: 0 },
      ]);
    });

    it('counts the keys of all databases', () => {
      const lines = ['# Keyspace', 'db0:keys=1010,expires=3,avg_ttl=0', 'db11:keys=5,expires=0,avg_ttl=0,subexpiry=0'];
      expect(report('role:master', ...lines).keys).to.equal(1015);
      expect(report('role:master', 'db0:expires=1', 'db1:keys=x', 'db:keys=7', 'dbsize:keys=7').keys).to.equal(0);
    });

    it('accepts values of a replica in another order and with names it does not know', () => {
      const { replicas } = report('slave10:ip=host.example,type=rdb,offset=7,lag=0,port=6380,future=1,state=online');
      expect(replicas).to.deep.equal([{ host: 'host.example', port: 6380, state: 'online', offset: 7 }]);
    });

    it('lists no more replicas than the limit', () => {
      const lines = Array.from(
        { length: 10_000 },
        (_, index) => `slave${index}:ip=10.0.0.1,port=${1 + index},state=online`,
      );
      const { replicas } = report('role:master', ...lines);
      expect(replicas).to.have.lengthOf(MAX_REPLICA_LINES);
      expect(replicas.at(-1)?.port).to.equal(MAX_REPLICA_LINES);
    });

    it('is not mistaken for a replica by leftovers of a replica', () => {
      const { masterHost, masterPort, masterLinkUp, offset } = report(
        'role:master',
        'master_host:127.0.0.1',
        'master_port:6379',
        'master_link_status:up',
        'slave_repl_offset:5',
        'master_repl_offset:9',
      );
      expect({ masterHost, masterPort, masterLinkUp, offset }).to.deep.equal({
        masterHost: null,
        masterPort: null,
        masterLinkUp: false,
        offset: 9,
      });
    });
  });

  describe('of a replica', () => {
    it('carries its master, its link, its priority and its own offset', () => {
      expect(report(...REPLICA_7)).to.deep.equal({
        runId: RUN_ID,
        version: '7.0.15',
        role: 'slave',
        replicas: [],
        masterHost: '127.0.0.1',
        masterPort: 6379,
        masterLinkUp: false,
        masterLinkDownFor: 12_000,
        masterSyncInProgress: true,
        priority: 25,
        offset: 1358,
        historyOffset: 9999,
        replicationId: REPLICATION_ID,
        secondReplicationId: FORMER_REPLICATION_ID,
        isAnnounced: false,
        loading: false,
        keys: 0,
      });
    });

    it('says 0 for how long the link is down while it is up', () => {
      const { masterLinkUp, masterLinkDownFor } = report('role:slave', 'master_link_status:up');
      expect({ masterLinkUp, masterLinkDownFor }).to.deep.equal({ masterLinkUp: true, masterLinkDownFor: 0 });
    });

    it('does not know how long the link is down when there never was one', () => {
      const { masterLinkDownFor } = report(
        'role:slave',
        'master_link_status:down',
        'master_link_down_since_seconds:-1',
      );
      expect(masterLinkDownFor).to.equal(null);
    });

    it("is read in Valkey's new words as well", () => {
      const { role, masterHost, masterPort, masterLinkUp, offset, priority, replicationId } = report(
        'role:replica',
        'primary_host:node.example',
        'primary_port:6379',
        'primary_link_status:up',
        'replica_repl_offset:17',
        'replica_priority:3',
        `primary_replid:${REPLICATION_ID}`,
      );
      expect({ role, masterHost, masterPort, masterLinkUp, offset, priority, replicationId }).to.deep.equal({
        role: 'slave',
        masterHost: 'node.example',
        masterPort: 6379,
        masterLinkUp: true,
        offset: 17,
        priority: 3,
        replicationId: REPLICATION_ID,
      });
    });
  });

  it('knows a primary of the future and its replicas', () => {
    const { role, replicas, offset } = report(
      'role:primary',
      'replica0:ip=10.0.0.1,port=6380,state=online,offset=4,lag=0',
      'primary_repl_offset:4',
    );
    expect({ role, replicas, offset }).to.deep.equal({
      role: 'master',
      replicas: [{ host: '10.0.0.1', port: 6380, state: 'online', offset: 4 }],
      offset: 4,
    });
  });

  it("names Redis's level of compatibility as the version, and Valkey's own where that is missing", () => {
    expect(report('redis_version:7.2.4', 'valkey_version:8.1.0').version).to.equal('7.2.4');
    expect(report('valkey_version:8.1.0').version).to.equal('8.1.0');
    expect(report('redis_version:7.4.0-rc1').version).to.equal('7.4.0-rc1');
  });

  it('notices that the server is loading its data', () => {
    expect(report('loading:1').loading).to.equal(true);
  });

  it('is the same with LF as with CRLF, and without a last line break', () => {
    const expected = report(...REPLICA_7);
    expect(parseInfo(REPLICA_7.join('\n'))).to.deep.equal(expected);
    expect(parseInfo(REPLICA_7.join('\r\n'))).to.deep.equal(expected);
  });

  it('has defaults for everything', () => {
    const { role, priority, isAnnounced, masterLinkDownFor, runId } = parseInfo('');
    expect({ role, priority, isAnnounced, masterLinkDownFor, runId }).to.deep.equal({
      role: null,
      priority: 100,
      isAnnounced: true,
      masterLinkDownFor: null,
      runId: '',
    });
  });

  describe('with hostile values', () => {
    for (const value of [
      'NaN',
      '-1',
      '1e3',
      '0x10',
      '9007199254740992',
      '99999999999999999999',
      '',
      ' 5',
      '5 ',
      '+5',
    ]) {
      it(`keeps its defaults for the number ${JSON.stringify(value)}`, () => {
        const { priority, offset, masterLinkDownFor, masterPort } = report(
          'role:slave',
          `slave_priority:${value}`,
          `slave_repl_offset:${value}`,
          `master_link_down_since_seconds:${value}`,
          `master_port:${value}`,
        );
        expect({ priority, offset, masterLinkDownFor, masterPort }).to.deep.equal({
          priority: 100,
          offset: 0,
          masterLinkDownFor: null,
          masterPort: null,
        });
      });
    }

    for (const value of [
      'ip=127.0.0.1,port=0,state=online,offset=1,lag=0',
      'ip=127.0.0.1,port=65536,state=online,offset=1,lag=0',
      'ip=127.0.0.1,port=6380,state=online,offset=-1,lag=0',
      'ip=127.0.0.1,port=6380,state=online,offset=9007199254740992,lag=0',
      'ip=,port=6380,state=online,offset=1,lag=0',
      'ip=a b,port=6380,state=online,offset=1,lag=0',
      `ip=${'a'.repeat(256)},port=6380,state=online,offset=1,lag=0`,
      'ip=127.0.0.1',
      '127.0.0.1,port,online',
      '127.0.0.1',
      '',
    ]) {
      it(`drops the replica ${JSON.stringify(value.slice(0, 60))}`, () => {
        const { replicas } = report('role:master', `slave0:${value}`, 'slave1:ip=10.0.0.1,port=6381,state=online');
        expect(replicas).to.deep.equal([{ host: '10.0.0.1', port: 6381, state: 'online', offset: 0 }]);
      });
    }

    it('does not take counters whose names begin alike for replicas', () => {
      expect(
        report('slave_expires_tracked_keys:0', 'slaves:1,2,3', 'slave0x:10.0.0.1,6380,online').replicas,
      ).to.deep.equal([]);
    });

    it('keeps ids empty that are not forty hexadecimal digits', () => {
      const { runId, replicationId } = report(`run_id:${RUN_ID}0`, `master_replid:${'z'.repeat(40)}`);
      expect({ runId, replicationId }).to.deep.equal({ runId: '', replicationId: '' });
    });

    it('never throws on random text and keeps every number in range', () => {
      const random = new SeededRandom(11);
      const names = ['role', 'slave0', 'slave_repl_offset', 'master_port', 'slave_priority', 'run_id', 'master_host'];
      for (let round = 0; round < 2000; round++) {
        let text = 'role:slave\r\n';
        for (let line = 0; line < 5; line++) {
          text += `${names[random.below(names.length)]}:${randomBytes(random, random.below(40), '0123456789,=-:iport\r\n')}\n`;
        }
        const { offset, priority, masterPort, replicas } = parseInfo(text);
        expect(Number.isSafeInteger(offset) && offset >= 0, text).to.equal(true);
        expect(Number.isSafeInteger(priority) && priority >= 0, text).to.equal(true);
        for (const port of [masterPort ?? 1, ...replicas.map((replica) => replica.port)]) {
          expect(port, text).to.be.within(1, 65_535);
        }
      }
    });
  });
});
