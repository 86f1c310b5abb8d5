// Row 11 of the fault table: the state file of a Sentinel that has voted, cut off after every byte and with every bit flipped. Every start
// either ends with a message that names the line, or has the vote that was promised, or none: and whoever has none gives none before a
// majority has told its epochs (core/election.ts).

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect } from 'chai';

import { type LoadedConfiguration, loadConfiguration } from '../../../src/io/configuration-loader.js';
import { ConfigurationFailure } from '../../../src/io/start-failure.js';
import { IS_LONG, report } from '../../support/fault-lab.js';
import { groupForEachTest } from '../../support/fixture.js';
import { Invariants, savedCurrentEpoch } from '../../support/invariants.js';
import { askForVote, untilFreeToVote } from '../../support/vote-request.js';
import { waitFor } from '../../support/wait.js';

const PROMISED = 123_456;
const LIMIT = 30_000;
/** Coprime to 8: every place of a byte has its turn. */
const BIT_STEP = IS_LONG ? 1 : 5;

describe('A damaged state file', function () {
  this.timeout(120_000);
  const group = groupForEachTest();
  let path = '';
  let whole: Buffer = Buffer.alloc(0);

  beforeEach('let a Sentinel vote', async () => {
    const sentinel = group().supervisor(0);
    const candidate = await group().supervisor(1).runId();
    await untilFreeToVote(sentinel);
    expect(await askForVote(sentinel, PROMISED, candidate)).to.deep.equal({ leader: candidate, epoch: PROMISED });
    whole = readFileSync(sentinel.configPath);
    path = join(group().workspace.directory('damaged'), 'sentinel.conf');
    expect(voteEpochs(whole)).to.deep.equal([PROMISED]);
  });

  /** The epochs of the votes that a start with this content begins with; null when it refuses, naming the line. */
  function voteEpochs(content: Buffer): readonly number[] | null {
    writeFileSync(path, content);
    let loaded: LoadedConfiguration;
    try {
      loaded = loadConfiguration(path);
    } catch (error) {
      if (!(error instanceof ConfigurationFailure)) throw error;
      expect(error.explanation).to.match(/at line \d+/);
      return null;
    }
    return loaded.state.masters.map(({ voteEpoch }) => voteEpoch);
  }

  it('that was cut off anywhere is refused, or has the promised vote, or none', () => {
    let refused = 0;
    for (let length = 0; length < whole.length; length++) {
      const epochs = voteEpochs(whole.subarray(0, length));
      if (epochs === null) refused++;
      else for (const epoch of epochs) expect([0, PROMISED], `cut off after ${length} bytes`).to.include(epoch);
    }
    report('cut off', `${whole.length} lengths, ${refused} refused`);
  });

  it(`with any ${IS_LONG ? '' : 'fifth '}bit flipped is refused, or read without forgetting the vote`, () => {
    let refused = 0;
    let lower = 0;
    for (let bit = 0; bit < whole.length * 8; bit += BIT_STEP) {
      const damaged = Buffer.from(whole);
      damaged.writeUInt8(damaged.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      const epochs = voteEpochs(damaged);
      if (epochs === null) refused++;
      else if (epochs.some((epoch) => epoch > 0 && epoch < PROMISED)) lower++;
    }
    // A flipped digit is a valid number. But the epoch of a vote stands twice in the file, and the later one holds.
    report(
      'flipped',
      `${Math.ceil((whole.length * 8) / BIT_STEP)} bits, ${refused} refused, ${lower} read as a lower vote`,
    );
    expect(lower).to.equal(0);
  });

  it('that lost its votes gives none until a majority has told its epochs, and then none that was given before', async () => {
    const sentinel = group().supervisor(0);
    const other = await group().supervisor(2).runId();
    for (const witness of group().supervisors.slice(1)) {
      await waitFor(`${witness.name} has heard of the epoch`, LIMIT, () => {
        expect(savedCurrentEpoch(witness)).to.equal(PROMISED);
      });
    }
    await sentinel.kill();
    const text = whole.toString('latin1').split('\n');
    writeFileSync(sentinel.configPath, text.filter((line) => !/epoch|# vedette vote/.test(line)).join('\n'));
    await sentinel.start();
    const first = await askForVote(sentinel, PROMISED, other);
    expect(first).not.to.deep.equal({ leader: other, epoch: PROMISED });
    await waitFor('it votes again, in a later epoch', LIMIT, async () => {
      expect(await askForVote(sentinel, PROMISED + 1, other)).to.deep.equal({ leader: other, epoch: PROMISED + 1 });
    });
    await new Invariants(group()).settle();
  });
});
