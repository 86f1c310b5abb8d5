// The Sentinel port as the network sees it: listening, accepting, refusing, closing. Commands are scripted: what they mean
// is tested without a socket.

import { createServer } from 'node:net';
import { expect } from 'chai';
import { defaultServerSettings } from '../../src/config/server-settings.js';
import { now } from '../../src/io/clock.js';
import { OK, SimpleString } from '../../src/protocol/reply.js';
import { RespConnection } from '../support/resp-connection.js';
import { waitFor } from '../support/wait.js';
import { aPort, type Port } from './server-port.js';

describe('The Sentinel port', () => {
  let port: Port;

  afterEach(async () => {
    await port.close();
  });

  it('executes commands and answers in their order', async () => {
    port = await aPort((_client, words) => new SimpleString(words.join(' ')));
    const connection = await port.connect();
    expect(await Promise.all([connection.command('a', 1), connection.command('b')])).to.deep.equal(['a 1', 'b']);
  });

  it('numbers clients from 1 and forgets those that leave', async () => {
    port = await aPort((client) => client.id);
    const [first, second] = [await port.connect(), await port.connect()];
    expect([await first.command('x'), await second.command('x')]).to.deep.equal([1, 2]);
    expect([...port.server.clients.keys()]).to.deep.equal([1, 2]);
    first.close();
    await waitFor('the client is forgotten', 2_000, () => {
      expect([...port.server.clients.keys()]).to.deep.equal([2]);
    });
    expect(await (await port.connect()).command('x')).to.equal(3);
  });

  it('tells clients their own and the other address', async () => {
    port = await aPort((client) => `${client.remoteAddress} ${client.localAddress}`);
    const addresses = await (await port.connect()).command('x');
    expect(addresses).to.match(new RegExp(`^127\\.0\\.0\\.1:\\d+ 127\\.0\\.0\\.1:${port.server.port}$`));
  });

  it('listens on several addresses with one port, and does without one that is optional', async () => {
    port = await aPort(() => OK, { binds: ['127.0.0.1', '-192.0.2.1', '127.0.0.2'] });
    for (const host of ['127.0.0.1', '127.0.0.2']) {
      const connection = await RespConnection.open(port.server.port, { host });
      expect(await connection.command('x')).to.equal('OK');
      connection.close();
    }
  });

  it('lets a client in as the default user only if strangers are let in', async () => {
    port = await aPort((client) => (client.isAuthenticated ? client.user : 'nobody'), { letsStrangersIn: () => false });
    expect(await (await port.connect()).command('x')).to.equal('nobody');
    await port.close();
    port = await aPort((client) => (client.isAuthenticated ? client.user : 'nobody'));
    expect(await (await port.connect()).command('x')).to.equal('default');
  });

  it('tells the client beyond the limit why it is turned away', async () => {
    port = await aPort(() => OK, { maxClients: 1 });
    await (await port.connect()).command('x');
    const second = await port.connect();
    await second.closed;
    expect(second.unclaimed).to.equal('-ERR max number of clients reached\r\n');
    expect(port.server.statistics).to.include({ connectionsReceived: 2, connectionsRejected: 1 });
  });

  it('closes a client that has been idle for too long, but not one that listens', async () => {
    port = await aPort(
      (client) => {
        client.subscribe('channel', 'a');
        return OK;
      },
      { idleTimeout: 100 },
    );
    const [idle, listening] = [await port.connect(), await port.connect()];
    await listening.command('subscribe');
    await idle.closed;
    expect(listening.isClosed).to.equal(false);
    await waitFor('the reason in the log', 2_000, () => {
      expect(port.logged.join('\n')).to.contain('idle for too long');
    });
  });

  it('closes a client that is killed, whatever it waits for', async () => {
    port = await aPort((client, words) => {
      const victim = port.server.clients.get(Number(words[0]));
      if (victim !== undefined && victim !== client) port.server.kill(victim);
      return OK;
    });
    const [victim, killer] = [await port.connect(), await port.connect()];
    await victim.command('0');
    await killer.command('1');
    await victim.closed;
    expect(killer.isClosed).to.equal(false);
  });

  it('counts what it does', async () => {
    port = await aPort(() => OK);
    const connection = await port.connect();
    await connection.command('x');
    await connection.command('x');
    expect(port.server.statistics).to.deep.equal({
      connectionsReceived: 1,
      connectionsRejected: 0,
      commandsProcessed: 2,
      bytesReceived: 2 * '*1\r\n$1\r\nx\r\n'.length,
      bytesSent: 2 * '+OK\r\n'.length,
    });
  });

  it('closes every connection and gives the port back', async () => {
    port = await aPort(() => OK);
    const connection = await port.connect();
    await connection.command('x');
    const { port: number } = port.server;
    await port.server.close();
    await connection.closed;
    const again = createServer();
    await new Promise<void>((resolve, reject) => {
      again.once('error', reject);
      again.listen(number, '127.0.0.1', resolve);
    });
    await new Promise((resolve) => again.close(resolve));
  });

  it('rejects with the address and the operating system’s error when the port is busy, and listens nowhere then', async () => {
    port = await aPort(() => OK);
    const failure = await aPort(() => OK, { port: port.server.port, binds: ['127.0.0.2', '127.0.0.1'] }).then(
      () => null,
      (error: unknown) => error,
    );
    expect(failure).to.have.property('endpoint', `127.0.0.1:${port.server.port}`);
    expect(failure).to.have.nested.property('cause.code', 'EADDRINUSE');
    const refused = await RespConnection.open(port.server.port, { host: '127.0.0.2' }).then(
      () => null,
      (error: Error) => error,
    );
    expect(refused?.message).to.match(/ECONNREFUSED/);
  });
});

