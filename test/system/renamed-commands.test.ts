// Data nodes that have hidden their commands under other names (`rename-command`): everything that is sent to them has to go by the
// names that the configuration gives, the first words of a connection included.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect } from 'chai';

import { groupForEachTest } from '../support/fixture.js';
import { MASTER_NAME } from '../support/group.js';
import { waitFor } from '../support/wait.js';

/** All that Sentinels send to nodes, but PING: servers send that to each other, and know no other name for it. */
const RENAMED = [
  'AUTH',
  'HELLO',
  'CLIENT',
  'CONFIG',
  'INFO',
  'SUBSCRIBE',
  'PUBLISH',
  'MULTI',
  'EXEC',
  'SLAVEOF',
  'REPLICAOF',
  'SCRIPT',
];
const USER = 'watcher';
const hidden = (command: string) => `hidden-${command.toLowerCase()}`;

describe('A group whose nodes have renamed their commands', function () {
  this.timeout(60_000);
  const group = groupForEachTest({
    nodeDirectives: [
      ...RENAMED.map((command) => `rename-command ${command} ${hidden(command)}`),
      `user ${USER} on >its-password ~* &* +@all`,
    ],
    directives: [
      ...RENAMED.map((command) => `sentinel rename-command ${MASTER_NAME} ${command} ${hidden(command)}`),
      `sentinel auth-user ${MASTER_NAME} ${USER}`,
      `sentinel auth-pass ${MASTER_NAME} its-password`,
    ],
  });

  it('is logged in to, and fails over when the master is killed', async () => {
    for (const node of group().nodes) {
      const clients = String(await node.command(hidden('CLIENT'), 'LIST'));
      const links = clients.split('\n').filter((line) => line.includes(' name=sentinel-'));
      expect(links).to.have.length.of.at.least(group().supervisors.length);
      for (const link of links) expect(link).to.include(` user=${USER} `);
    }
    const old = group().firstMaster;
    await old.kill();
    const promoted = await group().waitForNewMaster(old);
    for (const replica of group().firstReplicas) {
      if (replica !== promoted) await group().waitForReplica(replica, promoted);
    }
    await waitFor('the new role is in the configuration file of the new master', 5_000, () => {
      expect(readFileSync(join(promoted.directory, 'redis.conf'), 'latin1')).not.to.match(/^replicaof /m);
    });
    expect(group().events.filter(({ channel }) => channel === '-role-change-refused')).to.deep.equal([]);
    await old.start();
    await group().waitForReplica(old, promoted);
  });

  it('hands over without losing anything when a failover is asked for', async () => {
    const old = group().firstMaster;
    expect(await group().supervisor(0).command('SENTINEL', 'FAILOVER', MASTER_NAME, 'COORDINATED')).to.equal('OK');
    const promoted = await group().waitForNewMaster(old);
    await group().waitForReplica(old, promoted);
  });
});
