// The order of replies to one client when some of them have to wait.

import { expect } from 'chai';
import { ReplyQueue } from '../../src/io/server-reply-queue.js';

describe('The queue of replies', () => {
  it('hands out at once what waits for nothing', () => {
    const queue = new ReplyQueue();
    queue.append('a');
    queue.append('b');
    expect(queue.take()).to.equal('ab');
    expect(queue.take()).to.equal('');
  });

  it('hands out as often as it was given what is the same again and again', () => {
    const queue = new ReplyQueue();
    const given = ['a', 'a', 'a', 'b', '', 'b', 'b', '', '', 'a', 'a'];
    for (const round of [1, 2]) {
      for (const text of given) queue.append(text);
      expect(queue.readyBytes, `round ${round}`).to.equal(8);
      expect(queue.take(), `round ${round}`).to.equal('aaabbbaa');
      expect(queue.readyBytes, `round ${round}`).to.equal(0);
    }
  });

  it('holds back what comes after a reply that is owed', () => {
    const queue = new ReplyQueue();
    queue.append('a');
    queue.defer(1, 2);
    queue.append('c');
    expect(queue.take()).to.equal('a');
    expect([queue.owed, queue.heldBytes, queue.readyBytes]).to.deep.equal([1, 1, 0]);
    queue.resolve(1, () => 'bb');
    expect([queue.owed, queue.heldBytes, queue.readyBytes]).to.deep.equal([0, 0, 3]);
    expect(queue.take()).to.equal('bbc');
  });

  it('keeps the order of commands when replies come in another', () => {
    const queue = new ReplyQueue();
    for (const ticket of [1, 2, 3]) {
      queue.defer(ticket, 2);
      queue.append(`(${ticket})`);
    }
    queue.resolve(2, () => 'two');
    expect(queue.take()).to.equal('');
    queue.resolve(1, () => 'one');
    expect(queue.take()).to.equal('one(1)two(2)');
    queue.resolve(3, () => 'three');
    expect(queue.take()).to.equal('three(3)');
    expect(queue.heldBytes).to.equal(0);
  });

  it('encodes a late reply for the version that was agreed when the command came', () => {
    const queue = new ReplyQueue();
    queue.defer(7, 3);
    queue.resolve(7, (version) => `v${version}`);
    expect(queue.take()).to.equal('v3');
  });

  it('ignores a ticket it does not know', () => {
    const queue = new ReplyQueue();
    queue.resolve(9, () => 'x');
    expect(queue.take()).to.equal('');
  });
});
