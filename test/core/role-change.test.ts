// Telling a node its role: the transaction, what happens to refused parts, and what a lost answer leads to.

import { expect } from 'chai';
import type { DataNode } from '../../src/core/data-node.js';
import { ROLE_CHANGE_PATIENCE } from '../../src/core/limits.js';
import { requestRole } from '../../src/core/role-change.js';
import type { Address } from '../../src/core/types.js';
import { aGroup, type Group, type GroupOptions, MASTER_ADDRESS } from './builders.js';

function nodeOf(group: Group): DataNode {
  const node = group.core.topology.findNode(group.master(), group.replica(1).address);
  if (node === null) throw new Error('no replica 1');
  return node;
}

function request(group: Group, target: Address | null): boolean {
  return group.command((core, now) => requestRole(core, group.master(), nodeOf(group), target, now));
}

/** The commands of the last role change that left for replica 1. */
function lastCommands(group: Group): (readonly string[])[] {
  return [...(group.sentTo(group.replica(1), 'change-role').at(-1)?.request.commands ?? [])];
}

const KILLS = [
  ['CLIENT', 'KILL', 'TYPE', 'normal'],
  ['CLIENT', 'KILL', 'TYPE', 'pubsub'],
];

function aWillingGroup(refusals: Record<string, string> = {}, options: GroupOptions = {}): Group {
  const group = aGroup({
    replicas: 1,
    peers: 0,
    ...options,
    node: { ...options.node, refusals: new Map(Object.entries(refusals)) },
  });
  return group;
}

