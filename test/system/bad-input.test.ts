// What strangers send to a Sentinel's port: the Redis error reply or a closed connection, never a crash, never memory that
// grows with what is merely announced.

import { execFileSync } from 'node:child_process';

import { expect } from 'chai';

import { groupForEachTest } from '../support/fixture.js';
import { RespConnection } from '../support/resp-connection.js';
import { type SentinelProcess, SUBJECT } from '../support/sentinel-process.js';
import { holdsFor, waitFor } from '../support/wait.js';

const LIMIT = 10_000;
const MEGABYTES = 1024 * 1024;
const ACCEPTABLE_GROWTH = 64 * MEGABYTES;

/** Bytes that break the protocol, and the error after which the connection must be closed. */
const PROTOCOL_ERRORS: readonly (readonly [what: string, bytes: string, error: string])[] = [
  ['a number of arguments that is no number', '*x\r\n', 'invalid multibulk length'],
  ['a huge number of arguments', '*2147483648\r\n', 'invalid multibulk length'],
  ['an argument that is no bulk string', '*1\r\n!4\r\nPING\r\n', "expected '$', got '!'"],
  ['a negative argument length', '*1\r\n$-5\r\n', 'invalid bulk length'],
  ['an argument longer than 512 MB', '*1\r\n$536870913\r\n', 'invalid bulk length'],
  ['an argument length that is no number', '*1\r\n$4x\r\nPING\r\n', 'invalid bulk length'],
  ['quotes that do not match', 'PING "a\r\n', 'unbalanced quotes in request'],
  ['an endless inline command', 'a'.repeat(70_000), 'too big inline request'],
  ['an endless argument count', `*${'1'.repeat(70_000)}`, 'too big mbulk count string'],
];

/** Well-formed commands that make no sense, and the error reply. The connection must live on. */
const COMMAND_ERRORS: readonly (readonly [words: readonly string[], error: string])[] = [
  [['nosuch', 'a', 'b'], "ERR unknown command 'nosuch', with args beginning with: 'a' 'b' "],
  [['SENTINEL'], "ERR wrong number of arguments for 'sentinel' command"],
  [['SENTINEL', 'nosuch'], "ERR unknown subcommand 'nosuch'. Try SENTINEL HELP."],
  [['SENTINEL', 'MASTER'], "ERR wrong number of arguments for 'sentinel|master' command"],
  [['SENTINEL', 'MASTER', '\u0000\u00ff\r\n'], 'ERR No such master with that name'],
  [['SENTINEL', 'SET', 'mymaster', 'quorum', 'many'], "ERR Invalid argument 'many' for SENTINEL SET 'quorum'"],
  [['SENTINEL', 'MONITOR', 'other', '127.0.0.1', 'x', '1'], 'ERR Invalid port'],
  [['SENTINEL', 'MONITOR', 'other', '127.0.0.1', '65536', '1'], 'ERR Invalid port number.'],
  [['SENTINEL', 'MONITOR', 'other', '127.0.0.1', '6379', '0'], 'ERR Quorum must be 1 or greater.'],
  [['SENTINEL', 'IS-MASTER-DOWN-BY-ADDR', '127.0.0.1', 'x', '0', '*'], 'ERR value is not an integer or out of range'],
  [['PUBLISH', 'news', 'text'], 'ERR Only HELLO messages are accepted by Sentinel instances.'],
];

