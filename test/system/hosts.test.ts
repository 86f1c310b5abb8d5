// What is told of hosts to clients, in the words of redis-sentinel on the same nodes: names, and IPv6 addresses. And what happens when
// a name means another address, or none. A name server that does not answer: `faults/names.test.ts`.

import { networkInterfaces } from 'node:os';
import { config, expect } from 'chai';

import { FRESHNESS } from '../../src/io/resolver.js';
import { now } from '../support/clock.js';
import { skipWithout } from '../support/fault-lab.js';
import { Group, type GroupOptions, MASTER_NAME } from '../support/group.js';
import { HostNames, obstacleToHostNames } from '../support/host-names.js';
import type { RedisServer } from '../support/redis-server.js';
import type { SentinelKind, SentinelProcess } from '../support/sentinel-process.js';
import { waitFor } from '../support/wait.js';

config.truncateThreshold = 0;

const DOWN_AFTER = 1000;
const LIMIT = 30_000;
/** Of `::1`. */
const ODD_SPELLING = '0:0:0:0:0:0:0:1';
const NEVER = 3_600_000;
/** Nobody of a test listens there. */
const UNUSED_PORT = 1;
const MIXED = ['vedette', 'vedette', 'redis-sentinel'] as const;
const VEDETTES = ['vedette', 'vedette', 'vedette'] as const;

describe('The host of a node or Sentinel', function () {
  this.timeout(120_000);
  /** The cases run side by side, because mostly they wait. */
  const running = new Map<Course, Promise<void>>();

  before('begin all cases', () => {
    if (obstacleToHostNames() === null) begin(tellNames, tellAddresses, moveEverybody, loseNames, useBoth);
    if (obstacleToIpv6() === null) begin(useIpv6);
  });

  after('wait for all cases', () => Promise.allSettled(running.values()));

  function begin(...courses: readonly Course[]): void {
    for (const course of courses) {
      const outcome = course();
      // It is the test's business, which may come later.
      outcome.catch(() => undefined);
      running.set(course, outcome);
    }
  }

  function follows(course: Course): () => Promise<void> {
    return async () => await running.get(course);
  }

  describe('by name', () => {
    before(function () {
      skipWithout(this, obstacleToHostNames());
    });

    it('is told instead of the address, as by redis-sentinel, with `announce-hostnames yes`', follows(tellNames));
    it('is told as an address, as by redis-sentinel, with `announce-hostnames no`', follows(tellAddresses));
    it('is followed to another address', follows(moveEverybody));
    it('keeps its last good address while there is none', follows(loseNames));
    it('is one with its address', follows(useBoth));
  });

  describe('on IPv6', () => {
    before(function () {
      skipWithout(this, obstacleToIpv6());
    });

    it('is told in its usual spelling, as by redis-sentinel, and failed over', follows(useIpv6));
  });
});

type Course = () => Promise<void>;

function obstacleToIpv6(): string | null {
  const has = Object.values(networkInterfaces()).some((addresses) =>
    addresses?.some(({ address }) => address === '::1'),
  );
  return has ? null : 'this machine has no address ::1';
}

/** Starts a group for one course of events. What is printed when that fails is this group alone. */
async function withGroup(options: GroupOptions, course: (group: Group) => Promise<void>): Promise<void> {
  const group = await Group.start({ ...options, downAfterMillis: DOWN_AFTER, failoverTimeoutMillis: 2 * DOWN_AFTER });
  try {
    await hasten(group);
    await course(group);
    expect(group.supervisors.map(({ stderr }) => stderr).join(''), 'standard error').to.equal('');
  } catch (error) {
    process.stderr.write(`\n──── hosts ────\n${group.report()}\n────\n`);
    throw error;
  } finally {
    await group.dispose();
  }
}

