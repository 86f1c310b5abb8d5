// Names of hosts from others: taken up only while names are resolved, because what is taken up is saved, and the next start
// refuses a file with a name it may not resolve. Found by `npm run fuzz`: one forged hello made the file unreadable.

import { expect } from 'chai';

import { MAX_NAMES_HEARD, MAX_OPEN_LOOKUPS, NAME_LOOKUP_PERIOD } from '../../src/core/limits.js';
import { DEFAULT_MANUAL, planManualFailover, startManualFailover } from '../../src/core/manual-failover.js';
import { aGroup, Group, MASTER_ADDRESS, peerId, replicaAddress } from './builders.js';
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

/** Names of the nodes that others use; we know the nodes by their addresses. */
const OTHER_NAMES = [
  ['node-1.example.org', MASTER_ADDRESS.host],
  ['node-2.example.org', replicaAddress(1).host],
  ['node-3.example.org', replicaAddress(2).host],
] as const;
const [MASTER_NAMED, REPLICA_NAMED] = [
  { host: 'node-1.example.org', port: 6379 },
  { host: 'node-2.example.org', port: 6379 },
];

function aGroupWithOtherNames(announceHostnames = false): Group {
  const group = aGroup({ settings: { resolveHostnames: true, announceHostnames } });
  for (const [name, ip] of OTHER_NAMES) group.hosts.set(name, ip);
  return group;
}

describe('Another name of a node that is known by its address', () => {
  it('in the list of replicas is no other replica', () => {
    const group = aGroupWithOtherNames();
    group.first.script.replicas = [REPLICA_NAMED, { host: 'node-3.example.org', port: 6379 }];
    group.advance(21_000);
    expect(group.effects('resolve').map(({ effect }) => effect.host)).to.include(REPLICA_NAMED.host);
    expect(knownHosts(group).filter((host) => host.startsWith('node'))).to.deep.equal([]);
  });

  it('in the configuration of a peer is that node', () => {
    const group = aGroupWithOtherNames();
    group.replica(1).script.role = 'master';
    group.learn(1, { epoch: 5, address: REPLICA_NAMED });
    group.advance(1_000);
    const [master] = group.sentinel.snapshot().masters;
    expect(master).to.deep.include({ address: replicaAddress(1), configEpoch: 5 });
    expect(master?.replicas).to.have.deep.members([MASTER_ADDRESS, replicaAddress(2)]);
  });

  it('is no contradiction when a peer announces it as the master', () => {
    const group = aGroupWithOtherNames();
    const announcement = group.peer(1).hello({ configEpoch: 1, currentEpoch: 1, master: MASTER_NAMED });
    for (let second = 0; second < 20; second++) {
      group.hear(announcement);
      group.advance(1_000);
    }
    expect(group.messages('+contradiction')).to.deep.equal([]);
  });

  it('is no wrong master when a replica follows it', () => {
    const group = aGroupWithOtherNames();
    for (const replica of group.replicas) replica.script.follows = MASTER_NAMED;
    group.advance(30_000);
    expect(group.messages('+fix-slave-config')).to.deep.equal([]);
  });

  it('is asked for again after a while, and what it means then counts', () => {
    const group = aGroupWithOtherNames();
    for (const replica of group.replicas) replica.script.follows = MASTER_NAMED;
    group.advance(11_000);
    group.hosts.set(MASTER_NAMED.host, '10.0.0.99');
    group.advance(2 * NAME_LOOKUP_PERIOD + 10_000);
    expect(group.messages('+fix-slave-config')).not.to.be.empty;
  });

  it('is looked up once in a while, however often it is used', () => {
    const group = aGroupWithOtherNames();
    group.core.tunables.infoPeriod = 1_000;
    for (const replica of group.replicas) replica.script.follows = MASTER_NAMED;
    group.advance(20_000);
    const lookups = group.effects('resolve').filter(({ effect }) => effect.host === MASTER_NAMED.host);
    expect(group.sentTo(group.replica(1), 'info').length).to.be.at.least(10);
    expect(lookups.length).to.be.within(2, 1 + 20_000 / NAME_LOOKUP_PERIOD);
  });

  it('is a node of its own while it cannot be looked up, and one with it as soon as both have reported', () => {
    const group = aGroup({ settings: { resolveHostnames: true } });
    group.first.script.replicas = [REPLICA_NAMED, replicaAddress(2)];
    group.advance(11_000);
    expect(knownHosts(group)).to.include.members([REPLICA_NAMED.host, replicaAddress(1).host]);
    group.hosts.set(REPLICA_NAMED.host, replicaAddress(1).host);
    group.advance(31_000);
    const replicas = knownHosts(group).filter((host) => /^(node|10\.0\.0)/.test(host));
    expect(replicas).to.have.members([REPLICA_NAMED.host, replicaAddress(2).host]);
    expect(group.messages('-slave')).to.have.length(1);
  });
});

describe('Nodes that report one run id', () => {
  it('are two while their addresses differ: whoever copies a run id is not who has it', () => {
    const group = aGroup();
    group.replica(2).script.runId = group.replica(1).script.runId;
    group.replica(1).script.runId = group.first.script.runId;
    group.advance(25_000);
    group.replica(2).script.runId = group.first.script.runId;
    group.advance(25_000);
    expect(knownHosts(group)).to.include.members([replicaAddress(1).host, replicaAddress(2).host]);
    expect(group.messages('-slave')).to.deep.equal([]);
  });
});

