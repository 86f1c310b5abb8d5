// Vedette as a service: in the background, under a service manager, and in the system's log.

import { chmodSync, existsSync, mkdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';

import { DatagramSocket } from '../support/datagram-socket.js';
import { removeAtExit } from '../support/leftovers.js';
import { Program } from '../support/program.js';
import { RespConnection } from '../support/resp-connection.js';
import { SentinelProcess, VEDETTE_EXECUTABLE } from '../support/sentinel-process.js';
import { waitFor } from '../support/wait.js';
import { Workspace } from '../support/workspace.js';

const MONITOR = 'sentinel monitor mymaster 127.0.0.1 6379 2';
const LIMIT = 10_000;

let workspace: Workspace;
let endings: (() => Promise<void>)[];

function prepare(...directives: readonly string[]): Promise<SentinelProcess> {
  return SentinelProcess.prepare(workspace, {
    name: 'sentinel',
    kind: 'vedette',
    directives: [MONITOR, ...directives],
  });
}

/** Starts the executable as an operator does; it has ended after the test. */
async function launch(
  { configPath, directory }: SentinelProcess,
  environment: Readonly<Record<string, string>> = {},
): Promise<Program> {
  const program = await Program.start({
    name: 'vedette',
    command: process.execPath,
    args: [VEDETTE_EXECUTABLE, configPath],
    directory,
    environment,
  });
  endings.push(() => program.kill());
  return program;
}

async function answers(sentinel: SentinelProcess, program: Program): Promise<void> {
  await waitFor('it answers PING', LIMIT, async () => {
    expect(program.isRunning, `${program.stdout}${program.stderr}`).to.equal(true);
    await RespConnection.once(sentinel.port, 'PING');
  });
}

async function listen(name: string): Promise<DatagramSocket> {
  const socket = await DatagramSocket.open(workspace, name);
  endings.push(() => socket.close());
  return socket;
}

function startCase(): void {
  workspace = new Workspace();
  endings = [];
}

async function endCase(): Promise<void> {
  for (const end of endings) await end();
  workspace.remove();
}

describe('In the background (`daemonize yes`)', function () {
  this.timeout(30_000);
  beforeEach(startCase);
  afterEach(endCase);

  /** The process that the file names; it has ended after the test, however that ends. */
  function backgroundProcess(pidFile: string): number {
    const pid = Number(readFileSync(pidFile, 'latin1'));
    const kill = () => {
      if (isAlive(pid)) process.kill(pid, 'SIGKILL');
    };
    const forget = removeAtExit({ process: pid }, kill);
    endings.push(async () => {
      kill();
      forget();
    });
    return pid;
  }

  it('it listens when the command returns 0, detached from terminal and streams, and cleans up when it ends', async () => {
    const sentinel = await prepare('daemonize yes', 'pidfile run.pid', 'logfile log.txt');
    const pidFile = join(sentinel.directory, 'run.pid');

    const starter = await launch(sentinel);
    expect(await starter.ended).to.deep.equal({ code: 0, signal: null });
    const pid = backgroundProcess(pidFile);
    expect(await RespConnection.once(sentinel.port, 'PING')).to.equal('PONG');

    expect(pid).not.to.equal(starter.pid);
    expect(starter.stdout + starter.stderr).to.equal('');
    for (const stream of [0, 1, 2]) expect(readlinkSync(`/proc/${pid}/fd/${stream}`)).to.equal('/dev/null');
    const [, , , session] = readFileSync(`/proc/${pid}/stat`, 'latin1')
      .replace(/^.*\) /, '')
      .split(' ');
    expect(Number(session)).to.equal(pid);
    process.kill(pid, 'SIGTERM');
    await waitFor('it ends and takes its file along', LIMIT, () => {
      expect(isAlive(pid) || existsSync(pidFile)).to.equal(false);
    });
    expect(readFileSync(join(sentinel.directory, 'log.txt'), 'latin1')).to.match(/bye bye\.\.\.\n$/);
  });

  it('it finds a configuration and a directory that were given by relative paths', async () => {
    const sentinel = await prepare();
    mkdirSync(join(sentinel.directory, 'sub'));
    const lines = [`port ${sentinel.port}`, 'dir ./sub', 'pidfile run.pid', 'daemonize yes', MONITOR];
    writeFileSync(sentinel.configPath, `${lines.join('\n')}\n`);

    const args = [VEDETTE_EXECUTABLE, 'sentinel.conf'];
    const options = { name: 'relative', command: process.execPath, args, directory: sentinel.directory };
    const starter = await Program.start(options);
    expect(await starter.ended).to.deep.equal({ code: 0, signal: null });

    backgroundProcess(join(sentinel.directory, 'sub', 'run.pid'));
    expect(await RespConnection.once(sentinel.port, 'PING')).to.equal('PONG');
    expect(sentinel.configuration).to.contain('sentinel myid');
  });

  it('a start that fails ends the command with status 1 and the reason', async () => {
    const first = await prepare();
    await answers(first, await launch(first));
    const lines = [`port ${first.port}`, 'bind 127.0.0.1', `dir "${first.directory}"`, 'daemonize yes', MONITOR];
    const configPath = join(first.directory, 'second.conf');
    writeFileSync(configPath, `${lines.join('\n')}\n`);

    const args = [VEDETTE_EXECUTABLE, configPath];
    const second = await Program.start({ name: 'second', command: process.execPath, args, directory: first.directory });

    expect(await second.ended).to.deep.equal({ code: 1, signal: null });
    expect(second.stderr).to.match(new RegExp(`^Could not listen on 127.0.0.1:${first.port}: Address already in use`));
  });

  it('a configuration that cannot be accepted is explained as in the foreground', async () => {
    const sentinel = await prepare('daemonize yes', 'no-such-directive 1');

    const starter = await launch(sentinel);

    expect(await starter.ended).to.deep.equal({ code: 1, signal: null });
    expect(starter.stderr).to.contain(">>> 'no-such-directive 1'\nBad directive or wrong number of arguments\n");
  });
});

