// One client connection: the order of replies, what bad input leads to, and that a client holds back only itself.

import { expect } from 'chai';
import type { Client } from '../../src/commands/client.js';
import { Deferred, NO_REPLY, Postponed, Replies } from '../../src/commands/outcome.js';
import { now } from '../../src/io/clock.js';
import { CLOSING_TIME, MAX_OWED_REPLIES } from '../../src/io/server-limits.js';
import { ErrorReply, MapReply, OK, SimpleString } from '../../src/protocol/reply.js';
import { encodeCommand, RespError } from '../support/resp-connection.js';
import { holdsFor, waitFor } from '../support/wait.js';
import { aPort, type Port, type RawConnection } from './server-port.js';

/** Commands that do what their name says. */
function scripted(executed: string[] = []) {
  return (client: Client, words: readonly string[]) => {
    const [name = '', argument = ''] = words;
    executed.push(words.join(' '));
    switch (name) {
      case 'defer':
        return new Deferred(Number(argument));
      case 'silence':
        return NO_REPLY;
      case 'several':
        return new Replies([new SimpleString('one'), new SimpleString('two')]);
      case 'resp3':
        client.protocol = 3;
        return new MapReply([['a', 1]]);
      case 'mode':
        client.replyMode = argument === 'off' ? 'off' : argument === 'skip' ? 'skip-next' : 'on';
        return argument === 'on' ? OK : NO_REPLY;
      case 'bye':
        client.closeAfterReplies();
        return OK;
      case 'bytes':
        return 'x'.repeat(Number(argument));
      case 'authenticate':
        client.isAuthenticated = true;
        return OK;
      default:
        return new SimpleString(words.join(' '));
    }
  };
}

const receives = (connection: RawConnection, expected: string) =>
  waitFor(`the bytes ${JSON.stringify(expected.slice(0, 60))}`, 5_000, () => {
    expect(connection.received).to.equal(expected);
  });

const closes = (connection: RawConnection) =>
  waitFor('the connection closes', 8_000, () => expect(connection.isClosed).to.equal(true));

