// ACL: users at work on the port. The texts are those of Redis 7.0's Sentinel.

import { expect } from 'chai';
import type { UserFile } from '../../../src/commands/host.js';
import { ErrorReply } from '../../../src/protocol/reply.js';
import { aDesk, elements } from '../desk.js';

const FORBIDDEN_CHANNEL = '-NOPERM this user has no permissions to access one of the channels used as arguments\r\n';

function forbidden(command: string): string {
  return `-NOPERM this user has no permissions to run the '${command}' command\r\n`;
}

describe('A user', () => {
  it('may run what its rules allow', () => {
    const desk = aDesk({ users: [['bob', 'on', '>b', '+ping', '+sentinel|myid', '+acl|whoami']] });
    expect(desk.ask('AUTH', 'bob', 'b')).to.equal('+OK\r\n');
    expect(desk.ask('ACL', 'WHOAMI')).to.equal('$3\r\nbob\r\n');
    expect(desk.ask('PING')).to.equal('+PONG\r\n');
    expect(desk.ask('SENTINEL', 'MYID')).to.match(/^\$40\r\n/);
    expect(desk.ask('SENTINEL', 'MASTERS')).to.equal(forbidden('sentinel|masters'));
    expect(desk.ask('INFO')).to.equal(forbidden('info'));
    expect(desk.ask('AUTH', 'bob', 'b')).to.equal('+OK\r\n');
  });

  it('is asked for every time, also when the very same words come again', () => {
    const desk = aDesk({ users: [['bob', 'on', '>b', '+info', '+auth']] });
    const [words, admin, bob] = [['INFO', 'server'], desk.client, desk.connect()];
    desk.run(['AUTH', 'bob', 'b'], bob);
    const may = (client: typeof bob) => typeof desk.run(words, client) !== 'object';
    expect([may(bob), may(bob)]).to.deep.equal([true, true]);
    for (const [rule, isAllowed] of [
      ['-info', false],
      ['+info', true],
      ['reset', false],
      ['+@all', true],
    ] as const) {
      desk.run(['ACL', 'SETUSER', 'bob', rule], admin);
      expect([may(admin), may(bob), may(admin), may(bob)], rule).to.deep.equal([true, isAllowed, true, isAllowed]);
    }
    desk.run(['ACL', 'DELUSER', 'bob'], admin);
    expect([may(admin), may(bob)]).to.deep.equal([true, false]);
  });

  it('may take a permission away from itself once', () => {
    for (const words of [
      ['ACL', 'SETUSER', 'bob', '-acl'],
      ['ACL', 'DELUSER', 'bob'],
    ]) {
      const desk = aDesk({ users: [['bob', 'on', '>b', '+acl', '+auth']] });
      desk.ask('AUTH', 'bob', 'b');
      expect(desk.run(words)).not.to.be.instanceOf(ErrorReply);
      expect(desk.run(words), words.join(' ')).to.be.instanceOf(ErrorReply);
    }
  });

  it('may run a command with the first arguments it was allowed', () => {
    const desk = aDesk({ users: [['default', 'on', 'nopass', '+ping|Hello']] });
    expect(desk.ask('PING', 'HELLO')).to.equal('$5\r\nHELLO\r\n');
    expect(desk.ask('PING')).to.equal(forbidden('ping'));
  });

  it('hears and speaks on the channels it has access to', () => {
    const desk = aDesk({ users: [['default', 'on', 'nopass', '+@pubsub', '&+s*', '&x']] });
    expect(desk.ask('SUBSCRIBE', '+sdown', '+odown')).to.equal(FORBIDDEN_CHANNEL);
    expect(desk.client.channels).to.have.lengthOf(0);
    expect(desk.ask('PSUBSCRIBE', '+sdown')).to.equal(FORBIDDEN_CHANNEL);
    expect(desk.ask('PUBLISH', '__sentinel__:hello', 'x')).to.equal(FORBIDDEN_CHANNEL);
    expect(desk.ask('PUBLISH', 'x', '__sentinel__:hello')).to.match(/^-ERR Only HELLO/);
    expect(desk.ask('SUBSCRIBE', '+sdown', 'x')).to.match(/\$1\r\nx\r\n:2\r\n$/);
    expect(desk.ask('PSUBSCRIBE', '+s*')).to.match(/:3\r\n$/);
    expect(desk.ask('UNSUBSCRIBE', 'anything')).to.match(/:3\r\n$/);
  });

  it('is refused for what comes closest to permission when selectors differ', () => {
    const desk = aDesk({ users: [['default', 'on', 'nopass', '+acl', '(+subscribe &a)', '(+role)']] });
    expect(desk.ask('ROLE')).to.match(/^\*2\r\n/);
    expect(desk.ask('SUBSCRIBE', 'b')).to.equal(FORBIDDEN_CHANNEL);
    expect(desk.ask('INFO')).to.equal(forbidden('info'));
  });

  it('cannot log in with a wrong password, while it is off, or when there is none of that name', () => {
    const desk = aDesk({
      users: [
        ['bob', '>b', '+@all'],
        ['eve', 'on', '>e'],
      ],
    });
    const wrong = '-WRONGPASS invalid username-password pair or user is disabled.\r\n';
    expect(desk.ask('AUTH', 'bob', 'b')).to.equal(wrong);
    expect(desk.ask('AUTH', 'eve', 'x')).to.equal(wrong);
    expect(desk.ask('AUTH', 'eve', '')).to.equal(wrong);
    expect(desk.ask('HELLO', 3, 'AUTH', 'nobody', 'x')).to.equal(wrong);
    expect(desk.client.user).to.equal('default');
  });

  it('that is called default and off keeps strangers out', () => {
    const desk = aDesk({ users: [['bob', 'on', '>b', '+@all']] });
    expect(desk.ask('ACL', 'SETUSER', 'default', 'off')).to.equal('+OK\r\n');
    expect(desk.ask('PING')).to.equal('+PONG\r\n');
    const stranger = desk.connect();
    expect(desk.run(['PING'], stranger)).to.include({ message: 'NOAUTH Authentication required.' });
    expect(desk.run(['AUTH', 'bob', 'b'], stranger)).to.include({ value: 'OK' });
  });
});

