// SENTINEL PAUSE, RESUME and the HOLD that Vedettes send each other: words, replies, and where a pause shows.

import { expect } from 'chai';
import { aDesk, elements } from '../desk.js';

describe('SENTINEL PAUSE', () => {
  it('pauses for 300 seconds unless it is told otherwise, on disk before it is confirmed', () => {
    const desk = aDesk();
    expect(desk.ask('SENTINEL', 'PAUSE', 'mymaster')).to.equal('+OK\r\n');
    expect(desk.group.messages('+pause')).to.deep.equal(['master mymaster 10.0.0.1 6379 for 300 seconds']);
    expect(desk.group.effects('save').length).to.be.at.least(1);
    desk.ask('SENTINEL', 'RESUME', 'mymaster');
    expect(desk.ask('SENTINEL', 'pause', 'mymaster', 20)).to.equal('+OK\r\n');
    expect(desk.group.messages('+pause')[1]).to.match(/for 20 seconds$/);
  });

  it('shows in INFO and EXPLAIN', () => {
    const desk = aDesk();
    expect(desk.ask('INFO', 'sentinel')).to.contain('vedette_paused_masters:0\r\n');
    desk.ask('SENTINEL', 'PAUSE', 'mymaster', 60);
    expect(desk.ask('INFO', 'sentinel')).to.contain('vedette_paused_masters:1\r\n');
    const text = JSON.stringify(elements(desk.ask('SENTINEL', 'EXPLAIN', 'mymaster')));
    expect(text)
      .to.contain('an operator has paused it for 60 s')
      .and.to.match(/"paused-for-milliseconds","(59|60)\d{3}/);
  });

  it('takes whole seconds of up to a day', () => {
    const desk = aDesk();
    for (const words of [[0], [-1], ['x'], ['1.5'], [86_401], [5, 5]]) {
      expect(desk.ask('SENTINEL', 'PAUSE', 'mymaster', ...words), words.join()).to.match(/^-ERR SENTINEL PAUSE takes/);
    }
    expect(desk.ask('SENTINEL', 'PAUSE', 'nosuch')).to.equal('-ERR No such master with that name\r\n');
    expect(desk.group.master().hold.stamp).to.equal(0);
    expect(desk.ask('SENTINEL', 'PAUSE', 'mymaster', 86_400)).to.equal('+OK\r\n');
  });

  it('says so when it cannot be saved', () => {
    const desk = aDesk();
    desk.group.disk = { failure: 'ENOSPC' };
    expect(desk.ask('SENTINEL', 'PAUSE', 'mymaster')).to.match(/^-ERR Failed to save config file/);
  });
});

describe('SENTINEL RESUME', () => {
  it('ends a pause, and is no error where there is none', () => {
    const desk = aDesk();
    desk.ask('SENTINEL', 'PAUSE', 'mymaster');
    for (let time = 0; time < 2; time++) expect(desk.ask('SENTINEL', 'RESUME', 'mymaster')).to.equal('+OK\r\n');
    expect(desk.group.messages('-pause')).to.deep.equal(['master mymaster 10.0.0.1 6379 resumed']);
    expect(desk.ask('SENTINEL', 'RESUME', 'nosuch')).to.equal('-ERR No such master with that name\r\n');
  });
});

describe('SENTINEL HOLD', () => {
  it('takes over a later word and answers with the one that counts', () => {
    const desk = aDesk();
    expect(desk.ask('SENTINEL', 'HOLD', 'mymaster', 500, 60_000)).to.equal('*2\r\n:500\r\n:60000\r\n');
    expect(desk.ask('SENTINEL', 'HOLD', 'mymaster', 400, 0)).to.equal('*2\r\n:500\r\n:60000\r\n');
    expect(desk.ask('SENTINEL', 'HOLD', 'mymaster', 501, 0)).to.equal('*2\r\n:501\r\n:0\r\n');
  });

  it('refuses what is no number, and stamps that nobody could outdo', () => {
    const desk = aDesk();
    for (const words of [
      ['x', 1],
      [1, 'x'],
      [0, 1],
      [1, -1],
    ]) {
      expect(desk.ask('SENTINEL', 'HOLD', 'mymaster', ...words)).to.match(/^-ERR value is not an integer/);
    }
    expect(desk.ask('SENTINEL', 'HOLD', 'mymaster', Number.MAX_SAFE_INTEGER, 5_000)).to.equal('*2\r\n:0\r\n:0\r\n');
  });
});
