// Notification and client-reconfiguration scripts: that they really run, with the arguments that Redis Sentinel gives them,
// and how their exit status decides what happens next.

import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect } from 'chai';

import { groupForEachTest } from '../support/fixture.js';
import { MASTER_NAME } from '../support/group.js';
import { waitFor } from '../support/wait.js';
import { Workspace } from '../support/workspace.js';

const LIMIT = 10_000;

describe('The scripts of a master', function () {
  this.timeout(60_000);
  let workspace: Workspace;

  before(() => {
    workspace = new Workspace();
  });

  after(() => workspace.remove());

  /** An executable that notes its arguments, one line a call, and ends with `status`. */
  function noteTaker(name: string, status = 0): string {
    const path = join(workspace.path, name);
    const note = `printf '%s|' "$@" | sed 's/$/\\n/' >> '${path}.calls'`;
    writeFileSync(path, `#!/bin/sh\n${note}\nexit ${status}\n`);
    chmodSync(path, 0o755);
    return path;
  }

  function callsOf(path: string): readonly (readonly string[])[] {
    if (!existsSync(`${path}.calls`)) return [];
    const lines = readFileSync(`${path}.calls`, 'latin1').trimEnd().split('\n');
    return lines.map((line) => line.split('|').slice(0, -1));
  }

  describe('that notify', () => {
    let script: string;
    const group = groupForEachTest(() => {
      script = noteTaker('notify');
      return { directives: [`sentinel notification-script ${MASTER_NAME} ${script}`] };
    });

    it('run on every warning of every Sentinel with the type and the text of the event', async () => {
      const old = group().firstMaster;
      await old.kill();
      const promoted = await group().waitForNewMaster(old, LIMIT);
      const expected = [
        ['+sdown', `master ${MASTER_NAME} 127.0.0.1 ${old.port}`],
        ['+elected-leader', `master ${MASTER_NAME} 127.0.0.1 ${old.port}`],
        ['+switch-master', `${MASTER_NAME} 127.0.0.1 ${old.port} 127.0.0.1 ${promoted.port}`],
      ];
      await waitFor('the script was called for each of the events', LIMIT, () => {
        for (const call of expected) expect(callsOf(script)).to.deep.include(call);
        expect(callsOf(script).filter(([type]) => type === '+switch-master')).to.have.length(3);
      });
    });
  });

  describe('that reconfigure clients', () => {
    let script: string;
    const group = groupForEachTest(() => {
      script = noteTaker('reconfigure');
      return { directives: [`sentinel client-reconfig-script ${MASTER_NAME} ${script}`] };
    });

    it('run once on the leader and once on each observer, with both addresses', async () => {
      const old = group().firstMaster;
      await old.kill();
      const promoted = await group().waitForNewMaster(old, LIMIT);
      const addresses = ['127.0.0.1', String(old.port), '127.0.0.1', String(promoted.port)];
      await waitFor('the script was called by all three', LIMIT, () => {
        const calls = [...callsOf(script)].sort((a, b) => String(a[1]).localeCompare(String(b[1])));
        expect(calls).to.deep.equal([
          [MASTER_NAME, 'leader', 'start', ...addresses],
          [MASTER_NAME, 'observer', 'start', ...addresses],
          [MASTER_NAME, 'observer', 'start', ...addresses],
        ]);
      });
    });
  });

  describe('that fail', () => {
    let script: string;
    const group = groupForEachTest(() => {
      script = noteTaker('fail', 1);
      return { directives: [`sentinel client-reconfig-script ${MASTER_NAME} ${script}`] };
    });

    it('stay in the queue with status 1 until they are tried again', async () => {
      await group().firstMaster.kill();
      await group().waitForNewMaster(group().firstMaster, LIMIT);
      for (const supervisor of group().supervisors) {
        await waitFor(`${supervisor.name} has the script waiting for its second run`, LIMIT, async () => {
          const pending = await supervisor.command('SENTINEL', 'PENDING-SCRIPTS');
          expect(JSON.stringify(pending)).to.contain(script);
          expect(await supervisor.info()).to.include({
            sentinel_running_scripts: '0',
            sentinel_scripts_queue_length: '1',
          });
        });
      }
    });
  });

  describe('that a Sentinel is given at run time', () => {
    const group = groupForEachTest();

    it('are refused unless the configuration allows it', async () => {
      const script = noteTaker('late');
      const words = ['SENTINEL', 'SET', MASTER_NAME, 'notification-script', script];
      const reply = await group()
        .supervisor(0)
        .command(...words)
        .catch((error: Error) => error.message);
      expect(reply).to.match(/^ERR Reconfiguration of scripts path is denied for security reasons\./);
    });
  });
});
