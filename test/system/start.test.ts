// The life of one process: how it starts, how it refuses to start, how it ends. No data node is needed for that.

import { once } from 'node:events';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';

import { expect } from 'chai';

import { skipWithout } from '../support/fault-lab.js';
import { freePort } from '../support/free-port.js';
import { Mount, obstacleToMounting } from '../support/mount.js';
import { Program } from '../support/program.js';
import { RespConnection } from '../support/resp-connection.js';
import { SentinelProcess, SUBJECT, VEDETTE_EXECUTABLE } from '../support/sentinel-process.js';
import { Hopeless, waitFor } from '../support/wait.js';
import { Workspace } from '../support/workspace.js';

const MONITOR = 'sentinel monitor mymaster 127.0.0.1 6379 2';
const END_LIMIT = 5000;

/** A line that must stop the start, and the reason that must be given for it. */
const INVALID_LINES: readonly (readonly [line: string, reason: string])[] = [
  ['sentinel monitor other 127.0.0.1 6379 0', 'Quorum must be 1 or greater.'],
  ['sentinel monitor mymaster 127.0.0.1 6380 2', 'Duplicate master name.'],
  ['sentinel monitor other 127.0.0.1 65536 2', 'Invalid port number.'],
  ['sentinel down-after-milliseconds mymaster 0', 'negative or zero time parameter.'],
  ['sentinel down-after-milliseconds nobody 1000', 'No such master with specified name.'],
  [
    'sentinel notification-script mymaster /nowhere/to/be/found',
    'Notification script seems non existing or non executable.',
  ],
  ['sentinel myid 1234', 'Malformed Sentinel id in myid option.'],
  ['sentinel nonsense mymaster 1', 'Unrecognized sentinel configuration statement.'],
  ['no-such-directive yes', 'Bad directive or wrong number of arguments'],
];