describe('Under systemd', function () {
  this.timeout(30_000);
  beforeEach(startCase);
  afterEach(endCase);

  for (const directive of ['systemd', 'auto']) {
    it(`\`supervised ${directive}\` tells when it listens and when it ends, and stays where it was started`, async () => {
      const socket = await listen('notify');
      const sentinel = await prepare(`supervised ${directive}`, 'daemonize yes');

      const program = await launch(sentinel, { NOTIFY_SOCKET: socket.path });
      await waitFor('systemd has been told', LIMIT, () => {
        expect(socket.lines).to.include.members([
          'READY=1',
          'STATUS=Ready to accept connections',
          `MAINPID=${program.pid}`,
        ]);
      });
      expect(await RespConnection.once(sentinel.port, 'PING')).to.equal('PONG');
      program.signal('SIGTERM');

      expect(await program.ended).to.deep.equal({ code: 0, signal: null });
      await waitFor('systemd has been told', LIMIT, () => expect(socket.lines).to.include('STOPPING=1'));
    });
  }

  it('a helper that is not there costs one warning, and nothing else', async () => {
    const sentinel = await prepare('supervised systemd');

    const program = await launch(sentinel, { NOTIFY_SOCKET: join(workspace.path, 'notify'), PATH: workspace.path });
    await answers(sentinel, program);

    await waitFor('it says so', LIMIT, () => {
      expect(program.stdout).to.match(
        /# WARNING systemd was not told that we are ready \(spawn systemd-notify ENOENT\)/,
      );
    });
    program.signal('SIGTERM');
    expect(await program.ended).to.deep.equal({ code: 0, signal: null });
    expect(program.stdout.split('WARNING')).to.have.length(2);
    expect(program.stderr).to.equal('');
  });

  it('a manager that was asked for and is not there is warned about; with `auto` nobody was asked for', async () => {
    for (const [directive, warnings] of [
      ['systemd', ['systemd supervision requested, but NOTIFY_SOCKET not found!']],
      ['upstart', ['upstart supervision requested, but UPSTART_JOB not found!']],
      ['auto', []],
    ] as const) {
      const sentinel = await prepare(`supervised ${directive}`);
      const program = await launch(sentinel, { NOTIFY_SOCKET: '' });
      await answers(sentinel, program);
      program.signal('SIGTERM');
      await program.ended;
      const before = program.stdout.split('is starting, pid=').at(-2)?.split('# WARNING ').slice(1) ?? [];
      expect(before.map((line) => line.split('\n')[0])).to.deep.equal(warnings);
    }
  });
});

