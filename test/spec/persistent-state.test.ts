// The documentation's sections "Sentinel persistent state" and "Consistency properties of Sentinel", in our own words.

import { expect } from 'chai';
import { readFile } from '../../src/config/file.js';
import { parseConfiguration } from '../../src/config/parser.js';
import { defaultServerSettings } from '../../src/config/server-settings.js';
import { renderConfiguration } from '../../src/config/writer.js';
import { considerVoteRequest } from '../../src/core/election.js';
import type { SavedState } from '../../src/core/state.js';
import { aGroup, type Group, MY_ID, peerId, replicaAddress } from '../core/builders.js';
import { Stage } from '../core/stage.js';

/** What the state is after it was written to a sentinel.conf and read again. */
function throughFile(saved: SavedState): SavedState {
  const before = '# ours\nport 26379\nsentinel monitor mymaster 10.0.0.1 6379 2\n';
  return parseConfiguration(renderConfiguration(readFile(before), saved, defaultServerSettings())).state;
}

/** The state as of each save that was asked for, in order. */
function savedStates(group: Group, during: () => void): SavedState[] {
  const states: SavedState[] = [];
  let seen = group.effects('save').length;
  const end = group.now + 6_000;
  during();
  while (group.now < end) {
    group.advance(1);
    const saves = group.effects('save').length;
    if (saves > seen) states.push(group.sentinel.snapshot());
    seen = saves;
  }
  return states;
}

/** The only thing that a restart changes: a failover that was under way is over. */
function interrupted(saved: SavedState): SavedState {
  const masters = saved.masters.map((master) => ({
    ...master,
    history: master.history.map((record) =>
      record.result === 'in-progress' ? { ...record, result: 'interrupted' as const } : record,
    ),
  }));
  return { ...saved, masters };
}

describe('Sentinel persistent state', () => {
  // The state is kept in the configuration file.
  it('is in the configuration file, and the same when it is read again', () => {
    const group = aGroup();
    group.killMaster();
    group.untilEvent('+failover-end', 5_000);
    const saved = group.sentinel.snapshot();
    expect(throughFile(saved)).to.deep.equal(saved);
  });

  // Every new configuration, received or created, is saved together with its epoch.
  it('is saved whenever a configuration is created, with its epoch', () => {
    const group = aGroup();
    const states = savedStates(group, () => group.killMaster());
    const last = states.at(-1)?.masters[0];
    expect([last?.configEpoch, last?.address]).to.deep.equal([2, replicaAddress(1)]);
    for (const { masters } of states) {
      expect([masters[0]?.configEpoch, masters[0]?.address.host]).to.be.deep.oneOf([
        [1, '10.0.0.1'],
        [2, '10.0.0.2'],
      ]);
    }
  });

  it('is saved whenever a configuration is received, with its epoch', () => {
    const group = aGroup();
    group.learn(1, { epoch: 6, address: replicaAddress(2) });
    expect(group.effects('save').length).to.be.greaterThan(0);
    const [master] = throughFile(group.sentinel.snapshot()).masters;
    expect([master?.configEpoch, master?.address]).to.deep.equal([6, replicaAddress(2)]);
  });

  // Therefore a Sentinel may be stopped and started at any time.
  it('makes it safe to stop and start at any moment of a failover', () => {
    const group = aGroup();
    group.killMaster();
    const moments = new Map<string, SavedState>();
    while (group.events('+failover-end').length === 0) {
      group.advance(1);
      const saved = group.sentinel.snapshot();
      if (!group.core.durability.isDirty) moments.set(JSON.stringify(saved), saved);
    }
    expect(moments.size).to.be.at.least(3);
    for (const saved of moments.values()) {
      const after = new Stage(throughFile(saved), 5, [...group.parties.values()]);
      expect(after.core.myId).to.equal(MY_ID);
      expect(after.core.currentEpoch).to.equal(saved.currentEpoch);
      expect(after.sentinel.snapshot()).to.deep.equal(interrupted(saved));
    }
  });

  it('remembers a vote across a restart: nobody else gets one in its epoch', () => {
    const group = aGroup();
    group.command((core, now) => considerVoteRequest(core, group.master(), { epoch: 8, candidate: peerId(1) }, now));
    const after = new Stage(throughFile(group.sentinel.snapshot()), 5, [...group.parties.values()]);
    after.advance(10_000);
    after.command((core, now) => considerVoteRequest(core, after.master(), { epoch: 8, candidate: peerId(2) }, now));
    expect(after.master().vote).to.include({ leader: peerId(1), epoch: 8 });
  });

  it('remembers whom it knew, so that a restarted Sentinel can act before anybody has spoken', () => {
    const before = aGroup();
    const parties = [...before.parties.values()];
    before.killMaster();
    const after = new Stage(throughFile(before.sentinel.snapshot()), 5, parties);
    after.untilEvent('+switch-master', 5_000);
  });
});

describe('Consistency of configurations', () => {
  // Epoch and address belong together for ever: the same epoch never gets another address.
  it('never has two addresses for one configuration epoch', () => {
    const group = aGroup();
    const addresses = new Map<number, Set<string>>();
    const note = () => {
      const { configEpoch, node } = group.master();
      addresses.set(configEpoch, (addresses.get(configEpoch) ?? new Set()).add(node.address.host));
    };
    group.killMaster();
    for (let step = 0; step < 4_000; step++) {
      group.advance(1);
      note();
    }
    group.learn(1, { epoch: 9, address: replicaAddress(2) });
    note();
    for (const hosts of addresses.values()) expect(hosts.size).to.equal(1);
    expect([...addresses.keys()]).to.deep.equal([1, 2, 9]);
  });

  it('never goes back to an older configuration', () => {
    const group = aGroup();
    group.learn(1, { epoch: 9, address: replicaAddress(2) });
    for (const epoch of [8, 3, 9]) group.learn(2, { epoch, address: replicaAddress(1) });
    expect([group.master().configEpoch, group.master().node.address]).to.deep.equal([9, replicaAddress(2)]);
  });
});
