// What is asked when: connecting, PING, INFO, subscriptions, hellos. Nothing is judged here.

import { expect } from 'chai';
import { monitorMaster } from '../../src/core/administration.js';
import { MAX_PENDING_COMMANDS, URGENT_INFO_PERIOD } from '../../src/core/limits.js';
import { HELLO_CHANNEL, VOTE_CHANNEL } from '../../src/core/types.js';
import { ErrorReply } from '../../src/protocol/reply.js';
import { aGroup, aMaster, aSentinel, Group, MY_ID } from './builders.js';
import { ScriptedNode } from './scripted-node.js';
import type { Party, Sent, Stage } from './stage.js';

function gaps(sent: readonly Sent[]): number[] {
  return sent.slice(1).map(({ at }, index) => at - (sent[index]?.at ?? Number.NaN));
}

/** Purposes of everything that left for this party, in order. */
function purposes(stage: Stage, party: Party): string[] {
  return stage.sentTo(party).map(({ request }) => request.purpose.kind);
}

describe('Connection to a node', () => {
  it('is attempted at once, with our name', () => {
    const stage = aSentinel();
    stage.advance(1);
    expect(stage.effects('open')[0]?.effect).to.deep.equal({
      kind: 'open',
      link: 1,
      address: { host: '10.0.0.1', port: 6379 },
      credentials: null,
      clientName: `sentinel-${MY_ID.slice(0, 8)}`,
    });
  });

  it('uses the credentials of its master', () => {
    const withUser = aSentinel({ masters: [aMaster({ authUser: 'watch', authPass: 'secret' })] });
    withUser.advance(1);
    expect(withUser.effects('open')[0]?.effect.credentials).to.deep.equal({ user: 'watch', password: 'secret' });
    const withPassword = aSentinel({ masters: [aMaster({ authPass: 'secret' })] });
    withPassword.advance(1);
    expect(withPassword.effects('open')[0]?.effect.credentials).to.deep.equal({ user: null, password: 'secret' });
  });

  it('of another Sentinel uses the credentials for Sentinels, not those of the master', () => {
    const group = aGroup({ master: { authPass: 'for nodes' }, settings: { sentinelUser: 'us', sentinelPass: 'x' } });
    group.disconnect(group.peer(1));
    group.advance(300);
    expect(group.effects('open').map(({ effect }) => effect.credentials)).to.deep.equal([
      { user: 'us', password: 'x' },
    ]);
  });

  it('begins with everything there is to ask, in one turn', () => {
    const group = aGroup();
    group.disconnect(group.replica(1));
    group.until(() => group.linkTo(group.replica(1).address).isOpen, 500);
    const turn = group.sentTo(group.replica(1));
    expect(new Set(turn.map(({ at }) => at)).size).to.equal(1);
    expect(purposes(group, group.replica(1)).slice(0, 5)).to.deep.equal([
      'probe-role-command',
      'subscribe',
      'subscribe',
      'ping',
      'info',
    ]);
  });

  it('subscribes to the two channels with two commands', () => {
    const group = aGroup();
    group.disconnect(group.replica(1));
    group.advance(500);
    expect(group.sentTo(group.replica(1), 'subscribe').map(({ request }) => request.commands)).to.deep.equal([
      [['SUBSCRIBE', HELLO_CHANNEL]],
      [['SUBSCRIBE', VOTE_CHANNEL]],
    ]);
  });

  it('asks by the names that commands have on the data nodes, and other Sentinels by the standard names', () => {
    const renamedCommands = new Map([
      ['PING', 'ping-b1'],
      ['INFO', 'info-b1'],
      ['SUBSCRIBE', 'subscribe-b1'],
    ]);
    const group = aGroup({ master: { renamedCommands } });
    group.disconnect(group.replica(1));
    group.advance(2_000);
    const words = (party: Party, purpose: 'ping' | 'info' | 'subscribe') =>
      new Set(group.sentTo(party, purpose).flatMap(({ request }) => request.commands.map(([name]) => name)));
    expect([...words(group.replica(1), 'ping')]).to.deep.equal(['ping-b1']);
    expect([...words(group.replica(1), 'info')]).to.deep.equal(['info-b1']);
    expect([...words(group.replica(1), 'subscribe')]).to.deep.equal(['subscribe-b1']);
    expect([...words(group.peer(1), 'ping')]).to.deep.equal(['PING']);
  });

  it('does not ask again for a channel that was refused', () => {
    const refusals = new Map([['SUBSCRIBE __SENTINEL__:VOTE', 'NOPERM no']]);
    const group = aGroup({ node: { refusals } });
    group.advance(10_000);
    expect(group.linkTo(group.replica(1).address).subscriptions).to.deep.equal({
      hello: 'subscribed',
      vote: 'refused',
    });
    expect(group.sentTo(group.replica(1), 'subscribe')).to.deep.equal([]);
  });

  it('subscribes again when only the subscriptions were lost', () => {
    const group = aGroup();
    group.receive({ kind: 'subscriptions-lost', link: group.linkTo(group.replica(1).address).id, reason: 'closed' });
    expect(group.sentTo(group.replica(1), 'subscribe').length).to.equal(2);
    expect(group.effects('open')).to.deep.equal([]);
  });

  it('that worked and broke is tried again at once; one that was refused at the pace of PINGs', () => {
    const group = aGroup();
    const crashedAt = group.now;
    group.crash(group.replica(1));
    group.advance(2_000);
    const attempts = group.effects('open').map(({ at }) => at - crashedAt);
    expect(attempts[0]).to.equal(0);
    for (const [index, at] of attempts.slice(1).entries()) {
      expect(at - (attempts[index] ?? Number.NaN)).to.be.within(200, 203);
    }
    expect(attempts.length).to.be.within(9, 11);
  });

  it('is not tried in a busy loop when the other end drops every connection as soon as it stands', () => {
    const group = aGroup();
    group.forget();
    for (let time = 0; time < 200; time++) {
      group.disconnect(group.replica(1));
      group.advance(10);
    }
    expect(group.effects('open').length).to.be.at.most(12);
  });

  it('of another Sentinel begins with our hello and our verdict, whenever the last ones were sent', () => {
    const group = aGroup({ node: { priority: 0 } });
    group.crash(group.first);
    group.advance(2_000);
    group.disconnect(group.peer(1));
    group.forget();
    group.until(() => group.linkTo(group.peer(1).address).isOpen, 500);
    expect(purposes(group, group.peer(1))).to.include.members(['ask-id', 'ping', 'ask-master-down']);
    expect(group.published(group.peer(1), HELLO_CHANNEL).length).to.equal(1);
    expect(group.published(group.peer(1), VOTE_CHANNEL).length).to.equal(1);
  });

  it('is replaced when it has been silent for half of down-after, without ending the silence', () => {
    const group = aGroup({ master: { downAfter: 4_000 } });
    group.hang(group.replica(1));
    const link = group.linkTo(group.replica(1).address);
    group.until(() => link.silentSince !== null, 2_000);
    const since = link.silentSince ?? Number.NaN;
    group.until(() => group.effects('close').length > 0, 4_000);
    expect(group.now - since).to.be.within(2_000, 2_001);
    expect(group.effects('close')[0]?.effect.link).to.equal(link.id);
    expect(link.silentSince).to.equal(since);
  });
});

