// The state file between and during saves: never torn, never wider open than before, nothing left lying about.

import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect } from 'chai';

import { readRegularFile } from '../../src/io/regular-file.js';
import { StateFile } from '../../src/io/state-file.js';
import { skipWithout } from '../support/fault-lab.js';
import { Workspace } from '../support/workspace.js';

/** The error a promise rejects with; fails if it does not. */
async function failureOf(promise: Promise<unknown>): Promise<NodeJS.ErrnoException> {
  try {
    await promise;
  } catch (error) {
    return error as NodeJS.ErrnoException;
  }
  throw new Error('nothing failed');
}

describe('State file', () => {
  let workspace: Workspace;
  let path: string;
  let file: StateFile;

  beforeEach(() => {
    workspace = new Workspace();
    path = join(workspace.directory('etc'), 'sentinel.conf');
    writeFileSync(path, 'old\n');
    file = new StateFile(path);
  });

  afterEach(() => workspace.remove());

  const names = () => readdirSync(join(workspace.path, 'etc'));

  it('holds exactly the saved bytes, and nothing lies beside it', async () => {
    await file.save('new \xff\x80\n');

    expect(readFileSync(path, 'latin1')).to.equal('new \xff\x80\n');
    expect(names()).to.deep.equal(['sentinel.conf']);
  });

  it('keeps its permissions', async () => {
    chmodSync(path, 0o640);

    await file.save('new\n');

    expect(statSync(path).mode & 0o777).to.equal(0o640);
  });

  it('is made anew when it has been deleted', async () => {
    unlinkSync(path);

    await file.save('new\n');

    expect(readFileSync(path, 'latin1')).to.equal('new\n');
    expect(statSync(path).mode & 0o777).to.equal(0o644 & ~process.umask());
  });

  it('stays a symbolic link if it is one', async () => {
    const link = join(workspace.path, 'link.conf');
    symlinkSync(path, link);

    await new StateFile(link).save('new\n');

    expect(lstatSync(link).isSymbolicLink()).to.equal(true);
    expect(readFileSync(path, 'latin1')).to.equal('new\n');
    expect(readdirSync(workspace.path)).to.have.members(['etc', 'link.conf']);
  });

  it('is replaced, not written: whoever has it open keeps the old content', async () => {
    const before = statSync(path).ino;

    await file.save('new\n');

    expect(statSync(path).ino).to.not.equal(before);
  });

  it('leaves nothing behind when the process ends during a save', async () => {
    const saving = file.save('new\n');
    // The new file is there for several turns of the event loop; looking in each one cannot miss it.
    while (names().length < 2) await nextTurn();

    file.abandon();

    expect(names()).to.deep.equal(['sentinel.conf']);
    await saving.catch((error: NodeJS.ErrnoException) => expect(error.code).to.equal('ENOENT'));
    expect(names()).to.deep.equal(['sentinel.conf']);
  });

  it('is replaced at once at the end of the process, whatever a save in flight has written', async () => {
    chmodSync(path, 0o640);
    const saving = file.save('older\n');
    while (names().length < 2) await nextTurn();

    file.saveAtOnce('newest\n');

    expect(readFileSync(path, 'latin1')).to.equal('newest\n');
    expect(statSync(path).mode & 0o777).to.equal(0o640);
    expect(names()).to.deep.equal(['sentinel.conf']);
    await saving.catch((error: NodeJS.ErrnoException) => expect(error.code).to.equal('ENOENT'));
  });

  it('stands as it was when it cannot be replaced at the end of the process', () => {
    unlinkSync(path);
    mkdirSync(path);

    expect(() => file.saveAtOnce('new\n')).to.throw(/EISDIR|ENOTEMPTY|EEXIST/);
    expect(names()).to.deep.equal(['sentinel.conf']);
  });

  it('leaves nothing behind when its path has become a directory', async () => {
    unlinkSync(path);
    mkdirSync(path);

    const error = await failureOf(file.save('new\n'));

    expect(error.code).to.be.oneOf(['EISDIR', 'ENOTEMPTY', 'EEXIST']);
    expect(names()).to.deep.equal(['sentinel.conf']);
    expect(readdirSync(path)).to.deep.equal([]);
  });

  it('reports that its directory has gone', async () => {
    const missing = new StateFile(join(workspace.path, 'gone', 'sentinel.conf'));

    expect((await failureOf(missing.save('new\n'))).code).to.equal('ENOENT');
    expect((await failureOf(missing.checkWritable())).code).to.equal('ENOENT');
  });

  it('shows what others have written into it before that is replaced, and only that', async () => {
    const found: string[] = [];
    const revise = (text: string) => {
      found.push(text);
      return `revised ${text}`;
    };
    await file.save('one\n', revise);
    expect(readFileSync(path, 'latin1')).to.equal('revised old\n');
    await file.save('two\n', revise);
    writeFileSync(path, 'theirs\n');
    file.saveAtOnce('three\n', revise);
    expect(readFileSync(path, 'latin1')).to.equal('revised theirs\n');
    unlinkSync(path);
    await file.save('four\n', revise);

    expect(readFileSync(path, 'latin1')).to.equal('four\n');
    expect(found).to.deep.equal(['old\n', 'theirs\n']);
  });

  it('is not read when it is as it was when it was loaded, nor when no Sentinel can have written so much', async () => {
    const { identity } = readRegularFile(path);
    const revise = () => expect.fail('it was read');

    await new StateFile(path, identity).save('new\n', revise);
    truncateSync(path, 16 * 1024 * 1024 + 1);
    await file.save('newer\n', revise);

    expect(readFileSync(path, 'latin1')).to.equal('newer\n');
  });

  it("stays its owner's when root saves", async function () {
    skipWithout(this, process.geteuid?.() === 0 ? null : 'only root may give a file away');
    const [user, group] = [12_345, 23_456];
    chownSync(path, user, group);
    chmodSync(path, 0o640);
    for (const save of [() => file.save('new\n'), () => file.saveAtOnce('newer\n')]) {
      await save();

      const { uid, gid, mode } = statSync(path);
      expect([uid, gid, mode & 0o777]).to.deep.equal([user, group, 0o640]);
    }
  });

  it('does not replace a FIFO or a device that has taken its place', async () => {
    unlinkSync(path);
    execFileSync('mkfifo', [path]);

    expect((await failureOf(file.save('new\n'))).message).to.equal('It is not a regular file');
    expect(() => file.saveAtOnce('new\n')).to.throw('It is not a regular file');

    expect(statSync(path).isFIFO()).to.equal(true);
    expect(names()).to.deep.equal(['sentinel.conf']);
  });

  it('removes what dead processes left beside it, and nothing else', async () => {
    const deadProcess = 4_194_305; // greater than any process id of Linux
    const directory = join(workspace.path, 'etc');
    const kept = ['sentinel.conf.vedette-1-1', 'sentinel.conf.vedette-notes', 'sentinel.conf.bak'];
    for (const name of [...kept, `sentinel.conf.vedette-${deadProcess}-3`]) writeFileSync(join(directory, name), '');
    writeFileSync(join(directory, `sentinel.conf.vedette-${process.pid}-1`), '');

    const removed = await file.removeLeftovers();

    expect(removed).to.have.members([
      `sentinel.conf.vedette-${deadProcess}-3`,
      `sentinel.conf.vedette-${process.pid}-1`,
    ]);
    expect(names()).to.have.members([...kept, 'sentinel.conf']);
  });

  it('leaves the saves of this life alone, in flight as they may be', async () => {
    const directory = join(workspace.path, 'etc');
    await file.save('one\n');
    const present = `sentinel.conf.vedette-${process.pid}-1`;
    writeFileSync(join(directory, present), '');
    writeFileSync(join(directory, `sentinel.conf.vedette-${process.pid}-2`), '');

    expect(await file.removeLeftovers()).to.deep.equal([`sentinel.conf.vedette-${process.pid}-2`]);
    expect(names()).to.include(present);
  });
});