describe('The executable', function () {
  this.timeout(30_000);
  let workspace: Workspace;
  const started: Program[] = [];

  beforeEach(() => {
    workspace = new Workspace();
  });

  afterEach(async () => {
    await Promise.all(started.splice(0).map((program) => program.kill()));
    workspace.remove();
  });

  /** Starts a process on `sentinel`'s configuration that will have ended after the test. */
  async function launch(sentinel: SentinelProcess): Promise<Program> {
    const program = await sentinel.launch();
    started.push(program);
    return program;
  }

  async function startHealthy(...directives: readonly string[]): Promise<SentinelProcess> {
    const sentinel = await prepare('healthy', directives);
    await sentinel.start();
    started.push(sentinel.program);
    return sentinel;
  }

  function prepare(name: string, directives: readonly string[]): Promise<SentinelProcess> {
    return SentinelProcess.prepare(workspace, { name, kind: SUBJECT, directives });
  }

  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    it(`ends with status 0 on ${signal} although its master never answers, and is silent on standard error`, async () => {
      const sentinel = await startHealthy(MONITOR);
      sentinel.program.signal(signal);
      expect(await endOf(sentinel.program)).to.deep.equal({ code: 0, signal: null });
      expect(sentinel.stderr).to.equal('');
    });
  }

  it('frees its port when it ends, so that it can be started again at once', async () => {
    const sentinel = await startHealthy(MONITOR);
    const runId = await sentinel.runId();
    await sentinel.stop();
    await sentinel.start();
    started.push(sentinel.program);
    expect(await sentinel.runId()).to.equal(runId);
  });

  it('gives up on a busy port: status 1, one line that names it, nothing on standard error, file untouched', async () => {
    const first = await startHealthy(MONITOR);
    const second = await prepare('second', []);
    copyFileSync(first.configPath, second.configPath);
    const before = second.configuration;
    const program = await launch(second);
    expect(await endOf(program)).to.deep.equal({ code: 1, signal: null });
    expect(program.stderr).to.equal('');
    expect(program.stdout).to.match(new RegExp(`\\b${first.port}\\b.*ddress already in use`));
    expect(second.configuration).to.equal(before);
  });

  it('leaves the configuration to a process that runs on it already', async () => {
    const sentinel = await startHealthy(MONITOR);
    await sentinel.command('SENTINEL', 'FLUSHCONFIG');
    const before = sentinel.configuration;
    const running = sentinel.program;
    expect(await endOf(await launch(sentinel))).to.deep.equal({ code: 1, signal: null });
    expect(sentinel.configuration).to.equal(before);
    expect(running.isRunning).to.equal(true);
    expect(await RespConnection.once(sentinel.port, 'PING')).to.equal('PONG');
  });

  for (const [line, reason] of INVALID_LINES) {
    it(`refuses to start with "${line}" and says where it stands and why`, async () => {
      const sentinel = await prepare('invalid', [MONITOR, line]);
      const before = sentinel.configuration;
      const program = await launch(sentinel);
      expect(await endOf(program)).to.deep.equal({ code: 1, signal: null });
      const lineNumber = before.split('\n').indexOf(line) + 1;
      expect(program.stderr).to.contain(
        `Reading the configuration file, at line ${lineNumber}\n>>> '${line}'\n${reason}`,
      );
      expect(sentinel.configuration).to.equal(before);
    });
  }

  it('refuses to start without its configuration file and names the path', async () => {
    const sentinel = await prepare('absent', []);
    rmSync(sentinel.configPath);
    const program = await launch(sentinel);
    expect(await endOf(program)).to.deep.equal({ code: 1, signal: null });
    expect(program.stdout + program.stderr).to.contain(sentinel.configPath);
  });

  it('refuses to start when the configuration file is a directory', async () => {
    const sentinel = await prepare('directory', []);
    rmSync(sentinel.configPath);
    mkdirSync(sentinel.configPath);
    const program = await launch(sentinel);
    expect(await endOf(program)).to.deep.equal({ code: 1, signal: null });
    expect(program.stdout + program.stderr).to.contain(sentinel.configPath);
  });

  for (const lines of [['port 0'], ['bind ""']]) {
    it(`refuses to listen nowhere (${lines.join(', ')}), and leaves the file as it is`, async () => {
      const sentinel = await prepare('nowhere', [...lines, MONITOR]);
      const before = sentinel.configuration;
      const program = await launch(sentinel);
      expect(await endOf(program)).to.deep.equal({ code: 1, signal: null });
      expect(program.stdout).to.contain('# Configured to not listen anywhere, exiting.');
      expect(sentinel.configuration).to.equal(before);
    });
  }

  it('refuses to start where it can write the file but not its directory, which it names', async function () {
    const sentinel = await prepare('unwritable', [MONITOR]);
    const forbidden = forbidDirectory(this, sentinel);
    try {
      const program = await launch(sentinel);
      expect(await endOf(program)).to.deep.equal({ code: 1, signal: null });
      expect(program.stdout).to.contain(`its directory ${sentinel.directory}/etc is not writable: `);
      expect(program.stderr).to.equal('');
    } finally {
      forbidden.allow();
    }
  });

  it('ends with status 0 also on a signal that comes while it still loads', async () => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      const sentinel = await SentinelProcess.prepare(workspace, {
        name: signal,
        kind: 'vedette',
        directives: [MONITOR],
        environment: { NODE_OPTIONS: `--require ${withSignalWhileLoading(workspace, signal)}` },
      });
      const program = await launch(sentinel);
      expect(await endOf(program)).to.deep.equal({ code: 0, signal: null });
      expect(program.stderr).to.equal('');
    }
  });

  it('accepts a relative path and a relative dir and logfile, as the suites of Redis start it', async () => {
    const sentinel = await prepare('relative', []);
    const lines = [`port ${sentinel.port}`, 'dir ./sub', 'logfile log.txt', 'repl-diskless-sync-delay 0', MONITOR];
    mkdirSync(join(sentinel.directory, 'sub'));
    writeFileSync(sentinel.configPath, `${lines.join('\n')}\n`);
    const [command, ...leading] =
      SUBJECT === 'vedette' ? ([process.execPath, VEDETTE_EXECUTABLE] as const) : (['redis-sentinel'] as const);
    const args = [...leading, 'sentinel.conf'];
    const program = await Program.start({ name: 'relative', command, args, directory: sentinel.directory });
    started.push(program);
    await answersPing(program, sentinel.port);
    expect(await sentinel.command('SENTINEL', 'FLUSHCONFIG')).to.equal('OK');
    expect(sentinel.configuration).to.contain('sentinel myid ');
    expect(readFileSync(join(sentinel.directory, 'sub', 'log.txt'), 'latin1')).to.contain('+monitor master mymaster');
    expect(program.stderr).to.equal('');
  });

  it('answers an inline PING that is followed by a stray line feed', async () => {
    const sentinel = await startHealthy(MONITOR);
    const connection = await RespConnection.open(sentinel.port);
    connection.write('PING\r\n\n');
    await waitFor('the reply arrives', 1000, () => expect(connection.unclaimed).to.equal('+PONG\r\n'));
    connection.close();
  });
});

