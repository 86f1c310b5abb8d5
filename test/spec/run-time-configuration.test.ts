// The documentation's sections "Reconfiguring Sentinel at Runtime" and "Adding or removing Sentinels", in our own words.

import { expect } from 'chai';
import { aDesk, type Desk, elements, fields } from '../commands/desk.js';
import { replicaAddress } from '../core/builders.js';

function masterNames({ group }: Desk): string[] {
  return group.sentinel.snapshot().masters.map(({ name }) => name);
}

describe('Reconfiguring Sentinel at run time', () => {
  // MONITOR begins to watch a master by name, address and quorum, as the directive of the same name does.
  it('begins to watch a master with MONITOR', () => {
    const desk = aDesk();
    expect(desk.ask('SENTINEL', 'MONITOR', 'other', '10.0.7.1', 7000, 2)).to.equal('+OK\r\n');
    expect(masterNames(desk)).to.deep.equal(['mymaster', 'other']);
    desk.group.advance(10);
    expect(desk.group.effects('open').at(-1)?.effect.address).to.deep.equal({ host: '10.0.7.1', port: 7000 });
  });

  // The address has to be numeric unless host names are resolved.
  it('takes no host name unless host names are resolved, and this one is', () => {
    const words = ['SENTINEL', 'MONITOR', 'other', 'db.example', 7000, 2] as const;
    expect(aDesk().ask(...words)).to.equal('-ERR Invalid IP address or hostname specified\r\n');
    const desk = aDesk({ settings: { resolveHostnames: true } });
    expect(desk.ask(...words)).to.equal('-ERR Invalid IP address or hostname specified\r\n');
    desk.group.hosts.set('db.example', '10.0.7.1');
    expect(desk.ask(...words)).to.equal('+OK\r\n');
  });

  // REMOVE makes the Sentinel forget the master altogether.
  it('forgets a master with REMOVE', () => {
    const desk = aDesk();
    expect(desk.ask('SENTINEL', 'REMOVE', 'mymaster')).to.equal('+OK\r\n');
    expect(masterNames(desk)).to.deep.equal([]);
    expect(desk.ask('SENTINEL', 'MASTERS')).to.equal('*0\r\n');
    desk.group.forget();
    desk.group.advance(10_000);
    expect(desk.group.effects('send')).to.deep.equal([]);
  });

  // SET changes settings of a master as CONFIG SET does; several pairs are allowed.
  it('changes several settings of a master in one SET', () => {
    const desk = aDesk();
    expect(desk.ask('SENTINEL', 'SET', 'mymaster', 'down-after-milliseconds', 1000, 'quorum', 5)).to.equal('+OK\r\n');
    const shown = fields(desk.ask('SENTINEL', 'MASTER', 'mymaster'));
    expect([shown.get('down-after-milliseconds'), shown.get('quorum')]).to.deep.equal(['1000', '5']);
  });

  // Every directive of the file can be set; the quorum without removing the master and adding it again.
  it('judges by the new quorum from then on', () => {
    const desk = aDesk({ node: { priority: 0 } });
    desk.group.crash(desk.group.first);
    desk.group.advance(5_000);
    expect(desk.group.events('+odown')).to.deep.equal([]);
    desk.ask('SENTINEL', 'SET', 'mymaster', 'quorum', 1);
    desk.group.advance(2);
    expect(desk.group.messages('+odown')).to.deep.equal(['master mymaster 10.0.0.1 6379 #quorum 1/1']);
  });

  // Changes are not sent to other Sentinels: each has to be told.
  it('tells no other Sentinel of a setting', () => {
    const desk = aDesk();
    desk.group.advance(1);
    const before = desk.group.published(desk.group.peer(1), '__sentinel__:hello').length;
    desk.ask('SENTINEL', 'SET', 'mymaster', 'quorum', 1);
    expect(desk.group.published(desk.group.peer(1), '__sentinel__:hello').length).to.equal(before);
  });

  // What was changed is written to the file before OK is answered, so that a restart keeps it.
  it('answers OK only after the change was saved', () => {
    const desk = aDesk();
    desk.group.disk = 'held';
    desk.run(['SENTINEL', 'SET', 'mymaster', 'quorum', '1']);
    desk.group.advance(100);
    expect(desk.group.effects('reply')).to.deep.equal([]);
    desk.group.answerSave();
    expect(desk.group.effects('reply').length).to.equal(1);
  });

  // SENTINEL CONFIG SET changes settings of the whole process.
  it('changes what it announces of itself with CONFIG SET', () => {
    const desk = aDesk();
    expect(desk.ask('SENTINEL', 'CONFIG', 'SET', 'announce-ip', '203.0.113.9')).to.equal('+OK\r\n');
    expect(elements(desk.ask('SENTINEL', 'CONFIG', 'GET', 'announce-ip'))).to.deep.equal([
      'announce-ip',
      '203.0.113.9',
    ]);
    desk.group.forget();
    desk.group.advance(2_500);
    expect(desk.group.published(desk.group.first, '__sentinel__:hello')[0]).to.match(/^203\.0\.113\.9,26379,/);
  });
});

