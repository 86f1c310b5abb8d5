// Users in a file of their own (`aclfile`): read at the start and on ACL LOAD, written on ACL SAVE, and never half.

import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { expect } from 'chai';

import type { Program } from '../support/program.js';
import { RespConnection } from '../support/resp-connection.js';
import { SentinelProcess, SUBJECT } from '../support/sentinel-process.js';
import { Workspace } from '../support/workspace.js';

const DEFAULT_USER = 'user default on nopass ~* &* +@all';
const ALICE = 'user alice on >secret &* -@all +ping +acl|whoami';
/** Two users that cannot be: the second rule, and the second line of the same name. */
const BROKEN = ['user bob on +no-such-command', 'user carol on', 'user carol off'];

describe('A file of users', function () {
  this.timeout(30_000);
  let workspace: Workspace;
  let sentinel: SentinelProcess;
  let path: string;

  beforeEach(async () => {
    workspace = new Workspace();
    path = join(workspace.directory('users'), 'users.acl');
    const directives = ['sentinel monitor mymaster 127.0.0.1 6379 2', `aclfile ${path}`];
    sentinel = await SentinelProcess.prepare(workspace, { name: 'sentinel', kind: SUBJECT, directives });
  });

  afterEach(async () => {
    sentinel.recorder.close();
    await sentinel.kill();
    workspace.remove();
  });

  it('lets in whom it names', async () => {
    writeUsers(DEFAULT_USER, ALICE);
    await sentinel.start();
    const connection = await RespConnection.open(sentinel.port);
    try {
      expect(await connection.command('AUTH', 'alice', 'secret')).to.equal('OK');
      expect(await connection.command('ACL', 'WHOAMI')).to.equal('alice');
      expect(await failureOf(connection.command('SENTINEL', 'MYID'))).to.match(/^NOPERM /);
    } finally {
      connection.close();
    }
    expect(sentinel.stderr).to.equal('');
  });

  it('is read anew by ACL LOAD, which ends the connections of users that are gone', async () => {
    writeUsers(DEFAULT_USER, ALICE);
    await sentinel.start();
    const connection = await RespConnection.open(sentinel.port);
    await connection.command('AUTH', 'alice', 'secret');
    writeUsers(DEFAULT_USER, 'user bob on nopass +@all');
    expect(await sentinel.command('ACL', 'LOAD')).to.equal('OK');
    expect(await sentinel.command('ACL', 'USERS')).to.have.members(['default', 'bob']);
    await connection.closed;
  });

  it('changes nothing when ACL LOAD finds it broken, and every broken line is named', async () => {
    writeUsers(DEFAULT_USER, ALICE);
    await sentinel.start();
    const before = await sentinel.command('ACL', 'LIST');
    writeUsers(DEFAULT_USER, ...BROKEN);
    const failure = await failureOf(sentinel.command('ACL', 'LOAD'));
    expect(failure).to.include(`${path}:2: Error in applying operation '+no-such-command': Unknown command`);
    expect(failure).to.include("Duplicate user 'carol' found on line 4");
    expect(failure).to.match(
      /WARNING: ACL errors detected, no change to the previously active ACL rules was performed$/,
    );
    expect(await sentinel.command('ACL', 'LIST')).to.deep.equal(before);
  });

  it('changes nothing when ACL LOAD does not find it', async () => {
    writeUsers(DEFAULT_USER, ALICE);
    await sentinel.start();
    rmSync(path);
    expect(await failureOf(sentinel.command('ACL', 'LOAD'))).to.equal(
      `ERR Error loading ACLs, opening file '${path}': No such file or directory`,
    );
    expect(await sentinel.command('ACL', 'USERS')).to.have.members(['default', 'alice']);
  });

  it('stops the start when it is broken, or missing', async () => {
    writeUsers(DEFAULT_USER, ...BROKEN);
    expect((await endOf(await sentinel.launch())).code).to.equal(1);
    expect(sentinel.log + sentinel.stderr).to.include(`${path}:2: `);
    rmSync(path);
    expect((await endOf(await sentinel.launch())).code).to.equal(1);
    expect(sentinel.log + sentinel.stderr).to.include('No such file or directory');
  });

  it('is written whole by ACL SAVE, with hashes in the place of passwords, and read again at the next start', async () => {
    writeUsers(DEFAULT_USER, ALICE);
    await sentinel.start();
    await sentinel.command('ACL', 'SETUSER', 'bob', 'on', '>password', '+ping');
    expect(await sentinel.command('ACL', 'SAVE')).to.equal('OK');
    const users = await sentinel.command('ACL', 'LIST');
    const saved = readFileSync(path, 'latin1');
    expect(saved)
      .to.match(/^user alice on /m)
      .and.to.match(/^user bob on /m)
      .and.not.to.match(/secret|password /);
    await sentinel.stop();
    await sentinel.start();
    expect(await sentinel.command('ACL', 'LIST')).to.have.members(users as string[]);
    expect(sentinel.configuration).not.to.match(/^user /m);
  });

  it('stays as it was when ACL SAVE cannot write it', async () => {
    writeUsers(DEFAULT_USER, ALICE);
    await sentinel.start();
    const before = readFileSync(path, 'latin1');
    await sentinel.command('ACL', 'SETUSER', 'bob', 'on', '>password', '+ping');
    execFileSync('prlimit', ['--pid', String(sentinel.pid), '--fsize=0:']);
    expect(await failureOf(sentinel.command('ACL', 'SAVE'))).to.equal(
      'ERR There was an error trying to save the ACLs. Please check the server logs for more information',
    );
    expect(readFileSync(path, 'latin1')).to.equal(before);
    expect(readdirSync(dirname(path))).to.deep.equal(['users.acl']);
  });

  function writeUsers(...lines: readonly string[]): void {
    writeFileSync(path, `${lines.join('\n')}\n`);
  }
});

async function failureOf(command: Promise<unknown>): Promise<string> {
  return await command.then(
    (reply) => `no failure: ${JSON.stringify(reply)}`,
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
}

async function endOf(program: Program): Promise<{ readonly code: number | null }> {
  return await program.ended;
}
