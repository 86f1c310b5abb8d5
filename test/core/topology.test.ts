// Who is watched and through which link.

import { expect } from 'chai';
import { defaultProcessSettings } from '../../src/core/state.js';
import { Topology } from '../../src/core/topology.js';
import { aGroup, aMaster, aSentinel, MASTER_ADDRESS, peerAddress, peerId, replicaAddress } from './builders.js';
import { idOf } from './scripted-node.js';

describe('Topology', () => {
  it('never gives a link id twice', () => {
    const topology = new Topology(defaultProcessSettings());
    const ids = [
      topology.newNode(replicaAddress(1), 0, 0).link.id,
      topology.newNode(replicaAddress(2), 0, 0).link.id,
      topology.linkToPeer(peerAddress(1), 0, 0).id,
      topology.linkToPeer(peerAddress(2), 0, 0).id,
    ];
    expect(new Set(ids).size).to.equal(4);
    expect(topology.linkToPeer(peerAddress(1), 0, 0).id).to.equal(ids[2]);
  });

  it('finds masters by the address of their configured node, which moves with a failover', () => {
    const group = aGroup();
    const { topology } = group.core;
    expect(topology.masterAt('10.0.0.1', 6379)?.name).to.equal('mymaster');
    expect(topology.masterAt('10.0.0.2', 6379)).to.equal(null);
    expect(topology.masterAt('10.0.0.1', 6380)).to.equal(null);
    group.learn(1, { epoch: 2, address: replicaAddress(1) });
    expect(topology.masterAt('10.0.0.1', 6379)).to.equal(null);
    expect(topology.masterAt('10.0.0.2', 6379)?.name).to.equal('mymaster');
  });

  it('finds the other one when two masters had the same address and one was removed', () => {
    const stage = aSentinel({ masters: [aMaster({ name: 'one' }), aMaster({ name: 'two' })] });
    const { topology } = stage.core;
    topology.removeMaster(stage.master('one'));
    expect(topology.masterAt('10.0.0.1', 6379)?.name).to.equal('two');
    topology.removeMaster(stage.master('two'));
    expect(topology.masterAt('10.0.0.1', 6379)).to.equal(null);
  });

  it('gives up the links of a removed master, but not those that others use', () => {
    const peers = [{ runId: peerId(1), address: peerAddress(1) }];
    const stage = aSentinel({
      masters: [aMaster({ name: 'one', peers, replicas: [replicaAddress(1)] }), aMaster({ name: 'two', peers })],
    });
    const { topology } = stage.core;
    const one = stage.master('one');
    const peerLink = one.peers.get(peerId(1))?.link;
    expect(topology.removeMaster(one).length).to.equal(2);
    expect(peerLink?.references).to.equal(1);
    const last = topology.removeMaster(stage.master('two'));
    expect(last).to.include(peerLink);
    expect(topology.peerLinks.size).to.equal(0);
    for (const link of last) expect(topology.nodeOfLink(link.id)).to.equal(undefined);
  });

  it('has no address for a host without a name, whoever was asked for before', () => {
    const topology = new Topology(defaultProcessSettings());
    topology.ipOf('10.0.0.5');
    topology.learnIp('other.test', '10.0.0.9');
    expect([topology.ipOf(''), topology.ipOf('other.test'), topology.ipOf('10.0.0.5')]).to.deep.equal([
      '',
      '10.0.0.9',
      '10.0.0.5',
    ]);
  });

  it('does not forget the successor when a peer that was replaced is removed', () => {
    const group = aGroup();
    const { topology } = group.core;
    const master = group.master();
    const former = master.peers.get(peerId(1));
    if (former === undefined) throw new Error('no peer');
    group.hear(group.peer(1).hello({ currentEpoch: 3 }));
    topology.removePeer(master, former);
    expect(master.peers.has(peerId(1))).to.equal(false);
    expect(topology.removePeer(master, former)).to.equal(null);
    expect(master.peers.size).to.equal(1);
  });
});

describe('IPv6 addresses', () => {
  const written = { host: '2001:DB8:0:0::1', port: 6379 };
  const usual = { host: '2001:db8::1', port: 6379 };

  it('are one however they are spelt, and are announced in their usual spelling', () => {
    const { core } = aSentinel({ masters: [aMaster({ address: written, replicas: [usual] })] });
    expect(core.topology.isSame(written, usual)).to.equal(true);
    expect(core.topology.masterAt(usual.host, usual.port)?.name).to.equal('mymaster');
    expect(core.topology.announced(written)).to.equal(usual.host);
    expect([...(core.topology.masters.get('mymaster')?.replicas ?? [])]).to.deep.equal([]);
  });
});

describe('Host names', () => {
  const settings = { resolveHostnames: true };
  const named = { host: 'db.example', port: 6379 };

  it('are looked up beside the connection, which takes the last good address meanwhile', () => {
    const stage = aSentinel({ settings, masters: [aMaster({ address: named })] });
    stage.hosts.set('db.example', '10.0.0.1');
    stage.advance(5);
    expect(stage.effects('resolve')[0]?.effect.host).to.equal('db.example');
    stage.advance(500);
    expect(stage.effects('open').at(-1)?.effect.address).to.deep.equal(MASTER_ADDRESS);
  });

  it('are one with their address once it is known', () => {
    const stage = aSentinel({ settings, masters: [aMaster({ address: named })] });
    const { topology } = stage.core;
    expect(topology.masterAt('10.0.0.1', 6379)).to.equal(null);
    stage.receive({ kind: 'resolved', host: 'db.example', ip: '10.0.0.1' });
    expect(topology.masterAt('10.0.0.1', 6379)?.name).to.equal('mymaster');
    expect(topology.masterAt('db.example', 6379)?.name).to.equal('mymaster');
    expect(topology.findNode(stage.master(), MASTER_ADDRESS)).to.equal(stage.master().node);
    expect(topology.isSame(named, MASTER_ADDRESS)).to.equal(true);
  });

  it('that fail to resolve keep their last good address', () => {
    const stage = aSentinel({ settings, masters: [aMaster({ address: named })] });
    stage.receive({ kind: 'resolved', host: 'db.example', ip: '10.0.0.1' });
    stage.receive({ kind: 'resolved', host: 'db.example', ip: null });
    expect(stage.core.topology.ipOf('db.example')).to.equal('10.0.0.1');
  });

  it('are announced as addresses, or as names with announce-hostnames', () => {
    for (const [announceHostnames, expected] of [
      [false, '10.0.0.1'],
      [true, 'db.example'],
    ] as const) {
      const stage = aSentinel({ settings: { ...settings, announceHostnames }, masters: [aMaster({ address: named })] });
      stage.receive({ kind: 'resolved', host: 'db.example', ip: '10.0.0.1' });
      expect(stage.core.topology.announced(named)).to.equal(expected);
    }
  });

  it('do not make a known replica a new one when the master lists its address', () => {
    const stage = aSentinel({
      settings,
      masters: [aMaster({ replicas: [{ host: 'replica.example', port: 6379 }] })],
    });
    stage.receive({ kind: 'resolved', host: 'replica.example', ip: '10.0.0.2' });
    expect(stage.core.topology.findNode(stage.master(), replicaAddress(1))?.address.host).to.equal('replica.example');
  });
});

describe('Run ids of peers on one address', () => {
  it('belong to one peer a master: the address is counted once', () => {
    const group = aGroup();
    expect([...group.core.topology.peerLinks.values()].map(({ users }) => users.size)).to.deep.equal([1, 1]);
    expect(group.master().peers.has(idOf('nobody'))).to.equal(false);
  });
});
