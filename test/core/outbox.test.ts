// Effects in their order, and replies to clients that wait for the disk.

import { expect } from 'chai';
import { Durability } from '../../src/core/durability.js';
import { castVote, touch } from '../../src/core/durable.js';
import { Outbox } from '../../src/core/outbox.js';
import { OK } from '../../src/protocol/reply.js';
import { aGroup, peerId } from './builders.js';

describe('Outbox', () => {
  it('gives effects in the order they were wanted, and each once', () => {
    const outbox = new Outbox(new Durability());
    outbox.push({ kind: 'save', version: 1 });
    outbox.push({ kind: 'exit', code: 99 });
    expect(outbox.drain()).to.deep.equal([
      { kind: 'save', version: 1 },
      { kind: 'exit', code: 99 },
    ]);
    expect(outbox.drain()).to.deep.equal([]);
  });

  it('draws a new ticket for every deferred reply', () => {
    const outbox = new Outbox(new Durability());
    const tickets = [1, 2, 3].map(() => outbox.deferReply({ saved: OK }));
    expect(new Set(tickets).size).to.equal(3);
  });
});

describe('Deferred reply', () => {
  it('is given in the same step when nothing is left to save', () => {
    const group = aGroup();
    const ticket = group.command((core) => core.outbox.deferReply({ saved: OK }));
    expect(group.effects('reply').map(({ effect }) => effect)).to.deep.equal([{ kind: 'reply', ticket, reply: OK }]);
  });

  it('waits for the save that holds the change, not for an earlier one', () => {
    const group = aGroup();
    group.disk = 'held';
    group.command((core) => touch(core));
    expect(group.savesInFlight.length).to.equal(1);
    const ticket = group.command((core) => {
      touch(core);
      return core.outbox.deferReply({ saved: 'changed' });
    });
    group.answerSave();
    expect(group.effects('reply')).to.deep.equal([]);
    group.answerSave();
    expect(group.effects('reply').map(({ effect }) => effect)).to.deep.equal([
      { kind: 'reply', ticket, reply: 'changed' },
    ]);
  });

  it('waits for no later change than the one it tells of', () => {
    const group = aGroup();
    group.disk = 'held';
    group.command((core) => touch(core));
    const { version } = group.core.durability;
    const ticket = group.command((core) => {
      touch(core);
      return core.outbox.deferReply({ saved: 'the first', version });
    });
    group.answerSave();
    expect(group.effects('reply').map(({ effect }) => effect)).to.deep.equal([
      { kind: 'reply', ticket, reply: 'the first' },
    ]);
  });

  it('is given once', () => {
    const group = aGroup();
    group.command((core) => {
      touch(core);
      return core.outbox.deferReply({ saved: 'changed', expiry: { at: group.now + 50, reply: 'too late' } });
    });
    group.advance(1_000);
    expect(group.effects('reply').length).to.equal(1);
  });

  it('says when a save failed, where it has words for that', () => {
    const group = aGroup();
    group.disk = 'held';
    group.command((core) => {
      touch(core);
      core.outbox.deferReply({ saved: 'saved', failed: 'failed' });
    });
    group.answerSave('ENOSPC');
    expect(group.effects('reply').map(({ effect }) => effect.reply)).to.deep.equal(['failed']);
    group.disk = 'working';
    group.advance(2_000);
    expect(group.effects('reply').length).to.equal(1);
  });

  it('keeps waiting for a save that succeeds where it has none', () => {
    const group = aGroup();
    group.disk = { failure: 'ENOSPC' };
    group.command((core) => {
      touch(core);
      core.outbox.deferReply({ saved: 'saved' });
    });
    group.advance(3_000);
    expect(group.effects('reply')).to.deep.equal([]);
    group.disk = 'working';
    group.advance(1_000);
    expect(group.effects('reply').map(({ effect }) => effect.reply)).to.deep.equal(['saved']);
  });

  it('expires on the millisecond: a vote that cannot be saved within 200 ms is answered without it', () => {
    const group = aGroup();
    group.disk = 'held';
    const askedAt = group.now;
    group.command((core, now) => {
      castVote(core, group.master(), peerId(1), 2, now);
      core.outbox.deferReply({
        saved: [1, peerId(1), 2],
        expiry: { at: now + 200, reply: [1, '*', 0] },
      });
    });
    group.advance(199);
    expect(group.effects('reply')).to.deep.equal([]);
    group.advance(1);
    expect(group.effects('reply').map(({ at, effect }) => [at - askedAt, effect.reply])).to.deep.equal([
      [200, [1, '*', 0]],
    ]);
    group.answerSave();
    expect(group.effects('reply').length).to.equal(1);
  });
});
