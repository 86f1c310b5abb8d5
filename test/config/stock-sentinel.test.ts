// Beside the original: a real redis-sentinel reads what we write, rewrites as we rewrite, keeps our facts, and refuses the
// lines that we refuse in the same words. Servers that it is told to monitor do not exist; nothing leaves the machine.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { readFile } from '../../src/config/file.js';
import { ConfigurationError, parseConfiguration } from '../../src/config/parser.js';
import { renderConfiguration } from '../../src/config/writer.js';
import { freePort } from '../support/free-port.js';
import { Program } from '../support/program.js';
import { SentinelProcess } from '../support/sentinel-process.js';
import { Workspace } from '../support/workspace.js';

const ID = 'a'.repeat(40);
const OTHER_ID = 'b'.repeat(40);

/** What the original writes about things that a Sentinel of ours has no setting for, or holds as a default. */
const ITS_OWN_LINES = /^(latency-tracking-info-percentiles|protected-mode|user default) /;

/** Scratch configurations with one master, so that the original's random order of masters does not matter. */
const SCRATCH_FILES: readonly string[] = [
  'sentinel monitor mymaster 127.0.0.1 1 2\n',
  `# A file written by hand.

# Nobody is there.


SENTINEL resolve-hostnames no
sentinel down-after-milliseconds mymaster 500000
sentinel monitor   mymaster 127.0.0.1 1 2
   # indented
sentinel failover-timeout mymaster 180000
sentinel announce-ip  127.0.0.1
repl-diskless-sync-delay 0
loglevel   VERBOSE
timeout 0
maxclients 5000
`,
  `sentinel parallel-syncs mymaster 3
sentinel auth-user mymaster alice
sentinel auth-pass mymaster secret
sentinel deny-scripts-reconfig no
sentinel sentinel-user bob
sentinel sentinel-pass secret
sentinel announce-port 26379
sentinel rename-command mymaster CONFIG follow
# state
sentinel myid ${ID}
sentinel leader-epoch mymaster 5
sentinel known-replica mymaster 127.0.0.1 2
sentinel known-sentinel mymaster 127.0.0.1 3 ${OTHER_ID}
sentinel current-epoch 6
sentinel monitor mymaster 127.0.0.1 1 2
# vedette vote mymaster 5 ${OTHER_ID}
# vedette reign mymaster 127.0.0.1 1 ${ID}
# vedette reign mymaster 127.0.0.1 1 ${OTHER_ID}
`,
];

/** Lines that every version since 7.0 refuses in the same words. */
const REFUSED_LINES: readonly string[] = [
  'nonsense 1',
  'port',
  'port 1 2',
  'port http',
  'port 70000',
  'daemonize maybe',
  'maxclients 0',
  'unixsocketperm 9',
  'unixsocketperm 1777',
  'supervised init',
  'tcp-keepalive -1',
  'client-output-buffer-limit normal 0 0',
  'client-output-buffer-limit nonsense 0 0 0',
  'client-output-buffer-limit normal x 0 0',
  'bind 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17',
  'user',
  'loadmodule',
  'logfile "',
  'sentinel nonsense',
  'sentinel monitor other 127.0.0.1 1',
  'sentinel monitor other 127.0.0.1 1 0',
  'sentinel monitor other 127.0.0.1 70000 1',
  'sentinel monitor mymaster 127.0.0.1 1 1',
  'sentinel monitor other name.invalid 1 1',
  'sentinel failover-timeout other 1',
  'sentinel failover-timeout mymaster 0',
  'sentinel notification-script mymaster /there/is/no/script',
  'sentinel client-reconfig-script mymaster /there/is/no/script',
  'sentinel myid abc',
  'sentinel deny-scripts-reconfig maybe',
  'sentinel resolve-hostnames maybe',
  'sentinel announce-hostnames maybe',
];

describe('a stock Sentinel beside ours', function () {
  this.timeout(60_000);
  let workspace: Workspace;

  beforeEach(() => {
    workspace = new Workspace();
  });

  afterEach(() => {
    workspace.remove();
  });

  /** The file after a redis-sentinel has run with the lines and rewritten it, and the lines it was started with. */
  async function rewrittenByStock(text: string): Promise<{ original: string; rewritten: string }> {
    const sentinel = await SentinelProcess.prepare(workspace, {
      name: 'stock',
      kind: 'redis-sentinel',
      directives: [],
    });
    const original = sentinel.configuration + text;
    writeFileSync(sentinel.configPath, original, 'latin1');
    try {
      await sentinel.start();
      expect(await sentinel.command('SENTINEL', 'FLUSHCONFIG')).to.equal('OK');
      await sentinel.stop();
    } finally {
      await sentinel.kill();
      sentinel.recorder.close();
    }
    return { original, rewritten: readFileSync(sentinel.configPath, 'latin1') };
  }

  for (const [number, text] of SCRATCH_FILES.entries()) {
    it(`rewrites scratch file ${number} line by line as we do`, async () => {
      const { original, rewritten } = await rewrittenByStock(text);
      const expected = rewritten.split('\n').filter((line) => !ITS_OWN_LINES.test(line));
      const { state, server } = parseConfiguration(rewritten);
      const ours = renderConfiguration(readFile(original), state, { ...server, users: [] });
      expect(ours.trimEnd().split('\n')).to.deep.equal(expected.join('\n').trimEnd().split('\n'));
    });

    it(`changes nothing that scratch file ${number} says when it rewrites what we wrote`, async () => {
      const before = parseConfiguration(text);
      const { rewritten } = await rewrittenByStock(renderConfiguration(before.file, before.state, before.server));
      const after = parseConfiguration(rewritten);
      const { settings, myId } = after.state;
      expect({ ...after.state, settings: { ...settings, port: 0 } }).to.deep.equal({
        ...before.state,
        settings: { ...before.state.settings, port: 0 },
        myId: before.state.myId ?? myId,
      });
      expect(after.ignoredFacts).to.equal(0);
    });
  }

  for (const line of REFUSED_LINES) {
    it(`refuses "${line}" in the same words`, async () => {
      const text = `port ${await freePort()}\nbind 127.0.0.1\nsentinel monitor mymaster 127.0.0.1 1 2\n${line}\n`;
      const path = join(workspace.path, 'refused.conf');
      writeFileSync(path, text);
      const program = await Program.start({
        name: 'refusal',
        command: 'redis-sentinel',
        args: [path],
        directory: workspace.path,
      });
      try {
        expect(await program.ended).to.deep.equal({ code: 1, signal: null });
      } finally {
        await program.kill();
      }
      const [, number, blamed, reason] = /at line (\d+)\n>>> '(.*)'\n(.*)\n/.exec(program.stderr) ?? [];
      const ours = refusalOf(text);
      expect({ number: ours.lineNumber, blamed: ours.line, reason: ours.reason }).to.deep.equal({
        number: Number(number),
        blamed,
        reason,
      });
    });
  }
});

function refusalOf(text: string): ConfigurationError {
  try {
    parseConfiguration(text, { isExecutable: () => false, readIncluded: () => 'unreadable' });
  } catch (error) {
    if (error instanceof ConfigurationError) return error;
    throw error;
  }
  throw new Error('the configuration was accepted');
}