describe('Role change', () => {
  it('is one transaction with both kills and INFO in the same write', () => {
    const group = aWillingGroup();
    expect(request(group, null)).to.equal(true);
    expect(lastCommands(group)).to.deep.equal([['MULTI'], ['REPLICAOF', 'NO', 'ONE'], ...KILLS, ['EXEC'], ['INFO']]);
    group.advance(1);
    expect(nodeOf(group).info?.role).to.equal('master');
  });

  it('names the master to follow by address', () => {
    const group = aWillingGroup();
    request(group, MASTER_ADDRESS);
    expect(lastCommands(group)[1]).to.deep.equal(['REPLICAOF', '10.0.0.1', '6379']);
  });

  it('uses the names that commands have on the data nodes', () => {
    const renamedCommands = new Map([
      ['REPLICAOF', 'follow-b1'],
      ['CLIENT', 'cl-b1'],
      ['INFO', 'info-b1'],
      ['MULTI', 'multi-b1'],
      ['EXEC', 'exec-b1'],
    ]);
    const group = aGroup({ replicas: 1, peers: 0, master: { renamedCommands } });
    const node = nodeOf(group);
    node.hasReportedOnConnection = true;
    node.roleCommand = 'REPLICAOF';
    request(group, null);
    expect(lastCommands(group).map(([name]) => name)).to.deep.equal([
      'multi-b1',
      'follow-b1',
      'cl-b1',
      'cl-b1',
      'exec-b1',
      'info-b1',
    ]);
  });

  it('does not leave before the connection has answered an INFO', () => {
    const group = aWillingGroup();
    group.disconnect(group.replica(1));
    expect(request(group, null)).to.equal(false);
    group.until(() => nodeOf(group).link.isOpen, 500);
    nodeOf(group).hasReportedOnConnection = false;
    nodeOf(group).roleCommand = 'REPLICAOF';
    expect(request(group, null)).to.equal(false);
    group.advance(5);
    expect(request(group, null)).to.equal(true);
  });

  it('rests on an INFO of the present connection, not of an earlier one', () => {
    const group = aWillingGroup();
    expect(nodeOf(group).hasReportedOnConnection).to.equal(true);
    group.disconnect(group.replica(1));
    group.until(() => nodeOf(group).link.isOpen, 500);
    expect(nodeOf(group).hasReportedOnConnection).to.equal(false);
  });

  it('is not repeated while one is under way or was answered a moment ago', () => {
    const group = aWillingGroup();
    group.replica(1).script.isObedient = false;
    request(group, null);
    expect(request(group, null)).to.equal(false);
    group.advance(ROLE_CHANGE_PATIENCE - 1);
    expect(request(group, null)).to.equal(false);
    group.advance(1);
    expect(request(group, null)).to.equal(true);
  });

  it('with another target leaves as soon as the first was answered', () => {
    const group = aWillingGroup();
    request(group, null);
    expect(request(group, MASTER_ADDRESS)).to.equal(false);
    group.advance(2);
    expect(request(group, MASTER_ADDRESS)).to.equal(true);
  });

  it(`that stays unanswered for ${ROLE_CHANGE_PATIENCE} ms costs the connection before it is sent again`, () => {
    const group = aWillingGroup({}, { master: { downAfter: 60_000 } });
    group.hang(group.replica(1));
    request(group, null);
    group.advance(ROLE_CHANGE_PATIENCE);
    group.forget();
    group.replica(1).condition = 'up';
    expect(request(group, null)).to.equal(false);
    expect(group.effects('close').map(({ effect }) => effect.reason)).to.deep.equal([
      'a role change stayed unanswered',
    ]);
    group.until(() => nodeOf(group).hasReportedOnConnection && nodeOf(group).link.isOpen, 2_000);
    group.advance(5);
    expect(request(group, null)).to.equal(true);
  });

  describe('with a part that is refused', () => {
    it('is repeated without the part, and an event says what was refused', () => {
      const group = aWillingGroup({
        'CLIENT KILL TYPE NORMAL': "NOPERM this user has no permissions to run the 'client|kill' command",
      });
      request(group, null);
      group.advance(2);
      expect(group.messages('-role-change-refused')).to.deep.equal([
        "slave 10.0.0.2:6379 10.0.0.2 6379 @ mymaster 10.0.0.1 6379 CLIENT KILL TYPE normal: NOPERM this user has no permissions to run the 'client|kill' command",
      ]);
      expect(group.replica(1).script.role).to.equal('slave');
      expect(request(group, null)).to.equal(true);
      expect(lastCommands(group)).to.deep.equal([
        ['MULTI'],
        ['REPLICAOF', 'NO', 'ONE'],
        ['CLIENT', 'KILL', 'TYPE', 'pubsub'],
        ['EXEC'],
        ['INFO'],
      ]);
      group.advance(2);
      expect(group.replica(1).script.role).to.equal('master');
    });

    it('leaves out whichever part was refused, the last one as well', () => {
      const group = aWillingGroup({ 'CLIENT KILL TYPE PUBSUB': 'NOPERM no' });
      request(group, null);
      group.advance(2);
      expect([...nodeOf(group).refusedParts]).to.deep.equal(['CLIENT KILL TYPE pubsub']);
      request(group, null);
      expect(lastCommands(group).map((words) => words.join(' '))).to.deep.equal([
        'MULTI',
        'REPLICAOF NO ONE',
        'CLIENT KILL TYPE normal',
        'EXEC',
        'INFO',
      ]);
    });

    it('says so once for each part, however often it is tried', () => {
      const group = aWillingGroup({ 'CLIENT KILL': "ERR unknown command 'CLIENT'" });
      for (let attempt = 0; attempt < 4; attempt++) {
        request(group, attempt % 2 === 0 ? null : MASTER_ADDRESS);
        group.advance(2);
      }
      expect(group.messages('-role-change-refused').length).to.equal(2);
      expect(lastCommands(group)).to.deep.equal([['MULTI'], ['REPLICAOF', '10.0.0.1', '6379'], ['EXEC'], ['INFO']]);
    });

    it('is sent in single commands where the transaction itself is refused', () => {
      const group = aWillingGroup({
        MULTI: "NOPERM this user has no permissions to run the 'multi' command",
        EXEC: 'NOPERM no',
      });
      request(group, null);
      group.advance(2);
      group.replica(1).script.role = 'slave';
      expect(request(group, null)).to.equal(true);
      expect(lastCommands(group)).to.deep.equal([['REPLICAOF', 'NO', 'ONE'], ...KILLS, ['INFO']]);
      group.advance(2);
      expect(nodeOf(group).info?.role).to.equal('master');
    });
  });

  describe('that was executed', () => {
    function rewrites(group: Group): number {
      return group.sentTo(group.replica(1), 'rewrite-configuration').length;
    }

    it('is then written into the configuration file of the node, in a request of its own', () => {
      const group = aWillingGroup();
      request(group, null);
      expect(rewrites(group)).to.equal(0);
      group.advance(2);
      expect(
        group.sentTo(group.replica(1), 'rewrite-configuration').map(({ request }) => request.commands),
      ).to.deep.equal([[['CONFIG', 'REWRITE']]]);
    });

    it('is not written where the transaction was discarded', () => {
      const group = aWillingGroup({ 'CLIENT KILL TYPE NORMAL': 'NOPERM no' });
      request(group, null);
      group.advance(2);
      expect(rewrites(group)).to.equal(0);
    });

    it('counts as done where writing it is refused, which is said once', () => {
      const refusal = "NOPERM this user has no permissions to run the 'config|rewrite' command";
      const group = aWillingGroup({ 'CONFIG REWRITE': refusal });
      for (const target of [null, MASTER_ADDRESS, null]) {
        request(group, target);
        group.advance(4);
      }
      expect(group.replica(1).script.role).to.equal('master');
      expect(rewrites(group)).to.equal(1);
      expect(group.messages('-role-change-refused')).to.deep.equal([
        `slave 10.0.0.2:6379 10.0.0.2 6379 @ mymaster 10.0.0.1 6379 CONFIG REWRITE: ${refusal}`,
      ]);
    });

    it('is written again next time after an error that is no refusal', () => {
      const group = aWillingGroup({ 'CONFIG REWRITE': 'ERR The server is running without a config file' });
      for (const target of [null, MASTER_ADDRESS]) {
        request(group, target);
        group.advance(4);
      }
      expect(rewrites(group)).to.equal(2);
      expect(group.events('-role-change-refused')).to.deep.equal([]);
    });
  });
});