describe('An incomplete installation', function () {
  this.timeout(30_000);
  let workspace: Workspace;

  beforeEach(() => {
    workspace = new Workspace();
  });

  afterEach(() => workspace.remove());

  for (const name of ['ioredis', 'winston']) {
    it(`ends the start with status 1 and one line that says what is missing (${name})`, async () => {
      const sentinel = await SentinelProcess.prepare(workspace, {
        name: 'incomplete',
        kind: 'vedette',
        directives: [MONITOR],
        environment: { NODE_OPTIONS: `--require ${withoutModule(workspace, name)}` },
      });
      const program = await sentinel.launch();
      try {
        expect(await endOf(program)).to.deep.equal({ code: 1, signal: null });
        expect(program.stdout).to.match(new RegExp(` # .*Cannot find module '${name}'. Exiting\\.\\.\\.\\n$`));
        expect(program.stderr).to.equal('');
      } finally {
        await program.kill();
      }
    });
  }
});

/** Moves the configuration into a directory of its own, in which nobody may create anything: root needs another way than the rest. */
function forbidDirectory(test: Mocha.Context, sentinel: SentinelProcess): { allow(): void } {
  const directory = join(sentinel.directory, 'etc');
  const path = join(directory, 'sentinel.conf');
  const outside = join(sentinel.directory, 'outside.conf');
  mkdirSync(directory);
  copyFileSync(sentinel.configPath, path);
  copyFileSync(sentinel.configPath, outside);
  rmSync(sentinel.configPath);
  symlinkSync(path, sentinel.configPath);
  if (process.geteuid?.() !== 0) {
    chmodSync(directory, 0o500);
    return { allow: () => chmodSync(directory, 0o700) };
  }
  skipWithout(test, obstacleToMounting());
  const mounts = [Mount.readOnly(directory), Mount.over(path, outside)];
  return { allow: () => mounts.reverse().map((mount) => mount.remove()) };
}

/** Makes a file that sends the process that begins with it a signal as soon as the file that runs a Sentinel is wanted. */
function withSignalWhileLoading(workspace: Workspace, signal: NodeJS.Signals): string {
  const path = join(workspace.path, `${signal}.cjs`);
  const lines = [
    "const Module = require('node:module');",
    'const load = Module._load;',
    'Module._load = function (request, ...rest) {',
    `  if (request.endsWith('/main-process.js')) process.kill(process.pid, '${signal}');`,
    '  return load.call(this, request, ...rest);',
    '};',
  ];
  writeFileSync(path, `${lines.join('\n')}\n`);
  return path;
}

/** Makes a file that hides a module from the process that begins with it. */
function withoutModule(workspace: Workspace, name: string): string {
  const path = join(workspace.path, 'without-module.cjs');
  const lines = [
    "const Module = require('node:module');",
    'const resolve = Module._resolveFilename;',
    'Module._resolveFilename = function (request, ...rest) {',
    `  if (request === '${name}') throw new Error("Cannot find module '" + request + "'");`,
    '  return resolve.call(this, request, ...rest);',
    '};',
  ];
  writeFileSync(path, `${lines.join('\n')}\n`);
  return path;
}

