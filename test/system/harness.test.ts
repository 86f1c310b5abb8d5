// The harness itself: whatever ends a test run, no server and no directory stays behind.

import { existsSync, readFileSync } from 'node:fs';
import { expect } from 'chai';

import { Program } from '../support/program.js';
import { waitFor } from '../support/wait.js';
import { Workspace } from '../support/workspace.js';

const LIMIT = 10_000;
const SUPPORT = new URL('../support/', import.meta.url).href;

/** A test run that has started a server and then does what the case is about. */
const RUN = `
import { RedisServer } from '${SUPPORT}redis-server.js';
import { Workspace } from '${SUPPORT}workspace.js';
const workspace = new Workspace();
const server = await RedisServer.start(workspace, { name: 'node' });
console.log(JSON.stringify({ pid: server.pid, directory: workspace.path }));
`;

const ENDINGS: readonly (readonly [how: string, lines: string, signal: NodeJS.Signals | null])[] = [
  ['is killed with SIGKILL', 'setInterval(() => undefined, 1000);', 'SIGKILL'],
  ['is interrupted', 'setInterval(() => undefined, 1000);', 'SIGINT'],
  ['dies of an exception that nobody caught', "setTimeout(() => { throw new Error('unexpected') }, 10);", null],
];

describe('A test run', function () {
  this.timeout(30_000);
  let workspace: Workspace;

  beforeEach(() => {
    workspace = new Workspace();
  });

  afterEach(() => workspace.remove());

  for (const [how, lines, signal] of ENDINGS) {
    it(`leaves neither a server nor a directory behind when it ${how}`, async () => {
      const args = ['--input-type=module', '-e', RUN + lines];
      const options = { name: 'run', command: process.execPath, args, directory: workspace.path };
      const run = await Program.start(options);
      const started = await waitFor('the server runs', LIMIT, () => {
        return JSON.parse(run.stdout) as { readonly pid: number; readonly directory: string };
      });
      if (signal === null) await run.ended;
      else expect(isAlive(started.pid) && existsSync(started.directory)).to.equal(true);
      if (signal !== null) run.signal(signal);
      await run.ended;

      await waitFor('everything is gone', LIMIT, () => {
        expect(isAlive(started.pid), `process ${started.pid}`).to.equal(false);
        expect(existsSync(started.directory), started.directory).to.equal(false);
      });
    });
  }
});

function isAlive(pid: number): boolean {
  const stat = `/proc/${pid}/stat`;
  return existsSync(stat) && !readFileSync(stat, 'latin1').includes(') Z ');
}
