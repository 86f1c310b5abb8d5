// Subjectively and objectively down: when silence becomes a verdict, and when verdicts become agreement.

import { expect } from 'chai';
import { verdictOn } from '../../src/core/down.js';
import { VERDICT_LIFE_IN_ASK_PERIODS } from '../../src/core/limits.js';
import { ErrorReply, type Reply, SimpleString } from '../../src/protocol/reply.js';
import { aGroup, type Group } from './builders.js';
import { idOf } from './scripted-node.js';

/** Nobody to agree with, nobody to promote: what is left is the verdict itself. */
function aLoneWatch(options: Parameters<typeof aGroup>[0] = {}): Group {
  return aGroup({ peers: 0, replicas: 0, ...options });
}

describe('Subjectively down', () => {
  it('begins when a node has been silent for down-after, counted from its first unanswered PING', () => {
    const group = aLoneWatch();
    group.hang(group.first);
    const { link } = group.master().node;
    group.until(() => link.silentSince !== null, 300);
    const since = link.silentSince ?? Number.NaN;
    group.untilEvent('+sdown', 2_000);
    expect(group.now - since).to.be.within(1_000, 1_002);
  });

  it('begins down-after after a connection broke, if none can be made', () => {
    const group = aLoneWatch();
    group.crash(group.first);
    expect(group.untilEvent('+sdown', 2_000)).to.be.within(1_000, 1_002);
  });

  it('takes two looks: at the first the node is only overdue', () => {
    const group = aLoneWatch();
    group.crash(group.first);
    group.until(() => group.master().node.overdueSince !== null, 2_000);
    expect(group.events('+sdown')).to.deep.equal([]);
    group.advance(1);
    expect(group.messages('+sdown')).to.deep.equal(['master mymaster 10.0.0.1 6379']);
  });

  it('is not declared of a node that answers between the two looks', () => {
    const group = aLoneWatch({ master: { downAfter: 3_000 } });
    group.first.script.pingReply = new ErrorReply('BUSY Redis is busy running a script.');
    group.until(() => group.master().node.overdueSince !== null, 4_000);
    const { link } = group.master().node;
    const request = { purpose: { kind: 'ping' as const }, commands: [['PING']] };
    group.receive({ kind: 'reply', link: link.id, request, replies: [new SimpleString('PONG')] });
    group.first.script.pingReply = new SimpleString('PONG');
    group.advance(1_000);
    expect(group.events('+sdown')).to.deep.equal([]);
  });

  it('ends with the first answer that counts as alive', () => {
    const group = aLoneWatch();
    group.crash(group.first);
    group.untilEvent('+sdown', 2_000);
    group.revive(group.first);
    expect(group.untilEvent('-sdown', 400)).to.be.at.most(300);
    expect(group.messages('-sdown')).to.deep.equal(['master mymaster 10.0.0.1 6379']);
  });

  it('does not begin anew because the connection was replaced or PINGs were repeated', () => {
    const group = aLoneWatch();
    group.hang(group.first);
    group.untilEvent('+sdown', 1_300);
    expect(group.effects('close').map(({ effect }) => effect.reason)).to.include('no answer for half of down-after');
  });

  for (const [reply, counts] of [
    [new SimpleString('PONG'), true],
    [new ErrorReply('LOADING Redis is loading the dataset in memory'), true],
    [new ErrorReply("MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'."), true],
    [new ErrorReply('BUSY Redis is busy running a script.'), false],
    [new ErrorReply('NOAUTH Authentication required.'), false],
    [new ErrorReply('ERR unknown command'), false],
    [new SimpleString('PANG'), false],
  ] as [Reply, boolean][]) {
    const text = reply instanceof ErrorReply ? reply.message : (reply as SimpleString).value;
    it(`is ${counts ? 'prevented' : 'not prevented'} by the answer ${text}`, () => {
      const group = aLoneWatch();
      group.first.script.pingReply = reply;
      group.advance(2_500);
      expect(group.events('+sdown').length).to.equal(counts ? 0 : 1);
    });
  }

  describe('of a port that refuses', () => {
    it('begins after down-after-refused-milliseconds of nothing but refusals', () => {
      const group = aLoneWatch({ master: { downAfter: 30_000, downAfterRefused: 300 } });
      group.crash(group.first);
      expect(group.untilEvent('+sdown', 2_000)).to.be.within(300, 320);
    });

    it('waits for down-after where that is not set', () => {
      const group = aLoneWatch({ master: { downAfter: 5_000 } });
      group.crash(group.first);
      group.advance(4_900);
      expect(group.events('+sdown')).to.deep.equal([]);
    });

    it('waits for down-after where nobody refuses: the host may be cut off', () => {
      const group = aLoneWatch({ master: { downAfter: 5_000, downAfterRefused: 300 } });
      group.hang(group.first);
      group.disconnect(group.first);
      group.advance(4_900);
      expect(group.events('+sdown')).to.deep.equal([]);
    });

    it('does not begin when a connection is made in between', () => {
      const group = aLoneWatch({ master: { downAfter: 5_000, downAfterRefused: 300 } });
      for (let time = 0; time < 5; time++) {
        group.crash(group.first);
        group.advance(200);
        group.revive(group.first);
        group.advance(600);
      }
      expect(group.events('+sdown')).to.deep.equal([]);
    });

    it('ends with the first answer', () => {
      const group = aLoneWatch({ master: { downAfter: 30_000, downAfterRefused: 300 } });
      group.crash(group.first);
      group.untilEvent('+sdown', 2_000);
      group.revive(group.first);
      expect(group.untilEvent('-sdown', 2_000)).to.be.at.most(100);
    });
  });

  it('is said of replicas and of other Sentinels too', () => {
    const group = aGroup({ peers: 1, replicas: 1, master: { quorum: 2 } });
    group.crash(group.replica(1));
    group.crash(group.peer(1));
    group.advance(1_100);
    expect(group.messages('+sdown')).to.have.members([
      'slave 10.0.0.2:6379 10.0.0.2 6379 @ mymaster 10.0.0.1 6379',
      `sentinel ${group.peer(1).runId} 10.0.1.1 26379 @ mymaster 10.0.0.1 6379`,
    ]);
    group.revive(group.replica(1));
    group.revive(group.peer(1));
    group.advance(400);
    expect(group.events('-sdown').length).to.equal(2);
  });

  describe('of a master that calls itself a replica', () => {
    it('begins after down-after and two INFO periods', () => {
      const group = aLoneWatch();
      group.core.tunables.infoPeriod = 1_000;
      group.first.script.role = 'slave';
      group.first.script.follows = { host: '10.0.0.9', port: 6379 };
      group.until(() => group.master().node.roleReported === 'slave', 10_100);
      group.untilEvent('+sdown', 3_500);
      expect(group.now - group.master().node.roleReportedAt).to.equal(1_000 + 2 * 1_000);
    });

    it('ends when it calls itself a master again', () => {
      const group = aLoneWatch();
      group.core.tunables.infoPeriod = 500;
      group.first.script.role = 'slave';
      group.untilEvent('+sdown', 15_000);
      group.first.script.role = 'master';
      expect(group.untilEvent('-sdown', 600)).to.be.at.most(600);
    });
  });

  describe('of a rebooted master that is still loading', () => {
    function reboot(group: Group): void {
      group.crash(group.first);
      group.first.script.runId = idOf('another run');
      group.first.script.pingReply = new ErrorReply('LOADING Redis is loading the dataset in memory');
      group.revive(group.first);
      group.untilEvent('+reboot', 500);
    }

    it('begins after master-reboot-down-after-period', () => {
      const group = aLoneWatch({ master: { masterRebootDownAfter: 3_000 } });
      reboot(group);
      expect(group.messages('+reboot')).to.deep.equal(['master mymaster 10.0.0.1 6379']);
      group.advance(2_900);
      expect(group.events('+sdown')).to.deep.equal([]);
      group.advance(150);
      expect(group.events('+sdown').length).to.equal(1);
    });

    it('does not begin where the period is 0', () => {
      const group = aLoneWatch({ master: { masterRebootDownAfter: 0 } });
      reboot(group);
      group.advance(60_000);
      expect(group.events('+reboot').length).to.equal(1);
      expect(group.events('+sdown')).to.deep.equal([]);
    });

    it('does not begin when loading ended in time', () => {
      const group = aLoneWatch({ master: { masterRebootDownAfter: 3_000 } });
      reboot(group);
      group.advance(2_000);
      group.first.script.pingReply = new SimpleString('PONG');
      group.advance(5_000);
      expect(group.events('+sdown')).to.deep.equal([]);
    });
  });
});

