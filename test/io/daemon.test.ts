// One Sentinel as a library, against a real server and the real disk: what it starts with, keeps, says and leaves behind.

import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { expect } from 'chai';

import { createSentinel, type EmbeddedSentinel, type SentinelEvent, StartFailure } from '../../src/index.js';
import { freePort } from '../support/free-port.js';
import { RedisServer } from '../support/redis-server.js';
import { RespConnection } from '../support/resp-connection.js';
import { waitFor } from '../support/wait.js';
import { Workspace } from '../support/workspace.js';

const LIMIT = 4_000;

describe('Daemon', () => {
  let workspace: Workspace;
  let path: string;
  let port: number;
  let events: SentinelEvent[];
  let messages: string[];
  let sentinel: EmbeddedSentinel | null;
  let node: RedisServer | null;

  beforeEach(async () => {
    workspace = new Workspace();
    path = join(workspace.directory('sentinel'), 'sentinel.conf');
    port = await freePort();
    events = [];
    messages = [];
    sentinel = null;
    node = null;
  });

  afterEach(async () => {
    await sentinel?.stop();
    await node?.kill();
    workspace.remove();
  });

  function create(...directives: readonly string[]): EmbeddedSentinel {
    const configuration = [`port ${port}`, 'bind 127.0.0.1', ...directives, ''].join('\n');
    sentinel = createSentinel({
      configurationPath: path,
      configuration,
      onEvent: (event) => events.push(event),
      onLog: (level, message) => messages.push(`${level} ${message}`),
    });
    return sentinel;
  }

  const configuration = () => readFileSync(path, 'latin1');
  const types = () => events.map(({ type }) => type);

  async function failureOf(promise: Promise<void>): Promise<unknown> {
    return await promise.then(
      () => null,
      (error: unknown) => error,
    );
  }

  it('saves the level of the log that a client sets, and logs by it at once', async () => {
    const running = create('loglevel warning');
    await running.start();
    const before = messages.length;

    await RespConnection.once(port, 'SENTINEL', 'CONFIG', 'SET', 'loglevel', 'debug');

    expect(configuration()).to.match(/^loglevel debug$/m);
    await RespConnection.once(port, 'PING');
    await waitFor('a connection is logged', LIMIT, () => {
      expect(messages.slice(before).some((message) => message.startsWith('verbose '))).to.equal(true);
    });
  });

  it('supervises a real server: it connects, observes, reports and saves', async () => {
    node = await RedisServer.start(workspace, { name: 'node' });
    const replica = await RedisServer.start(workspace, { name: 'replica', replicaOf: node.port });

    await create(`sentinel monitor mymaster 127.0.0.1 ${node.port} 1`).start();

    await waitFor('the replica is found and saved', LIMIT, () => {
      expect(types()).to.include.members(['+monitor', '+slave']);
      expect(configuration()).to.match(new RegExp(`^sentinel known-replica mymaster 127.0.0.1 ${replica.port}$`, 'm'));
    });
    expect(messages).to.include(`warning +monitor master mymaster 127.0.0.1 ${node.port} quorum 1`);
    expect(await node.command('CLIENT', 'LIST')).to.match(/name=sentinel-/);
    await replica.kill();
  });

  it('tells subscribers what happens, in the words of the log', async () => {
    node = await RedisServer.start(workspace, { name: 'node' });
    await create(
      `sentinel monitor mymaster 127.0.0.1 ${node.port} 1`,
      'sentinel down-after-milliseconds mymaster 300',
    ).start();
    const subscriber = await RespConnection.open(port);
    const heard: string[] = [];
    subscriber.onMessage = (channel, payload) => heard.push(`${channel} ${payload}`);
    await subscriber.command('PSUBSCRIBE', '*');

    await node.kill();

    await waitFor('the master is reported down', LIMIT, () => {
      expect(heard).to.include(`+sdown master mymaster 127.0.0.1 ${node?.port}`);
    });
    subscriber.close();
  });

  it('runs a notification script for an event of the level warning', async () => {
    const script = join(workspace.path, 'notify');
    writeFileSync(script, `#!/bin/sh\necho "$1 $2" >> ${script}.out\n`);
    chmodSync(script, 0o755);

    await create(
      `sentinel monitor mymaster 127.0.0.1 ${await freePort()} 1`,
      'sentinel down-after-milliseconds mymaster 100',
      `sentinel notification-script mymaster ${script}`,
    ).start();

    await waitFor('the script has run', LIMIT, () => {
      expect(readFileSync(`${script}.out`, 'latin1')).to.match(/^\+sdown master mymaster 127\.0\.0\.1 \d+$/m);
    });
  });

  it('keeps its identity over a restart and writes nothing but what has changed', async () => {
    const first = create('# a comment', 'sentinel monitor mymaster 127.0.0.1 1 1');
    await first.start();
    await waitFor('the identity is saved', LIMIT, () => {
      expect(configuration()).to.match(new RegExp(`^sentinel myid ${first.id}$`, 'm'));
    });
    await first.stop();
    const saved = configuration();

    const second = createSentinel({ configurationPath: path });
    sentinel = second;
    await second.start();
    expect(await RespConnection.once(port, 'SENTINEL', 'FLUSHCONFIG')).to.equal('OK');

    expect(second.id).to.equal(first.id);
    expect(configuration())
      .to.equal(saved)
      .and.match(/^# a comment$/m);
  });

  it('answers a command that waits for the disk with the failure of the save, and goes on', async () => {
    await create('sentinel monitor mymaster 127.0.0.1 1 1').start();
    await waitFor('the first save is done', LIMIT, () => {
      expect(configuration()).to.match(/^sentinel myid /m);
    });
    rmSync(path);
    mkdirSync(path);

    const reply = await RespConnection.once(port, 'SENTINEL', 'FLUSHCONFIG').catch(String);

    expect(reply).to.contain('ERR Failed to save config file');
    expect(readdirSync(path)).to.deep.equal([]);
    expect(types()).to.include('+save-failed');
    rmSync(path, { recursive: true });
    await waitFor('the file is there again', LIMIT, () => {
      expect(configuration()).to.match(/^sentinel myid /m);
    });
  });

  it('does not start on a port that is taken, and leaves file and nodes alone', async () => {
    const accepted: string[] = [];
    const listen = async (at: number) => {
      const server = createServer(() => accepted.push('connection'));
      await new Promise<void>((resolve) => server.listen(at, '127.0.0.1', resolve));
      return server;
    };
    const nodePort = await freePort();
    const taken = [await listen(port), await listen(nodePort)];
    const failing = create(`sentinel monitor mymaster 127.0.0.1 ${nodePort} 1`);
    const before = configuration();

    const error = await failureOf(failing.start());

    expect(error).to.be.instanceOf(StartFailure);
    expect((error as StartFailure).explanation).to.match(new RegExp(`on 127.0.0.1:${port}: Address already in use`));
    expect(configuration()).to.equal(before);
    expect(accepted).to.deep.equal([]);
    for (const server of taken) server.close();
  });

  it('does not start when its directory or file has gone', async () => {
    const failing = create('sentinel monitor mymaster 127.0.0.1 1 1');
    rmSync(path);

    const error = await failureOf(failing.start());

    expect((error as StartFailure).explanation).to.match(/sentinel\.conf is not writable: No such file or directory/);
  });

  it('keeps what was written into the file since, comments above all, and comments out what nobody understands', async () => {
    const lines = [1, 2].map((number) => `sentinel monitor m${number} 127.0.0.1 ${number} 1`);
    await create(...lines).start();
    const flush = () => RespConnection.once(port, 'SENTINEL', 'FLUSHCONFIG');
    expect(await flush()).to.equal('OK');
    const before = configuration();

    writeFileSync(path, before.replace('sentinel monitor m2', '# the second\nnonsense 1\nsentinel monitor m2'));
    expect(await flush()).to.equal('OK');
    writeFileSync(path, `# ahead\n${configuration()}`);
    expect(await flush()).to.equal('OK');
    expect(await flush()).to.equal('OK');

    const after = before.replace('sentinel monitor m2', '# the second\n# ??? nonsense 1\nsentinel monitor m2');
    expect(configuration()).to.equal(`# ahead\n${after}`);
  });

  it('says once where nothing can be saved, and why', async () => {
    await create('sentinel monitor mymaster 127.0.0.1 1 1').start();
    expect(await RespConnection.once(port, 'SENTINEL', 'FLUSHCONFIG')).to.equal('OK');
    rmSync(path);
    mkdirSync(path);

    for (const _attempt of [1, 2]) await RespConnection.once(port, 'SENTINEL', 'FLUSHCONFIG').catch(String);

    const warnings = messages.filter((message) => message.startsWith(`warning Saving ${path} failed: `));
    expect(warnings).to.have.length(1);
    const explanation = await RespConnection.once(port, 'SENTINEL', 'EXPLAIN', 'mymaster');
    expect(JSON.stringify(explanation)).to.contain('nothing can be saved');
  });

  it('frees its port and its connections when it is stopped', async () => {
    node = await RedisServer.start(workspace, { name: 'node' });
    const stopped = create(`sentinel monitor mymaster 127.0.0.1 ${node.port} 1`);
    await stopped.start();
    await waitFor('it is connected', LIMIT, async () => {
      expect(await node?.command('CLIENT', 'LIST')).to.match(/name=sentinel-/);
    });

    await stopped.stop();

    await waitFor('the connections are gone', LIMIT, async () => {
      expect(await node?.command('CLIENT', 'LIST')).to.not.match(/name=sentinel-/);
    });
    const error = await new Promise<NodeJS.ErrnoException>((resolve) =>
      connect(port, '127.0.0.1').on('error', resolve),
    );
    expect(error.code).to.equal('ECONNREFUSED');
  });

  it('tells the embedding program when a client has ended it', async () => {
    let hasEnded = false;
    sentinel = createSentinel({
      configurationPath: path,
      configuration: `port ${port}\nbind 127.0.0.1\n`,
      onEnd: () => {
        hasEnded = true;
      },
    });
    await sentinel.start();

    const client = await RespConnection.open(port);
    client.write('SHUTDOWN\r\n');

    await waitFor('the end is reported', LIMIT, () => {
      expect(hasEnded).to.equal(true);
    });
    await client.closed;
  });
});