/** The nodes and Sentinels have names, on addresses that end in 1, 2, 3 and 11, 12, 13. */
async function withNames(
  announceHostnames: 'yes' | 'no',
  supervisors: readonly SentinelKind[],
  course: (group: Group, names: HostNames) => Promise<void>,
  masterHost: (names: HostNames) => string = () => 'node-1.test',
): Promise<void> {
  const names = new HostNames();
  const options: GroupOptions = {
    supervisors,
    nodePlaces: [1, 2, 3].map((number) => names.place(`node-${number}.test`, names.address(number))),
    supervisorPlaces: [1, 2, 3].map((number) => names.place(`sentinel-${number}.test`, names.address(10 + number))),
    directives: [`sentinel announce-hostnames ${announceHostnames}`],
    masterHost: masterHost(names),
  };
  try {
    await withGroup(options, (group) => course(group, names));
  } finally {
    names.dispose();
  }
}

function tellNames(): Promise<void> {
  return withNames('yes', MIXED, (group) => expectToTell(group, true));
}

function tellAddresses(): Promise<void> {
  return withNames('no', MIXED, (group) => expectToTell(group, false));
}

/** Everybody is on the loopback address; the Sentinels are told of the master, and tell of themselves, in another spelling. */
function useIpv6(): Promise<void> {
  const places = [1, 2, 3].map(() => ({ address: '::1', enter: [] }));
  const directives = [`sentinel announce-ip ${ODD_SPELLING}`];
  const options = {
    supervisors: MIXED,
    nodePlaces: places,
    supervisorPlaces: places,
    masterHost: ODD_SPELLING,
    directives,
  };
  return withGroup(options, (group) => expectToTell(group, false));
}

async function expectToTell(group: Group, isByName: boolean): Promise<void> {
  // At the beginning of a link redis-sentinel takes as long for its first PING as down-after is here; it is to follow, and to vote.
  for (const member of group.supervisors.filter(({ kind }) => kind === 'redis-sentinel')) {
    await member.command('SENTINEL', 'SET', MASTER_NAME, 'down-after-milliseconds', NEVER);
  }
  const promoted = await failOver(group);
  for (const member of group.supervisors) {
    await expectTexts(group, member, promoted, isByName);
    await expectEvents(group, member, promoted, isByName);
    await expectConfiguration(group, member, promoted, isByName);
  }
  await expectHistory(group, promoted, isByName);
  for (const member of group.supervisors) await expectMonitoring(group, member, isByName);
}

function moveEverybody(): Promise<void> {
  return withNames('yes', VEDETTES, async (group, names) => {
    const old = group.firstMaster;
    await old.kill();
    const promoted = await group.waitForNewMaster(old, LIMIT);
    old.moveTo(names.place(old.announced.host, names.address(21)));
    await old.start();
    await group.waitForReplica(old, promoted, LIMIT);

    const [other] = group.firstReplicas.filter((node) => node !== promoted);
    const sentinel = group.supervisor(2);
    await Promise.all([other?.kill(), sentinel.stop()]);
    other?.moveTo(names.place(other.announced.host, names.address(22)));
    sentinel.moveTo(names.place(sentinel.announcedHost, names.address(23)));
    await Promise.all([other?.start(), sentinel.start()]);
    await hasten(group);
    await group.waitUntilComplete();

    // Only those who have moved are left to be promoted, and one of the two votes that are needed is given at a new address.
    await Promise.all([promoted.kill(), group.supervisor(0).kill()]);
    const last = await group.waitForNewMaster(promoted, LIMIT);
    expect(await addressOf(sentinel)).to.deep.equal([last.announced.host, String(last.port)]);
  });
}

