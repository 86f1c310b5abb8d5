// SENTINEL MONITOR, REMOVE, RESET, FLUSHCONFIG, FAILOVER and CKQUORUM.

import { expect } from 'chai';
import { aDesk } from '../desk.js';

const SAVE_FAILED = '-ERR Failed to save config file. Check server logs.\r\n';

describe('SENTINEL MONITOR', () => {
  it('begins to watch a master, on disk before it is confirmed', () => {
    const desk = aDesk();
    expect(desk.ask('SENTINEL', 'MONITOR', 'other', '10.5.0.1', 6379, 2)).to.equal('+OK\r\n');
    expect(desk.group.messages('+monitor')).to.deep.equal(['master other 10.5.0.1 6379 quorum 2']);
    expect(desk.group.effects('save').length).to.be.at.least(1);
    expect(desk.group.master('other').settings).to.include({ quorum: 2, downAfter: 30_000, failoverTimeout: 180_000 });
  });

  it('takes IPv6 addresses, and names where they may be resolved', () => {
    const desk = aDesk({ settings: { resolveHostnames: true } });
    desk.group.hosts.set('redis.test', '10.5.0.1');
    expect(desk.ask('SENTINEL', 'MONITOR', 'a', '::1', 1, 1)).to.equal('+OK\r\n');
    expect(desk.ask('SENTINEL', 'MONITOR', 'b', 'redis.test', 1, 1)).to.equal('+OK\r\n');
  });

  for (const announceHostnames of [false, true]) {
    const what = announceHostnames ? 'name' : 'address';
    it(`waits for the address of a name, so that +monitor has the ${what} with announce-hostnames ${announceHostnames ? 'yes' : 'no'}`, () => {
      const desk = aDesk({ settings: { resolveHostnames: true, announceHostnames } });
      desk.group.hosts.set('redis.test', '10.5.0.1');
      expect(desk.ask('SENTINEL', 'MONITOR', 'a', 'redis.test', 6379, 1)).to.equal('+OK\r\n');
      const host = announceHostnames ? 'redis.test' : '10.5.0.1';
      expect(desk.group.messages('+monitor')).to.deep.equal([`master a ${host} 6379 quorum 1`]);
      expect(desk.group.sentinel.snapshot().masters.at(-1)?.address.host).to.equal('redis.test');
    });
  }

  it('refuses a name without an address, before it looks at the port or for duplicates, and takes it once it has one', () => {
    const desk = aDesk({ settings: { resolveHostnames: true } });
    const ask = (name: string, port: number) => desk.ask('SENTINEL', 'MONITOR', name, 'redis.test', port, 1);
    expect(ask('a', 6379)).to.equal('-ERR Invalid IP address or hostname specified\r\n');
    expect(ask('a', 70000)).to.equal('-ERR Invalid IP address or hostname specified\r\n');
    expect(ask('mymaster', 6379)).to.equal('-ERR Invalid IP address or hostname specified\r\n');
    expect(desk.group.messages('+monitor')).to.deep.equal([]);
    desk.group.hosts.set('redis.test', '10.5.0.1');
    expect(ask('a', 70000)).to.equal('-ERR Invalid port number.\r\n');
    expect(ask('mymaster', 6379)).to.equal('-ERR Duplicate master name.\r\n');
    expect(ask('a', 6379)).to.equal('+OK\r\n');
  });

  it('complains in the original’s words and order, and then watches nothing', () => {
    const desk = aDesk();
    const complaints: [(string | number)[], string][] = [
      [['a', 'nohost', 'x', 'x'], 'Invalid quorum'],
      [['a', 'nohost', 'x', 0], 'Invalid port'],
      [['a', 'nohost', 99999, 0], 'Quorum must be 1 or greater.'],
      [['a', 'nohost', 99999, -1], 'Quorum must be 1 or greater.'],
      [['a', 'nohost.test', 99999, 1], 'Invalid IP address or hostname specified'],
      [['a', '', 6379, 1], 'Invalid IP address or hostname specified'],
      [['mymaster', '10.0.0.1', 70000, 1], 'Invalid port number.'],
      [['a', '10.0.0.1', 0, 1], 'Invalid port number.'],
      [['a', '10.0.0.1', -1, 1], 'Invalid port number.'],
      [['mymaster', '10.0.0.1', 6379, 1], 'Duplicate master name.'],
      [['a', '10.0.0.1', 6379, 4294967297], 'Invalid quorum'],
    ];
    for (const [words, complaint] of complaints) {
      expect(desk.ask('SENTINEL', 'MONITOR', ...words), words.join(' ')).to.equal(`-ERR ${complaint}\r\n`);
    }
    expect([...desk.group.core.topology.masters.keys()]).to.deep.equal(['mymaster']);
  });

  it('refuses names that would break hellos, events or the configuration file, but takes any other bytes', () => {
    const desk = aDesk();
    for (const name of ['', 'a b', 'a,b', 'a\nsentinel myid x', 'a\0', 'a\x7f', 'x'.repeat(256)]) {
      expect(desk.ask('SENTINEL', 'MONITOR', name, '10.0.0.9', 6379, 1)).to.match(/^-ERR Invalid master name\./);
    }
    expect(desk.ask('SENTINEL', 'MONITOR', 'caf\xc3\xa9"\'\\', '10.0.0.9', 6379, 1)).to.equal('+OK\r\n');
  });

  it('says so when the configuration cannot be saved, and watches the master all the same', () => {
    const desk = aDesk();
    desk.group.disk = { failure: 'EISDIR' };
    expect(desk.ask('SENTINEL', 'MONITOR', 'other', '10.5.0.1', 6379, 2)).to.equal(SAVE_FAILED);
    expect(desk.group.core.topology.masters.has('other')).to.equal(true);
  });
});