describe('The command `vedette start`', function () {
  this.timeout(30_000);
  let workspace: Workspace;
  let program: Program | null = null;

  beforeEach(() => {
    workspace = new Workspace();
  });

  afterEach(async () => {
    await program?.kill();
    program = null;
    workspace.remove();
  });

  it('writes a configuration of its own, monitors what it was told to, and finds both again when it is restarted', async () => {
    const directory = workspace.directory('started');
    const port = await freePort();
    const options = [
      '--monitor',
      'mymaster=127.0.0.1:6379',
      '--quorum',
      '2',
      '--port',
      String(port),
      '--dir',
      directory,
    ];
    const args = [VEDETTE_EXECUTABLE, 'start', ...options];
    const identities: unknown[] = [];
    for (const name of ['first', 'second']) {
      program = await Program.start({ name, command: process.execPath, args, directory });
      await answersPing(program, port);
      expect(await RespConnection.once(port, 'SENTINEL', 'CKQUORUM', 'mymaster').catch(String)).to.contain('NOQUORUM');
      identities.push(await RespConnection.once(port, 'SENTINEL', 'MYID'));
      program.signal('SIGTERM');
      expect(await endOf(program)).to.deep.equal({ code: 0, signal: null });
      expect(program.stderr).to.equal('');
    }
    expect(identities[0]).to.match(/^[0-9a-f]{40}$/);
    expect(identities[1]).to.equal(identities[0]);
    const configuration = readFileSync(join(directory, 'sentinel.conf'), 'latin1');
    expect(configuration).to.match(/^sentinel monitor mymaster 127\.0\.0\.1 6379 2$/m);
  });

  async function run(name: string, ...options: readonly string[]): Promise<Program> {
    const args = [VEDETTE_EXECUTABLE, 'start', '--monitor', 'mymaster=127.0.0.1:6379', ...options];
    program = await Program.start({ name, command: process.execPath, args, directory: workspace.path });
    return program;
  }

  it('leaves no file behind when it is refused or cannot listen, so that it can be started with other options', async () => {
    const [busy, free] = [await freePort(), await freePort()];
    const directory = join(workspace.path, 'made');
    const mistakes: [string[], RegExp][] = [
      [['--quorum', '0'], /^vedette: --quorum: expected a whole number, at least 1\n/],
      [['--quorum', 'abc'], /^vedette: --quorum: expected a whole number, at least 1\n/],
      [['--quorum', '1.5'], /^vedette: --quorum: expected a whole number, at least 1\n/],
      [['--down-after', '-5'], /^vedette: --down-after: expected a whole number, at least 1\n/],
      [['--port', '99999'], /^vedette: --port: expected a number from 1 to 65535\n/],
      [['--port', '0'], /^vedette: --port: expected a number from 1 to 65535\n/],
      [['--bind', '999.1.1.1'], /^vedette: --bind 999\.1\.1\.1: expected an address/],
      [['--monitor'], /^vedette: --monitor needs a value\n/],
      [['--monitor', ''], /^vedette: --monitor '': expected name=host:port/],
    ];
    for (const [at, [options, complaint]] of mistakes.entries()) {
      const refused = await run(`refused-${at}`, '--dir', directory, ...options);
      expect(await endOf(refused)).to.deep.equal({ code: 1, signal: null });
      expect(refused.stderr).to.match(complaint);
      expect(existsSync(directory)).to.equal(false);
    }
    const listener = createServer().listen(busy, '127.0.0.1');
    await once(listener, 'listening');
    try {
      const unheard = await run('unheard', '--dir', directory, '--port', String(busy));
      expect(await endOf(unheard)).to.deep.equal({ code: 1, signal: null });
      expect(unheard.stdout).to.match(/ddress already in use/);
      expect(existsSync(join(directory, 'sentinel.conf'))).to.equal(false);
    } finally {
      listener.close();
    }
    const started = await run('started', '--dir', directory, '--port', String(free), '--quorum', '3');
    await answersPing(started, free);
    expect(started.stderr).to.equal('');
    started.signal('SIGTERM');
    expect(await endOf(started)).to.deep.equal({ code: 0, signal: null });
    expect(readFileSync(join(directory, 'sentinel.conf'), 'latin1')).to.match(/^sentinel myid [0-9a-f]{40}$/m);
  });
});

describe('An installation by a symbolic link', function () {
  this.timeout(30_000);
  let workspace: Workspace;

  beforeEach(() => {
    workspace = new Workspace();
  });

  afterEach(() => workspace.remove());

  it('runs the tools and a Sentinel', async () => {
    const command = join(workspace.path, 'vedette');
    // As `npm run build` does; the compiler alone leaves the mode of the file as it is.
    chmodSync(VEDETTE_EXECUTABLE, 0o755);
    symlinkSync(VEDETTE_EXECUTABLE, command);
    const run = (name: string, ...args: readonly string[]) =>
      Program.start({ name, command, args, directory: workspace.path });
    const version = await run('version', '-v');
    expect(await endOf(version)).to.deep.equal({ code: 0, signal: null });
    expect(version.stdout).to.match(/^\d+\.\d+\.\d+\n$/);
    const port = await freePort();
    writeFileSync(join(workspace.path, 'sentinel.conf'), `port ${port}\nbind 127.0.0.1\n${MONITOR}\n`);
    const sentinel = await run('sentinel', 'sentinel.conf');
    try {
      await answersPing(sentinel, port);
    } finally {
      await sentinel.kill();
    }
  });
});

async function answersPing(program: Program, port: number): Promise<void> {
  await waitFor('the process answers PING', 10_000, async () => {
    if (!program.isRunning) throw new Hopeless(`the process ended:\n${program.stdout}\n${program.stderr}`);
    await RespConnection.once(port, 'PING');
  });
}

function endOf(program: Program): Promise<unknown> {
  return waitFor('the process ends', END_LIMIT, () => program.ended);
}
