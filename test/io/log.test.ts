// The log as an operator's tools see it: its format, its levels, and that it outlives a rotation and a full disk.

import { mkdirSync, readFileSync, renameSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';

import { Log, type LogLevel, logLine } from '../../src/io/log.js';
import { waitFor } from '../support/wait.js';
import { Workspace } from '../support/workspace.js';

const LIMIT = 2_000;

describe('Log', () => {
  let workspace: Workspace;
  let path: string;

  beforeEach(() => {
    workspace = new Workspace();
    path = join(workspace.path, 'log.txt');
  });

  afterEach(() => workspace.remove());

  const messages = () =>
    readFileSync(path, 'latin1')
      .trimEnd()
      .split('\n')
      .map((line) => line.slice(line.search(/[.*#-] /)));

  it('has the format of Redis with a mark for each level', () => {
    const at = new Date(2026, 10, 2, 7, 3, 9, 45);
    const start = `${process.pid}:X 02 Nov 2026 07:03:09.045`;

    expect(logLine('debug', 'a', at)).to.equal(`${start} . a`);
    expect(logLine('verbose', 'a', at)).to.equal(`${start} - a`);
    expect(logLine('notice', 'a', at)).to.equal(`${start} * a`);
    expect(logLine('warning', 'a', at)).to.equal(`${start} # a`);
  });

  it('keeps a message with control characters on one line, and other bytes as they are', () => {
    expect(logLine('warning', 'a\r\nb\x7f\xff', new Date())).to.match(/ # a\\x0d\\x0ab\\x7f\xff$/);
  });

  it('keeps the order of lines when winston takes over', () => {
    const log = new Log({ path, level: 'notice' });
    log.write('notice', 'one');
    log.load();
    log.write('notice', 'two');

    log.flush();

    expect(messages()).to.deep.equal(['* one', '* two']);
  });

  for (const [when, isLoaded] of [
    ['before winston is loaded', false],
    ['with winston', true],
  ] as const) {
    describe(when, () => {
      function logAt(level: LogLevel): Log {
        const log = new Log({ path, level });
        if (isLoaded) log.load();
        return log;
      }

      it('writes what the level lets through, also after the level has changed', async () => {
        const log = logAt('notice');
        log.write('verbose', 'one');
        log.write('notice', 'two');
        log.level = 'debug';
        log.write('debug', 'three');
        log.level = 'nothing';
        log.write('warning', 'four');
        log.level = 'warning';
        log.write('notice', 'five');
        log.write('warning', 'six');

        await waitFor('the lines are written', LIMIT, () => {
          expect(messages()).to.deep.equal(['* two', '. three', '# six']);
        });
      });

      it('has written everything when flush returns', () => {
        const log = logAt('notice');
        for (let number = 0; number < 100; number++) log.write('notice', String(number));

        log.flush();

        expect(messages()).to.have.length(100);
      });

      it('begins a new file when the old one was moved away', async () => {
        const log = logAt('notice');
        log.write('notice', 'before');
        await waitFor('the first line is written', LIMIT, () => {
          expect(messages()).to.deep.equal(['* before']);
        });

        renameSync(path, `${path}.1`);
        log.write('notice', 'after');

        await waitFor('the second line is written', LIMIT, () => {
          expect(messages()).to.deep.equal(['* after']);
        });
      });

      it('goes on after lines that could not be written and says how many are missing', async () => {
        mkdirSync(path);
        const log = logAt('notice');
        log.write('notice', 'lost');
        log.write('notice', 'lost, too');
        log.flush();
        rmdirSync(path);

        log.write('notice', 'kept');

        await waitFor('the line is written', LIMIT, () => {
          expect(messages()[0]).to.match(/^# 2 lines of this log are missing: EISDIR/);
          expect(messages()[1]).to.equal('* kept');
        });
      });
    });
  }
});
