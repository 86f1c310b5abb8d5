// PING, AUTH, HELLO, QUIT, ROLE, SHUTDOWN: what a connection is greeted and dismissed with.

import { expect } from 'chai';
import { aDesk } from './desk.js';

const WRONG_PASS = '-WRONGPASS invalid username-password pair or user is disabled.\r\n';

describe('PING', () => {
  it('answers PONG, or the message', () => {
    const desk = aDesk();
    expect(desk.ask('PING')).to.equal('+PONG\r\n');
    expect(desk.ask('PING', 'hi')).to.equal('$2\r\nhi\r\n');
  });

  it('answers a RESP2 client that listens in the form of a message', () => {
    const desk = aDesk();
    desk.ask('PSUBSCRIBE', '*');
    expect(desk.ask('PING')).to.equal('*2\r\n$4\r\npong\r\n$0\r\n\r\n');
    expect(desk.ask('PING', 'hi')).to.equal('*2\r\n$4\r\npong\r\n$2\r\nhi\r\n');
    desk.client.protocol = 3;
    expect(desk.ask('PING')).to.equal('+PONG\r\n');
  });
});

describe('AUTH', () => {
  it('without a configured password accepts any for the default user, but only by name', () => {
    const desk = aDesk();
    expect(desk.ask('AUTH', 'default', 'whatever')).to.equal('+OK\r\n');
    expect(desk.ask('AUTH', 'whatever')).to.equal(
      '-ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?\r\n',
    );
  });

  it('accepts the configured password with and without the user', () => {
    for (const words of [['secret'], ['default', 'secret']]) {
      const desk = aDesk({ password: 'secret' });
      expect(desk.ask('AUTH', ...words)).to.equal('+OK\r\n');
      expect(desk.client.isAuthenticated).to.equal(true);
    }
  });

  it('refuses a wrong password and an unknown user, and changes nothing', () => {
    const desk = aDesk({ password: 'secret' });
    for (const words of [['Secret'], ['secret2'], ['secre'], [''], ['default', 'x'], ['nobody', 'secret']]) {
      expect(desk.ask('AUTH', ...words)).to.equal(WRONG_PASS);
    }
    expect(desk.client.isAuthenticated).to.equal(false);
    desk.ask('AUTH', 'secret');
    expect(desk.ask('AUTH', 'x')).to.equal(WRONG_PASS);
    expect(desk.client.isAuthenticated).to.equal(true);
  });

  it('takes at most two words', () => {
    expect(aDesk().ask('AUTH', 'a', 'b', 'c')).to.equal('-ERR syntax error\r\n');
  });
});

describe('HELLO', () => {
  it('tells who answers, in the version that was agreed', () => {
    const desk = aDesk();
    const body =
      '$6\r\nserver\r\n$5\r\nredis\r\n$7\r\nversion\r\n$5\r\n7.2.4\r\n$5\r\nproto\r\n:V\r\n$2\r\nid\r\n:1\r\n$4\r\nmode\r\n$8\r\nsentinel\r\n$7\r\nmodules\r\n*0\r\n';
    expect(desk.ask('HELLO')).to.equal(`*12\r\n${body.replace('V', '2')}`);
    expect(desk.ask('HELLO', 3)).to.equal(`%6\r\n${body.replace('V', '3')}`);
    expect(desk.ask('HELLO', 2)).to.equal(`*12\r\n${body.replace('V', '2')}`);
  });

  it('knows versions 2 and 3 only', () => {
    const desk = aDesk();
    expect(desk.ask('HELLO', 4)).to.equal('-NOPROTO unsupported protocol version\r\n');
    expect(desk.ask('HELLO', 'x')).to.equal('-ERR Protocol version is not an integer or out of range\r\n');
    expect(desk.client.protocol).to.equal(2);
  });

  it('authenticates and names the connection on the way', () => {
    const desk = aDesk({ password: 'secret' });
    expect(desk.ask('HELLO', 3, 'AUTH', 'default', 'secret', 'SETNAME', 'me')).to.match(/^%6/);
    expect(desk.client).to.include({ isAuthenticated: true, name: 'me', protocol: 3 });
  });

  it('does nothing when a part of it is wrong', () => {
    const desk = aDesk({ password: 'secret' });
    expect(desk.ask('HELLO', 3, 'AUTH', 'default', 'no', 'SETNAME', 'me')).to.equal(WRONG_PASS);
    expect(desk.ask('HELLO', 3, 'SETNAME')).to.equal("-ERR Syntax error in HELLO option 'SETNAME'\r\n");
    expect(desk.ask('HELLO', 3, 'FOO')).to.equal("-ERR Syntax error in HELLO option 'FOO'\r\n");
    expect(desk.ask('HELLO', 3, 'SETNAME', 'a b')).to.equal(
      '-ERR Client names cannot contain spaces, newlines or special characters.\r\n',
    );
    expect(desk.client).to.include({ isAuthenticated: false, name: '', protocol: 2 });
  });

  it('says how to authenticate to a client that has not', () => {
    const desk = aDesk({ password: 'secret' });
    expect(desk.ask('HELLO', 3)).to.equal(
      '-NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO <proto> AUTH <user> <pass> option can be used to authenticate the client and select the RESP protocol version at the same time\r\n',
    );
  });
});

describe('QUIT', () => {
  it('is answered before the connection closes, even to a stranger', () => {
    const desk = aDesk({ password: 'secret' });
    expect(desk.ask('QUIT')).to.equal('+OK\r\n');
    expect(desk.client.isClosing).to.equal(true);
  });
});

describe('ROLE', () => {
  it('is "sentinel" and the names of the masters', () => {
    expect(aDesk().ask('ROLE')).to.equal('*2\r\n$8\r\nsentinel\r\n*1\r\n$8\r\nmymaster\r\n');
  });
});

describe('SHUTDOWN', () => {
  it('ends the process without an answer, whatever is to be saved', () => {
    for (const words of [[], ['NOSAVE'], ['save'], ['now', 'FORCE']]) {
      const desk = aDesk();
      expect(desk.ask('SHUTDOWN', ...words)).to.equal('');
      expect(desk.host.hasShutDown).to.equal(true);
    }
  });

  it('refuses options that contradict each other or do not exist', () => {
    const desk = aDesk();
    for (const words of [['FOO'], ['NOSAVE', 'SAVE'], ['ABORT', 'NOW']]) {
      expect(desk.ask('SHUTDOWN', ...words)).to.equal('-ERR syntax error\r\n');
    }
    expect(desk.ask('SHUTDOWN', 'ABORT')).to.equal('-ERR No shutdown in progress.\r\n');
    expect(desk.host.hasShutDown).to.equal(false);
  });
});
