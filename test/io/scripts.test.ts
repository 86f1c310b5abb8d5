// Scripts as operators write them: what they get, when they are tried again, and how many run.

import { chmodSync, closeSync, existsSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';

import { Scripts } from '../../src/io/scripts.js';
import { now } from '../support/clock.js';
import { waitFor } from '../support/wait.js';
import { Workspace } from '../support/workspace.js';

const LIMIT = 4_000;

describe('Scripts', () => {
  let workspace: Workspace;
  let scripts: Scripts;
  let tunables: { scriptMaxRuntime: number; scriptRetryDelay: number };
  let events: string[];

  beforeEach(() => {
    workspace = new Workspace();
    events = [];
    tunables = { scriptMaxRuntime: 10_000, scriptRetryDelay: 10 };
    scripts = new Scripts({
      tunables,
      directory: workspace.path,
      announce: (level, type, message) => events.push(`${level} ${type} ${message}`),
    });
  });

  afterEach(() => {
    for (const { processId } of scripts.queue()) if (processId !== null) process.kill(processId, 'SIGKILL');
    scripts.close();
    workspace.remove();
  });

  /** An executable script whose `$OUT` is a file in the workspace. */
  function script(name: string, ...lines: readonly string[]): string {
    const path = join(workspace.path, name);
    writeFileSync(path, `#!/bin/sh\nOUT='${path}.out'\n${lines.join('\n')}\n`);
    chmodSync(path, 0o755);
    return path;
  }

  const output = (path: string) => (existsSync(`${path}.out`) ? readFileSync(`${path}.out`, 'latin1') : '');

  async function untilIdle(): Promise<void> {
    await waitFor('the queue is empty', LIMIT, () => {
      expect(scripts.queue()).to.have.length(0);
    });
  }

  it('get their arguments byte for byte, without a shell in between', async () => {
    const path = script('args', 'printf "%s|" "$@" > "$OUT"');

    scripts.run(path, ['+sdown', '$(touch x) ; "q" *', 'na\xc3\xafve']);
    await untilIdle();

    expect(output(path)).to.equal('+sdown|$(touch x) ; "q" *|na\xc3\xafve|');
  });

  it('inherit no file of ours and only the variables they may need', async () => {
    const variables = { LEAKED_FDS_FILE: '/nowhere', VEDETTE_SECRET: 'x' };
    Object.assign(process.env, variables);
    const ours = join(workspace.path, 'open-file');
    const descriptor = openSync(ours, 'w');
    const path = script('surroundings', 'ls -l /proc/$$/fd > "$OUT"; env >> "$OUT"');

    scripts.run(path, []);
    await untilIdle();

    closeSync(descriptor);
    for (const name of Object.keys(variables)) delete process.env[name];
    expect(output(path))
      .to.match(/ 0 -> \/dev\/null$/m)
      .and.not.match(/open-file/);
    expect(output(path))
      .to.match(/^LEAKED_FDS_FILE=\/nowhere$/m)
      .and.not.match(/VEDETTE_SECRET/);
    expect(output(path)).to.match(/^PATH=/m);
  });

  it('are found by a path relative to the working directory, and run there', async () => {
    const path = script('relative', 'pwd > "$OUT"');

    scripts.run('relative', []);
    await untilIdle();

    expect(output(path)).to.equal(`${workspace.path}\n`);
  });

  it('announce their child and its end in the words of Redis Sentinel', async () => {
    const path = script('fine', 'exit 0');

    scripts.run(path, []);
    await untilIdle();

    expect(events).to.have.length(2);
    const [, , childId] = (events[0] ?? '').split(' ');
    expect(events).to.deep.equal([`debug +script-child ${childId}`, `debug -script-child ${childId} 0 0`]);
  });

  it('that exit with 1 are tried again after a delay that doubles, ten times in all', async () => {
    const path = script('again', 'date +%s%N >> "$OUT"; exit 1');
    tunables.scriptRetryDelay = 1;

    scripts.run(path, ['x']);
    await untilIdle();

    const moments = output(path)
      .trim()
      .split('\n')
      .map((text) => Number(text) / 1e6);
    expect(moments).to.have.length(10);
    const last = (moments[9] ?? 0) - (moments[8] ?? 0);
    expect(last).to.be.at.least(2 ** 8);
    expect(events.at(-1)).to.equal(`warning -script-error ${path} 0 1`);
  });

  it('that are killed by a signal are tried again', async () => {
    const path = script('killed', 'echo x >> "$OUT"; [ $(wc -l < "$OUT") = 2 ] || kill -TERM $$');

    scripts.run(path, []);
    await untilIdle();

    expect(output(path)).to.equal('x\nx\n');
    expect(events.find((event) => event.includes('-script-child'))).to.match(/ 0 15$/);
  });

  it('that exit with 2 or more, or cannot be executed, are given up at once', async () => {
    const path = script('final', 'exit 3');
    const missing = join(workspace.path, 'missing');

    scripts.run(path, []);
    scripts.run(missing, []);
    await untilIdle();

    expect(events).to.include(`warning -script-error ${path} 0 3`);
    expect(events).to.include(`warning -script-error ${missing} 0 2`);
    expect(events.filter((event) => event.includes('-script-error'))).to.have.length(2);
  });

  it('that run too long are killed, with one event for each attempt', async () => {
    tunables.scriptMaxRuntime = 200;
    tunables.scriptRetryDelay = 60_000;
    const path = script('slow', 'exec sleep 30');

    scripts.run(path, []);
    await waitFor('the script is killed', LIMIT, () => {
      expect(events.some((event) => event.includes('-script-child'))).to.equal(true);
    });

    const [, childId] = /child (\d+)/.exec(events[0] ?? '') ?? [];
    expect(events.slice(1)).to.deep.equal([
      `warning -script-timeout ${path} ${childId}`,
      `debug -script-child ${childId} 0 9`,
    ]);
    const [waiting] = scripts.queue();
    expect(waiting).to.deep.include({ processId: null, attempts: 1, words: [path] });
    expect((waiting?.at ?? 0) - now()).to.be.within(55_000, 60_000);
  });

  it('run sixteen at a time, and of more than 256 the oldest waiting ones are given up', async () => {
    const path = script('hold', 'echo "$1" >> "$OUT"; exec sleep 30');

    for (let number = 0; number < 300; number++) {
      scripts.run(path, [String(number)]);
      if (number === 15) {
        await waitFor('sixteen run', LIMIT, () => {
          expect(scripts.running).to.equal(16);
        });
      }
    }

    const queue = scripts.queue();
    expect(queue).to.have.length(256);
    expect(scripts.running).to.equal(16);
    expect(queue.slice(0, 16).every(({ processId }) => processId !== null)).to.equal(true);
    expect(queue[16]?.words[1]).to.equal('60');
    expect(queue.at(-1)?.words[1]).to.equal('299');
  });
});
