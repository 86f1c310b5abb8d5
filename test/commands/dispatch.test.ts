// From words to an outcome: which complaint comes first, and in Redis's words.

import { expect } from 'chai';
import { aDesk } from './desk.js';

describe('The dispatcher', () => {
  it('finds commands and subcommands whatever their case', () => {
    const desk = aDesk();
    expect(desk.ask('PiNg')).to.equal('+PONG\r\n');
    expect(desk.ask('Client', 'Id')).to.equal(':1\r\n');
  });

  it('repeats the words of an unknown command', () => {
    const desk = aDesk();
    expect(desk.ask('FOO', 'a', 'b')).to.equal("-ERR unknown command 'FOO', with args beginning with: 'a' 'b' \r\n");
    expect(desk.ask('save')).to.equal("-ERR unknown command 'save', with args beginning with: \r\n");
  });

  it('repeats no line break and no more than 128 bytes of an unknown command', () => {
    const desk = aDesk();
    expect(desk.ask('foo', 'a\r\nb')).to.equal("-ERR unknown command 'foo', with args beginning with: 'a  b' \r\n");
    const echoed = `'${'a'.repeat(128)}' `;
    expect(desk.ask('foo', 'a'.repeat(300), 'b')).to.equal(
      `-ERR unknown command 'foo', with args beginning with: ${echoed}\r\n`,
    );
    expect(desk.ask('x'.repeat(200))).to.contain(`'${'x'.repeat(128)}',`);
  });

  it('repeats words up to a NUL, as the original prints them', () => {
    expect(aDesk().ask('SENTINEL', 'my\0id')).to.equal("-ERR unknown subcommand 'my'. Try SENTINEL HELP.\r\n");
  });

  it('points to HELP for an unknown subcommand', () => {
    const desk = aDesk();
    expect(desk.ask('CLIENT', 'no-touch', 'on')).to.equal("-ERR unknown subcommand 'no-touch'. Try CLIENT HELP.\r\n");
    expect(desk.ask('sentinel', 'FOO')).to.equal("-ERR unknown subcommand 'FOO'. Try SENTINEL HELP.\r\n");
  });

  it('names the command whose arity is wrong, with its container', () => {
    const desk = aDesk();
    const wrong = (name: string) => `-ERR wrong number of arguments for '${name}' command\r\n`;
    expect(desk.ask('SENTINEL')).to.equal(wrong('sentinel'));
    expect(desk.ask('SENTINEL', 'MASTER')).to.equal(wrong('sentinel|master'));
    expect(desk.ask('SENTINEL', 'SET', 'mymaster', 'quorum')).to.equal(wrong('sentinel|set'));
    expect(desk.ask('SENTINEL', 'MASTERS', 'x')).to.equal(wrong('sentinel|masters'));
    expect(desk.ask('PING', 'a', 'b')).to.equal(wrong('ping'));
    expect(desk.ask('COMMAND', 'COUNT', 'x')).to.equal(wrong('command|count'));
  });

  it('complains of the command before it asks for a password, and then lets nothing through but AUTH and HELLO', () => {
    const desk = aDesk({ password: 'secret' });
    expect(desk.ask('FOO')).to.match(/^-ERR unknown command/);
    expect(desk.ask('SENTINEL', 'MASTER')).to.match(/^-ERR wrong number/);
    expect(desk.ask('SENTINEL', 'MASTERS')).to.equal('-NOAUTH Authentication required.\r\n');
    expect(desk.ask('AUTH', 'secret')).to.equal('+OK\r\n');
    expect(desk.ask('SENTINEL', 'MASTERS')).to.match(/^\*1\r\n/);
  });

  it('executes nothing else for a RESP2 client that listens', () => {
    const desk = aDesk();
    desk.ask('SUBSCRIBE', '+switch-master');
    expect(desk.ask('SENTINEL', 'MYID')).to.equal(
      "-ERR Can't execute 'sentinel|myid': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context\r\n",
    );
    desk.client.protocol = 3;
    expect(desk.ask('SENTINEL', 'MYID')).to.match(/^\$40\r\n/);
  });

  it('remembers the command for CLIENT LIST', () => {
    const desk = aDesk();
    desk.ask('CLIENT', 'GETNAME');
    expect(desk.client.lastCommand).to.equal('client|getname');
  });

  it('makes the core reconsider after a change, and not after a question', () => {
    const desk = aDesk();
    desk.ask('SENTINEL', 'MASTERS');
    desk.ask('PING');
    expect(desk.evaluations).to.equal(0);
    desk.ask('SENTINEL', 'RESET', 'nobody');
    desk.ask('SENTINEL', 'FLUSHCONFIG');
    expect(desk.evaluations).to.equal(2);
  });
});
