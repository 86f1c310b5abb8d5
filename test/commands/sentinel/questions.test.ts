// What clients and other Sentinels ask: addresses, verdicts, votes, configurations, caches.

import { expect } from 'chai';
import { Deferred } from '../../../src/commands/outcome.js';
import { LONGEST_UNSAVED_VOTE, LONGEST_UNSAVED_VOTE_WHEN_BUSY } from '../../../src/core/limits.js';
import { aDesk, type Desk, elements } from '../desk.js';

const ASK = ['SENTINEL', 'IS-MASTER-DOWN-BY-ADDR', '10.0.0.1', '6379'] as const;

function deferred(desk: Desk, words: readonly string[]): Deferred {
  const outcome = desk.run(words);
  if (!(outcome instanceof Deferred)) throw new Error('the reply was not deferred');
  return outcome;
}

describe('SENTINEL GET-MASTER-ADDR-BY-NAME', () => {
  it('answers IP and port as texts, by either name', () => {
    const desk = aDesk();
    const address = '*2\r\n$8\r\n10.0.0.1\r\n$4\r\n6379\r\n';
    expect(desk.ask('SENTINEL', 'get-master-addr-by-name', 'mymaster')).to.equal(address);
    expect(desk.ask('SENTINEL', 'GET-PRIMARY-ADDR-BY-NAME', 'mymaster')).to.equal(address);
  });

  it('answers null for an unknown name', () => {
    const desk = aDesk();
    expect(desk.ask('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', 'foo')).to.equal('*-1\r\n');
    desk.client.protocol = 3;
    expect(desk.ask('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', 'foo')).to.equal('_\r\n');
  });

  it('answers the promoted replica as soon as the configuration is switched', () => {
    const desk = aDesk();
    desk.group.killMaster();
    desk.group.untilEvent('+switch-master', 5_000);
    const { host } = desk.group.master().advertisedAddress;
    expect(host).to.not.equal('10.0.0.1');
    expect(elements(desk.ask('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', 'mymaster'))).to.deep.equal([host, '6379']);
  });

  it('answers a host name only when names are announced', () => {
    const options = { master: { address: { host: 'redis.test', port: 6379 } } };
    const ask = (desk: Desk) => elements(desk.ask('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', 'mymaster'))[0];
    const settings = { resolveHostnames: true, announceHostnames: true };
    const named = aDesk({ ...options, settings });
    expect(ask(named)).to.equal('redis.test');
    const numbered = aDesk({ ...options, settings: { resolveHostnames: true } });
    for (const ip of ['10.7.7.7', '10.7.7.8']) {
      numbered.group.core.topology.learnIp('redis.test', ip);
      expect([ask(numbered), ask(numbered)]).to.deep.equal([ip, ip]);
    }
  });
});