describe('Adding or removing Sentinels', () => {
  // A Sentinel is added by starting it; nothing else is to be done. It is removed only by telling the others to forget.
  it('never forgets a Sentinel by itself, however long it is away', () => {
    const desk = aDesk();
    desk.group.crash(desk.group.peer(1));
    desk.group.advance(120_000);
    expect(fields(desk.ask('SENTINEL', 'MASTER', 'mymaster')).get('num-other-sentinels')).to.equal('2');
  });

  it('forgets Sentinels with RESET, and counts those again that still speak', () => {
    const desk = aDesk();
    desk.group.crash(desk.group.peer(1));
    expect(desk.ask('SENTINEL', 'RESET', 'mymaster')).to.equal(':1\r\n');
    expect(fields(desk.ask('SENTINEL', 'MASTER', 'mymaster')).get('num-other-sentinels')).to.equal('0');
    desk.group.advance(500);
    desk.group.hear(desk.group.peer(2).hello());
    desk.group.advance(5);
    expect(fields(desk.ask('SENTINEL', 'MASTER', 'mymaster')).get('num-other-sentinels')).to.equal('1');
  });

  // RESET takes a pattern of names.
  it('resets all masters whose names match the pattern', () => {
    const desk = aDesk();
    desk.ask('SENTINEL', 'MONITOR', 'other', '10.0.7.1', 7000, 2);
    expect(desk.ask('SENTINEL', 'RESET', 'o*')).to.equal(':1\r\n');
    expect(desk.ask('SENTINEL', 'RESET', '*')).to.equal(':2\r\n');
    expect(desk.ask('SENTINEL', 'RESET', 'x*')).to.equal(':0\r\n');
  });
});

describe('Removing the old master or unreachable replicas', () => {
  // Replicas are never forgotten by themselves, because they are to be repointed when they return.
  it('never forgets a replica by itself, however long it is away', () => {
    const desk = aDesk();
    desk.group.first.script.replicas = [replicaAddress(1)];
    desk.group.crash(desk.group.replica(2));
    desk.group.advance(120_000);
    expect(fields(desk.ask('SENTINEL', 'MASTER', 'mymaster')).get('num-slaves')).to.equal('2');
  });

  // After RESET only those are found again that the master lists.
  it('finds after RESET only the replicas that the master lists', () => {
    const desk = aDesk();
    desk.group.first.script.replicas = [replicaAddress(1)];
    desk.ask('SENTINEL', 'RESET', 'mymaster');
    desk.group.advance(1_000);
    expect([...desk.group.master().replicas.values()].map(({ address }) => address)).to.deep.equal([replicaAddress(1)]);
  });
});
