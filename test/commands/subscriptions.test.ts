// SUBSCRIBE, PSUBSCRIBE, UNSUBSCRIBE, PUNSUBSCRIBE and PUBLISH.

import { expect } from 'chai';
import { MASTER_ADDRESS } from '../core/builders.js';
import { ScriptedPeer } from '../core/scripted-peer.js';
import { aDesk } from './desk.js';

const confirmed = (word: string, name: string, count: number) =>
  `*3\r\n$${word.length}\r\n${word}\r\n$${name.length}\r\n${name}\r\n:${count}\r\n`;

describe('Subscribing', () => {
  it('is confirmed channel by channel with the number of channels and patterns so far', () => {
    const desk = aDesk();
    expect(desk.ask('SUBSCRIBE', 'a', 'b')).to.equal(confirmed('subscribe', 'a', 1) + confirmed('subscribe', 'b', 2));
    expect(desk.ask('SUBSCRIBE', 'a')).to.equal(confirmed('subscribe', 'a', 2));
    expect(desk.ask('PSUBSCRIBE', 'x*')).to.equal(confirmed('psubscribe', 'x*', 3));
    expect([...desk.client.channels]).to.deep.equal(['a', 'b']);
    expect([...desk.client.patterns]).to.deep.equal(['x*']);
  });

  it('is a push in RESP3', () => {
    const desk = aDesk();
    desk.client.protocol = 3;
    expect(desk.ask('SUBSCRIBE', 'a')).to.equal(confirmed('subscribe', 'a', 1).replace('*3', '>3'));
  });

  it('ends for the named channels, subscribed or not, or for all', () => {
    const desk = aDesk();
    desk.ask('SUBSCRIBE', 'a', 'b');
    desk.ask('PSUBSCRIBE', 'x*');
    expect(desk.ask('UNSUBSCRIBE', 'nosuch')).to.equal(confirmed('unsubscribe', 'nosuch', 3));
    expect(desk.ask('UNSUBSCRIBE')).to.equal(confirmed('unsubscribe', 'a', 2) + confirmed('unsubscribe', 'b', 1));
    expect(desk.ask('UNSUBSCRIBE')).to.equal('*3\r\n$11\r\nunsubscribe\r\n$-1\r\n:1\r\n');
    expect(desk.ask('PUNSUBSCRIBE', 'x*')).to.equal(confirmed('punsubscribe', 'x*', 0));
    expect(desk.ask('PUNSUBSCRIBE')).to.equal('*3\r\n$12\r\npunsubscribe\r\n$-1\r\n:0\r\n');
  });

  it('has a limit for one client', () => {
    const desk = aDesk();
    const names = Array.from({ length: 4097 }, (_, index) => String(index));
    expect(desk.ask('SUBSCRIBE', ...names)).to.match(/:4096\r\n-ERR Too many subscriptions/);
    expect(desk.client.channels.size).to.equal(4096);
  });
});

describe('PUBLISH', () => {
  it('takes a hello, and a new Sentinel is known as soon as it has said who it is', () => {
    const desk = aDesk();
    const newcomer = new ScriptedPeer('9'.repeat(40), { host: '10.0.9.9', port: 26379 }, MASTER_ADDRESS);
    desk.group.add(newcomer);
    expect(desk.ask('PUBLISH', '__sentinel__:hello', newcomer.hello())).to.equal(':1\r\n');
    expect(desk.evaluations).to.equal(1);
    desk.group.advance(5);
    expect(desk.group.master().peers.has('9'.repeat(40))).to.equal(true);
  });

  it('makes the core reconsider nothing when a hello only repeats itself', () => {
    const desk = aDesk();
    const hello = desk.group.peer(1).hello();
    desk.ask('PUBLISH', '__sentinel__:hello', hello);
    const { evaluations } = desk;
    desk.ask('PUBLISH', '__sentinel__:hello', hello);
    expect(desk.evaluations).to.equal(evaluations);
  });

  it('takes a vote, which tells us that its sender speaks votes', () => {
    const desk = aDesk();
    const { runId } = desk.group.peer(1);
    expect(desk.ask('PUBLISH', '__sentinel__:vote', desk.group.peer(1).vote('sdown'))).to.equal(':1\r\n');
    expect(desk.group.master().peers.get(runId)).to.include({ lastVoteMessageAt: desk.group.now });
  });

  it('answers 1 to gossip that is not believed, and counts it', () => {
    const desk = aDesk();
    expect(desk.ask('PUBLISH', '__sentinel__:hello', 'nonsense')).to.equal(':1\r\n');
    expect(desk.ask('PUBLISH', '__sentinel__:vote', 'nonsense')).to.equal(':1\r\n');
    expect(desk.group.core.counters).to.deep.include({ hellosIgnored: 1, votesIgnored: 1 });
  });

  it('refuses every other channel', () => {
    expect(aDesk().ask('PUBLISH', '+switch-master', 'x')).to.equal(
      '-ERR Only HELLO messages are accepted by Sentinel instances.\r\n',
    );
  });
});
