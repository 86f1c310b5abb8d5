// The system's log when its program misbehaves: it dies, it hangs, it is not there. What it says when all is well is tested with
// the real program in `test/system/service.test.ts`.

import { chmodSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';

import { Syslog } from '../../src/io/syslog.js';
import { waitFor } from '../support/wait.js';
import { Workspace } from '../support/workspace.js';

const LIMIT = 5_000;
const KILOBYTE = 1024;

describe("The program for the system's log", function () {
  this.timeout(10_000);
  const { PATH } = process.env;
  let workspace: Workspace;
  let warnings: string[];

  beforeEach(() => {
    workspace = new Workspace();
    warnings = [];
    Object.assign(process.env, { PATH: `${workspace.path}:${PATH}` });
  });

  afterEach(() => {
    Object.assign(process.env, { PATH });
    workspace.remove();
  });

  const file = (name: string) => join(workspace.path, name);

  /** Installs a `logger` that runs these lines of shell and then keeps what it is given. */
  function install(...lines: readonly string[]): void {
    writeFileSync(file('logger'), `#!/bin/sh\ncd '${workspace.path}'\n${lines.join('\n')}\nexec cat >> out\n`);
    chmodSync(file('logger'), 0o755);
  }

  function open(): Syslog {
    return new Syslog({ ident: 'i', facility: 'user', warn: (message) => warnings.push(message) });
  }

  const received = () => (existsSync(file('out')) ? readFileSync(file('out'), 'latin1').trimEnd().split('\n') : []);

  it('is replaced when it dies, with a warning that says why, and gets what was written meanwhile', async () => {
    install('if [ -e broken ]; then echo "no socket" >&2; exit 3; fi');
    writeFileSync(file('broken'), '');
    const syslog = open();
    await waitFor('its end is noticed', LIMIT, () => expect(warnings).to.have.length(1));

    syslog.write('warning', 'while it is dead');
    rmSync(file('broken'));

    await waitFor('the next one has the message', LIMIT, () =>
      expect(received()).to.deep.equal(['<12>while it is dead']),
    );
    expect(warnings).to.deep.equal([
      "The program 'logger' for the system's log ended (no socket); next attempt in 1 s",
    ]);
  });

  it('is missed with one warning for each attempt', async () => {
    Object.assign(process.env, { PATH: workspace.path });
    const syslog = open();
    await waitFor('it is missed', LIMIT, () => expect(warnings[0]).to.match(/ended \(spawn logger ENOENT\)/));

    syslog.write('debug', 'nobody hears this');
    syslog.flush();

    await waitFor('it is missed again', LIMIT, () => expect(warnings[1]).to.match(/next attempt in 2 s/));
    expect(warnings).to.have.length(2);
  });

  it('gets the last words of a process although it has just died', async () => {
    install('if [ -e broken ]; then kill -9 $$; fi');
    writeFileSync(file('broken'), '');
    const syslog = open();
    await waitFor('its end is noticed', LIMIT, () => expect(warnings[0]).to.contain('(SIGKILL)'));
    rmSync(file('broken'));
    syslog.write('notice', 'bye');

    syslog.flush();

    expect(received()).to.deep.equal(['<13>bye']);
  });

  it('may hang: what waits for it is bounded, and how much is missing is told afterwards', async () => {
    install('while [ -e stuck ]; do sleep 0.02; done');
    writeFileSync(file('stuck'), '');
    const syslog = open();
    const count = 4 * KILOBYTE;

    for (let number = 0; number < count; number++) syslog.write('verbose', 'x'.repeat(KILOBYTE));
    rmSync(file('stuck'));
    await waitFor('it reads again', LIMIT, () => expect(received().length).to.be.greaterThan(KILOBYTE / 2));
    await waitFor('it has read everything', LIMIT, () => {
      syslog.write('notice', 'after');
      expect(received().at(-1)).to.equal('<13>after');
    });

    const told = received().filter((line) => line.startsWith('<12>'));
    const kept = received().filter((line) => line.startsWith('<14>')).length;
    expect(told).to.deep.equal([
      `<12>${count - kept} messages are missing here: the system's log did not take them in time`,
    ]);
    expect(kept).to.be.within(KILOBYTE - 64, 2 * KILOBYTE);
    expect(warnings).to.deep.equal([]);
  });
});