describe('ACL SETUSER', () => {
  it('creates and changes users, which the configuration keeps from the next save on', () => {
    const desk = aDesk();
    expect(desk.ask('ACL', 'SETUSER', 'bob', 'on', '>x', '&a*')).to.equal('+OK\r\n');
    expect(desk.ask('ACL', 'SETUSER', 'bob', '+ping')).to.equal('+OK\r\n');
    expect(elements(desk.ask('ACL', 'USERS'))).to.deep.equal(['bob', 'default']);
    const hash = '2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881';
    expect(elements(desk.ask('ACL', 'LIST'))).to.deep.equal([
      `user bob on #${hash} resetchannels &a* -@all +ping`,
      'user default on nopass ~* &* +@all',
    ]);
    expect(desk.host.keptUsers).to.deep.equal([
      ['bob', 'on', `#${hash}`, 'resetchannels', '&a*', '-@all', '+ping'],
      ['default', 'on', 'nopass', '~*', '&*', '+@all'],
    ]);
  });

  it('changes nothing when one rule is wrong', () => {
    const desk = aDesk();
    expect(desk.ask('ACL', 'SETUSER', 'bob', 'on', '+nosuch')).to.equal(
      "-ERR Error in ACL SETUSER modifier '+nosuch': Unknown command or category name in ACL\r\n",
    );
    expect(desk.ask('ACL', 'SETUSER', 'bob', '(on')).to.match(/^-ERR Unmatched parenthesis/);
    expect(desk.ask('ACL', 'SETUSER', 'b b')).to.equal("-ERR Usernames can't contain spaces or null characters\r\n");
    expect(elements(desk.ask('ACL', 'USERS'))).to.deep.equal(['default']);
    expect(desk.host.keptUsers).to.equal(null);
  });

  it('closes connections that listen to what they may not hear any more', () => {
    const desk = aDesk({ users: [['bob', 'on', 'nopass', 'allchannels']] });
    const [listening, idle] = [desk.connect(), desk.connect()];
    for (const client of [listening, idle]) client.user = 'bob';
    listening.channels.add('a');
    expect(desk.ask('ACL', 'SETUSER', 'bob', 'resetchannels', '&a')).to.equal('+OK\r\n');
    expect(desk.host.killed).to.deep.equal([]);
    expect(desk.ask('ACL', 'SETUSER', 'bob', 'resetchannels', '&b')).to.equal('+OK\r\n');
    expect(desk.host.killed).to.deep.equal([listening]);
  });
});

