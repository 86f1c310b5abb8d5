// What an operator is told about a failover that does not happen, or that would.

import { expect } from 'chai';
import { MASTER_ADDRESS } from '../../core/builders.js';
import { ScriptedPeer } from '../../core/scripted-peer.js';
import { aDesk, type Desk, elements } from '../desk.js';

/** The reply as one text: the desk's reader flattens maps into their names and values, in order. */
function explain(desk: Desk): string {
  return JSON.stringify(elements(desk.ask('SENTINEL', 'EXPLAIN', 'mymaster')));
}

describe('SENTINEL EXPLAIN', () => {
  it('says that a healthy master is no reason for a failover, and whom a planned one would promote', () => {
    const desk = aDesk();

    const text = explain(desk);

    expect(text).to.contain('would not start').and.to.contain('the master is not down');
    expect(text).to.match(/"would-promote","10\.0\.0\.\d+:6379"/);
  });

  it('names the quorum that is missing', () => {
    const desk = aDesk({ master: { quorum: 3 } });
    desk.group.master().node.subjectivelyDownSince = desk.group.now;

    expect(explain(desk)).to.contain('1 Sentinels find the master down, the quorum is 3');
  });

  it('says first that nothing can be saved, whatever else is in the way', () => {
    const desk = aDesk({ master: { quorum: 3 } });
    desk.group.master().node.subjectivelyDownSince = desk.group.now;
    desk.group.sentinel.core.durability.failure = 'No space left on device';

    expect(explain(desk)).to.contain(
      '"because","nothing can be saved, and so neither voted nor led: No space left on device"',
    );
  });

  it('says for how long the master has been fenced, and −1 while it is not', () => {
    const desk = aDesk();
    expect(explain(desk)).to.contain('"fenced-for","-1"');
    const master = desk.group.master();
    master.fence = { node: master.node, since: desk.group.now - 250, inquiry: null };
    expect(explain(desk)).to.contain('"fenced-for","250"');
  });

  describe('asked whether a failover would be possible', () => {
    const impediment = (desk: Desk) =>
      /"possible","(yes|no)","impossible-because","([^"]*)"/.exec(explain(desk))?.slice(1);

    it('says yes while the master is up and nothing speaks against it', () => {
      expect(impediment(aDesk())).to.deep.equal(['yes', '']);
    });

    it('names the replicas that could not be promoted', () => {
      const desk = aDesk();
      for (const node of desk.group.master().replicas.values()) node.subjectivelyDownSince = desk.group.now;

      const [possible, reason] = impediment(desk) ?? [];

      expect(possible).to.equal('no');
      expect(reason).to.match(/^no eligible replica: 10\.0\.0\.\d+:6379 subjectively down/);
    });

    it('names the Sentinels that do not answer', () => {
      const desk = aDesk({ master: { quorum: 4 } });

      expect(impediment(desk)).to.deep.equal(['no', '3 Sentinels answer, 4 votes are needed']);
    });

    it('says that nothing can be saved', () => {
      const desk = aDesk();
      desk.group.sentinel.core.durability.failure = 'No space left on device';

      expect(impediment(desk)).to.deep.equal(['no', 'the state cannot be saved: No space left on device']);
    });

    it('says that an operator has paused it, and how long that lasts', () => {
      const desk = aDesk();
      desk.ask('SENTINEL', 'PAUSE', 'mymaster', '60');

      expect(impediment(desk)).to.deep.equal(['no', 'an operator has paused it for 60 s']);
    });
  });

  it('changes nothing', () => {
    const desk = aDesk();
    const before = JSON.stringify(desk.group.sentinel.snapshot());

    explain(desk);

    expect(JSON.stringify(desk.group.sentinel.snapshot())).to.equal(before);
    expect(desk.group.master().failover).to.equal(null);
  });

  it('lists who announces itself without proof, and whether it counts', () => {
    const desk = aDesk();
    desk.group.hear(new ScriptedPeer('9'.repeat(40), { host: '10.0.9.9', port: 26379 }, MASTER_ADDRESS).hello());

    expect(explain(desk))
      .to.contain('"unproven-sentinels"')
      .and.to.contain('"10.0.9.9:26379","state","asked","counted","no"');
  });

  it('gives each replica that would not be promoted a reason', () => {
    const desk = aDesk();
    for (const node of desk.group.master().replicas.values()) node.roleCommand = 'refused';

    expect(explain(desk))
      .to.contain('refuses role changes')
      .and.to.match(/"would-promote",""/);
  });
});
