// Names of hosts from others: taken up only while names are resolved, because what is taken up is saved, and the next start
// refuses a file with a name it may not resolve. Found by `npm run fuzz`: one forged hello made the file unreadable.

import { expect } from 'chai';

import { aGroup, type Group, MASTER_ADDRESS, peerId, replicaAddress } from './builders.js';
import { ScriptedPeer } from './scripted-peer.js';

const NAMED = { host: 'sentinel.example.org', port: 26379 };

function knownHosts(group: Group): string[] {
  const [master] = group.sentinel.snapshot().masters;
  return [...(master?.replicas ?? []), ...(master?.peers ?? []).map(({ address }) => address)].map(({ host }) => host);
}

/** A Sentinel that is there, under a name that resolves. */
function aGroupBesideNamed(resolveHostnames: boolean): { readonly group: Group; readonly named: ScriptedPeer } {
  const group = aGroup({ settings: { resolveHostnames } });
  group.hosts.set(NAMED.host, '10.0.1.9');
  group.add(new ScriptedPeer(peerId(9), { host: '10.0.1.9', port: NAMED.port }, MASTER_ADDRESS));
  return { group, named: new ScriptedPeer(peerId(9), NAMED, MASTER_ADDRESS) };
}

describe('The name of a host', () => {
  for (const resolveHostnames of [false, true]) {
    const verdict = resolveHostnames ? 'is taken up' : 'is ignored';
    const condition = resolveHostnames ? 'while names are resolved' : 'while names are not resolved';

    it(`in a hello ${verdict} ${condition}`, () => {
      const { group, named } = aGroupBesideNamed(resolveHostnames);
      group.hear(named.hello({ currentEpoch: 1 }));
      group.advance(1_000);
      group.hear(named.hello({ currentEpoch: 1 }));
      group.advance(1_000);
      expect(knownHosts(group).includes(NAMED.host)).to.equal(resolveHostnames);
    });

    it(`in a vote ${verdict} ${condition}`, () => {
      const { group, named } = aGroupBesideNamed(resolveHostnames);
      group.hearVote(`${named.hello({ currentEpoch: 1 })},sdown`);
      group.advance(1_000);
      group.hearVote(`${named.hello({ currentEpoch: 1 })},sdown`);
      group.advance(1_000);
      expect(knownHosts(group).includes(NAMED.host)).to.equal(resolveHostnames);
    });

    it(`in a master's list of replicas ${verdict} ${condition}`, () => {
      const group = aGroup({ settings: { resolveHostnames } });
      group.first.script.replicas = [replicaAddress(1), replicaAddress(2), { host: 'replica.example.org', port: 6379 }];
      group.advance(11_000);
      expect(knownHosts(group).includes('replica.example.org')).to.equal(resolveHostnames);
    });
  }

  it('that the configuration of a peer gives its master changes nothing while names are not resolved', () => {
    const group = aGroup();
    group.learn(1, { epoch: 5, address: { host: 'master.example.org', port: 6379 } });
    group.advance(1_000);
    expect(group.sentinel.snapshot().masters[0]).to.deep.include({ address: MASTER_ADDRESS, configEpoch: 1 });
  });

  it('that could not be one is ignored also while names are resolved', () => {
    const group = aGroup({ settings: { resolveHostnames: true } });
    const nowhere = { host: '.example.org', port: 26379 };
    group.hear(new ScriptedPeer(peerId(9), nowhere, MASTER_ADDRESS).hello({ currentEpoch: 1 }));
    expect(knownHosts(group)).not.to.include('.example.org');
  });
});
