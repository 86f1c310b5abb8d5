// What SENTINEL HISTORY remembers of real failovers, after a restart too.

import { expect } from 'chai';

import { groupForEachTest } from '../support/fixture.js';
import { MASTER_NAME } from '../support/group.js';
import type { SentinelProcess } from '../support/sentinel-process.js';
import { SUBJECT } from '../support/sentinel-process.js';
import { untilFreeToVote } from '../support/vote-request.js';
import { waitFor } from '../support/wait.js';

const LIMIT = 15_000;

describe('The history of failovers', function () {
  this.timeout(90_000);
  if (SUBJECT === 'redis-sentinel') return;
  const group = groupForEachTest();

  it('has a crash and a planned failover on every Sentinel, and survives SIGTERM and SIGKILL', async () => {
    const old = group().firstMaster;
    await old.kill();
    const second = await group().waitForNewMaster(old, LIMIT);
    await old.start();
    await group().waitForReplica(old, second, LIMIT);
    await group().waitUntilComplete();
    // The second election of a group is not its first epoch any more: whoever has just begun might have voted in it.
    await Promise.all(group().supervisors.map(untilFreeToVote));
    expect(await group().supervisor(0).command('SENTINEL', 'FAILOVER', MASTER_NAME)).to.equal('OK');
    const third = await group().waitForNewMaster(second, LIMIT);

    const known = await Promise.all(group().supervisors.map((sentinel) => settledHistory(sentinel)));

    for (const [planned, crash] of known) {
      expect(planned).to.include({ 'old-address': address(second.port), 'new-address': address(third.port) });
      expect(crash).to.include({ reason: 'objectively-down', 'old-address': address(old.port) });
      expect(crash?.phases.detected).to.be.within(1_000, 3_000);
    }
    const crashes = known.map(([, crash]) => crash);
    expect(crashes.filter((crash) => crash?.result === 'completed').length).to.equal(1);
    expect(crashes.filter((crash) => crash?.result === 'adopted').length).to.equal(2);
    const leader = crashes.find((crash) => crash?.result === 'completed');
    for (const phase of Object.values(leader?.phases ?? {})) expect(phase).to.be.a('number');
    expect(known[0]?.[0]).to.include({ reason: 'planned-handover', result: 'completed' });
    expect(known[0]?.[0]?.phases.detected).to.equal(null);

    await group().supervisor(0).stop();
    await group().supervisor(1).kill();
    for (const index of [0, 1]) {
      await group().supervisor(index).start();
      expect(await history(group().supervisor(index))).to.deep.equal(known[index]);
    }
  });
});

interface Entry {
  readonly reason: unknown;
  readonly result: unknown;
  readonly phases: { readonly detected: unknown; readonly published: unknown };
}

/** The history once both failovers are over and on the disk. */
async function settledHistory(sentinel: SentinelProcess): Promise<readonly Entry[]> {
  return await waitFor(`${sentinel.name} has two failovers that are over`, LIMIT, async () => {
    const entries = await history(sentinel);
    const lines = sentinel.configuration.match(/^# vedette failover .*$/gm) ?? [];
    expect([entries.length, lines.length]).to.deep.equal([2, 2]);
    for (const { result, phases } of entries) {
      expect(result).not.to.equal('in-progress');
      expect(phases.published).to.be.a('number');
      expect(lines.join()).to.match(new RegExp(` ${result} .*,${phases.published},`));
    }
    return entries;
  });
}

async function history(sentinel: SentinelProcess): Promise<readonly Entry[]> {
  const reply = await sentinel.command('SENTINEL', 'HISTORY', MASTER_NAME);
  if (!Array.isArray(reply)) throw new Error(`unexpected reply ${JSON.stringify(reply)}`);
  return reply.map((entry) => {
    const { reason, result, phases, ...rest } = pairs(entry);
    const { detected, published, ...others } = pairs(phases);
    return { ...rest, reason, result, phases: { ...others, detected, published } };
  });
}

function pairs(flat: unknown): Record<string, unknown> {
  if (!Array.isArray(flat)) throw new Error(`no names and values: ${JSON.stringify(flat)}`);
  return Object.fromEntries(flat.flatMap((name, index) => (index % 2 === 0 ? [[name, flat[index + 1]]] : [])));
}

function address(port: number): string {
  return `127.0.0.1:${port}`;
}
