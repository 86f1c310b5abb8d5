// How seldom the clock is looked at in a pipeline, and that nothing slow goes unnoticed.

import { expect } from 'chai';

import { Pace } from '../../src/io/pace.js';

describe('The pace of a pipeline', () => {
  let time: number;
  let looks: number;
  let pace: Pace;

  beforeEach(() => {
    time = 1000;
    looks = 0;
    pace = new Pace(() => {
      looks++;
      return time;
    });
  });

  /** Executes a command that takes so many milliseconds and returns when the next one begins. */
  function execute(words: readonly string[], begunAt: number, millis: number): number {
    time += millis;
    return pace.after(words, begunAt);
  }

  it('looks at the clock once for sixteen quick commands that are the same', () => {
    const words = ['PING'];
    let at = time;
    for (let count = 0; count < 160; count++) at = execute(words, at, 0.001);
    expect(looks).to.equal(10);
    expect(at).to.be.closeTo(time, 0.02);
  });

  it('looks at it after every command that differs from the one before', () => {
    let at = time;
    for (let count = 0; count < 10; count++) at = execute([`PING ${count}`], at, 0.001);
    expect(looks).to.equal(10);
    expect(at).to.equal(time);
  });

  it('looks at it after every command that is slow, also when it is the same', () => {
    const words = ['SENTINEL', 'MASTERS'];
    let at = time;
    for (let count = 0; count < 10; count++) at = execute(words, at, 5);
    expect(looks).to.equal(10);
    expect(at).to.equal(time);
  });

  it('notices one that was quick and is slow after the next few', () => {
    const words = ['SENTINEL', 'RESET', '*'];
    let at = execute(words, time, 0.001);
    for (let count = 0; count < 17; count++) at = execute(words, at, 5);
    expect(looks).to.equal(3);
    expect(at).to.equal(time);
  });
});
