// When the clock is read between the commands of a pipeline: a command that takes time never goes unnoticed.

import { expect } from 'chai';

import type { Millis } from '../../src/core/types.js';
import { CommandClock } from '../../src/io/command-clock.js';

describe('The clock of a pipeline', () => {
  let present: Millis;
  let readings: number;
  let clock: CommandClock;

  beforeEach(() => {
    present = 1_000;
    readings = 0;
    clock = new CommandClock(() => {
      readings++;
      return present;
    });
    clock.begin(present);
  });

  /** Executes a command that takes that long, and returns what the time is believed to be. */
  const execute = (words: readonly string[], cost: Millis): Millis => {
    present += cost;
    return clock.ended(words);
  };

  it('is read after every command that is not the one before', () => {
    for (let index = 0; index < 100; index++) expect(execute([`${index}`], 0.001)).to.equal(present);
    expect(readings).to.equal(100);
  });

  it('is read after every command that took its time, however often it comes', () => {
    const words = ['INFO'];
    for (let index = 0; index < 100; index++) expect(execute(words, 1)).to.equal(present);
    expect(readings).to.equal(100);
  });

  it('is read seldom while a quick one comes again, but never runs late by much', () => {
    const words = ['PING'];
    for (let index = 0; index < 160; index++) expect(execute(words, 0.002)).to.be.within(present - 0.05, present);
    expect(readings).to.equal(10);
  });

  it('is read after the first command of another kind behind quick ones', () => {
    const [quick, slow] = [['PING'], ['SENTINEL', 'MASTERS']];
    for (let index = 0; index < 3; index++) execute(quick, 0.01);
    for (let index = 0; index < 20; index++) expect(execute(slow, 5)).to.equal(present);
  });

  it('begins each turn with the time of that turn', () => {
    const words = ['PING'];
    for (let index = 0; index < 3; index++) execute(words, 0.01);
    present += 500;
    clock.begin(present);
    expect(clock.ended(words)).to.equal(present);
  });
});
