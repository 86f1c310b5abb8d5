// One master, two replicas, three supervisors, and the ways in which a master goes: what the group must do each time. How
// fast it does so is measured by the benchmark; the limits here only tell working from not working.

import { expect } from 'chai';

import { groupForEachTest } from '../support/fixture.js';
import { type Group, MASTER_NAME } from '../support/group.js';
import type { RedisServer } from '../support/redis-server.js';
import type { SentinelProcess } from '../support/sentinel-process.js';
import { waitFor } from '../support/wait.js';

const FAILOVER_LIMIT = 6000;
const DEMOTION_LIMIT = 5000;

describe('A failover of real servers', function () {
  this.timeout(60_000);
  const group = groupForEachTest();

  it('promotes a replica when the master is killed, and the other replica follows it', async () => {
    const old = group().firstMaster;
    await old.kill();
    const promoted = await group().waitForNewMaster(old, FAILOVER_LIMIT);
    await expectEverybodyFollows(group(), promoted, [old]);
  });

  it('promotes a replica when the master hangs, and demotes the master when it runs on', async () => {
    const old = group().firstMaster;
    old.freeze();
    const promoted = await group().waitForNewMaster(old, FAILOVER_LIMIT);
    await expectEverybodyFollows(group(), promoted, [old]);
    old.thaw();
    await group().waitForReplica(old, promoted, DEMOTION_LIMIT);
  });

  it('promotes a replica when the master is shut down in good order', async () => {
    const old = group().firstMaster;
    expect(await old.shutDown()).to.deep.equal({ code: 0, signal: null });
    const promoted = await group().waitForNewMaster(old, FAILOVER_LIMIT);
    await expectEverybodyFollows(group(), promoted, [old]);
  });

  it('makes a returning master a replica of the new one, and leaves the new one in place', async () => {
    const old = group().firstMaster;
    await old.kill();
    const promoted = await group().waitForNewMaster(old, FAILOVER_LIMIT);
    await old.start();
    await group().waitForReplica(old, promoted, DEMOTION_LIMIT);
    await expectEverybodyFollows(group(), promoted, []);
    await group().waitUntilComplete();
  });

  it('survives one failover after the other until the first master is the master again', async () => {
    let master = group().firstMaster;
    for (let round = 0; round < 10; round++) {
      await master.kill();
      const promoted = await group().waitForNewMaster(master, FAILOVER_LIMIT);
      await master.start();
      await group().waitForReplica(master, promoted, DEMOTION_LIMIT);
      master = promoted;
      if (round > 0 && master === group().firstMaster) return;
      // Until each supervisor has seen the old master as a healthy replica it would not promote it.
      await group().waitUntilComplete();
    }
  }).timeout(120_000);

  it('prefers the replica with the lowest priority number and never promotes one with priority 0', async () => {
    const [preferred, excluded] = group().firstReplicas;
    if (preferred === undefined || excluded === undefined) throw new Error('the group has two replicas');
    await preferred.command('CONFIG', 'SET', 'replica-priority', 50);
    await excluded.command('CONFIG', 'SET', 'replica-priority', 0);
    await group().firstMaster.kill();
    expect((await group().waitForNewMaster(group().firstMaster, FAILOVER_LIMIT)).name).to.equal(preferred.name);
  });

  it('publishes +switch-master on every supervisor, once, with the old and the new address', async () => {
    const old = group().firstMaster;
    await old.kill();
    const promoted = await group().waitForNewMaster(old, FAILOVER_LIMIT);
    const payload = `${MASTER_NAME} 127.0.0.1 ${old.port} 127.0.0.1 ${promoted.port}`;
    for (const { name, recorder } of group().supervisors) {
      await waitFor(`${name} publishes +switch-master`, FAILOVER_LIMIT, () => {
        expect(recorder.on('+switch-master').map((event) => event.payload)).to.deep.equal([payload]);
      });
    }
  });

  it('publishes the steps of the leader in the order and the words of Redis Sentinel', async () => {
    const old = group().firstMaster;
    await old.kill();
    const promoted = await group().waitForNewMaster(old, FAILOVER_LIMIT);
    const leader = await waitFor('the leader ends the failover', FAILOVER_LIMIT, () => {
      const end = group().events.find(({ channel }) => channel === '+failover-end');
      if (end === undefined) throw new Error('nobody has');
      return end.source;
    });
    const master = `master ${MASTER_NAME} 127.0.0.1 ${old.port}`;
    const replica = `slave 127.0.0.1:${promoted.port} 127.0.0.1 ${promoted.port} @ ${MASTER_NAME} 127.0.0.1 ${old.port}`;
    const steps = [
      `+sdown ${master}`,
      `+try-failover ${master}`,
      `+elected-leader ${master}`,
      `+failover-state-select-slave ${master}`,
      `+selected-slave ${replica}`,
      `+failover-state-send-slaveof-noone ${replica}`,
      `+failover-state-wait-promotion ${replica}`,
      `+promoted-slave ${replica}`,
      `+failover-state-reconf-slaves ${master}`,
    ];
    const published = group().events.filter(({ source }) => source === leader);
    const words = published
      .map(({ channel, payload }) => `${channel} ${payload}`)
      .filter((text) => steps.includes(text));
    // On a busy machine several may stand at the same time; then the leader has won a later election than its first.
    const standing = `+try-failover ${master}`;
    const [verdict, ...rest] = words;
    expect([verdict, ...rest.slice(rest.lastIndexOf(standing))]).to.deep.equal(steps);
  });

  it('publishes +config-update-from on every follower, naming the leader and the master that it replaced', async () => {
    const old = group().firstMaster;
    await old.kill();
    await group().waitForNewMaster(old, FAILOVER_LIMIT);
    const election = group().events.findLast(({ channel }) => channel === '+elected-leader');
    const leader = group().supervisors.find(({ name }) => name === election?.source);
    if (leader === undefined) throw new Error('nobody published +elected-leader');
    const identity = `sentinel ${await leader.runId()} 127.0.0.1 ${leader.port}`;
    for (const follower of group().supervisors.filter((supervisor) => supervisor !== leader)) {
      await waitFor(`${follower.name} publishes +config-update-from`, FAILOVER_LIMIT, () => {
        const payloads = follower.recorder.on('+config-update-from').map(({ payload }) => payload);
        expect(payloads).to.deep.equal([`${identity} @ ${MASTER_NAME} 127.0.0.1 ${old.port}`]);
      });
    }
  });

  it('drops the returned master from the +sdown list and counts every node as healthy again', async () => {
    const old = group().firstMaster;
    await old.kill();
    const promoted = await group().waitForNewMaster(old, FAILOVER_LIMIT);
    for (const supervisor of group().supervisors) {
      await waitFor(`${supervisor.name} lists the dead master as a replica that is down`, FAILOVER_LIMIT, async () => {
        expect(await flagsOf(supervisor, old)).to.contain('s_down');
      });
    }
    await old.start();
    await group().waitForReplica(old, promoted, DEMOTION_LIMIT);
    await group().waitUntilComplete();
    for (const supervisor of group().supervisors) expect(await flagsOf(supervisor, old)).to.equal('slave');
  });
});

async function flagsOf(supervisor: SentinelProcess, node: RedisServer): Promise<string | undefined> {
  const [found] = (await supervisor.replicas(MASTER_NAME)).filter(({ port }) => port === String(node.port));
  const { flags } = found ?? {};
  return flags;
}

/** Waits until every node but `master` and the `absent` ones replicates `master`. */
async function expectEverybodyFollows(
  group: Group,
  master: RedisServer,
  absent: readonly RedisServer[],
): Promise<void> {
  for (const node of group.nodes) {
    if (node !== master && !absent.includes(node)) await group.waitForReplica(node, master, FAILOVER_LIMIT);
  }
}