describe('The word for a role change', () => {
  for (const [refusals, word] of [
    [{}, 'REPLICAOF'],
    [{ REPLICAOF: 'ERR unknown command `REPLICAOF`, with args beginning with: ' }, 'SLAVEOF'],
    [{ REPLICAOF: "NOPERM this user has no permissions to run the 'replicaof' command" }, 'SLAVEOF'],
    [{ SLAVEOF: 'NOPERM no' }, 'REPLICAOF'],
    [{ REPLICAOF: 'NOPERM no', SLAVEOF: 'NOPERM no' }, 'refused'],
  ] as const) {
    it(`is ${word} where the node answers ${JSON.stringify(refusals)}`, () => {
      const group = aWillingGroup(refusals);
      expect(nodeOf(group).roleCommand).to.equal(word);
    });
  }

  it('is learned when the link comes up, with a command that can change nothing', () => {
    const group = aGroup({ replicas: 1, peers: 0 });
    group.disconnect(group.replica(1));
    group.until(() => nodeOf(group).link.isOpen, 500);
    expect(group.sentTo(group.replica(1))[0]?.request.commands).to.deep.equal([
      ['REPLICAOF', '127.0.0.1', 'not-a-port'],
      ['SLAVEOF', '127.0.0.1', 'not-a-port'],
    ]);
    group.advance(5);
    expect(group.replica(1).script.follows).to.deep.equal(MASTER_ADDRESS);
  });

  it('is the modern one for a node that cannot say yet', () => {
    const loading = 'LOADING Redis is loading the dataset in memory';
    expect(nodeOf(aWillingGroup({ REPLICAOF: loading, SLAVEOF: loading })).roleCommand).to.equal('REPLICAOF');
  });

  it('that does not exist is told once, and asked for again on the next connection', () => {
    const group = aGroup({ replicas: 1, peers: 0 });
    const { refusals } = group.replica(1).script;
    refusals.set('REPLICAOF', 'NOPERM no').set('SLAVEOF', 'NOPERM no');
    for (let connection = 0; connection < 3; connection++) {
      group.disconnect(group.replica(1));
      group.advance(1_000);
    }
    expect(group.messages('-role-change-refused')).to.deep.equal([
      'slave 10.0.0.2:6379 10.0.0.2 6379 @ mymaster 10.0.0.1 6379 role change: neither REPLICAOF nor SLAVEOF may be used',
    ]);
    refusals.clear();
    group.disconnect(group.replica(1));
    group.advance(1_000);
    expect(nodeOf(group).roleCommand).to.equal('REPLICAOF');
  });

  it('that is SLAVEOF is used for the role change', () => {
    const group = aWillingGroup({ REPLICAOF: 'NOPERM no' });
    request(group, null);
    expect(lastCommands(group)[1]).to.deep.equal(['SLAVEOF', 'NO', 'ONE']);
  });
});
