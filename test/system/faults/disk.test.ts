// Rows 9 and 10 of the fault table: a Sentinel whose disk is full, read-only, fails in fsync or refuses the rename, and one that is killed
// at every single call that writes its state. A vote or epoch that was told must be known to the next life.

import { expect } from 'chai';
import { obstacleToCompiling } from '../../support/compiler.js';
import { IS_LONG, report, skipWithout } from '../../support/fault-lab.js';
import { groupForEachTest } from '../../support/fixture.js';
import type { Group } from '../../support/group.js';
import { Invariants, savedCurrentEpoch } from '../../support/invariants.js';
import { Mount, obstacleToMounting } from '../../support/mount.js';
import { Preload } from '../../support/preload.js';
import type { SentinelProcess } from '../../support/sentinel-process.js';
import { askForVote } from '../../support/vote-request.js';
import { waitFor } from '../../support/wait.js';

const LIMIT = 10_000;
const CRASHES_ON_FULL_DISK = IS_LONG ? 1000 : 3;
const KILOBYTES = 1024;
/** Steering numbers of the `disk` library, and its modes. */
const [MODE, COUNTDOWN] = [0, 1];
const [WORKING, KILL, FAIL_FSYNC, FAIL_RENAME] = [0, 1, 2, 3];
const SAVE_ERROR = 'ERR Failed to save config file. Check server logs.';

interface Damage {
  readonly what: string;
  inflict(tools: Tools): void;
  repair(tools: Tools): void;
}

interface Tools {
  readonly disk: Mount;
  readonly preload: Preload;
  readonly sentinel: SentinelProcess;
}

/** The mount that a damage consists of. */
let damage: Mount | null = null;

function removeDamage(): void {
  damage?.remove();
  damage = null;
}

const DAMAGES: readonly Damage[] = [
  { what: 'is full', inflict: ({ disk }) => disk.fill(), repair: ({ disk }) => disk.empty() },
  {
    what: 'became read-only',
    inflict: ({ disk }) => {
      damage = Mount.readOnly(disk.path);
    },
    repair: removeDamage,
  },
  {
    what: 'refuses the rename because the file is a mount point',
    inflict: ({ sentinel }) => {
      damage = Mount.ontoItself(sentinel.configPath);
    },
    repair: removeDamage,
  },
  {
    what: 'fails in fsync',
    inflict: ({ preload }) => preload.set(MODE, FAIL_FSYNC),
    repair: ({ preload }) => preload.set(MODE, WORKING),
  },
  {
    what: 'fails in rename',
    inflict: ({ preload }) => preload.set(MODE, FAIL_RENAME),
    repair: ({ preload }) => preload.set(MODE, WORKING),
  },
];

describe('The disk of a Sentinel', function () {
  this.timeout(IS_LONG ? 3_600_000 : 60_000);
  let preload: Preload | null = null;
  let disk: Mount | null = null;
  let epoch = 1000;

  before('look for what the tests need', function () {
    skipWithout(this, obstacleToMounting() ?? obstacleToCompiling());
  });

  // Declared before the fixture, whose hook removes the directory beneath the mount.
  afterEach('unmount', async () => {
    removeDamage();
    disk?.remove();
    disk = null;
  });

  const group = groupForEachTest({
    environment: (index, workspace) => {
      if (index > 0) return {};
      preload = Preload.compile(workspace, 'disk', workspace.directory('vedette-1'));
      return preload.environment;
    },
  });

  beforeEach('move the first Sentinel to a small disk', async () => {
    const sentinel = group().supervisor(0);
    await sentinel.kill();
    disk = Mount.tmpfs(sentinel.directory, KILOBYTES);
    await sentinel.start();
    await group().waitUntilComplete();
  });

  function tools(): Tools {
    if (disk === null || preload === null) throw new Error('both were made');
    return { disk, preload, sentinel: group().supervisor(0) };
  }

  it(`may fail in every way (it ${DAMAGES.map(({ what }) => what).join(', ')}): no vote is told, and it recovers`, async () => {
    const { sentinel } = tools();
    const candidate = await group().supervisor(1).runId();
    for (const { what, inflict, repair } of DAMAGES) {
      inflict(tools());
      expect(await askForVote(sentinel, ++epoch, candidate), `a disk that ${what}`).to.include({ leader: '*' });
      expect(await flush(sentinel), `a disk that ${what}`).to.equal(SAVE_ERROR);
      expect(savedCurrentEpoch(sentinel), `a disk that ${what}`).to.be.below(epoch);
      repair(tools());
      await waitFor(`it saves again after a disk that ${what}`, LIMIT, async () => {
        expect(await sentinel.info()).to.include({ vedette_save_status: 'ok' });
        expect(savedCurrentEpoch(sentinel)).to.equal(epoch);
      });
    }
    await new Invariants(group()).settle();
  });

  it(`may be full in ${CRASHES_ON_FULL_DISK} crashes: never are two votes told in one epoch`, async () => {
    const { sentinel } = tools();
    const candidates = await Promise.all([1, 2].map((index) => group().supervisor(index).runId()));
    for (let round = 0; round < CRASHES_ON_FULL_DISK; round++) {
      epoch++;
      const told = new Set<string>();
      tools().disk.fill();
      for (const candidate of candidates) {
        const vote = await askForVote(sentinel, epoch, candidate);
        if (vote.epoch === epoch && vote.leader !== '*') told.add(vote.leader);
        await sentinel.kill();
        tools().disk.empty();
        await sentinel.start();
      }
      expect(told.size, `I2: votes told in epoch ${epoch}`).to.be.at.most(1);
    }
    await new Invariants(group()).settle();
  });

  it('may be cut off by a crash at every call that writes the state: what was told is known to the next life', async () => {
    const calls = await crashAtEveryCall(group(), tools(), () => ++epoch);
    report('calls of a save, each of them a crash', String(calls));
    expect(calls).to.be.at.least(5);
    await new Invariants(group()).settle();
  });
});

/** Kills the Sentinel at the first call of a save, the second and so on, until it answers. Resolves with their number. */
async function crashAtEveryCall(group: Group, { preload, sentinel }: Tools, nextEpoch: () => number): Promise<number> {
  const [first = '', second = ''] = await Promise.all([1, 2].map((index) => group.supervisor(index).runId()));
  let candidate = first;
  for (let call = 1; ; call++) {
    const epoch = nextEpoch();
    const savedBefore = savedCurrentEpoch(sentinel);
    preload.set(COUNTDOWN, call);
    preload.set(MODE, KILL);
    const told = await askForVote(sentinel, epoch, candidate).catch(() => null);
    preload.set(MODE, WORKING);
    await sentinel.kill();
    await sentinel.start();
    expect(savedCurrentEpoch(sentinel), 'I3: the saved epoch').to.be.at.least(told === null ? savedBefore : epoch);
    const again = await askForVote(sentinel, epoch, candidate === first ? second : first);
    if (told?.leader === candidate) expect(again, 'I2: the vote after the crash').to.deep.equal(told);
    if (again.epoch === epoch && again.leader !== '*') candidate = again.leader;
    if (told !== null) return call - 1;
  }
}

/** What FLUSHCONFIG answers, errors included. */
async function flush(sentinel: SentinelProcess): Promise<string> {
  const reply = await sentinel.command('SENTINEL', 'FLUSHCONFIG').catch((error: Error) => error.message);
  return String(reply);
}