describe('Bad input on the port of a Sentinel', function () {
  this.timeout(60_000);
  let connection: RespConnection;
  let pid: number;

  // Stands before the fixture, which ends the process: hooks run in the order in which they are declared.
  afterEach('the process is as healthy as before', async () => {
    connection.close();
    expect(await RespConnection.once(sentinel().port, 'PING')).to.equal('PONG');
    expect(sentinel().program).to.include({ isRunning: true, pid });
  });

  const group = groupForEachTest({ supervisors: [SUBJECT], replicas: 0, quorum: 1 });

  beforeEach(async () => {
    connection = await RespConnection.open(sentinel().port);
    pid = sentinel().pid;
  });

  function sentinel(): SentinelProcess {
    return group().supervisor(0);
  }

  for (const [what, bytes, error] of PROTOCOL_ERRORS) {
    it(`answers ${what} with the protocol error of Redis and closes the connection`, async () => {
      connection.write(bytes);
      await waitFor('the connection is closed', LIMIT, () => expect(connection.isClosed).to.equal(true));
      expect(connection.unclaimed).to.equal(`-ERR Protocol error: ${error}\r\n`);
    });
  }

  for (const [words, error] of COMMAND_ERRORS) {
    it(`answers ${JSON.stringify(words.join(' '))} with the error of Redis and goes on`, async () => {
      const reply = await connection.command(...words).catch((reason: Error) => reason.message);
      expect(reply).to.equal(error);
      expect(await connection.command('PING')).to.equal('PONG');
    });
  }

  for (const firstLine of ['POST / HTTP/1.1', 'Host: example.org']) {
    it(`closes the connection of a browser that says "${firstLine}"`, async () => {
      connection.write(`${firstLine}\r\nContent-Length: 6\r\n\r\nPING\r\n`);
      await waitFor('the connection is closed', LIMIT, () => expect(connection.isClosed).to.equal(true));
      expect(connection.unclaimed).not.to.contain('PONG');
    });
  }

  it('hands binary names back as they came', async () => {
    const pattern = 'a\u0000\u00ff\r\n\u0080*';
    expect(await connection.command('PSUBSCRIBE', pattern)).to.deep.equal(['psubscribe', pattern, 1]);
  });

  it('cuts off 10 MB without a line break and does not keep them', async () => {
    const before = residentBytes(pid);
    connection.write(Buffer.alloc(10 * MEGABYTES, 'a'));
    await waitFor('the connection is closed', LIMIT, () => expect(connection.isClosed).to.equal(true));
    expect(residentBytes(pid) - before).to.be.below(ACCEPTABLE_GROWTH);
  });

  it('reserves nothing for what is only announced, on 200 connections that then fall silent', async () => {
    const before = residentBytes(pid);
    const silent = await Promise.all(Array.from({ length: 200 }, () => RespConnection.open(sentinel().port)));
    for (const one of silent) one.write(`*1000000\r\n$8\r\nSENTINEL\r\n$536870912\r\n${'x'.repeat(1000)}`);
    expect(await connection.command('SENTINEL', 'MYID')).to.match(/^[0-9a-f]{40}$/);
    expect(residentBytes(pid) - before).to.be.below(ACCEPTABLE_GROWTH);
    for (const one of silent) one.close();
  });

  it('keeps no more than a limit for a client that asks and asks and reads nothing', async () => {
    const before = residentBytes(pid);
    connection.stopReading();
    for (let piece = 0; piece < 100; piece++) connection.write('INFO\r\n'.repeat(1000));
    await holdsFor('its memory does not grow', 2000, async () => {
      expect(await RespConnection.once(sentinel().port, 'PING')).to.equal('PONG');
      expect(residentBytes(pid) - before).to.be.below(ACCEPTABLE_GROWTH);
    });
  });

  it('goes on with a command whose second half comes later, byte by byte', async () => {
    connection.write('*1\r\n$4\r\nPI');
    expect(await RespConnection.once(sentinel().port, 'PING')).to.equal('PONG');
    for (const byte of 'NG\r\n') connection.write(byte);
    await waitFor('the reply arrives', LIMIT, () => expect(connection.unclaimed).to.equal('+PONG\r\n'));
  });

  it('answers 10,000 commands that come in one piece, in order', async () => {
    connection.write('PING a\r\nPING b\r\n'.repeat(5000));
    const expected = '$1\r\na\r\n$1\r\nb\r\n'.repeat(5000);
    await waitFor('all replies arrive', LIMIT, () => expect(connection.unclaimed.length).to.equal(expected.length));
    expect(connection.unclaimed).to.equal(expected);
  });

  it('survives 500 connections that come and go in the middle of a command', async () => {
    for (let round = 0; round < 10; round++) {
      const passing = await Promise.all(Array.from({ length: 50 }, () => RespConnection.open(sentinel().port)));
      for (const one of passing) one.write('*2\r\n$8\r\nSENTINEL\r\n$4\r\nMY');
      for (const one of passing) one.close();
    }
  });
});

function residentBytes(pid: number): number {
  return Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'latin1' })) * 1024;
}
