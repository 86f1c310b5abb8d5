// The operator's tools against a running Sentinel with one master that is there and one that is not.

import { join } from 'node:path';
import { expect } from 'chai';

import { followEvents } from '../../src/cli/events.js';
import { CommandFailure } from '../../src/cli/failure.js';
import { masterAddress } from '../../src/cli/get-master.js';
import { describeStatus } from '../../src/cli/status.js';
import { createSentinel, type EmbeddedSentinel } from '../../src/index.js';
import { freePort } from '../support/free-port.js';
import { Program } from '../support/program.js';
import { RedisServer } from '../support/redis-server.js';
import { RespConnection } from '../support/resp-connection.js';
import { VEDETTE_EXECUTABLE } from '../support/sentinel-process.js';
import { waitFor } from '../support/wait.js';
import { Workspace } from '../support/workspace.js';

const LIMIT = 15_000;

describe('Command line tools', function () {
  this.timeout(2 * LIMIT);
  let workspace: Workspace;
  let node: RedisServer;
  let sentinel: EmbeddedSentinel;
  let target: { host: string; port: number; password?: string };
  let runs = 0;

  before(async () => {
    workspace = new Workspace();
    node = await RedisServer.start(workspace, { name: 'node' });
    target = { host: '127.0.0.1', port: await freePort(), password: 'secret' };
    const configuration = [
      `port ${target.port}`,
      'bind 127.0.0.1',
      'requirepass secret',
      `sentinel monitor present 127.0.0.1 ${node.port} 1`,
      `sentinel monitor absent 127.0.0.1 ${await freePort()} 2`,
      'sentinel down-after-milliseconds absent 100',
      '',
    ].join('\n');
    sentinel = createSentinel({ configurationPath: join(workspace.path, 'sentinel.conf'), configuration });
    await sentinel.start();
  });

  after(async () => {
    await sentinel.stop();
    await node.kill();
    workspace.remove();
  });

  /** Runs the executable and returns what it printed and its exit status. */
  async function run(...args: readonly string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
    const program = await Program.start({
      name: `tool-${++runs}`,
      command: process.execPath,
      args: [VEDETTE_EXECUTABLE, ...args],
      directory: workspace.path,
      environment: { REDISCLI_AUTH: 'secret' },
    });
    const { code } = await program.ended;
    return { code, stdout: program.stdout, stderr: program.stderr };
  }

  async function failureOf(promise: Promise<unknown>): Promise<Error> {
    return await promise.then(
      () => {
        throw new Error('nothing failed');
      },
      (error: Error) => error,
    );
  }

  async function expectRefusal(words: readonly string[], complaint: RegExp): Promise<void> {
    const { code, stdout, stderr } = await run(...words);
    expect({ code, stdout }, words.join(' ')).to.deep.equal({ code: 1, stdout: '' });
    expect(stderr).to.match(complaint);
  }

  it('get-master prints where a master is', async () => {
    expect(await masterAddress(target, 'present')).to.equal(`127.0.0.1:${node.port}`);
  });

  it('get-master says that it does not know a name, on standard error and with status 1', async () => {
    const result = await run('get-master', 'nobody', '--port', String(target.port));

    expect(result).to.deep.equal({ code: 1, stdout: '', stderr: 'vedette: no master is called nobody here\n' });
  });

  it('status shows every master and is not healthy while one is down', async () => {
    await waitFor('the absent master is down', LIMIT, async () => {
      const { text, isHealthy } = await describeStatus(target);
      expect(isHealthy).to.equal(false);
      expect(text).to.match(new RegExp(`^present +127.0.0.1:${node.port} +up\n`, 'm'));
      expect(text).to.match(/^absent +127\.0\.0\.1:\d+ +subjectively down, not connected$/m);
      expect(text).to.match(/^ {2}NOQUORUM 1 usable Sentinels/m);
      expect(text).to.match(/^ {2}No failover is possible: 1 Sentinels answer, 2 votes are needed$/m);
    });
  });

  it('status ends with status 1 when a master is down', async () => {
    const { code, stdout, stderr } = await run('status', '--port', String(target.port));

    expect(code).to.equal(1);
    expect(stdout).to.match(/^present /m);
    expect(stderr).to.equal('');
  });

  it('failover passes on why it cannot be started', async () => {
    const { code, stderr } = await run('failover', 'absent', '--port', String(target.port));

    expect(code).to.equal(1);
    expect(stderr).to.match(/^vedette: 127\.0\.0\.1:\d+: (NOGOODSLAVE|NOQUORUM) /);
  });

  it('events prints each event as a line and says when the connection has ended', async () => {
    const lines: string[] = [];
    const following = failureOf(followEvents(target, (line) => lines.push(line)));
    await waitFor('an event is printed', LIMIT, async () => {
      const client = await RespConnection.open(target.port);
      await client.command('AUTH', 'secret');
      await client.command('SENTINEL', 'RESET', 'present');
      if (lines.length > 0) await client.command('CLIENT', 'KILL', 'TYPE', 'pubsub', 'SKIPME', 'yes');
      client.close();
      expect(lines.join('')).to.match(
        /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} {2}\+reset-master master present 127\.0\.0\.1 \d+\n/,
      );
    });

    expect(await following).to.be.instanceOf(CommandFailure);
  });

  it('say that nobody listens, or that the password is wrong', async () => {
    const nobody = await failureOf(masterAddress({ host: '127.0.0.1', port: await freePort() }, 'present'));
    const refused = await failureOf(masterAddress({ ...target, password: 'wrong' }, 'present'));

    expect(nobody.message).to.match(/^127\.0\.0\.1:\d+: .*ECONNREFUSED/);
    expect(refused.message).to.match(/WRONGPASS/);
  });

  it('explain themselves with --help and --version, and what they did not understand', async () => {
    const help = await run('--help');
    const version = await run('--version');
    const mistake = await run('status', '--nonsense');

    expect(help.code).to.equal(0);
    for (const name of ['start', 'status', 'get-master', 'failover', 'events', 'sentinel.conf']) {
      expect(help.stdout).to.contain(name);
    }
    expect(version).to.deep.include({ code: 0, stderr: '' });
    expect(version.stdout).to.match(/^\d+\.\d+\.\d+\n$/);
    expect(mistake.code).to.equal(1);
    expect(mistake.stderr).to.match(/nonsense/);
  });

  it('say which option is wrong', async () => {
    const mistakes: [string[], RegExp][] = [
      [['--port', 'abc'], /^vedette: --port: expected a number from 1 to 65535\n/],
      [['--port', '65536'], /^vedette: --port: expected a number/],
      [['--port'], /^vedette: --port needs a value\n/],
      [['--port', '1', '--port', '2'], /^vedette: --port is given more than once\n/],
      [['--host', ''], /^vedette: --host needs a value\n/],
      [['--no-host'], /^vedette: --host needs a value\n/],
      [['--cacert', 'some.crt'], /^vedette: --cacert needs --tls\n/],
      [['--tls', '--cert', 'mine.crt'], /^vedette: --cert needs --key\n/],
      [['--tls', '--cacert', '/nowhere'], /^vedette: --cacert \/nowhere: No such file or directory\n$/],
    ];
    for (const [options, complaint] of mistakes) await expectRefusal(['status', ...options], complaint);
  });

  it('say that the name of the master is missing or empty', async () => {
    await expectRefusal(['failover'], /^vedette: the name of the master is missing\nvedette failover --help .*\n$/);
    await expectRefusal(['get-master', ''], /^vedette: the name of the master is empty\n/);
  });

  it('take a first word that is neither a command nor a file for a slip', async () => {
    const file = 'there is no command and no configuration file called';

    await expectRefusal(
      ['sttaus'],
      new RegExp(`^vedette: ${file} sttaus\\. Did you mean \`vedette status\`\\?\nvedette --help .*\n$`),
    );
    await expectRefusal(['nonsense'], new RegExp(`^vedette: ${file} nonsense\\.\nvedette --help .*\n$`));
  });

  it('answer whoever asks for help by a word, or behind the path of a file', async () => {
    const all = await run('help');
    const one = await run('help', 'status');

    expect(all).to.deep.include({ code: 0, stderr: '' });
    expect(all.stdout).to.contain('vedette get-master <name>');
    expect(one.stdout).to.match(/^vedette status\n/);
    for (const words of [
      ['some.conf', '--help'],
      ['some.conf', '-h'],
      ['--port', '1', '--help'],
    ]) {
      expect(await run(...words), words.join(' ')).to.deep.equal(all);
    }
    expect(await run('some.conf', '--version')).to.deep.equal(await run('--version'));
  });

  it('end as soon as they have said that nobody listens', async () => {
    const args = [VEDETTE_EXECUTABLE, 'status', '--port', String(await freePort())];
    const program = await Program.start({
      name: 'nobody-listens',
      command: process.execPath,
      args,
      directory: workspace.path,
    });
    await waitFor('it says so', LIMIT, () => expect(program.stderr).to.match(/ECONNREFUSED/));

    const { code } = await waitFor('it ends', 1_000, () => program.ended);

    expect(code).to.equal(1);
  });

  it('say in words that the other end does not speak TLS', async () => {
    await expectRefusal(
      ['status', '--tls', '--port', String(target.port)],
      /^vedette: 127\.0\.0\.1:\d+: the other end does not speak TLS; leave out --tls\n$/,
    );
  });

  it('go on without a word when they bring a password that nobody wants', async () => {
    const port = await freePort();
    const open = createSentinel({
      configurationPath: join(workspace.directory('open'), 'sentinel.conf'),
      configuration: `port ${port}\nbind 127.0.0.1\nsentinel monitor present 127.0.0.1 ${node.port} 1\n`,
    });
    await open.start();
    try {
      const result = await run('get-master', 'present', '--port', String(port));

      expect(result).to.deep.equal({ code: 0, stdout: `127.0.0.1:${node.port}\n`, stderr: '' });
    } finally {
      await open.stop();
    }
  });

  it('need a configuration file to be a Sentinel', async () => {
    const { code, stdout, stderr } = await run('--port', '1');

    expect({ code, stderr }).to.deep.equal({ code: 1, stderr: '' });
    expect(stdout).to.match(/Sentinel needs config file on disk to save state\. Exiting\.\.\.\n$/);
  });
});
