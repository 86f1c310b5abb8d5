// `SENTINEL FORGET` inside one Sentinel: what may be forgotten, what must not, and who else is told.

import { expect } from 'chai';
import { electorate } from '../../src/core/electorate.js';
import { askMasterAnew, forget, forgetWhenPossible, spreadForgetting, whyNotForget } from '../../src/core/forget.js';
import { type Address, addressKey, type Forgotten } from '../../src/core/types.js';
import { ErrorReply } from '../../src/protocol/reply.js';
import { aGroup, type Group, MASTER_ADDRESS, MY_ID, peerAddress, peerId, replicaAddress } from './builders.js';
import { ScriptedPeer } from './scripted-peer.js';

/** Longer than a Sentinel must not have been heard. */
const UNHEARD = 11_000;

function replica(address: Address): Forgotten {
  return { kind: 'replica', address };
}

function sentinel(runId: string): Forgotten {
  return { kind: 'sentinel', runId };
}

function reasonAgainst(group: Group, what: Forgotten): string | null {
  return group.command((core, now) => whyNotForget(core, group.master(), what, now)?.reason ?? null);
}

function drop(group: Group, what: Forgotten): void {
  expect(reasonAgainst(group, what)).to.equal(null);
  group.command((core, now) => {
    forget(core, group.master(), what, now);
    spreadForgetting(core, group.master(), what, now);
  });
}

function replicas(group: Group): string[] {
  return [...group.master().replicas.keys()];
}

/** Replica 2 is gone, and the master has noticed. */
function withoutReplica(): Group {
  const group = aGroup();
  group.crash(group.replica(2));
  group.first.script.replicas = [replicaAddress(1)];
  group.advance(UNHEARD);
  group.forget();
  return group;
}

/** The last of five Sentinels is gone. */
function withoutSentinel(): Group {
  const group = aGroup({ peers: 4 });
  group.crash(group.peer(4));
  group.advance(UNHEARD);
  group.forget();
  return group;
}

describe('Forgetting a replica', () => {
  it('takes it off every list, closes its link and says so', () => {
    const group = withoutReplica();
    drop(group, replica(replicaAddress(2)));
    expect(replicas(group)).to.deep.equal([addressKey(replicaAddress(1))]);
    expect(group.sentinel.snapshot().masters[0]?.replicas).to.deep.equal([replicaAddress(1)]);
    expect(group.messages('-slave')).to.deep.equal(['slave 10.0.0.3:6379 10.0.0.3 6379 @ mymaster 10.0.0.1 6379']);
    group.forget();
    group.advance(20_000);
    expect(group.effects('open')).to.deep.equal([]);
    expect(replicas(group).length).to.equal(1);
  });

  it('leaves everything else as it is: no blind moment', () => {
    const group = withoutReplica();
    drop(group, replica(replicaAddress(2)));
    expect(group.master().peers.size).to.equal(2);
    group.killMaster();
    group.untilEvent('+switch-master', 3_000);
  });

  it('is refused while it answers, and while it is not down for long enough', () => {
    const group = aGroup();
    expect(reasonAgainst(group, replica(replicaAddress(2)))).to.equal('it is not subjectively down');
    group.crash(group.replica(2));
    expect(reasonAgainst(group, replica(replicaAddress(2)))).to.equal('it is not subjectively down');
  });

  it('is refused while the master lists it, and the master is asked anew', () => {
    const group = aGroup();
    group.crash(group.replica(2));
    group.advance(1_500);
    expect(reasonAgainst(group, replica(replicaAddress(2)))).to.equal('the master still lists it as a replica');
    group.first.script.replicas = [replicaAddress(1)];
    group.command((_core, now) => askMasterAnew(group.master(), now));
    group.advance(5);
    expect(reasonAgainst(group, replica(replicaAddress(2)))).to.equal(null);
  });

  it('waits for the newer list of the master where another Sentinel asks for it', () => {
    const group = aGroup();
    group.crash(group.replica(2));
    group.advance(1_500);
    group.first.script.replicas = [replicaAddress(1)];
    group.command((_core, now) => forgetWhenPossible(group.master(), replica(replicaAddress(2)), now));
    group.advance(5);
    expect(replicas(group)).to.deep.equal([addressKey(replicaAddress(1))]);
  });

  it('is given up, and said, when the master goes on listing it', () => {
    const group = aGroup();
    group.crash(group.replica(2));
    group.advance(1_500);
    group.command((_core, now) => forgetWhenPossible(group.master(), replica(replicaAddress(2)), now));
    group.advance(20_000);
    expect(replicas(group).length).to.equal(2);
    expect(group.messages('-forget-refused')).to.deep.equal([
      `master mymaster 10.0.0.1 6379 by ${MY_ID}: the master still lists it as a replica`,
    ]);
  });

  it('is refused of the master, while the master is down, and during a failover', () => {
    const group = withoutReplica();
    expect(reasonAgainst(group, replica(MASTER_ADDRESS))).to.equal('it is the master');
    group.killMaster();
    group.untilEvent('+sdown', 2_000);
    expect(reasonAgainst(group, replica(replicaAddress(2)))).to.equal(
      'the master is down, every replica may be needed',
    );
    group.until(() => group.master().failover !== null, 2_000);
    expect(reasonAgainst(group, replica(replicaAddress(2)))).to.equal('a failover is in progress');
  });

  it('is undone by its return: the master lists it again', () => {
    const group = withoutReplica();
    drop(group, replica(replicaAddress(2)));
    group.revive(group.replica(2));
    group.first.script.replicas = [replicaAddress(1), replicaAddress(2)];
    group.until(() => replicas(group).length === 2, 11_000);
    expect(group.events('+slave').length).to.equal(1);
  });
});