describe('SENTINEL IS-MASTER-DOWN-BY-ADDR', () => {
  it('without a candidate answers the verdict at once', () => {
    const desk = aDesk();
    expect(desk.ask(...ASK, 0, '*')).to.equal('*3\r\n:0\r\n$1\r\n*\r\n:0\r\n');
    desk.group.crash(desk.group.first);
    desk.group.untilEvent('+sdown', 2_000);
    expect(desk.ask(...ASK, 0, '*')).to.equal('*3\r\n:1\r\n$1\r\n*\r\n:0\r\n');
    expect(desk.ask('SENTINEL', 'is-primary-down-by-addr', '10.0.0.1', 6379, 0, '*')).to.contain(':1');
  });

  it('finds nothing down in TILT, or at an address that is no master', () => {
    const desk = aDesk();
    desk.group.crash(desk.group.first);
    desk.group.untilEvent('+sdown', 2_000);
    const nobody = ['SENTINEL', 'IS-MASTER-DOWN-BY-ADDR', '10.0.0.2', 6379, 5, desk.group.peer(1).runId];
    expect(desk.ask(...nobody)).to.equal('*3\r\n:0\r\n$1\r\n*\r\n:0\r\n');
    desk.group.core.tilt = { since: desk.group.now };
    expect(desk.ask(...ASK, 0, '*')).to.contain(':0');
  });

  it('votes for the first candidate of an epoch and names it to the second', () => {
    const desk = aDesk();
    const [first, second] = [desk.group.peer(1).runId, desk.group.peer(2).runId];
    const answer = `*3\r\n:0\r\n$40\r\n${first}\r\n:2\r\n`;
    expect(desk.ask(...ASK, 2, first)).to.equal(answer);
    expect(desk.ask(...ASK, 2, second)).to.equal(answer);
    expect(desk.group.messages('+vote-for-leader')).to.deep.equal([`${first} 2`]);
  });

  it('tells a vote only when it is on disk', () => {
    const desk = aDesk();
    desk.group.disk = 'held';
    const reply = deferred(desk, [...ASK, '2', desk.group.peer(1).runId]);
    desk.group.advance(LONGEST_UNSAVED_VOTE - 1);
    expect(desk.group.effects('reply')).to.deep.equal([]);
    desk.group.answerSave();
    expect(desk.wait(reply, 1)).to.deep.equal([0, desk.group.peer(1).runId, 2]);
  });

  it('answers the verdict without the vote when the disk takes too long', () => {
    const desk = aDesk();
    desk.group.disk = 'held';
    const reply = deferred(desk, [...ASK, '2', desk.group.peer(1).runId]);
    expect(desk.wait(reply, LONGEST_UNSAVED_VOTE + 5)).to.deep.equal([0, '*', 0]);
  });

  it('tells a vote that is on disk at once, whatever else is being saved', () => {
    const desk = aDesk();
    const request = [...ASK, '2', desk.group.peer(1).runId];
    desk.wait(deferred(desk, request));
    desk.group.disk = 'held';
    desk.group.command((core) => core.durability.touchBeforeSpeaking());
    expect(desk.wait(deferred(desk, request), 1)).to.deep.equal([0, desk.group.peer(1).runId, 2]);
  });

  it('waits longer for a disk that was busy the last time, within bounds', () => {
    for (const [lastDuration, wait] of [
      [LONGEST_UNSAVED_VOTE, 2 * LONGEST_UNSAVED_VOTE],
      [60_000, LONGEST_UNSAVED_VOTE_WHEN_BUSY],
    ] as const) {
      const desk = aDesk();
      desk.group.core.durability.lastDuration = lastDuration;
      desk.group.disk = 'held';
      const reply = deferred(desk, [...ASK, '2', desk.group.peer(1).runId]);
      desk.group.advance(wait - 1);
      expect(desk.group.effects('reply')).to.deep.equal([]);
      expect(desk.wait(reply, 5)).to.deep.equal([0, '*', 0]);
    }
  });

  it('makes the core look at no other master than the one that the vote is for', () => {
    const desk = aDesk();
    deferred(desk, [...ASK, '2', desk.group.peer(1).runId]);
    expect(desk.attended).to.deep.equal(['mymaster']);
    expect(desk.evaluations).to.equal(1);
  });

  it('grants no vote for an epoch that cannot be stored', () => {
    const desk = aDesk();
    const before = desk.group.core.currentEpoch;
    for (const epoch of ['-1', '9007199254740992', '9223372036854775807']) {
      expect(desk.ask(...ASK, epoch, desk.group.peer(1).runId)).to.equal('*3\r\n:0\r\n$1\r\n*\r\n:0\r\n');
    }
    expect(desk.group.core.currentEpoch).to.equal(before);
  });

  it('insists on integers', () => {
    const desk = aDesk();
    const complaint = '-ERR value is not an integer or out of range\r\n';
    expect(desk.ask('SENTINEL', 'IS-MASTER-DOWN-BY-ADDR', '10.0.0.1', 'x', 0, '*')).to.equal(complaint);
    for (const epoch of ['x', '01', ' 1', '+1', '9223372036854775808', '']) {
      expect(desk.ask(...ASK, epoch, '*')).to.equal(complaint);
    }
  });
});

