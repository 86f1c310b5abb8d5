// The property that everything durable rests on: what is written is what is read, and writing it again changes nothing.

import { expect } from 'chai';
import { readFile } from '../../src/config/file.js';
import { parseConfiguration } from '../../src/config/parser.js';
import { renderConfiguration, SIGNATURE } from '../../src/config/writer.js';
import { SeededRandom } from '../../src/core/random.js';
import type { SavedState } from '../../src/core/state.js';
import { randomServerSettings, randomState } from './random-state.js';

const SEEDS = Array.from({ length: 300 }, (_, seed) => seed);

/** Maps compare by content in chai, but print badly; entries print well. */
function comparable(state: SavedState): unknown {
  const masters = state.masters.map((master) => ({
    ...master,
    settings: { ...master.settings, renamedCommands: [...master.settings.renamedCommands] },
  }));
  return { ...state, masters: masters.toSorted((one, other) => (one.name < other.name ? -1 : 1)) };
}

describe('a rendered configuration', () => {
  it('reads back as the state and the settings it was rendered from', () => {
    for (const seed of SEEDS) {
      const random = new SeededRandom(seed);
      const server = randomServerSettings(random);
      const state = randomState(random, server);
      const {
        state: readState,
        server: readServer,
        ignoredFacts,
      } = parseConfiguration(renderConfiguration(readFile('# a comment\n'), state, server));
      expect(comparable(readState), `seed ${seed}`).to.deep.equal(comparable(state));
      expect(readServer, `seed ${seed}`).to.deep.equal(server);
      expect(ignoredFacts, `seed ${seed}`).to.equal(0);
    }
  });

  it('reads back as the new state when it replaces the lines of any other', () => {
    for (const seed of SEEDS) {
      const random = new SeededRandom(seed);
      const oldServer = randomServerSettings(random);
      const old = renderConfiguration(readFile(''), randomState(random, oldServer), oldServer);
      const server = randomServerSettings(random);
      const state = randomState(random, server);
      const read = parseConfiguration(renderConfiguration(readFile(old), state, server));
      expect(comparable(read.state), `seed ${seed}`).to.deep.equal(comparable(state));
      expect(read.server, `seed ${seed}`).to.deep.equal(server);
    }
  });

  it('is the same text when it is rendered again', () => {
    for (const seed of SEEDS) {
      const random = new SeededRandom(seed);
      const server = randomServerSettings(random);
      const once = renderConfiguration(readFile('\n\n# a\n\n\nport 1\n  # b\n\n'), randomState(random, server), server);
      const read = parseConfiguration(once);
      expect(renderConfiguration(read.file, read.state, read.server), `seed ${seed}`).to.equal(once);
      expect(
        once.split('\n').filter((line) => line === SIGNATURE),
        `seed ${seed}`,
      ).to.have.length(1);
    }
  });

  it('keeps every comment through any number of rewrites', () => {
    const random = new SeededRandom(7);
    const comments = ['# first', '# vedette is watching', '# ??? old', '#', '# vedette vote nobody'];
    let text = comments.join('\n\n');
    for (let round = 0; round < 50; round++) {
      const server = randomServerSettings(random);
      text = renderConfiguration(readFile(text), randomState(random, server), server);
      const kept = text.split('\n').filter((line) => comments.includes(line));
      expect(kept, `round ${round}`).to.deep.equal(comments);
    }
  });
});
