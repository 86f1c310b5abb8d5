// Very many clients, and clients that take and do not give: a Sentinel goes on supervising, within bounded memory.

import { execFileSync } from 'node:child_process';
import { expect } from 'chai';

import { openFilesLimit } from '../../src/io/file-descriptors.js';
import { skipWithout } from '../support/fault-lab.js';
import { groupForEachTest } from '../support/fixture.js';
import { freePort } from '../support/free-port.js';
import { Program } from '../support/program.js';
import { RespConnection } from '../support/resp-connection.js';
import { SentinelProcess, VEDETTE_EXECUTABLE } from '../support/sentinel-process.js';
import { holdsFor, waitFor } from '../support/wait.js';

const MANY = 1_000;
/** Redis's default of `maxclients`. */
const MAX_CLIENTS = 10_000;
const LIMIT = 15_000;
const MEBIBYTE = 1024 * 1024;
const SUBSCRIBER_LIMIT = 256 * 1024;
/** How long a node may go without a PING before it would be noticed: half of the default down-after of these tests. */
const LONGEST_SILENCE = 500;

describe('Very many clients', function () {
  this.timeout(60_000);
  const opened: RespConnection[] = [];

  // Stands before the fixture, which ends the processes: hooks run in the order in which they are declared.
  afterEach('nobody has been taken for dead, and the port is free again', async () => {
    for (const connection of opened.splice(0)) connection.close();
    const { events } = group();
    expect(events.filter(({ channel }) => channel === '+sdown' || channel === '+tilt')).to.deep.equal([]);
    await waitFor('the clients are gone', LIMIT, async () => {
      const { connected_clients: connected } = await supervisor().info();
      // The recorder of events and the client that asks.
      expect(Number(connected)).to.be.at.most(2);
    });
  });

  const group = groupForEachTest({
    supervisors: ['vedette'],
    replicas: 0,
    quorum: 1,
    directives: [`client-output-buffer-limit pubsub ${SUBSCRIBER_LIMIT} 0 0`],
  });

  const supervisor = () => group().supervisor(0);

  async function open(count: number, port = supervisor().port): Promise<RespConnection[]> {
    const connections: RespConnection[] = [];
    while (connections.length < count) {
      const batch = Math.min(100, count - connections.length);
      const more = Array.from({ length: batch }, () => RespConnection.open(port, { timeoutMillis: LIMIT }));
      connections.push(...(await Promise.all(more)));
      opened.push(...connections.slice(-batch));
    }
    return connections;
  }

  it('that come, ask and go leave nothing behind', async () => {
    await open(MANY).then((warm) => warm.map((connection) => connection.close()));
    const before = residentBytes(supervisor().pid);
    for (let round = 0; round < 3; round++) {
      const connections = await open(MANY);
      const replies = await Promise.all(connections.map((connection) => connection.command('PING')));
      expect(replies.every((reply) => reply === 'PONG')).to.equal(true);
      for (const connection of connections) connection.close();
      await mastersPingIsOnTime();
    }
    expect(residentBytes(supervisor().pid) - before).to.be.below(64 * MEBIBYTE);
  });

  it('that subscribe and do not read are cut off at the limit, and one that reads misses nothing', async () => {
    const slow = await open(200);
    for (const connection of slow) connection.onMessage = () => undefined;
    await Promise.all(slow.map((connection) => connection.command('PSUBSCRIBE', '*')));
    const [reader] = await open(1);
    if (reader === undefined) throw new Error('no reader');
    let heard = 0;
    reader.onMessage = () => heard++;
    await reader.command('PSUBSCRIBE', '+set');
    for (const connection of slow) connection.stopReading();
    const before = residentBytes(supervisor().pid);

    // Every setting is an event; long values fill the buffers of the kernel, and then ours.
    let said = 0;
    await waitFor('they are cut off', 40_000, async () => {
      const path = `x${'y'.repeat(30_000)}`;
      for (let left = 100; left > 0; left--, said++) {
        await supervisor().command('SENTINEL', 'SET', 'mymaster', 'auth-user', path);
      }
      expect(residentBytes(supervisor().pid) - before).to.be.below(200 * SUBSCRIBER_LIMIT + 128 * MEBIBYTE);
      const { connected_clients: connected } = await supervisor().info();
      expect(Number(connected)).to.be.at.most(3);
    });

    await waitFor('the reader has heard everything', LIMIT, () => expect(heard).to.equal(said));
    await mastersPingIsOnTime();
  });

  it('is what one client can be: a million pipelined commands, answered in order', async () => {
    const [connection] = await open(1);
    if (connection === undefined) throw new Error('no connection');
    const before = residentBytes(supervisor().pid);
    const count = 1_000_000;
    const chunk = 'PING\r\n'.repeat(10_000);
    for (let sent = 0; sent < count; sent += 10_000) connection.write(chunk);
    connection.write('PING end\r\n');

    await waitFor(
      'the last reply',
      30_000,
      () => expect(connection.unclaimed.endsWith('$3\r\nend\r\n')).to.equal(true),
      200,
    );

    expect(connection.unclaimed.length).to.equal(count * '+PONG\r\n'.length + '$3\r\nend\r\n'.length);
    expect(residentBytes(supervisor().pid) - before).to.be.below(96 * MEBIBYTE);
    await mastersPingIsOnTime();
  });

  it('are as many as `maxclients` says, ten thousand, although the soft limit of files is far below', async function () {
    const needed = MAX_CLIENTS + 500;
    const limit = openFilesLimit();
    skipWithout(this, limit < needed ? `the limit of open files is ${limit} here, below ${needed}` : null);
    const crowded = await SentinelProcess.prepare(group().workspace, {
      name: 'crowded',
      kind: 'vedette',
      // By a name of its own, so that the other Sentinel is no peer and no client of it.
      directives: [`sentinel monitor theirs 127.0.0.1 ${group().firstMaster.port} 1`],
      place: { address: '127.0.0.1', enter: ['sh', '-c', 'ulimit -Sn 1024 && exec "$@"', 'sh'] },
    });
    try {
      await crowded.start();
      const before = residentBytes(crowded.pid);
      const { connected_clients: first } = await crowded.info();
      const clients = await open(MAX_CLIENTS - Number(first), crowded.port);
      await waitFor('all have been accepted', LIMIT, async () => {
        const { connected_clients: all } = await crowded.info();
        expect(Number(all)).to.equal(MAX_CLIENTS);
      });

      const [tooMany] = await open(1, crowded.port);
      const refusal = await tooMany?.command('PING').catch(String);
      expect(refusal).to.match(/max number of clients reached|closed/);

      const replies = await Promise.all(clients.map((client) => client.command('PING')));
      expect(replies.filter((reply) => reply !== 'PONG')).to.deep.equal([]);
      expect(residentBytes(crowded.pid) - before, 'memory').to.be.below(MAX_CLIENTS * 32 * 1024);
      const { flags } = await crowded.master('theirs');
      expect(flags).to.equal('master');
      for (const client of clients) client.close();
      await waitFor('there is room again', LIMIT, () => RespConnection.once(crowded.port, 'PING'));
      expect(crowded.recorder.events.filter(({ channel }) => channel === '+sdown')).to.deep.equal([]);
      expect(crowded.stderr).to.equal('');
    } finally {
      crowded.recorder.close();
      await crowded.kill();
    }
  });

  it('find no room where files are few, and what supervision needs is kept', async () => {
    const { workspace } = group();
    const limited = await SentinelProcess.prepare(workspace, {
      name: 'limited',
      kind: 'vedette',
      directives: [`sentinel monitor mymaster 127.0.0.1 ${group().firstMaster.port} 1`],
    });
    const program = await Program.start({
      name: 'limited',
      command: 'sh',
      args: ['-c', 'ulimit -n 256; exec "$@"', 'sh', process.execPath, VEDETTE_EXECUTABLE, limited.configPath],
      directory: limited.directory,
    });
    try {
      await waitFor('it answers PING', LIMIT, () => RespConnection.once(limited.port, 'PING'));
      expect(program.stdout).to.match(/# Current maximum open files is 256\. maxclients has been reduced to 176/);
      const connections = Array.from({ length: 300 }, () =>
        RespConnection.open(limited.port, { timeoutMillis: LIMIT }),
      );
      const clients = await Promise.all(connections);
      opened.push(...clients);
      const replies = await Promise.all(clients.map((client) => client.command('PING').catch(String)));
      expect(replies.filter((reply) => reply === 'PONG').length).to.be.within(170, 176);

      // It can still open links and save.
      const [first] = clients;
      const port = await freePort();
      expect(await first?.command('SENTINEL', 'MONITOR', 'other', '127.0.0.1', port, 1)).to.equal('OK');
      expect(limited.configuration).to.contain(`sentinel monitor other 127.0.0.1 ${port} 1`);
      await holdsFor('the master is up', LONGEST_SILENCE, async () => {
        const reply = await first?.command('SENTINEL', 'MASTER', 'mymaster');
        expect(String(reply)).not.to.contain('s_down');
      });
      for (const client of clients) client.close();
      await waitFor('there is room again', LIMIT, () => RespConnection.once(limited.port, 'PING'));
      expect(program.stderr).to.equal('');
    } finally {
      await program.kill();
    }
  });

  async function mastersPingIsOnTime(): Promise<void> {
    const { flags, 'last-ok-ping-reply': age } = await supervisor().master('mymaster');
    expect(flags).to.equal('master');
    expect(Number(age)).to.be.below(LONGEST_SILENCE);
  }
});

function residentBytes(pid: number): number {
  return Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' })) * 1024;
}