describe('A node known under two names', () => {
  /** The master first, then a replica, each by its address and by its name; the names lead there when their links are opened. */
  function aGroupOfTwins(known: 'master' | 'replica'): Group {
    const named = known === 'master' ? MASTER_NAMED : REPLICA_NAMED;
    const replicas = [...new Set([replicaAddress(1), named, replicaAddress(2)])];
    const group = new Group({ settings: { resolveHostnames: true }, master: { replicas } });
    for (const [name, ip] of OTHER_NAMES) group.hosts.set(name, ip);
    return group;
  }

  it('stays the master under the name it is the master by', () => {
    const group = aGroupOfTwins('master');
    const link = group.linkTo(MASTER_ADDRESS);
    group.advance(25_000);
    expect(group.master().node.link).to.equal(link);
    expect(group.core.topology.nodeOfLink(link.id)?.node).to.equal(group.master().node);
    expect(link.isOpen).to.equal(true);
    expect(knownHosts(group)).not.to.include(MASTER_NAMED.host);
  });

  it('and that stay two as long as a failover is under way are one after it', () => {
    const group = aGroupOfTwins('replica');
    group.until(() => [...group.master().nodes()].every(({ runId }) => runId !== ''), 5_000);
    group.command((core, now) => startManualFailover(core, group.master(), now, DEFAULT_MANUAL));
    group.until(() => group.master().failover === null, 20_000);
    expect(group.messages('+switch-master').length).to.equal(1);
    expect(group.messages('-slave')).to.deep.equal([]);
    group.advance(30_000);
    const hosts = [group.master().node.address.host, ...knownHosts(group)];
    expect(hosts.includes(REPLICA_NAMED.host) && hosts.includes(replicaAddress(1).host)).to.equal(false);
  });

  it('are two while one has reported nothing: a name server that errs is not the end of a replica', () => {
    const group = aGroupOfTwins('replica');
    group.hosts.set(REPLICA_NAMED.host, replicaAddress(2).host);
    group.crash(group.replica(2));
    group.advance(2_000);
    for (const [host, ip] of group.hosts) group.receive({ kind: 'resolved', host, ip });
    group.advance(25_000);
    expect(knownHosts(group)).to.include.members([REPLICA_NAMED.host, replicaAddress(1).host, replicaAddress(2).host]);
    expect(group.messages('-slave')).to.deep.equal([]);
  });

  it('is never told to follow itself', () => {
    const replicas = [replicaAddress(1), REPLICA_NAMED];
    const group = new Group({ settings: { resolveHostnames: true }, master: { replicas } });
    group.hosts.set(REPLICA_NAMED.host, replicaAddress(1).host);
    group.advance(1_000);
    group.killMaster();
    group.untilEvent('+switch-master', 10_000);
    group.advance(30_000);
    const itsLinks = group
      .effects('open')
      .filter(({ effect }) => effect.address.host === replicaAddress(1).host)
      .map(({ effect }) => effect.link);
    expect(new Set(itsLinks).size, 'links to it').to.be.above(1);
    const told = group.effects('send').filter(({ effect }) => itsLinks.includes(effect.link));
    const roles = told.flatMap(({ effect }) => effect.request.commands).filter(([word]) => word === 'REPLICAOF');
    expect(roles.map(([, host]) => host).filter((host) => host !== '127.0.0.1')).to.deep.equal(['NO']);
    expect(group.replica(1).script.role).to.equal('master');
  });
});

describe('A replica that an operator names', () => {
  for (const named of [true, false]) {
    it(`by its ${named ? 'address' : 'name'}, although it is known by its ${named ? 'name' : 'address'}, is promoted`, () => {
      const known = named ? REPLICA_NAMED : replicaAddress(1);
      const group = new Group({ settings: { resolveHostnames: true }, master: { replicas: [known] } });
      group.hosts.set(REPLICA_NAMED.host, replicaAddress(1).host);
      group.advance(3_000);
      group.sentinel.receive({ kind: 'resolved', host: REPLICA_NAMED.host, ip: replicaAddress(1).host }, group.now);
      const target = named ? replicaAddress(1) : REPLICA_NAMED;
      const { candidate } = planManualFailover(group.core, group.master(), { ...DEFAULT_MANUAL, target }, group.now);
      expect(candidate).to.deep.equal(known);
    });
  }
});

describe('Names that somebody invents', () => {
  it('cost a bounded number of look-ups at a time, and are not remembered for ever', () => {
    const group = aGroup({ settings: { resolveHostnames: true } });
    const names = Array.from({ length: 5_000 }, (_, index) => `n${index}.example.org`);
    const hellos = names.map((masterHost) =>
      group.peer(1).hello({ configEpoch: 2, master: { host: masterHost, port: 6379 } }),
    );
    for (const hello of hellos.slice(0, 500)) group.hear(hello);
    expect(group.effects('resolve').length).to.be.at.most(MAX_OPEN_LOOKUPS);
    for (const [index, name] of names.entries()) group.hosts.set(name, `10.9.${index >> 8}.${index & 255}`);
    for (const hello of hellos) {
      group.hear(hello);
      group.advance(2);
    }
    expect(group.core.topology.namesHeard.size).to.be.within(1, MAX_NAMES_HEARD);
    const kept = names.filter((name) => group.core.topology.hasIp(name)).length;
    expect(kept).to.be.within(1, 2 * MAX_NAMES_HEARD + group.parties.size);
  });
});