describe('ACL DELUSER', () => {
  it('removes users and closes their connections, the caller’s own after its reply', () => {
    const desk = aDesk({
      users: [
        ['bob', 'on', 'nopass', '+@all'],
        ['eve', 'on', 'nopass'],
      ],
    });
    const other = desk.connect();
    other.user = 'bob';
    desk.client.user = 'bob';
    expect(desk.ask('ACL', 'DELUSER', 'bob', 'nobody', 'eve')).to.equal(':2\r\n');
    expect(desk.host.killed).to.deep.equal([other]);
    expect(desk.client.isClosing).to.equal(true);
    expect(desk.host.keptUsers?.map(([name]) => name)).to.deep.equal(['default']);
  });

  it('does not remove the default user, nor anybody beside it', () => {
    const desk = aDesk({ users: [['bob', 'on']] });
    expect(desk.ask('ACL', 'DELUSER', 'bob', 'default')).to.equal("-ERR The 'default' user cannot be removed\r\n");
    expect(desk.ask('ACL', 'DELUSER', 'nobody')).to.equal(':0\r\n');
    expect(elements(desk.ask('ACL', 'USERS'))).to.deep.equal(['bob', 'default']);
  });
});

describe('ACL GETUSER', () => {
  it('describes a user as a map', () => {
    const desk = aDesk({ users: [['bob', 'on', 'nopass', '~k', '&a', '+ping', '(+role)']] });
    desk.client.protocol = 3;
    expect(desk.ask('ACL', 'GETUSER', 'bob')).to.equal(
      '%6\r\n$5\r\nflags\r\n~2\r\n$2\r\non\r\n$6\r\nnopass\r\n$9\r\npasswords\r\n*0\r\n$8\r\ncommands\r\n$11\r\n-@all +ping\r\n$4\r\nkeys\r\n$2\r\n~k\r\n$8\r\nchannels\r\n$2\r\n&a\r\n$9\r\nselectors\r\n*1\r\n%3\r\n$8\r\ncommands\r\n$11\r\n-@all +role\r\n$4\r\nkeys\r\n$0\r\n\r\n$8\r\nchannels\r\n$0\r\n\r\n',
    );
    expect(desk.ask('ACL', 'GETUSER', 'nobody')).to.equal('_\r\n');
  });
});

describe('ACL CAT, DRYRUN and GENPASS', () => {
  it('name categories and their commands', () => {
    const desk = aDesk();
    expect(elements(desk.ask('ACL', 'CAT'))).to.have.lengthOf(21);
    expect(elements(desk.ask('ACL', 'CAT', 'Fast'))).to.have.members(['auth', 'hello', 'ping', 'publish', 'role']);
    expect(desk.ask('ACL', 'CAT', 'hash')).to.equal('*0\r\n');
    expect(desk.ask('ACL', 'CAT', 'nosuch')).to.equal("-ERR Unknown category 'nosuch'\r\n");
    expect(elements(desk.ask('ACL', 'CAT', 'admin'))).to.not.include('sentinel|configuration');
  });

  it('tell whether a user may run a command', () => {
    const desk = aDesk({ users: [['bob', '+subscribe', '&a']] });
    const dryRun = (...words: string[]) => desk.ask('ACL', 'DRYRUN', ...words);
    expect(dryRun('bob', 'subscribe', 'a')).to.equal('+OK\r\n');
    expect(dryRun('bob', 'subscribe', 'b')).to.match(/This user has no permissions to access the 'b' channel/);
    expect(dryRun('bob', 'sentinel', 'myid')).to.match(
      /This user has no permissions to run the 'sentinel\|myid' command/,
    );
    expect(dryRun('eve', 'ping')).to.equal("-ERR User 'eve' not found\r\n");
    expect(dryRun('bob', 'nosuch')).to.equal("-ERR Command 'nosuch' not found\r\n");
    expect(dryRun('bob', 'sentinel', 'myid', 'x')).to.match(/^-ERR wrong number of arguments for 'sentinel\|myid'/);
  });

  it('make passwords of as many bits as wanted, rounded up to whole digits', () => {
    const desk = aDesk();
    expect(desk.ask('ACL', 'GENPASS')).to.match(/^\$64\r\n/);
    expect(desk.ask('ACL', 'GENPASS', 5)).to.match(/^\$2\r\n/);
    expect(desk.ask('ACL', 'GENPASS', 4096)).to.match(/^\$1024\r\n/);
    for (const bits of [0, -1, 4097]) expect(desk.ask('ACL', 'GENPASS', bits)).to.match(/^-ERR ACL GENPASS argument/);
    expect(desk.ask('ACL', 'GENPASS', 'x')).to.equal('-ERR value is not an integer or out of range\r\n');
  });
});