function loseNames(): Promise<void> {
  return withNames('no', VEDETTES, async (group, names) => {
    for (const node of group.nodes) names.remove(node.announced.host);
    for (const { announcedHost } of group.supervisors) names.remove(announcedHost);
    const began = now();
    // A name is looked up again when a connection is to be made and the last answer is old enough.
    while (now() < began + FRESHNESS + DOWN_AFTER) {
      for (const node of group.nodes) await cutConnections(node);
      await group.waitUntilComplete();
    }
    expect(
      group.events.filter(({ channel }) => channel === '+sdown'),
      'found down',
    ).to.deep.equal([]);

    const promoted = await failOver(group);
    const address = [promoted.host, String(promoted.port)];
    for (const member of group.supervisors) expect(await addressOf(member)).to.deep.equal(address);

    // One that has not known the addresses in its life starts all the same, and has them as soon as they are there.
    const sentinel = group.supervisor(2);
    await sentinel.stop();
    await sentinel.start();
    expect(await addressOf(sentinel)).to.deep.equal([promoted.announced.host, String(promoted.port)]);
    for (const node of group.nodes) names.set(node.announced.host, node.host);
    for (const { announcedHost, host } of group.supervisors) names.set(announcedHost, host);
    await group.waitUntilComplete();
    expect(await addressOf(sentinel)).to.deep.equal(address);
  });
}

/** The Sentinels are told the master's address, and everybody announces a name: after the first failover the master has both. */
function useBoth(): Promise<void> {
  return withNames(
    'yes',
    VEDETTES,
    async (group) => {
      const promoted = await failOver(group);
      await waitFor('the old master is listed by its name', LIMIT, async () => {
        expect(await promoted.command('INFO', 'replication')).to.contain(`ip=${group.firstMaster.announced.host},`);
      });
      await promoted.kill();
      const last = await group.waitForNewMaster(promoted, LIMIT);
      await promoted.start();
      await group.waitForReplica(promoted, last, LIMIT);
      // It counts the replicas, too.
      await group.waitUntilComplete();
    },
    (names) => names.address(1),
  );
}

/** INFO every second instead of every ten, as `FaultLab.hasten`. */
async function hasten({ supervisors }: Group): Promise<void> {
  for (const one of supervisors) await one.command('SENTINEL', 'DEBUG', 'info-period', 1000);
}

/** Kills the master, and starts it again when it has a successor. Resolves with that one when everybody is well again. */
async function failOver(group: Group): Promise<RedisServer> {
  const old = group.firstMaster;
  await old.kill();
  const promoted = await group.waitForNewMaster(old, LIMIT);
  await old.start();
  await group.waitForReplica(old, promoted, LIMIT);
  await group.waitUntilComplete();
  return promoted;
}

async function cutConnections(node: RedisServer): Promise<void> {
  for (const type of ['normal', 'pubsub']) await node.command('CLIENT', 'KILL', 'TYPE', type);
}

function addressOf(member: SentinelProcess) {
  return member.command('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', MASTER_NAME);
}

/** Where the others are told to find a node or a Sentinel. */
function hostOf(one: RedisServer | SentinelProcess, isByName: boolean): string {
  if (!isByName) return one.host;
  return 'announced' in one ? one.announced.host : one.announcedHost;
}