describe('Forgetting a Sentinel', () => {
  it('takes it out of the count and off the disk, and says so', () => {
    const group = withoutSentinel();
    drop(group, sentinel(peerId(4)));
    expect(electorate(group.master())).to.equal(4);
    expect(group.sentinel.snapshot().masters[0]?.peers.length).to.equal(3);
    expect(group.messages('-sentinel')).to.deep.equal([
      `sentinel ${peerId(4)} 10.0.1.4 26379 @ mymaster 10.0.0.1 6379`,
    ]);
    group.forget();
    group.advance(10_000);
    expect(group.effects('open')).to.deep.equal([]);
  });

  it('is refused while it answers, and while it is not down for long enough', () => {
    const group = aGroup({ peers: 4 });
    expect(reasonAgainst(group, sentinel(peerId(4)))).to.equal('it is not subjectively down');
    group.crash(group.peer(4));
    expect(reasonAgainst(group, sentinel(peerId(4)))).to.equal('it is not subjectively down');
  });

  it('is refused while it is heard through the data nodes, though we cannot reach it', () => {
    const group = withoutSentinel();
    group.hear(group.peer(4).hello());
    group.advance(2_000);
    expect(reasonAgainst(group, sentinel(peerId(4)))).to.equal('it was heard 2000 ms ago');
    group.advance(9_000);
    expect(reasonAgainst(group, sentinel(peerId(4)))).to.equal(null);
  });

  it('waits until the last hello is old enough where another Sentinel asks for it, whatever else is to be forgotten', () => {
    const group = withoutSentinel();
    group.hear(group.peer(4).hello());
    group.advance(2_000);
    group.crash(group.replica(2));
    group.advance(1_500);
    group.command((_core, now) => {
      forgetWhenPossible(group.master(), sentinel(peerId(4)), now);
      forgetWhenPossible(group.master(), replica(replicaAddress(2)), now);
      forgetWhenPossible(group.master(), sentinel(peerId(4)), now);
    });
    expect(group.master().forgettings.length).to.equal(2);
    group.advance(6_000);
    expect(electorate(group.master())).to.equal(5);
    group.until(() => electorate(group.master()) === 4, 1_600);
    group.first.script.replicas = [replicaAddress(1)];
    group.until(() => replicas(group).length === 1, 8_000);
    expect(group.master().forgettings).to.deep.equal([]);
    expect(group.events('-forget-refused')).to.deep.equal([]);
  });

  it('is given up, and said, when it goes on being heard', () => {
    const group = withoutSentinel();
    group.hear(group.peer(4).hello());
    group.advance(2_000);
    group.command((_core, now) => forgetWhenPossible(group.master(), sentinel(peerId(4)), now));
    for (let seconds = 0; seconds < 16; seconds += 2) {
      group.hear(group.peer(4).hello());
      group.advance(2_000);
    }
    expect(electorate(group.master())).to.equal(5);
    expect(group.messages('-forget-refused').join()).to.match(/by [0-9a-f]{40}: it was heard \d+ ms ago$/);
  });

  it('is refused to a minority', () => {
    const group = aGroup({ peers: 4 });
    for (const number of [2, 3, 4]) group.crash(group.peer(number));
    group.advance(UNHEARD);
    expect(reasonAgainst(group, sentinel(peerId(4)))).to.equal(
      'only 2 of 5 Sentinels answer, and a minority must not lower the majority',
    );
  });

  it('is refused of ourselves', () => {
    expect(reasonAgainst(aGroup(), sentinel(MY_ID))).to.equal('it is this Sentinel itself');
  });

  it('forgets one that is announced without proof as well', () => {
    const group = aGroup({ peers: 0 });
    const announced = new ScriptedPeer('9'.repeat(40), peerAddress(50), MASTER_ADDRESS);
    group.hear(announced.hello());
    expect(reasonAgainst(group, sentinel(announced.runId))).to.equal('it was heard 0 ms ago');
    group.advance(UNHEARD);
    expect(electorate(group.master())).to.equal(2);
    drop(group, sentinel(announced.runId));
    expect(electorate(group.master())).to.equal(1);
  });

  it('is undone by its return: it announces itself and counts again', () => {
    const group = withoutSentinel();
    drop(group, sentinel(peerId(4)));
    group.revive(group.peer(4));
    group.hear(group.peer(4).hello());
    group.advance(10);
    expect(electorate(group.master())).to.equal(5);
  });
});

