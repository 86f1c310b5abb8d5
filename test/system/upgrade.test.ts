// Three redis-sentinels become Vedettes one after the other, on their own configuration files and ports, and become redis-sentinels
// again, while a client writes: the journey of docs/migrating.md. The master crashes once in every mixture of the two.

import { config, expect } from 'chai';

import { now } from '../support/clock.js';
import { report } from '../support/fault-lab.js';
import { Group, MASTER_NAME } from '../support/group.js';
import type { SentinelKind, SentinelProcess } from '../support/sentinel-process.js';
import { Writer } from '../support/writer.js';

config.truncateThreshold = 0;

/**
 * Twice the period of redis-sentinel's PINGs: with less, it finds a master down that it has just begun to watch. A process that
 * has been replaced is not missed for so long either.
 */
const DOWN_AFTER = 2000;
const LIMIT = 40_000;
/** What was acknowledged in this time before a crash may have had no time to reach the replica, on a busy machine. */
const REPLICATION_LAG = 1000;
/** Nobody's run id. */
const STRANGER = 'f'.repeat(40);

/** What a configuration file says that must not be forgotten. */
interface Memory {
  readonly identity: string;
  readonly current: number;
  readonly configuration: number;
  readonly vote: number;
  /** The replicas and the other Sentinels. */
  readonly known: readonly string[];
}

describe('A group that is moved from redis-sentinel to Vedette and back', function () {
  this.timeout(240_000);

  // Two groups make the whole journey side by side, because mostly they wait.
  it('forgets nothing, and fails over in every mixture, under load', async () => {
    await Promise.all([travel('vedette'), travel('redis-sentinel')]);
  });
});

/** There and back; the master crashes in each mixture on the way to `eventful`. */
async function travel(eventful: SentinelKind): Promise<void> {
  const group = await Group.start({
    supervisors: ['redis-sentinel', 'redis-sentinel', 'redis-sentinel'],
    downAfterMillis: DOWN_AFTER,
    failoverTimeoutMillis: 1000,
  });
  try {
    await Promise.all(group.supervisors.map(hasten));
    const ports = group.supervisors.map(({ port }) => port);
    const writer = await Writer.start(ports, MASTER_NAME);
    const crashes: number[] = [];
    try {
      for (const kind of ['vedette', 'redis-sentinel'] as const) {
        for (const [index, member] of group.supervisors.entries()) {
          await replace(group, member, kind);
          const isMixed = index < group.supervisors.length - 1;
          if (isMixed && kind === eventful) crashes.push(await crashMaster(group, writer));
        }
      }
    } finally {
      await writer.stop();
    }
    await expectOnlyLateWritesLost(group, writer, crashes);
    expect(group.supervisors.map(({ stderr }) => stderr).join(''), 'standard error').to.equal('');
  } catch (error) {
    process.stderr.write(`\n──── to ${eventful} ────\n${group.report()}\n────\n`);
    throw error;
  } finally {
    await group.dispose();
  }
}

/** What is looked at every ten and every two seconds is looked at more often; a process that is started anew has forgotten it. */
async function hasten(member: SentinelProcess): Promise<void> {
  await member.command('SENTINEL', 'DEBUG', 'info-period', 500, 'publish-period', 500);
}

/** Lets the other kind take over a member's file, and checks that it knows what the file knew. */
async function replace(group: Group, member: SentinelProcess, kind: SentinelKind): Promise<void> {
  const master = await member.masterPort(MASTER_NAME);
  await member.command('SENTINEL', 'FLUSHCONFIG');
  const before = memoryOf(member);
  const since = now();
  expect(await member.stop()).to.deep.equal({ code: 0, signal: null });
  member.kind = kind;
  await member.start();
  await hasten(member);
  expect(await member.runId()).to.equal(before.identity);
  expect(await member.masterPort(MASTER_NAME)).to.equal(master);
  await expectVoteKept(group, member, before.vote);
  await group.waitUntilComplete();
  await member.command('SENTINEL', 'FLUSHCONFIG');
  const after = memoryOf(member);
  expect(after.known, `${member.name} as ${kind}`).to.have.members(before.known);
  for (const name of ['current', 'configuration', 'vote'] as const) {
    expect(after[name], `${name} epoch of ${member.name} as ${kind}`).to.be.at.least(before[name]);
  }
  const failovers = group.events.filter(({ at, channel }) => at >= since && channel === '+switch-master');
  expect(failovers, 'failovers while a member was replaced').to.deep.equal([]);
}

