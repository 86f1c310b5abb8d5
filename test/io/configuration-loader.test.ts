// Reading the configuration from the disk: includes, relative paths, options of the command line, and errors in the words of Redis.

import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';

import { loadConfiguration, optionLines } from '../../src/io/configuration-loader.js';
import { ConfigurationFailure, StartFailure } from '../../src/io/start-failure.js';
import { Workspace } from '../support/workspace.js';

describe('Configuration loader', () => {
  let workspace: Workspace;

  beforeEach(() => {
    workspace = new Workspace();
  });

  afterEach(() => workspace.remove());

  function write(name: string, ...lines: readonly string[]): string {
    const path = join(workspace.path, name);
    writeFileSync(path, `${lines.join('\n')}\n`, 'latin1');
    return path;
  }

  function failureOf(load: () => unknown): unknown {
    try {
      load();
    } catch (error) {
      return error;
    }
    throw new Error('nothing failed');
  }

  it('makes the directory absolute, and takes where it is started for one that is not named', () => {
    const path = write('s.conf', `dir ${workspace.path}/./`);

    const loaded = loadConfiguration(path);

    expect(loaded.directory).to.equal(workspace.path);
    expect(loaded.server.dir).to.equal(workspace.path);
    expect(loadConfiguration(write('plain.conf', 'port 1')).directory).to.equal(process.cwd());
  });

  it('finds scripts relative to the directory of the configuration', () => {
    const script = write('notify', '#!/bin/sh');
    const lines = [
      `dir ${workspace.path}`,
      'sentinel monitor m 127.0.0.1 1 1',
      'sentinel notification-script m notify',
    ];
    const path = write('s.conf', ...lines);

    const error = failureOf(() => loadConfiguration(path));
    chmodSync(script, 0o755);

    expect((error as ConfigurationFailure).explanation).to.match(/Notification script seems non existing/);
    expect(loadConfiguration(path).state.masters[0]?.settings.notificationScript).to.equal('notify');
  });

  it('reads included files in order, by pattern or by name', () => {
    mkdirSync(join(workspace.path, 'conf.d'));
    write('conf.d/2.conf', 'port 2');
    write('conf.d/1.conf', 'port 1', 'timeout 7');
    write('conf.d/.hidden.conf', 'port 99');
    const path = write('s.conf', `dir ${workspace.path}`, 'include conf.d/*.conf', 'include none.d/*');

    const { server } = loadConfiguration(path);

    expect([server.port, server.timeout]).to.deep.equal([2, 7]);
  });

  it('says which included file cannot be read, and why', () => {
    const path = write('s.conf', `dir ${workspace.path}`, 'include missing.conf');

    const error = failureOf(() => loadConfiguration(path)) as ConfigurationFailure;

    const reason = `Fatal error, can't open config file '${workspace.path}/missing.conf': No such file or directory`;
    expect(error.explanation).to.contain(`at line 2\n>>> 'include missing.conf'\n${reason}\n`);
    expect(error).to.be.instanceOf(ConfigurationFailure);
  });

  it('lets options of the command line override the file, which is rewritten with what they say', () => {
    const path = write('s.conf', 'port 1', 'sentinel monitor m 127.0.0.1 1 1');

    const loaded = loadConfiguration(path, optionLines(['--port', '2', '--bind', '127.0.0.1', '::1', '--sentinel']));

    expect(loaded.server.port).to.equal(2);
    expect(loaded.server.bind).to.deep.equal(['127.0.0.1', '::1']);
    expect(loaded.file.lines).to.have.length(2);
  });

  it('turns options into the lines that redis-sentinel makes of them', () => {
    for (const [words, lines] of [
      [
        ['--sentinel', '--loglevel', 'debug'],
        ['sentinel', 'loglevel "debug"'],
      ],
      [['--SENTINEL', 'monitor', 'my q', '::1', '1', '1'], ['SENTINEL "monitor" "my q" "::1" "1" "1"']],
      [
        ['--sentinel announce-ip 9.9.9.9', '--port', '1'],
        ['sentinel announce-ip 9.9.9.9', 'port "1"'],
      ],
      [
        ['--requirepass', '--a "b"', '--bind', '', '::1'],
        ['requirepass "--a \\"b\\""', 'bind "" "::1"'],
      ],
      [
        ['--save', '--save', ''],
        ['save', 'save ""'],
      ],
    ] as const) {
      expect(optionLines(words)).to.deep.equal(lines);
    }
  });

  it('takes Sentinel directives from the command line, in any order, and saves what they say', () => {
    const path = write('s.conf', 'sentinel monitor m 127.0.0.1 1 1');
    const options = [
      '--sentinel',
      'down-after-milliseconds',
      'q q',
      '444',
      '--sentinel',
      'monitor',
      'q q',
      '::1',
      '2',
      '1',
    ];

    const { state } = loadConfiguration(path, optionLines(options));

    expect(state.masters.map(({ name }) => name)).to.deep.equal(['m', 'q q']);
    expect(state.masters[1]?.settings.downAfter).to.equal(444);
  });

  it('refuses Sentinel directives of the command line that do not exist', () => {
    const path = write('s.conf', 'port 1');

    const error = failureOf(() => loadConfiguration(path, optionLines(['--sentinel', 'bogus', 'x'])));

    expect((error as ConfigurationFailure).explanation).to.contain(
      `>>> 'sentinel "bogus" "x"'\nUnrecognized sentinel configuration statement.`,
    );
  });

  it('refuses words before the first option', () => {
    expect(failureOf(() => optionLines(['26380', '--port']))).to.be.instanceOf(StartFailure);
  });

  it('explains a line that cannot be accepted with its number, text and reason', () => {
    const path = write('s.conf', '# first', 'sentinel monitor m 127.0.0.1 6379 0');

    const error = failureOf(() => loadConfiguration(path)) as ConfigurationFailure;

    const [empty, title, ...lines] = error.explanation.split('\n');
    expect(empty).to.equal('');
    expect(title).to.match(/^\*\*\* FATAL CONFIG FILE ERROR \(Vedette \d+\.\d+\.\d+\) \*\*\*$/);
    expect(lines).to.deep.equal([
      'Reading the configuration file, at line 2',
      ">>> 'sentinel monitor m 127.0.0.1 6379 0'",
      'Quorum must be 1 or greater.',
      '',
    ]);
  });

  it('explains a directory that does not exist like a line that cannot be accepted', () => {
    const error = failureOf(() => loadConfiguration(write('s.conf', 'port 1', 'dir /no/such/place')));

    expect((error as ConfigurationFailure).explanation).to.match(
      /at line 2\n>>> 'dir \/no\/such\/place'\nNo such file or directory\n$/,
    );
  });

  it('refuses a device, a FIFO and a directory, and does not wait for them', () => {
    const fifo = join(workspace.path, 'fifo');
    execFileSync('mkfifo', [fifo]);
    const link = join(workspace.path, 'link');
    symlinkSync(fifo, link);

    for (const path of [fifo, link, workspace.directory('directory')]) {
      const error = failureOf(() => loadConfiguration(path)) as StartFailure;

      expect(error.explanation).to.equal(`Fatal error, can't open config file '${path}': It is not a regular file`);
    }
  });

  it('explains a file that cannot be read', () => {
    const path = join(workspace.path, 'missing.conf');

    const error = failureOf(() => loadConfiguration(path)) as StartFailure;

    expect(error.explanation).to.equal(`Fatal error, can't open config file '${path}': No such file or directory`);
  });
});
