// A log file that is moved away, and the signals by which log rotation asks for a new one.

import { readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';

import { SentinelProcess } from '../support/sentinel-process.js';
import { waitFor } from '../support/wait.js';
import { Workspace } from '../support/workspace.js';

const LIMIT = 5_000;

describe('A log file that is moved away', () => {
  for (const signal of ['SIGHUP', 'SIGUSR1'] as const) {
    it(`begins anew at ${signal}, with standard error empty`, async () => {
      const workspace = new Workspace();
      const sentinel = await SentinelProcess.prepare(workspace, {
        name: 'vedette',
        kind: 'vedette',
        directives: ['logfile sentinel.log'],
      });
      try {
        await sentinel.start();
        const path = join(sentinel.directory, 'sentinel.log');
        renameSync(path, `${path}.1`);
        sentinel.program.signal(signal);

        await waitFor('the new file tells of the signal', LIMIT, () => {
          expect(readFileSync(path, 'latin1')).to.contain(`Received ${signal}`);
        });
        await sentinel.command('PING');
        expect(sentinel.stderr).to.equal('');
      } finally {
        sentinel.recorder.close();
        await sentinel.kill();
        workspace.remove();
      }
    });
  }
});
