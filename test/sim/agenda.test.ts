// The order of time itself: what every simulation rests on.

import { expect } from 'chai';
import { Agenda } from './agenda.js';
import { Seed } from './seed.js';

describe('agenda of a simulation', () => {
  it('keeps appointments in the order of time, whatever order they were made in', () => {
    const agenda = new Agenda();
    const dice = new Seed(1).dice('times');
    const kept: number[] = [];
    for (let count = 0; count < 500; count++) agenda.at(dice.below(1000), () => kept.push(agenda.now));

    agenda.runUntil(1000);

    expect(kept).to.have.length(500);
    expect(kept).to.deep.equal([...kept].sort((one, other) => one - other));
  });

  it('keeps appointments of the same moment in the order they were made', () => {
    const agenda = new Agenda();
    const kept: number[] = [];
    for (let count = 0; count < 50; count++) agenda.at(7, () => kept.push(count));

    agenda.runUntil(7);

    expect(kept).to.deep.equal(Array.from({ length: 50 }, (_, index) => index));
  });

  it('jumps to the end of a run, and not beyond it', () => {
    const agenda = new Agenda();
    let isKept = false;
    agenda.at(100, () => {
      isKept = true;
    });

    agenda.runUntil(99.999);

    expect(agenda.now).to.equal(99.999);
    expect(isKept).to.equal(false);
    agenda.runUntil(100);
    expect(isKept).to.equal(true);
  });

  it('forgets what has been cancelled', () => {
    const agenda = new Agenda();
    const appointment = agenda.after(5, () => {
      throw new Error('cancelled, but kept');
    });

    appointment.cancel();
    agenda.runUntil(10);

    expect(agenda.kept).to.equal(0);
  });

  it('never goes back in time', () => {
    const agenda = new Agenda();
    const times: number[] = [];
    agenda.at(10, () => agenda.at(3, () => times.push(agenda.now)));

    agenda.runUntil(20);

    expect(times).to.deep.equal([10]);
  });
});

describe('seed of a simulation', () => {
  it('gives every part of the world draws of its own that no other part disturbs', () => {
    const draw = (name: string): number[] => {
      const dice = new Seed(42).dice(name);
      return Array.from({ length: 5 }, () => dice.below(1_000_000));
    };

    const network = draw('network');

    expect(draw('faults')).not.to.deep.equal(network);
    expect(draw('network')).to.deep.equal(network);
    expect(new Seed(43).dice('network').below(1_000_000)).not.to.equal(network[0]);
  });

  it('draws within the bounds it is given', () => {
    const dice = new Seed(7).dice('bounds');
    for (let count = 0; count < 1000; count++) {
      expect(dice.integer(3, 5)).to.be.oneOf([3, 4, 5]);
      expect(dice.between(0.5, 1.5)).to.be.within(0.5, 1.5);
    }
    expect(new Set(dice.sample([1, 2, 3, 4], 3)).size).to.equal(3);
  });
});
