// SENTINEL HISTORY as clients read it, in both protocols.

import { expect } from 'chai';
import { aDesk, type Desk, elements } from '../desk.js';

function afterOutage(): Desk {
  const desk = aDesk();
  desk.group.killMaster();
  desk.group.untilEvent('+failover-phases', 5_000);
  return desk;
}

describe('SENTINEL HISTORY', () => {
  it('is empty before the first failover', () => {
    expect(aDesk().ask('SENTINEL', 'HISTORY', 'mymaster')).to.equal('*0\r\n');
  });

  it('gives each failover as names and values', () => {
    const desk = afterOutage();
    const [record] = desk.group.master().history;

    // The reader flattens: 24 names and values, of which the phases are 16 again.
    const phases = ['detected', 'agreed', 'elected', 'selected', 'promoted', 'published', 'repointed', 'finished'];
    expect(elements(desk.ask('SENTINEL', 'HISTORY', 'mymaster'))).to.deep.equal([
      '24',
      ...[
        'time',
        String(record?.at),
        'reason',
        'objectively-down',
        'result',
        'completed',
        'epoch',
        '2',
        'attempts',
        '1',
      ],
      ...['old-address', '10.0.0.1:6379', 'new-address', '10.0.0.2:6379'],
      ...['leader', desk.group.core.myId, 'learned-from', 'nil'],
      ...['phases', '16', ...phases.flatMap((phase) => [phase, String(Reflect.get(record?.phases ?? {}, phase))])],
      ...['promoted-offset', '1000', 'runner-up-offset', '1000'],
    ]);
  });

  it('gives maps to a client that speaks RESP3', () => {
    const desk = afterOutage();
    desk.client.protocol = 3;
    expect(desk.ask('SENTINEL', 'HISTORY', 'mymaster')).to.match(/^\*1\r\n%12\r\n\$4\r\ntime\r\n:\d+\r\n/);
  });

  it('begins with the newest', () => {
    const desk = afterOutage();
    desk.group.learn(1, { epoch: 9, address: desk.group.replica(2).address });

    const values = elements(desk.ask('SENTINEL', 'HISTORY', 'mymaster'));

    expect(values.filter((_, index) => values[index - 1] === 'epoch')).to.deep.equal(['9', '2']);
  });

  it('gives null, not 0, for what this Sentinel did not see', () => {
    const desk = aDesk();
    desk.group.learn(1, { epoch: 9, address: desk.group.replica(2).address });

    const values = elements(desk.ask('SENTINEL', 'HISTORY', 'mymaster'));

    for (const name of ['reason', 'leader', 'detected', 'agreed', 'elected', 'finished', 'promoted-offset']) {
      expect(values[values.indexOf(name) + 1], name).to.equal('nil');
    }
  });

  it('names nodes by name or by address as everything else does', () => {
    const desk = aDesk();
    desk.group.hosts.set('db.example.org', '10.0.0.9');
    desk.group.core.settings.resolveHostnames = true;
    desk.group.learn(1, { epoch: 9, address: { host: 'db.example.org', port: 6379 } });
    desk.group.advance(1_000);

    const told: (string | undefined)[] = [];
    for (const announceHostnames of [false, true]) {
      desk.group.core.settings.announceHostnames = announceHostnames;
      const values = elements(desk.ask('SENTINEL', 'HISTORY', 'mymaster'));
      told.push(values[values.indexOf('new-address') + 1]);
    }

    expect(told).to.deep.equal(['10.0.0.9:6379', 'db.example.org:6379']);
  });

  it('writes IPv6 addresses in brackets', () => {
    const desk = aDesk({ master: { replicas: [{ host: '::2', port: 6379 }] } });
    desk.group.learn(1, { epoch: 9, address: { host: '::2', port: 6379 } });

    const values = elements(desk.ask('SENTINEL', 'HISTORY', 'mymaster'));

    expect(values[values.indexOf('new-address') + 1]).to.equal('[::2]:6379');
  });

  it('is refused for a name that nobody monitors', () => {
    expect(aDesk().ask('SENTINEL', 'HISTORY', 'nobody')).to.equal('-ERR No such master with that name\r\n');
  });

  it('is no part of what COMMAND and HELP list: the original has none of that name', () => {
    const desk = aDesk();
    for (const words of [
      ['COMMAND', 'LIST'],
      ['SENTINEL', 'HELP'],
    ] as const) {
      expect(desk.ask(...words).toLowerCase()).not.to.contain('history');
    }
  });
});
