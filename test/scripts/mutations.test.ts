// The table of known wrong changes fits the sources: whoever changes a line that stands there changes the table, too.

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { type Mutation, mutate } from '../../scripts/mutation.js';
import { MUTATIONS } from '../../scripts/mutations.js';

const TREE = fileURLToPath(new URL('../../..', import.meta.url));

function sourceOf({ file }: Mutation): string {
  return readFileSync(`${TREE}/src/${file}`, 'utf8');
}

const EXAMPLE: Mutation = {
  name: 'example',
  file: 'core/example.ts',
  text: 'one',
  replacement: 'two',
  killer: { kind: 'seeds', isMixed: false },
};

describe('Table of mutations', () => {
  it('has a name of its own for each', () => {
    expect(new Set(MUTATIONS.map(({ name }) => name)).size).to.equal(MUTATIONS.length);
  });

  for (const mutation of MUTATIONS) {
    it(`applies to the sources: ${mutation.name}`, () => {
      const source = sourceOf(mutation);

      expect(mutate(source, mutation)).not.to.equal(source);
    });
  }
});

describe('Mutation', () => {
  it('replaces its text', () => {
    expect(mutate('zero one', EXAMPLE)).to.equal('zero two');
  });

  it('is refused where its text is not found exactly once', () => {
    expect(() => mutate('zero', EXAMPLE)).to.throw("'example': its text stands 0 times in core/example.ts, not once");
    expect(() => mutate('one one', EXAMPLE)).to.throw('2 times');
  });
});