function place(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

async function expectTexts(group: Group, member: SentinelProcess, promoted: RedisServer, isByName: boolean) {
  const [host, port] = [hostOf(promoted, isByName), String(promoted.port)];
  expect(await addressOf(member), member.name).to.deep.equal([host, port]);
  const { master0: summary } = await member.info();
  expect(summary, member.name).to.contain(`,address=${host}:${port},`);
  expect(pick(await member.master(MASTER_NAME), 'name', 'ip', 'port'), member.name).to.equal(
    `${MASTER_NAME} ${host} ${port}`,
  );
  const replicas = group.nodes.filter((node) => node !== promoted);
  await waitFor(`${member.name} knows whom the replicas follow`, LIMIT, async () => {
    const listed = await member.replicas(MASTER_NAME);
    expect(listed.map((fields) => pick(fields, 'name', 'ip', 'port', 'master-host', 'master-port'))).to.have.members(
      replicas.map((node) => {
        const at = hostOf(node, isByName);
        return `${place(at, node.port)} ${at} ${node.port} ${host} ${port}`;
      }),
    );
  });
  const others = group.supervisors.filter((other) => other !== member);
  const peers = await member.peers(MASTER_NAME);
  expect(
    peers.map((fields) => pick(fields, 'ip', 'port')),
    member.name,
  ).to.have.members(others.map((other) => `${hostOf(other, isByName)} ${other.port}`));
}

function expectEvents(group: Group, member: SentinelProcess, promoted: RedisServer, isByName: boolean) {
  const old = group.firstMaster;
  const [from, to] = [old, promoted].map((node) => `${hostOf(node, isByName)} ${node.port}`);
  return waitFor(`${member.name} publishes +switch-master`, LIMIT, () => {
    expect(member.recorder.on('+switch-master').map(({ payload }) => payload)).to.deep.equal([
      `${MASTER_NAME} ${from} ${to}`,
    ]);
    const unexpected = isByName ? / 127\./ : new RegExp(`\\.test|${ODD_SPELLING}`);
    const payloads = member.recorder.events.map(({ channel, payload }) => `${channel} ${payload}`);
    expect(payloads.filter((text) => unexpected.test(text))).to.deep.equal([]);
  });
}

/** A master that is added has its address in `+monitor` already; one without an address is refused. */
async function expectMonitoring(group: Group, member: SentinelProcess, isByName: boolean): Promise<void> {
  const node = group.node(1);
  const add = (host: string) => member.command('SENTINEL', 'MONITOR', 'other', host, UNUSED_PORT, 2);
  const refusal = await add('nowhere.test').catch((error: Error) => error.message);
  expect(refusal, member.name).to.equal('ERR Invalid IP address or hostname specified');
  expect(await add(node.announced.host), member.name).to.equal('OK');
  await waitFor(`${member.name} publishes +monitor`, LIMIT, () => {
    expect(member.recorder.on('+monitor').map(({ payload }) => payload)).to.deep.equal([
      `master other ${hostOf(node, isByName)} ${UNUSED_PORT} quorum 2`,
    ]);
  });
  expect(await member.command('SENTINEL', 'REMOVE', 'other')).to.equal('OK');
}

/** Only a Vedette has one. */
async function expectHistory(group: Group, promoted: RedisServer, isByName: boolean): Promise<void> {
  const [from, to] = [group.firstMaster, promoted].map((node) => place(hostOf(node, isByName), node.port));
  const [record] = (await group.supervisor(0).command('SENTINEL', 'HISTORY', MASTER_NAME)) as unknown[][];
  expect(record?.slice(10, 14)).to.deep.equal(['old-address', from, 'new-address', to]);
}

/** redis-sentinel forgets the names when it does not announce them; Vedette's file keeps them, for the next start. */
async function expectConfiguration(group: Group, member: SentinelProcess, promoted: RedisServer, isByName: boolean) {
  const isNamed = isByName || member.kind === 'vedette';
  await member.command('SENTINEL', 'FLUSHCONFIG');
  const lines = member.configuration
    .split('\n')
    .filter((line) => /^sentinel (monitor|known)/.test(line))
    // What was given or heard is kept as it was spelt.
    .map((line) => (member.kind === 'vedette' ? line.replace(` ${ODD_SPELLING} `, ' ::1 ') : line));
  const replicas = group.nodes.filter((node) => node !== promoted);
  const others = group.supervisors.filter((other) => other !== member);
  const runIds = await Promise.all(others.map((other) => other.runId()));
  expect(lines, member.name).to.have.members([
    `sentinel monitor ${MASTER_NAME} ${hostOf(promoted, isNamed)} ${promoted.port} 2`,
    ...replicas.map((node) => `sentinel known-replica ${MASTER_NAME} ${hostOf(node, isNamed)} ${node.port}`),
    ...others.map(
      (other, index) =>
        `sentinel known-sentinel ${MASTER_NAME} ${hostOf(other, isNamed)} ${other.port} ${runIds[index]}`,
    ),
  ]);
}

function pick(fields: Record<string, string>, ...names: readonly string[]): string {
  return names.map((name) => fields[name]).join(' ');
}