/** Whom a member supported in an epoch, if anybody, it still supports: it does not support somebody else. */
async function expectVoteKept(group: Group, member: SentinelProcess, epoch: number): Promise<void> {
  if (epoch === 0) return;
  const { host, port } = group.nodeAt(await member.masterPort(MASTER_NAME));
  const reply = await member.command('SENTINEL', 'IS-MASTER-DOWN-BY-ADDR', host, port, epoch, STRANGER);
  expect(Array.isArray(reply) && reply.length === 3, `reply ${JSON.stringify(reply)}`).to.equal(true);
  expect(reply, `a second vote of ${member.name} in epoch ${epoch}`).not.to.include(STRANGER);
}

function memoryOf({ configuration }: SentinelProcess): Memory {
  const epoch = (pattern: RegExp) => Number(pattern.exec(configuration)?.[1] ?? 0);
  return {
    identity: /^sentinel myid (\w+)$/m.exec(configuration)?.[1] ?? '',
    current: epoch(/^sentinel current-epoch (\d+)$/m),
    configuration: epoch(/^sentinel config-epoch \S+ (\d+)$/m),
    vote: epoch(/^sentinel leader-epoch \S+ (\d+)$/m),
    known: configuration.match(/^sentinel known-(?:replica|sentinel) .*$/gm) ?? [],
  };
}

/** Kills the master and lets it return as a replica; resolves with the moment of the crash. */
async function crashMaster(group: Group, writer: Writer): Promise<number> {
  const master = group.nodeAt(await group.supervisor(0).masterPort(MASTER_NAME));
  const before = await configurationEpochs(group);
  await master.kill();
  const crashedAt = now();
  const promoted = await group.waitForNewMaster(master, LIMIT);
  const { millis } = await writer.resumedAfter(crashedAt, LIMIT);
  await master.start();
  await group.waitForReplica(master, promoted, LIMIT);
  await group.waitUntilComplete();
  const after = await configurationEpochs(group);
  expect(new Set(after).size, `configuration epochs ${after}`).to.equal(1);
  expect(Math.min(...after)).to.be.greaterThan(Math.max(...before));
  const kinds = group.supervisors.map(({ kind }) => kind).join(', ');
  report(`master killed beside ${kinds}`, `writes stopped for ${millis.toFixed(0)} ms`);
  return crashedAt;
}

async function configurationEpochs(group: Group): Promise<number[]> {
  const masters = await Promise.all(group.supervisors.map((member) => member.master(MASTER_NAME)));
  return masters.map(({ 'config-epoch': epoch }) => Number(epoch));
}

/** Replication is asynchronous: what a dead master had acknowledged last, nobody else may have. Nothing else is lost. */
async function expectOnlyLateWritesLost(group: Group, writer: Writer, crashes: readonly number[]): Promise<void> {
  const lost = await writer.lostAt(await group.supervisor(0).masterPort(MASTER_NAME));
  report('acknowledged writes lost', `${lost.length} of ${writer.acknowledged}`);
  const unexplained = lost.filter(
    (at) => !crashes.some((crash) => at > crash - REPLICATION_LAG && at < crash + REPLICATION_LAG),
  );
  expect(unexplained, `lost, and acknowledged at other times than ${crashes.join(', ')}`).to.deep.equal([]);
}