describe('SENTINEL REMOVE', () => {
  it('forgets the master', () => {
    const desk = aDesk();
    expect(desk.ask('SENTINEL', 'REMOVE', 'mymaster')).to.equal('+OK\r\n');
    expect(desk.group.messages('-monitor')).to.deep.equal(['master mymaster 10.0.0.1 6379']);
    expect(desk.ask('SENTINEL', 'MASTERS')).to.equal('*0\r\n');
  });
});

describe('SENTINEL RESET', () => {
  it('resets the masters whose name matches and counts them, at once', () => {
    const desk = aDesk();
    desk.ask('SENTINEL', 'MONITOR', 'my-other', '10.5.0.1', 6379, 2);
    desk.group.disk = 'held';
    expect(desk.ask('SENTINEL', 'RESET', 'my*')).to.equal(':2\r\n');
    expect(desk.group.events('+reset-master')).to.have.length(2);
    expect(desk.ask('SENTINEL', 'RESET', 'MY*')).to.equal(':0\r\n');
  });
});

describe('SENTINEL FLUSHCONFIG', () => {
  it('is confirmed once the configuration is on disk', () => {
    const desk = aDesk();
    const saves = desk.group.effects('save').length;
    expect(desk.ask('SENTINEL', 'FLUSHCONFIG')).to.equal('+OK\r\n');
    expect(desk.group.effects('save').length).to.be.greaterThan(saves);
  });

  it('says so when that fails', () => {
    const desk = aDesk();
    desk.group.disk = { failure: 'ENOSPC' };
    expect(desk.ask('SENTINEL', 'FLUSHCONFIG')).to.equal(SAVE_FAILED);
  });
});

describe('SENTINEL FAILOVER', () => {
  it('begins one, and only one', () => {
    const desk = aDesk();
    expect(desk.ask('SENTINEL', 'FAILOVER', 'mymaster')).to.equal('+OK\r\n');
    expect(desk.host.logged).to.deep.equal(["notice Executing user requested FAILOVER of 'mymaster'"]);
    expect(desk.ask('SENTINEL', 'FAILOVER', 'mymaster')).to.equal('-INPROG Failover already in progress\r\n');
  });

  it('is refused without a suitable replica', () => {
    expect(aDesk({ replicas: 0 }).ask('SENTINEL', 'FAILOVER', 'mymaster')).to.equal(
      '-NOGOODSLAVE No suitable replica to promote\r\n',
    );
  });

  it('is refused without a majority that could authorize it', () => {
    const desk = aDesk();
    for (const peer of desk.group.peers) desk.group.crash(peer);
    desk.group.advance(3_000);
    expect(desk.ask('SENTINEL', 'FAILOVER', 'mymaster')).to.match(/^-NOQUORUM /);
  });
});

describe('SENTINEL CKQUORUM', () => {
  it('says that quorum and majority can be reached', () => {
    expect(aDesk().ask('SENTINEL', 'CKQUORUM', 'mymaster')).to.equal(
      '+OK 3 usable Sentinels. Quorum and failover authorization can be reached\r\n',
    );
  });

  it('says what cannot', () => {
    const quorum = 'Not enough available Sentinels to reach the specified quorum for this master';
    const majority = 'Not enough available Sentinels to reach the majority and authorize a failover';
    const desk = aDesk({ master: { quorum: 4 } });
    expect(desk.ask('SENTINEL', 'CKQUORUM', 'mymaster')).to.equal(`-NOQUORUM 3 usable Sentinels. ${quorum}\r\n`);
    for (const peer of desk.group.peers) desk.group.crash(peer);
    desk.group.advance(3_000);
    expect(desk.ask('SENTINEL', 'CKQUORUM', 'mymaster')).to.equal(
      `-NOQUORUM 1 usable Sentinels. ${quorum}. ${majority}\r\n`,
    );
    desk.ask('SENTINEL', 'SET', 'mymaster', 'quorum', 1);
    expect(desk.ask('SENTINEL', 'CKQUORUM', 'mymaster')).to.equal(`-NOQUORUM 1 usable Sentinels. ${majority}\r\n`);
  });

  it('does not count itself while it cannot save, and so cannot vote', () => {
    const desk = aDesk();
    desk.group.disk = { failure: 'ENOSPC' };
    desk.ask('SENTINEL', 'SET', 'mymaster', 'quorum', 3);
    desk.group.untilEvent('+save-failed', 1_000);
    expect(desk.ask('SENTINEL', 'CKQUORUM', 'mymaster')).to.match(/^-NOQUORUM 2 usable Sentinels\. /);
    desk.group.disk = 'working';
    desk.group.advance(1_000);
    expect(desk.ask('SENTINEL', 'CKQUORUM', 'mymaster')).to.match(/^\+OK 3 usable Sentinels\. /);
  });
});
