// The documentation's section "SDOWN and ODOWN failure state", sentence by sentence, each in our own words.

import { expect } from 'chai';
import { ErrorReply, SimpleString } from '../../src/protocol/reply.js';
import { aGroup } from '../core/builders.js';

const PONG = new SimpleString('PONG');

describe('SDOWN and ODOWN failure state', () => {
  // There are two notions of being down; the subjective one belongs to a single Sentinel alone.
  it('calls a master subjectively down from what this Sentinel sees, whatever others say', () => {
    const group = aGroup({ peer: { findsMasterDown: false } });
    group.crash(group.first);
    group.advance(3_000);
    expect(group.messages('+sdown')).to.deep.equal(['master mymaster 10.0.0.1 6379']);
    expect(group.events('+odown')).to.deep.equal([]);
  });

  // The objective one is reached when at least as many Sentinels as the quorum have the subjective one.
  it('calls a master objectively down when as many Sentinels as the quorum agree', () => {
    const group = aGroup({ peers: 4, master: { quorum: 3 }, node: { priority: 0 } });
    group.crash(group.first);
    group.peer(1).script.findsMasterDown = true;
    group.advance(3_000);
    expect(group.events('+odown')).to.deep.equal([]);
    group.peer(2).script.findsMasterDown = true;
    group.untilEvent('+odown', 1_100);
  });

  // Agreement is found out by asking the others with SENTINEL is-master-down-by-addr.
  it('asks the others with SENTINEL IS-MASTER-DOWN-BY-ADDR, once in an ask period', () => {
    const group = aGroup({ node: { priority: 0 } });
    group.crash(group.first);
    group.advance(5_500);
    const asked = group.sentTo(group.peer(1), 'ask-master-down');
    expect(asked.length).to.be.within(4, 6);
    expect(asked[0]?.request.commands).to.deep.equal([
      ['SENTINEL', 'is-master-down-by-addr', '10.0.0.1', '6379', '1', '*'],
    ]);
  });

  // A Sentinel finds an instance down when it got no valid reply to PING for down-after-milliseconds.
  it('counts the time without a valid reply to PING', () => {
    for (const downAfter of [1_000, 5_000]) {
      const group = aGroup({ master: { downAfter } });
      group.hang(group.first);
      const took = group.untilEvent('+sdown', downAfter + 2_000);
      expect(took).to.be.within(downAfter, downAfter + Math.max(200, downAfter / 5) + 5);
    }
  });

  // Valid replies are +PONG, -LOADING and -MASTERDOWN; any other one, or none, is not.
  it('takes PONG, LOADING and MASTERDOWN for signs of life', () => {
    for (const reply of [PONG, new ErrorReply('LOADING x'), new ErrorReply('MASTERDOWN x')]) {
      const group = aGroup();
      group.first.script.pingReply = reply;
      group.advance(5_000);
      expect(group.events('+sdown')).to.deep.equal([]);
    }
  });

  it('takes no other reply for a sign of life', () => {
    for (const reply of [new ErrorReply('ERR x'), new ErrorReply('NOAUTH x'), new SimpleString('OK'), 'PANG', null]) {
      const group = aGroup();
      group.first.script.pingReply = reply;
      group.advance(1_400);
      expect(group.messages('+sdown')).to.deep.equal(['master mymaster 10.0.0.1 6379']);
    }
  });

  // A master that claims to be a replica in INFO counts as down.
  it('finds a master down that says it is a replica', () => {
    const group = aGroup({ peers: 0 });
    group.core.tunables.infoPeriod = 500;
    group.first.script.role = 'slave';
    group.untilEvent('+sdown', 15_000);
  });

  // Not a single acceptable reply must have come within the whole interval: one just before its end is enough.
  it('does not find an instance down that answers once within every interval', () => {
    const group = aGroup();
    group.first.script.pingReply = new ErrorReply('BUSY x');
    for (let interval = 0; interval < 10; interval++) {
      group.advance(700);
      group.first.script.pingReply = PONG;
      group.advance(210);
      group.first.script.pingReply = new ErrorReply('BUSY x');
    }
    expect(group.events('+sdown')).to.deep.equal([]);
  });

  // The subjective condition alone starts no failover.
  it('fails nothing over for one Sentinel alone', () => {
    const group = aGroup();
    group.crash(group.first);
    group.advance(60_000);
    expect(group.events('+try-failover')).to.deep.equal([]);
    expect(group.core.currentEpoch).to.equal(1);
  });

  // If the others' agreement goes missing later, the objective condition is cleared.
  it('clears the objective condition when agreement is lost', () => {
    const group = aGroup({ node: { priority: 0 } });
    group.killMaster();
    group.untilEvent('+odown', 1_500);
    for (const peer of group.peers) peer.script.findsMasterDown = false;
    group.untilEvent('-odown', 1_200);
    expect(group.events('-sdown')).to.deep.equal([]);
  });

  // Agreement needs only reports within a certain time, not all at once: it is gossip, not consensus.
  it('counts reports of different moments as long as they are recent', () => {
    const group = aGroup({ peers: 2, master: { quorum: 3 }, node: { priority: 0 } });
    group.crash(group.first);
    group.peer(1).script.findsMasterDown = true;
    group.untilEvent('+sdown', 1_200);
    group.advance(100);
    group.hang(group.peer(1));
    group.advance(2_000);
    group.peer(2).script.findsMasterDown = true;
    group.untilEvent('+odown', 1_200);
  });

  // To really start, the failover must be authorised by a majority, also where the quorum is smaller.
  it('starts no failover with the quorum alone', () => {
    const group = aGroup({ peers: 4, master: { quorum: 1 }, peer: { votesFor: 'nobody' } });
    group.killMaster();
    group.advance(10_000);
    expect(group.events('+odown').length).to.equal(1);
    expect(group.events('+elected-leader')).to.deep.equal([]);
  });

  // The objective condition exists for masters only; replicas and Sentinels are only ever subjectively down.
  it('never calls a replica or a Sentinel objectively down', () => {
    const group = aGroup({ master: { quorum: 1 } });
    for (const party of [...group.replicas, ...group.peers]) group.crash(party);
    group.advance(20_000);
    expect(group.events('+sdown').length).to.equal(4);
    expect(group.events('+odown')).to.deep.equal([]);
  });

  // A replica that is subjectively down is not selected for promotion.
  it('does not promote a replica that is subjectively down', () => {
    const group = aGroup();
    group.replica(1).script.offset = 9_000_000;
    group.crash(group.replica(1));
    group.advance(2_000);
    group.killMaster();
    group.untilEvent('+switch-master', 3_000);
    expect(group.messages('+switch-master')).to.deep.equal(['mymaster 10.0.0.1 6379 10.0.0.3 6379']);
  });
});
