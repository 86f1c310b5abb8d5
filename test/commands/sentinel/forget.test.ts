// SENTINEL FORGET: its words and its replies. What may be forgotten is `test/core/forget.test.ts`.

import { expect } from 'chai';
import { peerId, replicaAddress } from '../../core/builders.js';
import { aDesk, type Desk } from '../desk.js';

/** Replica 2 and the second Sentinel of four are gone. */
function aDeskWithLosses(): Desk {
  const desk = aDesk({ peers: 3 });
  const { group } = desk;
  group.crash(group.replica(2));
  group.crash(group.peer(2));
  group.first.script.replicas = [replicaAddress(1)];
  group.advance(11_000);
  return desk;
}

describe('SENTINEL FORGET', () => {
  it('drops a replica, on disk before it is confirmed', () => {
    const desk = aDeskWithLosses();
    desk.group.forget();
    expect(desk.ask('SENTINEL', 'FORGET', 'mymaster', 'replica', '10.0.0.3', 6379)).to.equal('+OK\r\n');
    expect(desk.group.master().replicas.size).to.equal(1);
    expect(desk.group.effects('save').length).to.be.at.least(1);
    expect(desk.group.sentTo(desk.group.peer(1), 'tell-forget').length).to.equal(1);
  });

  it('drops a Sentinel', () => {
    const desk = aDeskWithLosses();
    expect(desk.ask('SENTINEL', 'FORGET', 'mymaster', 'SENTINEL', peerId(2))).to.equal('+OK\r\n');
    expect(desk.group.master().peers.has(peerId(2))).to.equal(false);
  });

  it('says why it does not', () => {
    const desk = aDesk();
    expect(desk.ask('SENTINEL', 'FORGET', 'mymaster', 'SENTINEL', peerId(1))).to.equal(
      '-ERR It cannot be forgotten: it is not subjectively down\r\n',
    );
    expect(desk.ask('SENTINEL', 'FORGET', 'mymaster', 'REPLICA', '10.0.0.1', 6379)).to.equal(
      '-ERR It cannot be forgotten: it is the master\r\n',
    );
    expect(desk.group.master().peers.size).to.equal(2);
  });

  it('knows only what there is', () => {
    const desk = aDesk();
    expect(desk.ask('SENTINEL', 'FORGET', 'mymaster', 'REPLICA', '10.9.9.9', 6379)).to.equal(
      '-ERR No such replica with that address\r\n',
    );
    expect(desk.ask('SENTINEL', 'FORGET', 'mymaster', 'SENTINEL', '9'.repeat(40))).to.equal(
      '-ERR No such Sentinel with that run id\r\n',
    );
    expect(desk.ask('SENTINEL', 'FORGET', 'nosuch', 'SENTINEL', '9'.repeat(40))).to.match(/^-ERR No such master/);
  });

  it('takes exactly its words', () => {
    const desk = aDesk();
    for (const words of [
      ['REPLICA', '10.0.0.3'],
      ['REPLICA', '10.0.0.3', 'port'],
      ['REPLICA', 'a b', '6379'],
      ['REPLICA', '10.0.0.3', '6379', 'EVERYWHERE'],
      ['SENTINEL', 'somebody'],
      ['SENTINEL', peerId(1), 'LOCAL', 'LOCAL'],
      ['MASTER', '10.0.0.1', '6379'],
    ]) {
      expect(desk.ask('SENTINEL', 'FORGET', 'mymaster', ...words), words.join(' ')).to.equal('-ERR syntax error\r\n');
    }
  });

  it('LOCAL, as other Sentinels ask for it, is passed on to nobody and is content with what is gone already', () => {
    const desk = aDeskWithLosses();
    for (let time = 0; time < 2; time++) {
      expect(desk.ask('SENTINEL', 'FORGET', 'mymaster', 'SENTINEL', peerId(2), 'local')).to.equal('+OK\r\n');
    }
    expect(desk.group.sentTo(desk.group.peer(1), 'tell-forget')).to.deep.equal([]);
  });
});
