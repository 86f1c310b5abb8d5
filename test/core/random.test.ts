// Randomness: the same seed gives the same numbers, and they are spread as they should be.

import { expect } from 'chai';
import { SeededRandom } from '../../src/core/random.js';

describe('Random', () => {
  it('gives the same numbers for the same seed', () => {
    const [one, other] = [new SeededRandom(7), new SeededRandom(7)];
    const draw = (random: SeededRandom) => Array.from({ length: 20 }, () => random.below(1000));
    expect(draw(one)).to.deep.equal(draw(other));
    expect(one.hex(40)).to.equal(other.hex(40));
  });

  it('gives other numbers for another seed, whichever of its words differs', () => {
    const first = new SeededRandom(1, 2, 3).hex(40);
    for (const [a, b, c] of [
      [2, 2, 3],
      [1, 3, 3],
      [1, 2, 4],
    ] as const) {
      expect(new SeededRandom(a, b, c).hex(40)).not.to.equal(first);
    }
  });

  it('draws integers from 0 to one below the bound, all of them about equally often', () => {
    const random = new SeededRandom(3);
    const counts = new Array<number>(10).fill(0);
    for (let draw = 0; draw < 10_000; draw++) {
      const drawn = random.below(10);
      expect(Number.isInteger(drawn)).to.equal(true);
      counts[drawn] = (counts[drawn] ?? Number.NaN) + 1;
    }
    for (const count of counts) expect(count).to.be.within(850, 1150);
  });

  it('draws as many hexadecimal digits as are asked for', () => {
    for (const digits of [1, 8, 9, 40]) {
      expect(new SeededRandom(5).hex(digits)).to.match(new RegExp(`^[0-9a-f]{${digits}}$`));
    }
  });
});