describe('Under upstart', function () {
  this.timeout(30_000);
  beforeEach(startCase);
  afterEach(endCase);

  for (const directive of ['upstart', 'auto']) {
    it(`\`supervised ${directive}\` stops the process, in the foreground, when it listens, and it goes on when it is told to`, async () => {
      const sentinel = await prepare(`supervised ${directive}`, 'daemonize yes');

      const program = await launch(sentinel, { UPSTART_JOB: 'vedette', NOTIFY_SOCKET: '' });
      await waitFor('it has stopped itself', LIMIT, () => expect(stateOf(program.pid)).to.equal('T'));
      // The kernel takes the connection for a listener that is there; the answer comes later.
      const connection = await RespConnection.open(sentinel.port, { timeoutMillis: LIMIT });
      const answer = connection.command('PING');
      expect(stateOf(program.pid)).to.equal('T');
      program.signal('SIGCONT');

      expect(await answer).to.equal('PONG');
      connection.close();
      program.signal('SIGTERM');
      expect(await program.ended).to.deep.equal({ code: 0, signal: null });
      expect(program.stdout).to.match(/\* supervised by upstart, will stop to signal readiness\n/);
      expect(program.stderr).to.equal('');
    });
  }
});

describe("The system's log (`syslog-enabled yes`)", function () {
  this.timeout(30_000);
  beforeEach(startCase);
  afterEach(endCase);

  it('has every message with its level, under the configured name and facility, to the last words', async () => {
    const socket = await listen('log');
    // The real program, told to use the socket of this test.
    const path = join(workspace.directory('bin'), 'logger');
    writeFileSync(path, `#!/bin/sh\nexec /usr/bin/logger --socket '${socket.path}' "$@"\n`);
    chmodSync(path, 0o755);
    const sentinel = await prepare('syslog-enabled yes', 'syslog-ident watchman', 'syslog-facility local3');

    const { PATH } = process.env;
    const program = await launch(sentinel, { PATH: `${workspace.path}/bin:${PATH}` });
    await answers(sentinel, program);
    program.signal('SIGTERM');
    expect(await program.ended).to.deep.equal({ code: 0, signal: null });

    await waitFor('the last words arrive', LIMIT, () => {
      const said = socket.lines.map((line) => line.replace(/>.*? watchman/, '> watchman'));
      // local3 is 19: 8 × 19 + 5 for a notice, + 4 for a warning.
      expect(said).to.include(`<157> watchman[${program.pid}]: Running mode=sentinel, port=${sentinel.port}.`);
      expect(said.at(-1)).to.equal(`<156> watchman[${program.pid}]: Sentinel is now ready to exit, bye bye...`);
    });
    expect(program.stdout).to.match(/bye bye/);
  });
});

/** The letter that the kernel has for it: `T` when a signal has stopped it. */
function stateOf(pid: number): string | undefined {
  return readFileSync(`/proc/${pid}/stat`, 'latin1').replace(/^.*\) /s, '')[0];
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !readFileSync(`/proc/${pid}/stat`, 'latin1').includes(') Z ');
  } catch {
    return false;
  }
}
