// Links against real servers and against scripted ones: what reaches the core, in which order, and what never does.

import { expect } from 'chai';

import type { Purpose, Request } from '../../src/core/effect.js';
import { HELLO_CHANNEL, VOTE_CHANNEL } from '../../src/core/types.js';
import { CONNECT_TIMEOUT } from '../../src/io/connection.js';
import { ErrorReply } from '../../src/protocol/reply.js';
import { now } from '../support/clock.js';
import { freePort } from '../support/free-port.js';
import { RedisServer } from '../support/redis-server.js';
import { holdsFor, waitFor } from '../support/wait.js';
import { Workspace } from '../support/workspace.js';
import { LIMIT, LINK, LinkRecorder } from './link-recorder.js';
import { oldServer, type Script, ScriptedServer } from './scripted-server.js';

const PING: Request = { purpose: { kind: 'ping' }, commands: [['PING']] };
const ANY: Purpose = { kind: 'probe-role-command' };

function ask(...commands: readonly (readonly string[])[]): Request {
  return { purpose: ANY, commands };
}

function subscribe(channel: typeof HELLO_CHANNEL | typeof VOTE_CHANNEL): Request {
  return { purpose: { kind: 'subscribe', channel }, commands: [['SUBSCRIBE', channel]] };
}

describe('Links', () => {
  let workspace: Workspace;
  let recorder: LinkRecorder;
  const servers: { kill(): Promise<void> }[] = [];

  async function redis(...directives: readonly string[]): Promise<RedisServer> {
    const server = await RedisServer.start(workspace, { name: `redis-${servers.length}`, directives });
    servers.push(server);
    return server;
  }

  async function scripted(script: Script): Promise<ScriptedServer> {
    const server = await ScriptedServer.start(script);
    servers.push({ kill: () => server.stop() });
    return server;
  }

  beforeEach(async () => {
    workspace = new Workspace();
    recorder = new LinkRecorder();
    await recorder.links.load();
  });

  afterEach(async () => {
    recorder.links.closeAll();
    for (const server of servers.splice(0)) await server.kill();
    workspace.remove();
  });

  describe('Link to a server that answers what no server answers', () => {
    const impossible = ['+OK\r\n', ':1\r\n', '*0\r\n', '$-1\r\n', '>1\r\n$-1\r\n', '>2\r\n$9\r\nsubscribe\r\n$-1\r\n'];

    for (const reply of impossible) {
      it(`(SUBSCRIBE with ${JSON.stringify(reply)}) loses its subscriptions, and nothing else happens`, async () => {
        const server = await scripted((name, words) => (name === 'SUBSCRIBE' ? reply : oldServer(name, words)));
        await recorder.openAndWait(server.port);

        recorder.links.send(LINK, subscribe(HELLO_CHANNEL));
        recorder.links.flush();

        await recorder.next('subscriptions-lost');
      });
    }
  });

  describe('Link to a server with RESP3', () => {
    it('comes up with our own address and its name in CLIENT LIST', async () => {
      const server = await redis();

      await recorder.openAndWait(server.port);

      expect(recorder.of('link-up')).to.deep.equal([{ kind: 'link-up', link: LINK, localHost: '127.0.0.1' }]);
      expect(await server.command('CLIENT', 'LIST')).to.match(/name=sentinel-test/);
    });

    it('answers each request once, with one reply for each of its commands in order', async () => {
      const server = await redis();
      await recorder.openAndWait(server.port);

      const replies = await recorder.ask(
        ask(['PING'], ['NOSUCH'], ['SET', 'n', '1'], ['INCR', 'n'], ['GET', 'missing'], ['LRANGE', 'list', '0', '1']),
      );

      expect(replies).to.deep.equal([
        'PONG',
        new ErrorReply(String((replies[1] as ErrorReply).message)),
        'OK',
        2,
        null,
        [],
      ]);
      expect((replies[1] as ErrorReply).message).to.match(/^ERR unknown command 'NOSUCH'/);
    });

    it('passes MULTI and EXEC through as plain commands, errors inside included', async () => {
      const server = await redis();
      await recorder.openAndWait(server.port);

      const replies = await recorder.ask(ask(['MULTI'], ['SET', 'k', 'v'], ['LPUSH', 'k', 'x'], ['EXEC'], ['PING']));

      expect(replies.slice(0, 3)).to.deep.equal(['OK', 'QUEUED', 'QUEUED']);
      const [first, second] = replies[3] as readonly unknown[];
      expect(first).to.equal('OK');
      expect(second)
        .to.be.instanceOf(ErrorReply)
        .with.property('message')
        .that.matches(/^WRONGTYPE/);
      expect(replies[4]).to.equal('PONG');
    });

    it('reads INFO as plain text although RESP3 marks it as verbatim', async () => {
      const server = await redis();
      await recorder.openAndWait(server.port);

      const [text] = await recorder.ask(ask(['INFO', 'replication']));

      expect(text).to.match(/^# Replication\r\nrole:master\r\n/);
    });

    it('carries every byte unchanged in both directions', async () => {
      const server = await redis();
      await recorder.openAndWait(server.port);
      const bytes = Array.from({ length: 256 }, (_, code) => String.fromCharCode(code)).join('');

      const replies = await recorder.ask(ask(['SET', bytes, bytes], ['GET', bytes]));

      expect(replies).to.deep.equal(['OK', bytes]);
    });

    it('subscribes and runs commands on one connection', async () => {
      const server = await redis();
      await recorder.openAndWait(server.port);

      recorder.send(subscribe(HELLO_CHANNEL), subscribe(VOTE_CHANNEL), PING);
      await recorder.next('reply', 3);
      await server.command('PUBLISH', VOTE_CHANNEL, 'vote');
      await server.command('PUBLISH', HELLO_CHANNEL, 'hello');
      await recorder.next('message', 2);

      expect(recorder.of('reply').map(({ replies }) => replies)).to.deep.equal([['OK'], ['OK'], ['PONG']]);
      expect(recorder.of('message').map(({ channel, payload }) => [channel, payload])).to.deep.equal([
        [VOTE_CHANNEL, 'vote'],
        [HELLO_CHANNEL, 'hello'],
      ]);
      expect(await recorder.ask(ask(['CONFIG', 'GET', 'port']))).to.deep.equal([['port', String(server.port)]]);
      const list = String(await server.command('CLIENT', 'LIST'));
      expect(list.match(/name=sentinel-test/g)).to.have.length(1);
    });

    it('delivers the refusal of one channel and the messages of the other', async () => {
      const server = await redis('user default on nopass +@all resetchannels &__sentinel__:hello');
      await recorder.openAndWait(server.port);

      recorder.send(subscribe(VOTE_CHANNEL), subscribe(HELLO_CHANNEL));
      await recorder.next('reply', 2);
      await recorder.ask(ask(['PUBLISH', HELLO_CHANNEL, 'hello']));

      const [vote, hello] = recorder.of('reply').map(({ replies }) => replies[0]);
      expect(vote)
        .to.be.instanceOf(ErrorReply)
        .with.property('message')
        .that.matches(/^NOPERM/);
      expect(hello).to.equal('OK');
      expect((await recorder.next('message')).payload).to.equal('hello');
    });
  });

  describe('Login', () => {
    it('uses the password of the default user, or a user and password', async () => {
      const server = await redis('user watcher on >word ~* &* +@all');
      await server.command('CONFIG', 'SET', 'requirepass', 'secret');
      await recorder.openAndWait(server.port, { user: null, password: 'secret' });
      expect(await recorder.ask(ask(['ACL', 'WHOAMI']))).to.deep.equal(['default']);

      recorder.open(server.port, { credentials: { user: 'watcher', password: 'word' } });
      await recorder.next('link-up', 2);
      expect(await recorder.ask(ask(['ACL', 'WHOAMI']))).to.deep.equal(['watcher']);
      expect(recorder.warnings).to.deep.equal([]);
    });

    it('that is refused leaves a link that works where the default user is open', async () => {
      const server = await redis();

      await recorder.openAndWait(server.port, { user: 'nobody', password: 'very-secret' });

      expect(await recorder.ask(PING)).to.deep.equal(['PONG']);
      expect(recorder.warnings).to.have.length(1);
      expect(recorder.warnings[0])
        .to.match(/refuses our login: WRONGPASS/)
        .and.not.match(/very-secret/);
    });

    it('that is missing gives a link that is up and answers NOAUTH', async () => {
      const server = await redis();
      await server.command('CONFIG', 'SET', 'requirepass', 'secret');

      await recorder.openAndWait(server.port);
      const [reply] = await recorder.ask(PING);

      expect(reply).to.deep.equal(new ErrorReply('NOAUTH Authentication required.'));
    });
  });

  describe('Writes', () => {
    it('of one flush leave together, the greeting included', async () => {
      const server = await scripted(oldServer);
      await recorder.openAndWait(server.port, { user: null, password: 'x' });
      expect(server.received).to.have.length(1);

      recorder.send(PING, ask(['INFO'], ['ECHO', 'a']), PING);
      await recorder.next('reply', 3);

      expect(server.received).to.have.length(2);
      expect(server.received[1]?.match(/PING|INFO|ECHO/g)).to.deep.equal(['PING', 'INFO', 'ECHO', 'PING']);
    });
  });

  describe('Link to a server without RESP3', () => {
    it('opens a second connection with the first subscription and runs commands on the first', async () => {
      const server = await scripted(oldServer);
      await recorder.openAndWait(server.port);
      expect(server.sockets).to.have.length(1);

      recorder.send(subscribe(HELLO_CHANNEL), subscribe(VOTE_CHANNEL));
      await recorder.next('reply', 2);
      server.sockets[1]?.write(`*3\r\n$7\r\nmessage\r\n$18\r\n${HELLO_CHANNEL}\r\n$2\r\nhi\r\n`);

      expect((await recorder.next('message')).payload).to.equal('hi');
      expect(await recorder.ask(PING)).to.deep.equal(['PONG']);
      expect(server.sockets).to.have.length(2);
    });

    it('reports lost subscriptions and stays up when only the second connection breaks', async () => {
      const server = await scripted(oldServer);
      await recorder.openAndWait(server.port);
      await recorder.ask(subscribe(HELLO_CHANNEL));

      server.sockets[1]?.destroy();
      await recorder.next('subscriptions-lost');

      expect(await recorder.ask(PING)).to.deep.equal(['PONG']);
      expect(await recorder.ask(subscribe(HELLO_CHANNEL))).to.deep.equal(['OK']);
      expect(server.sockets).to.have.length(3);
      expect(recorder.of('link-down')).to.deep.equal([]);
    });

    it('answers a subscription whose connection breaks first with an error, then reports the loss', async () => {
      const server = await scripted((name, words, connection) => {
        return connection > 1 && name === 'SUBSCRIBE' ? null : oldServer(name, words);
      });
      await recorder.openAndWait(server.port);

      recorder.send(subscribe(HELLO_CHANNEL));
      await waitFor('the subscription arrives', LIMIT, () => {
        expect(server.received.join('')).to.match(/SUBSCRIBE/);
      });
      server.sockets[1]?.destroy();
      await recorder.next('subscriptions-lost');

      expect(recorder.inputs.map(({ kind }) => kind)).to.deep.equal(['link-up', 'reply', 'subscriptions-lost']);
      expect(recorder.of('reply')[0]?.replies[0]).to.be.instanceOf(ErrorReply);
    });
  });

  describe('End of a link', () => {
    it('is reported once as refused when nobody listens', async () => {
      recorder.open(await freePort());

      const down = await recorder.next('link-down');

      expect(down.refused).to.equal(true);
      expect(recorder.inputs).to.have.length(1);
    });

    it('is reported, not as refused, when the server dies, and discards what was not answered', async () => {
      const server = await redis();
      await recorder.openAndWait(server.port);
      server.freeze();
      recorder.send(PING, PING);

      await server.kill();
      const down = await recorder.next('link-down');

      expect(down.refused).to.equal(false);
      expect(recorder.of('reply')).to.deep.equal([]);
    });

    it('is silent when we close it, and nothing of the connection is delivered any more', async () => {
      const server = await redis();
      await recorder.openAndWait(server.port);
      await recorder.ask(subscribe(HELLO_CHANNEL));
      recorder.inputs.length = 0;

      recorder.send(PING);
      recorder.links.close(LINK);
      recorder.send(PING);
      await server.command('PUBLISH', HELLO_CHANNEL, 'late');

      await holdsFor('nothing arrives', 200, () => {
        expect(recorder.inputs).to.deep.equal([]);
      });
    });

    it('is silent when we give up an attempt to connect', async () => {
      const server = await scripted(() => null);
      recorder.open(server.port);

      recorder.links.close(LINK);

      await holdsFor('nothing arrives', 200, () => {
        expect(recorder.inputs).to.deep.equal([]);
      });
    });

    it('comes after the time limit when a server accepts but never answers', async () => {
      const server = await scripted(() => null);
      const began = now();

      recorder.open(server.port);
      const down = await recorder.next('link-down', 1, CONNECT_TIMEOUT + LIMIT);

      expect(down.reason).to.match(/timed out/);
      expect(now() - began).to.be.at.least(CONNECT_TIMEOUT - 5);
    });

    it('comes with a reason when a reply is too large', async () => {
      const server = await scripted((name, words) => (name === 'INFO' ? '$500000000\r\nxxxx' : oldServer(name, words)));
      await recorder.openAndWait(server.port);

      recorder.send(ask(['INFO']));

      expect((await recorder.next('link-down')).reason).to.match(/a reply of more than/);
    });

    it('comes with a reason when the other end does not speak RESP', async () => {
      const server = await scripted(() => 'HTTP/1.1 400 Bad Request\r\n\r\n');

      recorder.open(server.port);

      expect((await recorder.next('link-down')).reason).to.match(/RESP/);
    });

    it('comes with a reason when replies arrive that nobody asked for', async () => {
      const server = await scripted(oldServer);
      await recorder.openAndWait(server.port);

      server.sockets[0]?.write('+OK\r\n');

      expect((await recorder.next('link-down')).reason).to.match(/queue state/);
    });

    it('comes with a reason when the other end stops reading', async () => {
      const server = await scripted(oldServer);
      await recorder.openAndWait(server.port);
      server.sockets[0]?.pause();

      for (let round = 0; round < 40; round++) recorder.send(ask(['ECHO', 'x'.repeat(512 * 1024)]));

      expect((await recorder.next('link-down')).reason).to.equal('the other end has stopped reading');
    });
  });

  describe('Host name without a known address', () => {
    it('is connected to once it is resolved', async () => {
      const server = await scripted(oldServer);
      recorder.open(server.port, { host: 'node.example' });
      recorder.links.resolved('other.example', null);
      expect(recorder.inputs).to.deep.equal([]);

      recorder.links.resolved('node.example', '127.0.0.1');

      await recorder.next('link-up');
    });

    it('takes the link down when it cannot be resolved', () => {
      recorder.open(6379, { host: 'node.example' });

      recorder.links.resolved('node.example', null);

      const reason = 'the host name node.example has no known address';
      expect(recorder.inputs).to.deep.equal([{ kind: 'link-down', link: LINK, reason, refused: false }]);
    });

    it('is forgotten when the link is closed', () => {
      recorder.open(6379, { host: 'node.example' });
      recorder.links.close(LINK);

      recorder.links.resolved('node.example', '127.0.0.1');

      expect(recorder.inputs).to.deep.equal([]);
    });
  });
});
