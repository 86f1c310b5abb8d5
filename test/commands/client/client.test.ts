// CLIENT: names, lists, kills and modes of connections.

import { expect } from 'chai';
import { aDesk } from '../desk.js';

const INVALID = '-ERR Client names cannot contain spaces, newlines or special characters.\r\n';

describe('A connection’s name', () => {
  it('can be set, read and removed', () => {
    const desk = aDesk();
    expect(desk.ask('CLIENT', 'GETNAME')).to.equal('$-1\r\n');
    expect(desk.ask('CLIENT', 'SETNAME', 'me')).to.equal('+OK\r\n');
    expect(desk.ask('CLIENT', 'GETNAME')).to.equal('$2\r\nme\r\n');
    expect(desk.ask('CLIENT', 'SETNAME', '')).to.equal('+OK\r\n');
    expect(desk.ask('CLIENT', 'GETNAME')).to.equal('$-1\r\n');
  });

  it('contains only what keeps a list of clients readable', () => {
    const desk = aDesk();
    for (const name of ['a b', 'a\n', 'a\x7f', 'ä']) expect(desk.ask('CLIENT', 'SETNAME', name)).to.equal(INVALID);
    expect(desk.client.name).to.equal('');
  });

  it('is accompanied by the library’s name and version', () => {
    const desk = aDesk();
    expect(desk.ask('CLIENT', 'SETINFO', 'lib-name', 'ioredis')).to.equal('+OK\r\n');
    expect(desk.ask('CLIENT', 'SETINFO', 'LIB-VER', '6.0.0')).to.equal('+OK\r\n');
    expect(desk.client).to.include({ libraryName: 'ioredis', libraryVersion: '6.0.0' });
    expect(desk.ask('CLIENT', 'SETINFO', 'foo', 'x')).to.equal("-ERR Unrecognized option 'foo'\r\n");
    expect(desk.ask('CLIENT', 'SETINFO', 'lib-name', 'a b')).to.equal(
      '-ERR lib-name cannot contain spaces, newlines or special characters.\r\n',
    );
  });
});

describe('CLIENT LIST', () => {
  it('shows one line a client with the names of Redis 7.2 in their order', () => {
    const desk = aDesk();
    desk.client.name = 'me';
    desk.group.advance(2_500);
    desk.client.lastInteractionAt = desk.group.now - 1_000;
    desk.client.queryBufferBytes = 10;
    desk.client.outputBufferBytes = 20;
    const line =
      'id=1 addr=10.0.2.1:5000 laddr=10.0.0.100:26379 fd=-1 name=me age=2 idle=1 flags=N db=0 sub=0 psub=0 ssub=0 multi=-1 qbuf=10 qbuf-free=0 argv-mem=0 multi-mem=0 rbs=0 rbp=0 obl=20 oll=0 omem=20 tot-mem=30 events=rw cmd=client|list user=default redir=-1 resp=2 lib-name= lib-ver=\n';
    expect(desk.ask('CLIENT', 'LIST')).to.equal(`$${line.length}\r\n${line}\r\n`);
  });

  it('is verbatim text in RESP3, as is CLIENT INFO', () => {
    const desk = aDesk();
    desk.client.protocol = 3;
    expect(desk.ask('CLIENT', 'LIST')).to.match(/^=\d+\r\ntxt:id=1 /);
    expect(desk.ask('CLIENT', 'INFO')).to.match(/^=\d+\r\ntxt:id=1 .*cmd=client\|info .*resp=3 /);
  });

  it('selects by kind and by number', () => {
    const desk = aDesk();
    desk.connect().channels.add('a');
    desk.connect();
    expect(desk.ask('CLIENT', 'LIST', 'TYPE', 'pubsub')).to.match(/^\$\d+\r\nid=2 .* flags=P .*\n\r\n$/);
    expect(desk.ask('CLIENT', 'LIST', 'TYPE', 'slave')).to.equal('$0\r\n\r\n');
    expect(desk.ask('CLIENT', 'LIST', 'ID', 3, 1, 99).match(/id=\d+ /g)).to.deep.equal(['id=3 ', 'id=1 ']);
  });

  it('complains in Redis’s words', () => {
    const desk = aDesk();
    expect(desk.ask('CLIENT', 'LIST', 'TYPE', 'foo')).to.equal("-ERR Unknown client type 'foo'\r\n");
    expect(desk.ask('CLIENT', 'LIST', 'ID', 'x')).to.equal('-ERR Invalid client ID\r\n');
    for (const words of [['TYPE'], ['ID'], ['FOO', 'BAR'], ['TYPE', 'normal', 'x']]) {
      expect(desk.ask('CLIENT', 'LIST', ...words)).to.equal('-ERR syntax error\r\n');
    }
  });
});