describe('ACL LOG', () => {
  it('shows refusals, the latest first, and counts what happens again', () => {
    const desk = aDesk({ users: [['bob', 'on', '>b', '+subscribe', '+acl|log']] });
    desk.ask('AUTH', 'bob', 'wrong');
    desk.ask('auth', 'bob', 'b');
    desk.ask('INFO');
    desk.ask('SUBSCRIBE', 'x');
    desk.group.advance(2_500);
    desk.ask('INFO');
    const log = desk.ask('ACL', 'LOG');
    const entries = log.split('$5\r\ncount\r\n').slice(1);
    expect(entries).to.have.lengthOf(3);
    expect(entries[0]).to.match(
      /^:2\r\n.*\$7\r\ncommand\r\n.*toplevel.*\$4\r\ninfo\r\n.*bob.*\$11\r\nage-seconds\r\n\$1\r\n0\r\n/s,
    );
    expect(entries[1]).to.match(/^:1\r\n.*\$7\r\nchannel\r\n.*\$1\r\nx\r\n.*\$11\r\nage-seconds\r\n\$3\r\n2\.5\r\n/s);
    expect(entries[2]).to.match(/^:1\r\n.*\$4\r\nauth\r\n.*\$6\r\nobject\r\n\$4\r\nAUTH\r\n/s);
    expect(desk.ask('ACL', 'LOG', 1)).to.match(/^\*1\r\n/);
    expect(desk.ask('ACL', 'LOG', -1)).to.equal('*0\r\n');
    expect(desk.ask('ACL', 'LOG', 'reset')).to.equal('+OK\r\n');
    expect(desk.ask('ACL', 'LOG')).to.equal('*0\r\n');
  });

  it('begins a new entry when a minute has passed, and keeps 128', () => {
    const desk = aDesk({ users: [['default', 'on', 'nopass', '+acl|log', '+ping']] });
    desk.ask('INFO');
    desk.group.advance(60_001);
    desk.ask('INFO');
    expect(desk.ask('ACL', 'LOG')).to.match(/^\*2\r\n/);
    for (let index = 0; index < 200; index++) desk.ask('AUTH', `user${index}`, 'x');
    expect(desk.ask('ACL', 'LOG', 1000)).to.match(/^\*128\r\n/);
  });
});

describe('ACL LOAD and SAVE', () => {
  const NOT_CONFIGURED = /^-ERR This Redis instance is not configured to use an ACL file\./;

  function aFile(text: string): UserFile & { text: string } {
    return {
      path: '/users.acl',
      text,
      read() {
        return this.text;
      },
      write(written) {
        this.text = written;
      },
    };
  }

  it('need a file', () => {
    const desk = aDesk();
    expect(desk.ask('ACL', 'LOAD')).to.match(NOT_CONFIGURED);
    expect(desk.ask('ACL', 'SAVE')).to.match(NOT_CONFIGURED);
  });

  it('read and write it, and nothing else does', () => {
    const desk = aDesk();
    const file = aFile('user bob on nopass +ping\n');
    desk.host.userFile = file;
    expect(desk.ask('ACL', 'LOAD')).to.equal('+OK\r\n');
    expect(elements(desk.ask('ACL', 'USERS'))).to.deep.equal(['bob', 'default']);
    expect(desk.ask('ACL', 'SETUSER', 'bob', 'off')).to.equal('+OK\r\n');
    expect(file.text).to.equal('user bob on nopass +ping\n');
    expect(desk.host.keptUsers).to.equal(null);
    expect(desk.ask('ACL', 'SAVE')).to.equal('+OK\r\n');
    expect(file.text).to.equal('user bob off nopass resetchannels -@all +ping\nuser default on nopass ~* &* +@all\n');
  });

  it('change nothing when the file is wrong or cannot be read, and close connections of users who are gone', () => {
    const desk = aDesk({ users: [['bob', 'on', 'nopass']] });
    const client = desk.connect();
    client.user = 'bob';
    const file = aFile('user eve +nosuch\n');
    desk.host.userFile = file;
    expect(desk.ask('ACL', 'LOAD')).to.match(/^-ERR \/users\.acl:1: Error in applying operation '\+nosuch'/);
    expect(desk.host.killed).to.deep.equal([]);
    file.text = '';
    expect(desk.ask('ACL', 'LOAD')).to.equal('+OK\r\n');
    expect(desk.host.killed).to.deep.equal([client]);
    const fail = () => {
      throw new Error('Permission denied');
    };
    desk.host.userFile = { path: '/users.acl', read: fail, write: fail };
    expect(desk.ask('ACL', 'LOAD')).to.equal(
      "-ERR Error loading ACLs, opening file '/users.acl': Permission denied\r\n",
    );
    expect(desk.ask('ACL', 'SAVE')).to.match(/^-ERR There was an error trying to save the ACLs/);
    expect(desk.host.logged.at(-1)).to.equal('warning Saving the users failed: Permission denied');
  });
});