describe('A Sentinel that was forgotten', () => {
  it('is met again by the very hello that was its last', () => {
    const group = aGroup({ peers: 4 });
    group.hear(group.peer(4).hello());
    group.crash(group.peer(4));
    group.advance(UNHEARD);
    drop(group, sentinel(peerId(4)));
    group.revive(group.peer(4));
    group.hear(group.peer(4).hello());
    group.advance(10);
    expect(electorate(group.master())).to.equal(5);
  });
});

describe('Others, of what is to be forgotten', () => {
  function told(group: Group, number: number): string[] {
    return group.sentTo(group.peer(number), 'tell-forget').map(({ request }) => request.commands[0]?.join(' ') ?? '');
  }

  it('are told once, to look for themselves', () => {
    const group = withoutSentinel();
    drop(group, sentinel(peerId(4)));
    group.advance(5_000);
    for (const number of [1, 2, 3]) {
      expect(told(group, number)).to.deep.equal([`SENTINEL FORGET mymaster SENTINEL ${peerId(4)} LOCAL`]);
    }
    expect(group.events('-forget-refused')).to.deep.equal([]);
  });

  it('are told of replicas likewise', () => {
    const group = withoutReplica();
    drop(group, replica(replicaAddress(2)));
    expect(told(group, 1)).to.deep.equal(['SENTINEL FORGET mymaster REPLICA 10.0.0.3 6379 LOCAL']);
  });

  it('are named with their reason when they keep it', () => {
    const group = withoutReplica();
    group.peer(1).script.forgetReply = new ErrorReply('ERR It cannot be forgotten: it is not subjectively down');
    drop(group, replica(replicaAddress(2)));
    group.advance(5);
    expect(group.messages('-forget-refused')).to.deep.equal([
      `master mymaster 10.0.0.1 6379 by ${peerId(1)}: ERR It cannot be forgotten: it is not subjectively down`,
    ]);
  });

  it('are named when they cannot be told', () => {
    const group = withoutReplica();
    group.crash(group.peer(1));
    drop(group, replica(replicaAddress(2)));
    expect(group.messages('-forget-refused')).to.deep.equal([
      `master mymaster 10.0.0.1 6379 by ${peerId(1)}: it cannot be reached`,
    ]);
  });

  it('are named when they are originals, which know no such command', () => {
    const group = aGroup({ peer: { isStock: true } });
    group.crash(group.replica(2));
    group.first.script.replicas = [replicaAddress(1)];
    group.advance(UNHEARD);
    group.forget();
    drop(group, replica(replicaAddress(2)));
    expect(group.messages('-forget-refused').length).to.equal(2);
    expect(told(group, 1)).to.deep.equal([]);
  });
});