describe('Objectively down', () => {
  /** The master is dead, replicas cannot be promoted, so that nothing but agreement happens. */
  function anOutage(options: Parameters<typeof aGroup>[0] = {}): Group {
    const group = aGroup({ replicas: 0, ...options });
    group.crash(group.first);
    return group;
  }

  it('needs our own verdict and those of others up to the quorum', () => {
    const group = anOutage({ peers: 4, master: { quorum: 3 } });
    group.peer(1).script.findsMasterDown = true;
    group.advance(5_000);
    expect(group.events('+odown')).to.deep.equal([]);
    group.peer(2).script.findsMasterDown = true;
    group.untilEvent('+odown', 1_100);
    expect(group.messages('+odown')).to.deep.equal(['master mymaster 10.0.0.1 6379 #quorum 3/3']);
  });

  it('is not believed while we find the master up ourselves, whatever others say', () => {
    const group = aGroup({ peers: 2, replicas: 0 });
    for (const peer of group.peers) peer.script.findsMasterDown = true;
    for (const peer of group.peers) group.hearVote(peer.vote('sdown'));
    group.advance(5_000);
    expect(group.events('+odown')).to.deep.equal([]);
  });

  it('needs nobody else where the quorum is 1', () => {
    const group = anOutage({ peers: 2, master: { quorum: 1 } });
    group.untilEvent('+odown', 1_100);
    expect(group.messages('+odown')).to.deep.equal(['master mymaster 10.0.0.1 6379 #quorum 1/1']);
  });

  it('ends when a verdict that the quorum needs is taken back', () => {
    const group = anOutage({ peers: 2 });
    group.peer(1).script.findsMasterDown = true;
    group.untilEvent('+odown', 1_200);
    group.peer(1).script.findsMasterDown = false;
    expect(group.untilEvent('-odown', 1_100)).to.be.at.most(1_002);
    expect(group.messages('-odown')).to.deep.equal(['master mymaster 10.0.0.1 6379']);
  });

  it('ends with our own verdict', () => {
    const group = anOutage({ peers: 2 });
    for (const peer of group.peers) peer.script.findsMasterDown = true;
    group.untilEvent('+odown', 1_200);
    group.revive(group.first);
    group.untilEvent('-odown', 300);
    expect(group.events('-sdown').length).to.equal(1);
  });

  it(`counts an answer for ${VERDICT_LIFE_IN_ASK_PERIODS} ask periods, and not a moment longer`, () => {
    const group = anOutage({ peers: 2 });
    group.peer(1).script.findsMasterDown = true;
    group.untilEvent('+odown', 1_200);
    group.hang(group.peer(1));
    const answeredAt = group.master().peers.get(group.peer(1).runId)?.verdict?.at ?? Number.NaN;
    const expiresAt = answeredAt + VERDICT_LIFE_IN_ASK_PERIODS * group.core.tunables.askPeriod;
    group.advance(expiresAt - group.now);
    expect(group.events('-odown')).to.deep.equal([]);
    group.advance(1);
    expect(group.events('-odown').length).to.equal(1);
  });

  it('is not counted from a vote message alone: the sender is asked, and only its answer counts', () => {
    const group = anOutage({ peers: 2 });
    group.untilEvent('+sdown', 1_100);
    group.advance(100);
    group.forget();
    group.hearVote(group.peer(1).vote('sdown'));
    expect(group.sentTo(group.peer(1), 'ask-master-down').length).to.equal(1);
    expect(group.sentTo(group.peer(2), 'ask-master-down').length).to.equal(0);
    group.advance(100);
    expect(group.events('+odown')).to.deep.equal([]);
  });

  it('begins one round trip after the vote message of the peer that makes the quorum', () => {
    const group = anOutage({ peers: 2 });
    group.untilEvent('+sdown', 1_100);
    group.advance(100);
    group.peer(1).script.findsMasterDown = true;
    group.hearVote(group.peer(1).vote('sdown'));
    expect(group.untilEvent('+odown', 1_000)).to.be.at.most(2);
  });
});

describe('The verdict we answer to others', () => {
  it('is what we find, and "up" in TILT', () => {
    const group = aGroup({ peers: 1, replicas: 0 });
    expect(verdictOn(group.core, group.master())).to.equal(false);
    group.crash(group.first);
    group.untilEvent('+sdown', 1_100);
    expect(verdictOn(group.core, group.master())).to.equal(true);
    group.stall(group.core.tunables.tiltTrigger + 200);
    expect(group.core.tilt).not.to.equal(null);
    expect(verdictOn(group.core, group.master())).to.equal(false);
  });
});
