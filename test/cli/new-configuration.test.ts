// What the options of `vedette start` make of a directory, with and without a configuration in it.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';

import { CommandFailure } from '../../src/cli/failure.js';
import { parseBind, parseMonitor } from '../../src/cli/new-configuration.js';
import { prepareConfiguration } from '../../src/cli/start.js';
import { loadConfiguration } from '../../src/io/configuration-loader.js';
import { skipWithout } from '../support/fault-lab.js';
import { Workspace } from '../support/workspace.js';

const MONITOR = ['mymaster=127.0.0.1:6379'];

describe('vedette start', () => {
  let workspace: Workspace;
  let dir: string;

  beforeEach(() => {
    workspace = new Workspace();
    dir = join(workspace.path, 'deep', 'dir');
  });

  afterEach(() => workspace.remove());

  function refusal(prepare: () => unknown): string {
    try {
      prepare();
    } catch (error) {
      if (error instanceof CommandFailure) return error.message;
      throw error;
    }
    throw new Error('nothing was refused');
  }

  it('makes a directory and a configuration that says what the options say', () => {
    const monitor = ['mymaster=127.0.0.1:6379', 'other=[::1]:6380'];

    const { path } = prepareConfiguration({ monitor, dir, quorum: 3, port: 26380, downAfter: 1000, parallelSyncs: 2 });

    const { state, server } = loadConfiguration(path);
    expect(path).to.equal(join(dir, 'sentinel.conf'));
    expect([server.port, server.dir]).to.deep.equal([26380, dir]);
    expect(state.masters.map(({ name, address }) => [name, address.host, address.port])).to.deep.equal([
      ['mymaster', '127.0.0.1', 6379],
      ['other', '::1', 6380],
    ]);
    for (const { settings } of state.masters) {
      expect(settings).to.deep.include({ quorum: 3, downAfter: 1000, parallelSyncs: 2, failoverTimeout: 180_000 });
    }
  });

  it('takes a quorum of 2 and the port 26379 unless told otherwise', () => {
    const { state, server } = loadConfiguration(prepareConfiguration({ monitor: MONITOR, dir }).path);

    expect([state.masters[0]?.settings.quorum, server.port]).to.deep.equal([2, 26379]);
  });

  it('lets host names be resolved where a master is named by one', () => {
    const { state } = loadConfiguration(prepareConfiguration({ monitor: ['m=redis.example:6379'], dir }).path);

    expect(state.settings.resolveHostnames).to.equal(true);
    expect(state.masters[0]?.address.host).to.equal('redis.example');
  });

  it('leaves a configuration that agrees as it is, also after a failover', () => {
    mkdirSync(dir, { recursive: true });
    const text = [
      'port 26379',
      'sentinel monitor mymaster 127.0.0.1 6380 2',
      'sentinel known-replica mymaster 127.0.0.1 6379',
      'sentinel monitor added-later 127.0.0.1 7000 2',
      '',
    ].join('\n');
    writeFileSync(join(dir, 'sentinel.conf'), text);

    const { path } = prepareConfiguration({ monitor: MONITOR, dir, quorum: 2 });

    expect(readFileSync(path, 'latin1')).to.equal(text);
  });

  it('refuses to start on a configuration that says something else, and names every difference', () => {
    const { path } = prepareConfiguration({ monitor: MONITOR, dir });
    const before = readFileSync(path, 'latin1');
    const monitor = ['mymaster=10.0.0.1:6379', 'other=127.0.0.1:6379'];

    const message = refusal(() => prepareConfiguration({ monitor, dir, quorum: 3, port: 5, downAfter: 1 }));

    expect(message.split('\n').slice(1)).to.deep.equal([
      '  port is 26379 there, not 5.',
      '  mymaster was never at 10.0.0.1:6379 there, it is at 127.0.0.1:6379.',
      '  quorum of mymaster is 2 there, not 3.',
      '  down-after-milliseconds of mymaster is 30000 there, not 1.',
      '  other is not monitored there.',
    ]);
    expect(readFileSync(path, 'latin1')).to.equal(before);
  });

  it('refuses what no Sentinel could be started with before there is a file, and names the option', () => {
    const twice = [...MONITOR, 'mymaster=127.0.0.1:6380'];

    expect(refusal(() => prepareConfiguration({ monitor: twice, dir }))).to.equal(
      '--monitor mymaster=127.0.0.1:6380: Duplicate master name.',
    );
    expect(refusal(() => prepareConfiguration({ monitor: MONITOR, dir, quorum: 0 }))).to.equal(
      '--monitor mymaster=127.0.0.1:6379: Quorum must be 1 or greater.',
    );
    expect(refusal(() => prepareConfiguration({ monitor: MONITOR, dir, downAfter: -5 }))).to.equal(
      '--down-after -5: negative or zero time parameter.',
    );
    expect(existsSync(dir)).to.equal(false);
  });

  it('listens on several addresses, and refuses what is none', () => {
    const { path } = prepareConfiguration({ monitor: MONITOR, dir, bind: '127.0.0.1 -::1' });

    expect(loadConfiguration(path).server.bind).to.deep.equal(['127.0.0.1', '-::1']);
    for (const word of ['999.1.1.1', '1.2.3', 'a/b']) {
      expect(refusal(() => parseBind(`127.0.0.1 ${word}`))).to.match(
        new RegExp(`^--bind ${word}: expected an address`),
      );
    }
    expect(refusal(() => parseBind(' '))).to.equal('--bind needs a value');
  });

  it('names a present file that cannot be used, and the line', () => {
    mkdirSync(dir, { recursive: true });
    const path = join(dir, 'sentinel.conf');
    writeFileSync(path, 'port 26379\nsentinel monitor mymaster 127.0.0.1 6379 NaN\n');

    expect(refusal(() => prepareConfiguration({ monitor: MONITOR, dir })).split('\n')).to.deep.equal([
      `${path} exists and cannot be used. Repair it, or remove it.`,
      '  Reading the configuration file, at line 2',
      "  >>> 'sentinel monitor mymaster 127.0.0.1 6379 NaN'",
      '  Quorum must be 1 or greater.',
    ]);
  });

  it('says in a line why a directory cannot be made', () => {
    const file = join(workspace.path, 'file');
    writeFileSync(file, '');

    for (const path of [file, join(file, 'below')]) {
      expect(refusal(() => prepareConfiguration({ monitor: MONITOR, dir: path }))).to.equal(
        `cannot create the directory ${file}: File already exists`,
      );
    }
  });

  it('gives up at once where no directory can be made', function () {
    skipWithout(this, process.platform === 'linux' ? null : 'only Linux has /proc');

    expect(refusal(() => prepareConfiguration({ monitor: MONITOR, dir: '/proc/vedette/below' }))).to.match(
      /^cannot create the directory \/proc\/vedette: /,
    );
  });

  for (const text of [
    '',
    'm=999.1.1.1:6379',
    'mymaster',
    'mymaster=127.0.0.1',
    'm=:1',
    '=h:1',
    'm=h:0',
    'm=h:65536',
    'm=::1:6379',
    'm m=h:1',
  ]) {
    it(`refuses ${JSON.stringify(text)} as a master`, () => {
      expect(refusal(() => parseMonitor(text))).to.match(/expected name=host:port|is no IP address/);
    });
  }
});
