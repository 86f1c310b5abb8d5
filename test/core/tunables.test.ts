// The periods that operators may change, and the one that follows down-after unless set.

import { expect } from 'chai';
import { defaultTunables, pingPeriod } from '../../src/core/tunables.js';

describe('Tunables', () => {
  it("begin with Redis Sentinel's defaults", () => {
    expect(defaultTunables()).to.deep.equal({
      infoPeriod: 10_000,
      pingPeriod: null,
      askPeriod: 1_000,
      publishPeriod: 2_000,
      defaultDownAfter: 30_000,
      defaultFailoverTimeout: 180_000,
      tiltTrigger: 2_000,
      tiltPeriod: 30_000,
      replicaReconfigurationTimeout: 10_000,
      minLinkReconnectPeriod: 15_000,
      electionTimeout: 10_000,
      scriptMaxRuntime: 60_000,
      scriptRetryDelay: 30_000,
    });
  });

  it('are not shared between processes', () => {
    const changed = defaultTunables();
    changed.askPeriod = 1;
    expect(defaultTunables().askPeriod).to.equal(1_000);
  });

  for (const [downAfter, period] of [
    [1, 100],
    [500, 100],
    [501, 100],
    [1_000, 200],
    [4_999, 999],
    [5_000, 1_000],
    [30_000, 1_000],
  ] as const) {
    it(`send a PING every ${period} ms where down-after is ${downAfter} ms`, () => {
      expect(pingPeriod(defaultTunables(), downAfter)).to.equal(period);
    });
  }

  it('let a PING period that was set stand, whatever down-after is', () => {
    const tunables = { ...defaultTunables(), pingPeriod: 50 };
    expect(pingPeriod(tunables, 30_000)).to.equal(50);
    expect(pingPeriod(tunables, 100)).to.equal(50);
  });
});
