// The same saved state, seed and inputs give the same effects, byte for byte; another seed gives others.

import { expect } from 'chai';
import { SeededRandom } from '../../src/core/random.js';
import { Group } from './builders.js';

/** A minute of a troubled group: crashes, hangs, returns, lost elections, failing disks, stalls. */
function trouble(seed: number, script: number): string {
  const group = new Group({ seed, replicas: 3, peers: 4, master: { quorum: 2, failoverTimeout: 5_000 } });
  const dice = new SeededRandom(script);
  const parties = [group.first, ...group.replicas, ...group.peers];
  for (let step = 0; step < 60; step++) {
    const party = parties[dice.below(parties.length)];
    if (party === undefined) throw new Error('no party');
    switch (dice.below(8)) {
      case 0:
        group.crash(party);
        break;
      case 1:
        group.hang(party);
        break;
      case 2:
      case 3:
        group.revive(party);
        break;
      case 4:
        group.stall(dice.below(3_000));
        break;
      case 5:
        group.disk = dice.below(2) === 0 ? 'working' : { failure: 'EIO' };
        break;
      case 6:
        for (const peer of group.peers) {
          peer.script.findsMasterDown = dice.below(2) === 0;
          peer.script.votesFor = dice.below(3) === 0 ? 'nobody' : 'the candidate';
        }
        break;
      default:
        group.disconnect(party);
    }
    group.advance(dice.below(2_000));
  }
  return JSON.stringify(group.log);
}

describe('Determinism', () => {
  it('gives the same effects for the same seed and inputs', () => {
    for (let script = 1; script <= 5; script++) {
      const first = trouble(7, script);
      expect(first.length).to.be.greaterThan(10_000);
      expect(trouble(7, script) === first).to.equal(true);
    }
  });

  it('draws from the seed: another one spreads retries otherwise', () => {
    let differing = 0;
    for (let script = 1; script <= 5; script++) if (trouble(7, script) !== trouble(8, script)) differing++;
    expect(differing).to.be.greaterThan(0);
  });

  it('survives any trouble without an exception and without a tick that is always due', () => {
    for (let script = 10; script < 30; script++) {
      const { length } = trouble(3, script);
      expect(length).to.be.greaterThan(10_000);
      expect(length).to.be.below(20_000_000);
    }
  });
});