describe('PING', () => {
  it('is sent every fifth of down-after, at most once a second', () => {
    for (const [downAfter, period] of [
      [1_000, 200],
      [30_000, 1_000],
    ] as const) {
      const group = aGroup({ master: { downAfter } });
      group.advance(10_000);
      for (const gap of gaps(group.sentTo(group.replica(1), 'ping'))) expect(gap).to.equal(period);
    }
  });

  it('measures the time of a round trip', () => {
    const group = aGroup();
    expect(group.linkTo(group.peer(1).address).lastRoundTrip).to.equal(1);
    group.hang(group.peer(1));
    group.until(() => group.linkTo(group.peer(1).address).pingsInFlight > 0, 300);
    group.advance(40);
    group.revive(group.peer(1));
    group.advance(5);
    expect(group.linkTo(group.peer(1).address).lastRoundTrip).to.be.within(40, 45);
  });

  it('follows a change of its period at run time', () => {
    const group = aGroup();
    group.command((core) => {
      core.tunables.pingPeriod = 50;
    });
    group.advance(1_000);
    expect(group.sentTo(group.replica(1), 'ping').length).to.be.within(17, 21);
  });

  it('goes to other Sentinels at the pace of the most impatient of their masters', () => {
    const peers = aGroup().sentinel.snapshot().masters[0]?.peers ?? [];
    const stage = aSentinel({
      masters: [
        aMaster({ name: 'slow', downAfter: 30_000, peers }),
        aMaster({ name: 'fast', downAfter: 1_000, peers }),
      ],
    });
    for (const party of aGroup().parties.values()) stage.add(party);
    stage.advance(5_000);
    const peer = [...stage.parties.values()].find(({ address }) => address.port === 26379);
    if (peer === undefined) throw new Error('no peer');
    for (const gap of gaps(stage.sentTo(peer, 'ping'))) expect(gap).to.equal(200);
  });

  it(`stops at ${MAX_PENDING_COMMANDS} unanswered commands on a link, and goes on when they are answered`, () => {
    const group = aGroup({ master: { downAfter: 1_000_000 } });
    group.core.tunables.pingPeriod = 100;
    group.core.tunables.minLinkReconnectPeriod = 1_000_000;
    group.hang(group.replica(1));
    group.advance(60_000);
    const link = group.linkTo(group.replica(1).address);
    expect(link.pendingCommands).to.be.within(MAX_PENDING_COMMANDS, MAX_PENDING_COMMANDS + 10);
    expect(group.sentTo(group.replica(1)).length).to.be.at.most(MAX_PENDING_COMMANDS);
    group.revive(group.replica(1));
    group.advance(10);
    expect(link.pendingCommands).to.be.below(5);
    group.forget();
    group.advance(1_000);
    expect(group.sentTo(group.replica(1), 'ping').length).to.be.at.least(9);
  });
});