describe('A session', () => {
  let port: Port;
  let connection: RawConnection;
  let executed: string[];

  beforeEach(async () => {
    executed = [];
    port = await aPort(scripted(executed));
    connection = await port.connectRaw();
  });

  afterEach(async () => {
    await port.close();
  });

  describe('whose command is postponed for the address of a host', () => {
    const lookups: ((ip: string | null) => void)[] = [];
    const answer = (ip: string | null) => lookups.shift()?.(ip);
    const isAsked = () => waitFor('the question', 2_000, () => expect(lookups).to.have.length(1));

    beforeEach(async () => {
      lookups.length = 0;
      const plain = scripted(executed);
      await port.close();
      port = await aPort(
        (client, words, lookedUp) => {
          if (words[0] !== 'address') return plain(client, words);
          if (lookedUp === null) return new Postponed('redis.test');
          executed.push(words.join(' '));
          return new SimpleString(`${lookedUp.host} ${lookedUp.ip}`);
        },
        { lookUp: (_, answered) => lookups.push(answered) },
      );
      connection = await port.connectRaw();
    });

    it('executes nothing of that client before it, and then goes on in order', async () => {
      connection.send(['a', 'address', 'b'].map((word) => encodeCommand([word])).join(''));
      await isAsked();
      await receives(connection, '+a\r\n');
      connection.send(encodeCommand(['c']));
      const other = await port.connect();
      expect(await other.command('d')).to.equal('d');
      expect(executed).to.deep.equal(['a', 'd']);
      answer('10.0.0.1');
      await receives(connection, '+a\r\n+redis.test 10.0.0.1\r\n+b\r\n+c\r\n');
      expect(port.server.statistics.commandsProcessed).to.equal(5);
    });

    it('is told when there is none', async () => {
      connection.send(encodeCommand(['address']));
      await isAsked();
      answer(null);
      await receives(connection, '+redis.test null\r\n');
    });

    it('skips one reply alone when it is to skip the next', async () => {
      connection.send([['mode', 'skip'], ['address'], ['b']].map(encodeCommand).join(''));
      await isAsked();
      answer('10.0.0.1');
      await receives(connection, '+b\r\n');
      expect(executed).to.deep.equal(['mode skip', 'address', 'b']);
    });

    it('is forgotten when the client breaks off meanwhile, whatever it had sent', async () => {
      for (const more of ['', encodeCommand(['b']).repeat(1000)]) {
        const leaving = await port.connectRaw();
        const before = lookups.length;
        leaving.send(encodeCommand(['address']) + more);
        await waitFor('the question', 2_000, () => expect(lookups).to.have.length(before + 1));
        leaving.socket.resetAndDestroy();
        await waitFor('only the other client is left', 2_000, () => expect(port.server.clients.size).to.equal(1));
      }
    });

    it('has it executed although it is killed meanwhile', async () => {
      connection.send(encodeCommand(['address']));
      await isAsked();
      for (const client of port.server.clients.values()) port.server.kill(client);
      await closes(connection);
      answer('10.0.0.1');
      expect(executed).to.deep.equal(['address']);
      const other = await port.connect();
      expect(await other.command('d')).to.equal('d');
    });
  });

  describe('answers', () => {
    it('a pipeline in its order, also when some replies have to wait', async () => {
      connection.send(['a', 'defer 1', 'b', 'defer 2', 'c'].map((line) => `${line}\r\n`).join(''));
      await receives(connection, '+a\r\n');
      port.server.resolve(2, 'two');
      await holdsFor('nothing overtakes the first', 60, () => {
        expect(connection.received).to.equal('+a\r\n');
      });
      port.server.resolve(1, 'one');
      await receives(connection, '+a\r\n$3\r\none\r\n+b\r\n$3\r\ntwo\r\n+c\r\n');
    });

    it('with a reply that was known before its command returned', async () => {
      await port.close();
      port = await aPort(() => {
        port.server.resolve(5, 'early');
        return new Deferred(5);
      });
      connection = await port.connectRaw();
      connection.send('x\r\nx\r\n');
      await receives(connection, '$5\r\nearly\r\n$5\r\nearly\r\n');
    });

    it('with several replies, or with none', async () => {
      connection.send('several\r\nsilence\r\na\r\n');
      await receives(connection, '+one\r\n+two\r\n+a\r\n');
    });

    it('in the version that the client has chosen', async () => {
      connection.send('resp3\r\n');
      await receives(connection, '%1\r\n$1\r\na\r\n:1\r\n');
    });

    it('commands in any fragmentation and with any bytes', async () => {
      const bytes = encodeCommand(['caf\xc3\xa9', '\0\xff']);
      for (const byte of bytes) {
        connection.send(byte);
        await new Promise((resolve) => setImmediate(resolve));
      }
      await receives(connection, '+caf\xc3\xa9 \0\xff\r\n');
    });

    it('inline commands, and ignores empty lines', async () => {
      connection.send('PING\r\n\n"a b" c\r\n');
      await receives(connection, '+PING\r\n+a b c\r\n');
    });

    it('nothing while replies are off, and not the one command that was to be skipped', async () => {
      connection.send('mode skip\r\nskipped\r\na\r\nmode off\r\nb\r\ndefer 1\r\nmode on\r\nc\r\n');
      await receives(connection, '+a\r\n+OK\r\n+c\r\n');
      expect(executed).to.include.members(['skipped', 'b']);
    });
  });

  describe('ends', () => {
    it('after its last reply when a command wants it to, and executes nothing more', async () => {
      connection.send('a\r\nbye\r\nb\r\n');
      await closes(connection);
      expect(connection.received).to.equal('+a\r\n+OK\r\n');
      expect(executed).to.deep.equal(['a', 'bye']);
    });

    it('only after a reply that is still owed', async () => {
      connection.send('defer 1\r\nbye\r\n');
      await waitFor('both commands', 2_000, () => expect(executed).to.have.length(2));
      await holdsFor('the connection is open', 60, () => {
        expect(connection.isClosed).to.equal(false);
      });
      port.server.resolve(1, 'late');
      await closes(connection);
      expect(connection.received).to.equal('$4\r\nlate\r\n+OK\r\n');
    });

    it('without waiting for ever for a client that does not read its last replies', async () => {
      let skipped = 0;
      await port.close();
      port = await aPort(scripted(executed), { now: () => now() + skipped });
      connection = await port.connectRaw();
      connection.socket.pause();
      connection.send('bytes 20000000\r\n');
      await waitFor('the reply', 2_000, () => expect(executed).to.have.length(1));
      port.server.clients.get(1)?.closeAfterReplies();
      await holdsFor('it has time to read', 60, () => {
        expect(port.server.clients.size).to.equal(1);
      });
      skipped = CLOSING_TIME;
      await waitFor('it is forgotten', 3_000, () => expect(port.server.clients.size).to.equal(0));
      expect(port.logged.at(-1)).to.match(/did not read its last replies/);
    });

    it('with a reply to a client that is gone being ignored', async () => {
      connection.send('defer 1\r\n');
      await waitFor('the command', 2_000, () => expect(executed).to.have.length(1));
      connection.socket.destroy();
      await waitFor('the client is forgotten', 2_000, () => expect(port.server.clients.size).to.equal(0));
      port.server.resolve(1, 'late');
      const other = await port.connect();
      expect(await other.command('still here')).to.equal('still here');
    });
  });

  describe('survives', () => {
    const failures: [string, string, string][] = [
      ['a length that is no number', '*x\r\n', 'invalid multibulk length'],
      ['a negative length', '*1\r\n$-5\r\n', 'invalid bulk length'],
      ['a length beyond all bounds', '*1\r\n$99999999999\r\n', 'invalid bulk length'],
      ['something else than a bulk string', '*1\r\n:3\r\n', "expected '$', got ':'"],
      ['unbalanced quotes', 'GET "x\r\n', 'unbalanced quotes in request'],
      ['an inline line without an end', 'x'.repeat(100_000), 'too big inline request'],
    ];
    for (const [what, bytes, reason] of failures) {
      it(`${what} with Redis’s error and a closed connection`, async () => {
        connection.send(`a\r\n${bytes}`);
        await closes(connection);
        expect(connection.received).to.equal(`+a\r\n-ERR Protocol error: ${reason}\r\n`);
      });
    }

    it('10 MB in one line without holding it', async () => {
      connection.send('y'.repeat(10 * 1024 * 1024));
      await closes(connection);
      expect(executed).to.deep.equal([]);
    });

    it('a stranger that announces much', async () => {
      await port.close();
      port = await aPort(scripted(executed), { letsStrangersIn: () => false });
      connection = await port.connectRaw();
      connection.send('*11\r\n');
      await receives(connection, '-ERR Protocol error: unauthenticated multibulk length\r\n');
      const friend = await port.connect();
      await friend.command('authenticate');
      expect(await friend.command(...'abcdefghijkl')).to.equal('a b c d e f g h i j k l');
    });

    it('half a command followed by silence or by the end', async () => {
      connection.send('*2\r\n$3\r\nGET\r\n$100\r\nabc');
      const other = await port.connect();
      expect(await other.command('a')).to.equal('a');
      connection.socket.end();
      await closes(connection);
      expect(executed).to.deep.equal(['a']);
    });

    it('a browser, by closing at once without executing what follows', async () => {
      connection.send('POST / HTTP/1.1\r\nHost: localhost\r\n\r\nshutdown\r\n');
      await closes(connection);
      const second = await port.connectRaw();
      second.send('Host: localhost\r\nshutdown\r\n');
      await closes(second);
      expect(executed).to.deep.equal([]);
      expect(port.logged.filter((line) => line.startsWith('warning'))).to.have.length(1);
    });
  });

  describe('holds back only itself', () => {
    it('when a client does not read its replies: it is not read from, and goes on where it stopped', async function () {
      this.timeout(15_000);
      const count = 400;
      const bytes = 100_000;
      connection.socket.pause();
      connection.send(`bytes ${bytes}\r\n`.repeat(count));
      await waitFor('some commands', 5_000, () => expect(executed.length).to.be.greaterThan(5));
      const client = port.server.clients.get(1);
      await holdsFor('what it makes us hold is bounded', 200, () => {
        expect(client?.outputBufferBytes).to.be.lessThan(2 * 1024 * 1024);
      });
      expect(executed.length).to.be.lessThan(count);
      const other = await port.connect();
      expect(await other.command('a')).to.equal('a');
      connection.socket.resume();
      const expected = count * (`$${bytes}\r\n`.length + bytes + 2);
      await waitFor('every reply', 10_000, () => expect(connection.received.length).to.equal(expected));
    });

    it('when too many of its replies are owed', async () => {
      const tickets = Array.from({ length: MAX_OWED_REPLIES + 10 }, (_, index) => index + 1);
      connection.send(tickets.map((ticket) => `defer ${ticket}\r\n`).join(''));
      await waitFor('as many as are allowed', 2_000, () => expect(executed).to.have.length(MAX_OWED_REPLIES));
      await holdsFor('no more', 60, () => {
        expect(executed).to.have.length(MAX_OWED_REPLIES);
      });
      for (const ticket of tickets) port.server.resolve(ticket, OK);
      await waitFor('the rest', 2_000, () => expect(executed).to.have.length(tickets.length));
      for (const ticket of tickets) port.server.resolve(ticket, OK);
      await receives(connection, '+OK\r\n'.repeat(tickets.length));
    });
  });

  describe('that asks the same again', () => {
    let answer: string;

    beforeEach(async () => {
      answer = 'one';
      const plain = scripted(executed);
      await port.close();
      port = await aPort(
        (client, words) => {
          if (words[0] !== 'question' && words[0] !== 'doubt') return plain(client, words);
          executed.push(words.join(' '));
          return answer === '' ? new ErrorReply('ERR nobody knows') : new SimpleString(answer);
        },
        { isRepeatable: ([name]) => name === 'question' },
      );
      connection = await port.connectRaw();
    });

    const ask = (...names: readonly string[]) => names.map((name) => encodeCommand([name])).join('');

    it('in one pipeline is answered as often as it asks, and counted, though it was executed once', async () => {
      connection.send(ask('question', 'question', 'question', 'a', 'question', 'question'));
      await receives(connection, '+one\r\n+one\r\n+one\r\n+a\r\n+one\r\n+one\r\n');
      expect(executed).to.deep.equal(['question', 'a', 'question']);
      expect(port.server.statistics.commandsProcessed).to.equal(6);
    });

    it('later is answered what is true by then', async () => {
      for (const text of ['one', 'two', 'three']) {
        answer = text;
        const before = connection.received;
        connection.send(ask('question', 'question'));
        await receives(connection, `${before}+${text}\r\n+${text}\r\n`);
      }
    });

    it('is asked itself after anything else, an inline command too, and where the command may answer otherwise', async () => {
      connection.send(`${ask('question')}a\r\n${ask('question', 'doubt', 'doubt')}`);
      await receives(connection, '+one\r\n+a\r\n+one\r\n+one\r\n+one\r\n');
      expect(executed).to.deep.equal(['question', 'a', 'question', 'doubt', 'doubt']);
    });

    it('is refused every time', async () => {
      answer = '';
      connection.send(ask('question', 'question'));
      await receives(connection, '-ERR nobody knows\r\n-ERR nobody knows\r\n');
      expect(executed).to.deep.equal(['question', 'question']);
    });

    it('has its answers wait for an earlier one that is owed, and hears none when it wants none', async () => {
      connection.send(`defer 1\r\n${ask('question', 'question')}mode off\r\n${ask('question', 'question')}mode on\r\n`);
      await waitFor('all of it is executed', 2_000, () => expect(executed.at(-1)).to.equal('mode on'));
      expect(executed.filter((words) => words === 'question')).to.have.length(3);
      port.server.resolve(1, 'late');
      await receives(connection, '$4\r\nlate\r\n+one\r\n+one\r\n+OK\r\n');
    });
  });

  it('keeps its bytes to itself when somebody’s listener throws in the middle of a command', async () => {
    await port.close();
    port = await aPort((_client, words) => {
      executed.push(words.join(' '));
      if (words[0] === 'throw') throw new Error('a listener of the embedding program');
      return OK;
    });
    const [first, second] = [await port.connectRaw(), await port.connectRaw()];
    const thrown: unknown[] = [];
    const handlers = process.listeners('uncaughtException');
    process.removeAllListeners('uncaughtException');
    process.on('uncaughtException', (error) => thrown.push(error));
    try {
      first.send(`${encodeCommand(['throw'])}*1\r\n$40\r\n${'.'.repeat(30)}`);
      await waitFor('it throws', 2_000, () => expect(thrown).to.have.length(1));
      second.send(encodeCommand(['secret'.repeat(20)]));
      await receives(second, '+OK\r\n');
      first.send(`${'.'.repeat(10)}\r\n`);
      await receives(first, '+OK\r\n');
    } finally {
      process.removeAllListeners('uncaughtException');
      for (const handler of handlers) process.on('uncaughtException', handler);
    }
    expect(executed).to.deep.equal(['throw', 'secret'.repeat(20), '.'.repeat(40)]);
  });

  it('delivers messages between replies, after those that are owed', async () => {
    await port.close();
    port = await aPort((client, [name = '', argument = '']) => {
      if (name === 'defer') return new Deferred(Number(argument));
      client.subscribe('channel', 'a');
      return new ErrorReply('ERR subscribed');
    });
    connection = await port.connectRaw();
    connection.send('subscribe\r\ndefer 1\r\n');
    await receives(connection, '-ERR subscribed\r\n');
    port.server.publish('a', 'x');
    port.server.resolve(1, 'late');
    await receives(connection, '-ERR subscribed\r\n$4\r\nlate\r\n*3\r\n$7\r\nmessage\r\n$1\r\na\r\n$1\r\nx\r\n');
  });

  it('gives errors as errors', async () => {
    await port.close();
    port = await aPort(() => new ErrorReply('NOPE really'));
    const failure = await (await port.connect()).command('x').catch((error: unknown) => error);
    expect(failure).to.be.instanceOf(RespError).with.property('message', 'NOPE really');
  });
});
