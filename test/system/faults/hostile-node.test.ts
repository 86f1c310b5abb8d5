// The rows on hostile data nodes: a Sentinel monitors, beside a healthy master, nodes that answer with 500 MB, invent 10,000 replicas, push
// without end or talk nonsense. It must drop them, keep its memory and its file small, and watch the healthy master as before.

import { statSync } from 'node:fs';

import { expect } from 'chai';

import { now } from '../../support/clock.js';
import { report } from '../../support/fault-lab.js';
import { groupForEachTest } from '../../support/fixture.js';
import { answeringBytes, answeringInfo, HostileNode, type Malice, repeating } from '../../support/hostile-node.js';
import { Invariants } from '../../support/invariants.js';
import { PingProbe } from '../../support/ping-probe.js';
import { LOOPBACK } from '../../support/place.js';
import { MEGABYTES, residentBytes } from '../../support/process-memory.js';
import { SUBJECT } from '../../support/sentinel-process.js';
import { holdsFor, waitFor } from '../../support/wait.js';

const DOWN_AFTER = 500;
const FAILOVER_TIMEOUT = 1000;
const WATCHED_FOR = 3 * (DOWN_AFTER + FAILOVER_TIMEOUT);
const FAILOVER_LIMIT = DOWN_AFTER + 8000;
/** The table's figure is 50 ms, on a machine that does nothing else; here the attackers share it. */
const LAG_LIMIT = 500;
const ACCEPTABLE_GROWTH = 100 * MEGABYTES;
const ACCEPTABLE_FILE = 100_000;
/** The table's figure is ten rewrites a second. */
const REWRITES_PER_SECOND = 12;
const INVENTED = 10_000;

const inventedReplicas = Array.from(
  { length: INVENTED },
  (_, index) =>
    `slave${index}:ip=127.${66 + (index >> 12)}.${(index >> 8) & 15}.${index & 255},port=1,state=online,offset=1,lag=0`,
);

const ATTACKS: ReadonlyMap<string, Malice> = new Map([
  ['huge-reply', answeringBytes(500 * MEGABYTES)],
  ['replicas', answeringInfo(`role:master\r\nrun_id:${'a'.repeat(40)}\r\n${inventedReplicas.join('\r\n')}`)],
  ['push', repeating(Buffer.from('>3\r\n$7\r\nmessage\r\n$18\r\n__sentinel__:hello\r\n$3\r\na,b\r\n'))],
  ['answers-unasked', repeating(Buffer.from('+PONG\r\n'))],
  ['nesting', repeating(Buffer.from('*1\r\n'))],
  ['garbage', repeating(Buffer.from(Array.from({ length: 4096 }, (_, index) => (index * 7919) % 251)))],
  ['endless-line', repeating(Buffer.from('+'.padEnd(4096, 'x')))],
]);

describe('Data nodes that have been taken over', function () {
  this.timeout(90_000);
  const nodes: HostileNode[] = [];

  afterEach('close the hostile nodes', () => {
    for (const node of nodes.splice(0)) node.close();
  });

  const group = groupForEachTest({
    supervisors: [SUBJECT],
    replicas: 1,
    quorum: 1,
    downAfterMillis: DOWN_AFTER,
    failoverTimeoutMillis: FAILOVER_TIMEOUT,
  });

  it('cost a Sentinel little memory and time, and it fails its healthy master over as before', async () => {
    const sentinel = group().supervisor(0);
    const invariants = new Invariants(group());
    const before = residentBytes(sentinel.pid);
    const began = now();
    for (const [name, malice] of ATTACKS) {
      const node = await HostileNode.start(malice);
      nodes.push(node);
      await sentinel.command('SENTINEL', 'MONITOR', name, LOOPBACK.address, node.port, 1);
      await sentinel.command('SENTINEL', 'SET', name, 'down-after-milliseconds', DOWN_AFTER);
    }
    const probe = await PingProbe.start(sentinel);
    let largest = 0;
    let rewrites = 0;
    let file = 0;
    await holdsFor('the healthy master stays up, and memory stays bounded', WATCHED_FOR, () => {
      const { ino, size } = statSync(sentinel.configPath);
      if (ino !== file) rewrites++;
      file = ino;
      largest = Math.max(largest, residentBytes(sentinel.pid) - before);
      expect(largest).to.be.below(ACCEPTABLE_GROWTH);
      expect(size, 'bytes of the configuration').to.be.below(ACCEPTABLE_FILE);
      expect(
        group().events.filter(
          ({ payload }) => payload.includes(` ${group().firstMaster.port}`) && payload.startsWith('master mymaster'),
        ),
      ).to.deep.equal([]);
    });
    const lag = await probe.stop();
    const seconds = (now() - began) / 1000;
    report('99 of 100 PINGs answered within', `${lag.toFixed(0)} ms`);
    report('memory', `grew by ${(largest / MEGABYTES).toFixed(0)} MB; ${rewrites} rewrites in ${seconds.toFixed(1)} s`);
    expect(lag).to.be.below(LAG_LIMIT);
    expect(rewrites / seconds, 'rewrites a second').to.be.below(REWRITES_PER_SECOND);
    await waitFor('those that never answer are found down', FAILOVER_LIMIT, async () => {
      for (const name of ['nesting', 'garbage', 'endless-line']) {
        const { flags } = await sentinel.master(name);
        expect(flags, name).to.contain('s_down');
      }
    });
    await group().firstMaster.kill();
    await invariants.settle({ withinMillis: FAILOVER_LIMIT, absent: [group().firstMaster] });
  });
});
