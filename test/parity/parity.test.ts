// The same conversations with Debian's redis-sentinel and with Vedette, on the same master and replica: what they answer must be
// the same but for the differences that are named with a reason.

import { spawnSync } from 'node:child_process';

import { expect } from 'chai';

import { RedisServer } from '../support/redis-server.js';
import { type SentinelKind, SentinelProcess } from '../support/sentinel-process.js';
import { waitFor } from '../support/wait.js';
import { Workspace } from '../support/workspace.js';
import { REFUSED, USERS } from './acl-conversations.js';
import { CLIENTS, MODES } from './client-conversations.js';
import { unexplained } from './comparison.js';
import { DIFFERENCES, type Difference } from './differences.js';
import { converse } from './exchange.js';
import { GENERAL, TYPES } from './general-conversations.js';
import { SENTINEL } from './sentinel-conversations.js';
import { SETTINGS } from './setting-conversations.js';

const SUBJECTS = {
  'general commands': GENERAL,
  SENTINEL,
  ACL: USERS,
  'CLIENT modes': MODES,
  'types of RESP3': TYPES,
  settings: SETTINGS,
  'what ACL refuses': REFUSED,
  'HELLO and CLIENT filters': CLIENTS,
};
const isInstalled = spawnSync('redis-sentinel', ['--version']).status === 0;

if (isInstalled) {
  describe('Parity with redis-sentinel', function () {
    this.timeout(60_000);
    const met = new Set<Difference>();
    let workspace: Workspace;
    let nodes: RedisServer[] = [];
    let sentinels: SentinelProcess[] = [];

    before(async () => {
      workspace = new Workspace();
      const master = await RedisServer.start(workspace, { name: 'master' });
      nodes = [master];
      nodes.push(await RedisServer.start(workspace, { name: 'replica', replicaOf: master.port }));
      sentinels = [await prepare('vedette', master.port), await prepare('redis-sentinel', master.port)];
      for (const sentinel of sentinels) await sentinel.start();
      // INFO every second instead of every ten: what one conversation does shows before the next.
      for (const sentinel of sentinels) await sentinel.command('SENTINEL', 'DEBUG', 'info-period', 1000);
    });

    beforeEach('both know everybody, and are connected', () =>
      waitFor('both know everybody, and are connected', 20_000, async () => {
        for (const sentinel of sentinels) await expectSettled(sentinel);
      }),
    );

    after(async () => {
      for (const one of [...sentinels, ...nodes]) await one.kill();
      workspace.remove();
    });

    for (const [subject, conversations] of Object.entries(SUBJECTS)) {
      for (const [index, conversation] of conversations.entries()) {
        it(`holds for ${subject}, conversation ${index + 1}`, async () => {
          const [ours, theirs] = await Promise.all(sentinels.map(({ port }) => converse(port, linesOf(conversation))));
          expect(unexplained(ours ?? [], theirs ?? [], met)).to.equal('');
        });
      }
    }

    it('has no difference in its table that is none any more', () => {
      expect(DIFFERENCES.filter((difference) => !met.has(difference)).map(({ reason }) => reason)).to.deep.equal([]);
    });

    /** What new settings and new connections have led to is over, in the INFO of the nodes, too. */
    async function expectSettled(sentinel: SentinelProcess): Promise<void> {
      const view = await sentinel.master('mymaster');
      expect(view).to.include({ 'num-slaves': '1', 'num-other-sentinels': '1', flags: 'master' });
      const others = [...(await sentinel.replicas('mymaster')), ...(await sentinel.peers('mymaster'))];
      expect(others.map(({ flags }) => flags)).to.deep.equal(['slave', 'sentinel']);
      // Vedette asks each node on each new connection which word for a role change it takes: one answer is an error.
      const cache = JSON.stringify(await sentinel.command('SENTINEL', 'INFO-CACHE', 'mymaster'));
      expect(cache.match(/errorstat_ERR/g)).to.have.length(nodes.length);
    }

    async function prepare(kind: SentinelKind, masterPort: number): Promise<SentinelProcess> {
      const directives = [`sentinel monitor mymaster 127.0.0.1 ${masterPort} 1`];
      return await SentinelProcess.prepare(workspace, { name: kind, kind, directives });
    }

    function linesOf(conversation: string): string[] {
      return conversation.replaceAll('{port}', String(nodes[0]?.port)).split('\n');
    }
  });
}