describe('INFO', () => {
  function infoGaps(group: Group, duration: number, party: Party): number[] {
    group.forget();
    group.advance(duration);
    return gaps(group.sentTo(party, 'info'));
  }

  it('is asked every ten seconds, with a PING that is due about then', () => {
    const group = aGroup();
    for (const gap of infoGaps(group, 60_000, group.replica(1))) expect(gap).to.be.within(9_900, 10_000);
    const pings = new Set(group.sentTo(group.replica(1), 'ping').map(({ at }) => at));
    for (const { at } of group.sentTo(group.replica(1), 'info')) expect(pings.has(at)).to.equal(true);
  });

  it('is asked of replicas every second while their master is objectively down', () => {
    const group = aGroup({ node: { priority: 0 } });
    group.killMaster();
    group.untilEvent('+odown', 1_500);
    for (const gap of infoGaps(group, 10_000, group.replica(1))) expect(gap).to.be.within(900, URGENT_INFO_PERIOD);
  });

  it('is asked every second of a replica that has lost its master', () => {
    const group = aGroup();
    group.replica(1).script.linkUp = false;
    group.advance(10_000);
    for (const gap of infoGaps(group, 10_000, group.replica(1))) expect(gap).to.be.within(900, URGENT_INFO_PERIOD);
    for (const gap of infoGaps(group, 30_000, group.replica(2))) expect(gap).to.be.within(9_900, 10_000);
  });

  it('is asked of all replicas at once when the master becomes objectively down', () => {
    const group = aGroup({ node: { priority: 0 } });
    group.killMaster();
    group.advance(900);
    group.forget();
    group.untilEvent('+odown', 500);
    for (const replica of group.replicas) expect(group.sentTo(replica, 'info').length).to.be.at.least(1);
  });

  it('finds replicas that are not known yet, once', () => {
    const group = aGroup({ replicas: 1 });
    group.first.script.replicas = [
      { host: '10.0.0.2', port: 6379 },
      { host: '10.0.0.66', port: 6380 },
    ];
    group.advance(21_000);
    expect(group.messages('+slave')).to.deep.equal(['slave 10.0.0.66:6380 10.0.0.66 6380 @ mymaster 10.0.0.1 6379']);
    expect(group.sentinel.snapshot().masters[0]?.replicas.length).to.equal(2);
  });

  it('keeps replicas that the master lists no longer', () => {
    const group = aGroup();
    group.first.script.replicas = [];
    group.advance(30_000);
    expect(group.master().replicas.size).to.equal(2);
  });

  it('takes no list of replicas from a replica', () => {
    const group = aGroup({ replicas: 1 });
    group.replica(1).script.role = 'master';
    group.replica(1).script.replicas = [{ host: '10.6.6.6', port: 6379 }];
    group.advance(12_000);
    expect(group.master().replicas.size).to.equal(1);
  });

  it('of a reigning master records its replication history', () => {
    const group = aGroup({ master: { reigns: [] } });
    const [saved] = group.sentinel.snapshot().masters;
    expect(saved?.reigns).to.deep.equal([
      { address: { host: '10.0.0.1', port: 6379 }, replicationId: group.first.script.replicationId },
    ]);
  });

  it('tells nothing of the first role a node reports, unless it is not the expected one', () => {
    const group = new Group({ replicas: 2 });
    group.replica(2).script.role = 'master';
    group.advance(500);
    expect(group.events('+role-change', '-role-change').map(({ type, message }) => `${type} ${message}`)).to.deep.equal(
      ['-role-change slave 10.0.0.3:6379 10.0.0.3 6379 @ mymaster 10.0.0.1 6379 new reported role is master'],
    );
  });

  it('is asked of all replicas when we find their master down, before anybody agrees', () => {
    const group = aGroup({ node: { priority: 0 } });
    group.crash(group.first);
    group.advance(900);
    group.forget();
    group.untilEvent('+sdown', 200);
    group.advance(2);
    for (const replica of group.replicas) expect(group.sentTo(replica, 'info').length).to.equal(1);
    expect(group.events('+odown')).to.deep.equal([]);
  });

  it('tells of a role that changed, and of one that changed back', () => {
    const group = aGroup();
    group.core.tunables.infoPeriod = 1_000;
    group.replica(1).script.role = 'master';
    group.untilEvent('-role-change', 11_000);
    group.replica(1).script.role = 'slave';
    group.untilEvent('+role-change', 2_000);
    const replica = 'slave 10.0.0.2:6379 10.0.0.2 6379 @ mymaster 10.0.0.1 6379';
    expect(group.messages('-role-change')).to.deep.equal([`${replica} new reported role is master`]);
    expect(group.messages('+role-change')).to.deep.equal([`${replica} new reported role is slave`]);
  });
});