describe('CLIENT KILL', () => {
  it('in its old form closes the client at an address, even oneself', () => {
    const desk = aDesk();
    const other = desk.connect();
    expect(desk.ask('CLIENT', 'KILL', other.remoteAddress)).to.equal('+OK\r\n');
    expect(desk.host.killed).to.deep.equal([other]);
    expect(desk.ask('CLIENT', 'KILL', '1.2.3.4:5')).to.equal('-ERR No such client\r\n');
    expect(desk.ask('CLIENT', 'KILL', desk.client.remoteAddress)).to.equal('+OK\r\n');
    expect(desk.client.isClosing).to.equal(true);
  });

  it('kills by every filter, sparing the caller unless told otherwise', () => {
    const desk = aDesk();
    desk.group.advance(5_000);
    const young = desk.connect();
    const listener = desk.connect();
    listener.patterns.add('*');
    const killedBy = (...words: (string | number)[]) => {
      desk.host.killed.length = 0;
      const reply = desk.ask('CLIENT', 'KILL', ...words);
      expect(reply).to.equal(`:${desk.host.killed.length + (desk.client.isClosing ? 1 : 0)}\r\n`);
      return desk.host.killed;
    };
    expect(killedBy('ID', young.id)).to.deep.equal([young]);
    expect(killedBy('TYPE', 'pubsub')).to.deep.equal([listener]);
    expect(killedBy('TYPE', 'normal')).to.deep.equal([young]);
    expect(killedBy('TYPE', 'master')).to.deep.equal([]);
    expect(killedBy('ADDR', young.remoteAddress)).to.deep.equal([young]);
    expect(killedBy('LADDR', young.localAddress, 'ID', listener.id)).to.deep.equal([listener]);
    expect(killedBy('USER', 'default')).to.deep.equal([young, listener]);
    expect(killedBy('MAXAGE', 5)).to.deep.equal([]);
    expect(desk.client.isClosing).to.equal(false);
    expect(killedBy('SKIPME', 'no', 'MAXAGE', 5)).to.deep.equal([]);
    expect(desk.client.isClosing).to.equal(true);
  });

  it('complains in Redis’s words', () => {
    const desk = aDesk();
    const invalidId = '-ERR client-id should be greater than 0\r\n';
    expect(desk.ask('CLIENT', 'KILL', 'ID', 0)).to.equal(invalidId);
    expect(desk.ask('CLIENT', 'KILL', 'ID', 'x')).to.equal(invalidId);
    expect(desk.ask('CLIENT', 'KILL', 'TYPE', 'foo')).to.equal("-ERR Unknown client type 'foo'\r\n");
    expect(desk.ask('CLIENT', 'KILL', 'USER', 'nobody')).to.equal("-ERR No such user 'nobody'\r\n");
    expect(desk.ask('CLIENT', 'KILL', 'MAXAGE', 'x')).to.equal('-ERR maxage is not an integer or out of range\r\n');
    expect(desk.ask('CLIENT', 'KILL', 'MAXAGE', 0)).to.equal('-ERR maxage should be greater than 0\r\n');
    for (const words of [
      ['SKIPME', 'maybe'],
      ['FOO', 'BAR'],
      ['ID', '1', 'TYPE'],
    ]) {
      expect(desk.ask('CLIENT', 'KILL', ...words)).to.equal('-ERR syntax error\r\n');
    }
    expect(desk.host.killed).to.deep.equal([]);
  });
});

describe('CLIENT REPLY', () => {
  it('sets the mode and is itself answered only when it switches replies on', () => {
    const desk = aDesk();
    expect(desk.ask('CLIENT', 'REPLY', 'off')).to.equal('');
    expect(desk.client.replyMode).to.equal('off');
    expect(desk.ask('CLIENT', 'REPLY', 'SKIP')).to.equal('');
    expect(desk.client.replyMode).to.equal('off');
    expect(desk.ask('CLIENT', 'REPLY', 'ON')).to.equal('+OK\r\n');
    expect(desk.ask('CLIENT', 'REPLY', 'skip')).to.equal('');
    expect(desk.client.replyMode).to.equal('skip-next');
    expect(desk.ask('CLIENT', 'REPLY', 'foo')).to.equal('-ERR syntax error\r\n');
  });
});

describe('CLIENT NO-EVICT', () => {
  it('is shown in the list', () => {
    const desk = aDesk();
    expect(desk.ask('CLIENT', 'NO-EVICT', 'on')).to.equal('+OK\r\n');
    expect(desk.ask('CLIENT', 'INFO')).to.contain(' flags=e ');
    expect(desk.ask('CLIENT', 'NO-EVICT', 'OFF')).to.equal('+OK\r\n');
    expect(desk.ask('CLIENT', 'INFO')).to.contain(' flags=N ');
    expect(desk.ask('CLIENT', 'NO-EVICT', 'maybe')).to.equal('-ERR syntax error\r\n');
  });
});
