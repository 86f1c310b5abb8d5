// The documentation's section "Configuration propagation", sentence by sentence, each in our own words.

import { expect } from 'chai';
import { HELLO_CHANNEL } from '../../src/core/types.js';
import { aGroup, type Group, MASTER_ADDRESS, replicaAddress } from '../core/builders.js';

/** What everybody is told in hellos: configuration epoch and address, each once. */
function told(group: Group, party: { readonly address: { host: string; port: number } }): string[] {
  const configurations = group.published(party, HELLO_CHANNEL).map((payload) => {
    const [, , , , , host, port, epoch] = payload.split(',');
    return `${epoch} ${host}:${port}`;
  });
  return [...new Set(configurations)];
}

describe('Configuration propagation', () => {
  // Once a Sentinel has failed a master over, it tells the new configuration, so that the others update theirs.
  it('tells the new configuration to everybody when the failover has succeeded', () => {
    const group = aGroup();
    group.killMaster();
    group.untilEvent('+switch-master', 3_000);
    group.advance(2);
    for (const party of [...group.replicas, ...group.peers])
      expect(told(group, party).at(-1)).to.equal('2 10.0.0.2:6379');
  });

  // A failover has succeeded when REPLICAOF NO ONE was sent and the replica then said in INFO that it is a master.
  it('does not call it a success before INFO has shown a master', () => {
    const group = aGroup({ node: { isObedient: false } });
    group.killMaster();
    group.untilEvent('+failover-state-wait-promotion', 3_000);
    group.advance(1_000);
    expect(group.events('+switch-master')).to.deep.equal([]);
    expect(group.master().configEpoch).to.equal(1);
    for (const replica of group.replicas) replica.script.isObedient = true;
    group.untilEvent('+switch-master', 5_000);
  });

  // The other replicas need not have been repointed yet; the new configuration is told from that moment on.
  it('does not wait for the other replicas', () => {
    const group = aGroup({ node: { syncsAtOnce: false } });
    group.killMaster();
    group.untilEvent('+switch-master', 3_000);
    group.advance(2);
    expect(told(group, group.peer(1)).at(-1)).to.equal('2 10.0.0.2:6379');
    expect(group.events('+failover-end')).to.deep.equal([]);
  });

  // Every Sentinel goes on telling its configuration for ever, through the master and all replicas.
  it('goes on telling it, changed or not', () => {
    const group = aGroup();
    group.advance(60_000);
    for (const node of [group.first, ...group.replicas]) {
      expect(group.published(node, HELLO_CHANNEL).length).to.be.within(29, 34);
      expect(told(group, node)).to.deep.equal(['1 10.0.0.1:6379']);
    }
  });

  // Configurations have versions: the greater one always wins, in whatever order they arrive.
  it('lets the greater epoch win in any order of arrival', () => {
    for (const order of [
      [3, 2],
      [2, 3],
    ]) {
      const group = aGroup();
      order.forEach((epoch, index) => {
        group.learn(index + 1, { epoch, address: replicaAddress(epoch - 1) });
      });
      expect([group.master().configEpoch, group.master().node.address]).to.deep.equal([3, replicaAddress(2)]);
    }
  });

  // A Sentinel that was cut off has an old version; once it can talk again it takes the newer one over.
  it('takes over what was decided while it was cut off', () => {
    const group = aGroup();
    for (const party of group.parties.values()) group.hang(party);
    group.advance(20_000);
    expect(group.master().node.address).to.deep.equal(MASTER_ADDRESS);
    for (const party of group.parties.values()) group.revive(party);
    group.advance(1_500);
    group.learn(2, { epoch: 9, address: replicaAddress(2) });
    expect(group.master().node.address).to.deep.equal(replicaAddress(2));
  });

  // All that can talk to each other end up with the same configuration: what one has learned it tells in turn.
  it('tells on what it has learned from others', () => {
    const group = aGroup();
    group.learn(1, { epoch: 5, address: replicaAddress(2) });
    group.forget();
    group.advance(2_500);
    for (const party of [...group.replicas, ...group.peers])
      expect(told(group, party)).to.deep.equal(['5 10.0.0.3:6379']);
  });

  // A failover that failed leaves no configuration behind.
  it('tells nothing of an epoch that came to nothing', () => {
    const group = aGroup({ peer: { votesFor: 'nobody' } });
    group.killMaster();
    group.advance(20_000);
    expect(group.core.currentEpoch).to.be.greaterThan(1);
    for (const party of [...group.replicas, ...group.peers])
      expect(told(group, party)).to.deep.equal(['1 10.0.0.1:6379']);
  });
});