describe('Many masters', () => {
  it('are attended to in batches, each of them as often as a single one', () => {
    const count = 160;
    const addresses = Array.from({ length: count }, (_, index) => ({ host: '10.9.0.1', port: 10_000 + index }));
    const stage = aSentinel({ masters: [] });
    for (const [index, address] of addresses.entries()) {
      stage.add(new ScriptedNode(address, { role: 'master' }));
      stage.command((core, now) => monitorMaster(core, { name: `m${index}`, address, quorum: 1 }, now));
      stage.advance(7);
    }
    stage.advance(5_000);
    stage.forget();
    stage.ticks = 0;
    stage.advance(10_000);

    expect(stage.ticks).to.be.at.most(400);
    for (const address of addresses) {
      expect(stage.sentTo({ address }, 'ping').length).to.be.within(10, 11);
      expect(stage.published({ address }, HELLO_CHANNEL).length).to.be.within(5, 6);
    }
  });
});

describe('Hello period', () => {
  it('is two seconds to every node and every peer', () => {
    const group = aGroup();
    group.advance(20_000);
    for (const party of [group.first, ...group.replicas, ...group.peers]) {
      const sent = group.sentTo(party, 'publish').filter(({ request }) => request.commands[0]?.[1] === HELLO_CHANNEL);
      expect(sent.length).to.be.within(9, 12);
    }
  });

  it('tells the announced address instead of our own', () => {
    const group = aGroup({ settings: { announceHost: '203.0.113.5', announcePort: 5000 } });
    group.advance(2_500);
    expect(group.published(group.first, HELLO_CHANNEL)[0]).to.equal(
      `203.0.113.5,5000,${MY_ID},1,mymaster,10.0.0.1,6379,1`,
    );
  });

  it('does not go to peers that look dead', () => {
    const group = aGroup();
    group.crash(group.peer(1));
    group.advance(1_500);
    group.forget();
    group.advance(10_000);
    expect(group.sentTo(group.peer(1), 'publish')).to.deep.equal([]);
  });
});

describe('A script that blocks a node', () => {
  it('is asked to stop once the node counts as down for it, and once each time', () => {
    const group = aGroup();
    const { script } = group.replica(1);
    const alive = script.pingReply;
    script.pingReply = new ErrorReply('BUSY Redis is busy');
    group.advance(10_000);
    expect(group.sentTo(group.replica(1), 'kill-script').map(({ request }) => request.commands)).to.deep.equal([
      [['SCRIPT', 'KILL']],
    ]);
    script.pingReply = alive;
    group.advance(1_000);
    expect(group.events('-sdown').length).to.equal(1);
  });
});

describe('A subscription that is refused', () => {
  for (const [error, isRepeated] of [
    ['BUSY Redis is busy running a script', true],
    ['NOPERM no permissions to access a channel', false],
  ] as const) {
    it(`with ${error.split(' ')[0]} is ${isRepeated ? 'asked for again with the next PING' : 'not asked for again on this connection'}`, () => {
      const group = aGroup();
      group.first.script.refusals.set('SUBSCRIBE', error);
      group.disconnect(group.first);
      group.advance(400);
      group.first.script.refusals.clear();
      group.forget();
      group.advance(5_000);
      expect(group.sentTo(group.first, 'subscribe').length).to.equal(isRepeated ? 2 : 0);
      expect(group.linkTo(group.first.address).subscriptions.hello).to.equal(isRepeated ? 'subscribed' : 'refused');
    });
  }
});