describe('Published messages', () => {
  let port: Port;

  beforeEach(async () => {
    port = await aPort((client, [kind, name = '']) => {
      if (kind === 'subscribe') client.subscribe('channel', name);
      if (kind === 'psubscribe') client.subscribe('pattern', name);
      if (kind === 'unsubscribe') client.unsubscribe('channel', name);
      return OK;
    });
  });

  afterEach(async () => {
    await port.close();
  });

  it('reach those who listen, and no longer those who have stopped', async () => {
    const connection = await port.connect();
    const heard: string[] = [];
    connection.onMessage = (channel, payload) => heard.push(`${channel} ${payload}`);
    await connection.command('subscribe', '+sdown');
    await connection.command('psubscribe', '-*');
    port.server.publish('+sdown', 'one');
    port.server.publish('+odown', 'two');
    port.server.publish('-sdown', 'three');
    await connection.command('unsubscribe', '+sdown');
    port.server.publish('+sdown', 'four');
    await connection.command('x');
    expect(heard).to.deep.equal(['+sdown one', '-sdown three']);
  });

  it('are forgotten with the client that listened', async () => {
    const connection = await port.connect();
    await connection.command('subscribe', 'a');
    await connection.command('psubscribe', '*');
    expect(port.server.subscriptions).to.include({ channelCount: 1, patternCount: 1 });
    connection.close();
    await waitFor('nobody listens', 2_000, () => {
      expect(port.server.subscriptions).to.include({ channelCount: 0, patternCount: 0 });
    });
  });

  it('cost a subscriber that does not read its connection, not our memory', async () => {
    const connection = await port.connectRaw();
    connection.send('subscribe a\r\n');
    await waitFor('the subscription', 2_000, () => expect(connection.received).to.equal('+OK\r\n'));
    connection.socket.pause();
    const payload = 'x'.repeat(1024 * 1024);
    await waitFor('the slow subscriber is closed', 5_000, () => {
      port.server.publish('a', payload);
      expect(port.server.clients.size).to.equal(0);
    });
    expect(port.logged.at(-1)).to.match(/output buffer limit exceeded/);
  });

  it('may pile up for a while before they cost a subscriber its connection', async () => {
    const { soft, softSeconds } = defaultServerSettings().clientOutputBufferLimit.pubsub;
    let skipped = 0;
    await port.close();
    port = await aPort(
      (client) => {
        client.subscribe('channel', 'a');
        return OK;
      },
      { now: () => now() + skipped },
    );
    const connection = await port.connectRaw();
    connection.send('subscribe a\r\n');
    await waitFor('the subscription', 2_000, () => expect(connection.received).to.equal('+OK\r\n'));
    connection.socket.pause();
    const client = port.server.clients.get(1);
    await waitFor('a pile', 5_000, () => {
      port.server.publish('a', 'x'.repeat(1024 * 1024));
      expect(client?.outputBufferBytes).to.be.greaterThan(soft);
    });
    await waitFor('the end of its patience', 5_000, () => {
      skipped += softSeconds * 50;
      expect(port.server.clients.size).to.equal(0);
    });
    expect(port.logged.at(-1)).to.match(/soft output buffer limit exceeded/);
    expect(skipped).to.be.at.least(softSeconds * 1000);
  });
});