describe('SENTINEL CONFIGURATION', () => {
  it('tells address, configuration epoch, promised epoch, current epoch and whether replicas are reconfigured', () => {
    const desk = aDesk({ currentEpoch: 7, master: { configEpoch: 5, voteEpoch: 5 } });
    expect(desk.ask('SENTINEL', 'CONFIGURATION', 'mymaster')).to.equal(
      '*6\r\n$8\r\n10.0.0.1\r\n:6379\r\n:5\r\n:0\r\n:7\r\n:0\r\n',
    );
    expect(desk.ask('SENTINEL', 'CONFIGURATION', 'foo')).to.equal('-ERR No such master with that name\r\n');
  });

  it('names a promised epoch for as long as the promise binds', () => {
    const desk = aDesk();
    desk.ask(...ASK, 2, desk.group.peer(1).runId);
    const promised = () => elements(desk.ask('SENTINEL', 'CONFIGURATION', 'mymaster'))[3];
    expect(promised()).to.equal('2');
    desk.group.advance(3_500);
    expect(promised()).to.equal('0');
  });
});

describe('SENTINEL MYID, INFO-CACHE and PENDING-SCRIPTS', () => {
  it('MYID is the id that is saved', () => {
    const desk = aDesk();
    expect(desk.ask('SENTINEL', 'MYID')).to.equal(`$40\r\n${desk.group.core.myId}\r\n`);
  });

  it('INFO-CACHE has the last INFO of the master and each replica with its age, and skips unknown names', () => {
    const desk = aDesk();
    const reply = desk.ask('SENTINEL', 'INFO-CACHE', 'foo', 'mymaster', 'mymaster');
    expect(reply).to.match(/^\*2\r\n\$8\r\nmymaster\r\n\*3\r\n\*2\r\n:\d+\r\n\$\d+\r\n# Server\r\n/);
    expect(reply.match(/role:slave/g)).to.have.length(2);
    expect(desk.ask('SENTINEL', 'INFO-CACHE', 'foo')).to.equal('*0\r\n');
  });

  it('INFO-CACHE has nothing of a node that has not reported', () => {
    const desk = aDesk();
    desk.ask('SENTINEL', 'MONITOR', 'new', '10.9.9.9', 6379, 1);
    expect(desk.ask('SENTINEL', 'INFO-CACHE', 'new')).to.equal('*2\r\n$3\r\nnew\r\n*1\r\n*2\r\n:0\r\n$-1\r\n');
  });

  it('PENDING-SCRIPTS shows what runs and what waits', () => {
    const desk = aDesk();
    const { now } = desk.group;
    desk.host.scripts = [
      { words: ['/bin/a', 'x'], processId: 77, at: now - 1_500.5, attempts: 0 },
      { words: ['/bin/b'], processId: null, at: now + 2_000, attempts: 3 },
      { words: ['/bin/c'], processId: null, at: 0, attempts: 0 },
    ];
    const script = (argv: string, flags: string, pid: string, timing: string, attempts: string) =>
      `*10\r\n$4\r\nargv\r\n${argv}$5\r\nflags\r\n${flags}$3\r\npid\r\n${pid}${timing}$9\r\nretry-num\r\n${attempts}`;
    expect(desk.ask('SENTINEL', 'PENDING-SCRIPTS')).to.equal(
      `*3\r\n${script('*2\r\n$6\r\n/bin/a\r\n$1\r\nx\r\n', '$7\r\nrunning\r\n', '$2\r\n77\r\n', '$8\r\nrun-time\r\n$4\r\n1500\r\n', '$1\r\n0\r\n')}${script('*1\r\n$6\r\n/bin/b\r\n', '$9\r\nscheduled\r\n', '$1\r\n0\r\n', '$9\r\nrun-delay\r\n$4\r\n2000\r\n', '$1\r\n3\r\n')}${script('*1\r\n$6\r\n/bin/c\r\n', '$9\r\nscheduled\r\n', '$1\r\n0\r\n', '$9\r\nrun-delay\r\n$1\r\n0\r\n', '$1\r\n0\r\n')}`,
    );
  });
});
