// The limits on what a reply may cost, whatever pieces the network cuts it into.

import { expect } from 'chai';

import { FrameGuard, MAX_REPLY_BYTES, MAX_REPLY_ELEMENTS } from '../../src/io/frame-guard.js';

function inspect(...pieces: readonly string[]): string | null {
  const guard = new FrameGuard();
  for (const piece of pieces) {
    const violation = guard.inspect(Buffer.from(piece, 'latin1'));
    if (violation !== null) return violation;
  }
  return null;
}

const ORDINARY_REPLIES = [
  '+PONG\r\n',
  '-ERR no\r\n',
  ':42\r\n',
  '$-1\r\n',
  '*-1\r\n',
  '$0\r\n\r\n',
  '*0\r\n',
  '_\r\n',
  '%2\r\n+a\r\n:1\r\n+b\r\n*2\r\n$1\r\nx\r\n,1.5\r\n',
  '=8\r\ntxt:a\r\nb\r\n',
  '>3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$14\r\n\r\n*99999999\r\n!\r\n',
];

describe('Frame guard', () => {
  it('passes replies of every type, also when each byte arrives alone', () => {
    const stream = ORDINARY_REPLIES.join('');

    expect(inspect(stream)).to.equal(null);
    expect(inspect(...stream)).to.equal(null);
  });

  it('passes any number of replies that are small one by one', () => {
    const guard = new FrameGuard();
    const megabyte = Buffer.from('$65536\r\n'.concat('x'.repeat(65_536), '\r\n').repeat(16));

    for (let round = 0; round < 8; round++) expect(guard.inspect(megabyte)).to.equal(null);
  });

  it('refuses a bulk string that is announced to be too long before any of it arrives', () => {
    expect(inspect(`$${MAX_REPLY_BYTES + 1}\r\n`)).to.match(/more than 4194304 bytes/);
  });

  it('refuses a reply that grows too long piece by piece', () => {
    const piece = `$1048576\r\n${'x'.repeat(1_048_576)}\r\n`;

    expect(inspect('*5\r\n', piece, piece, piece)).to.equal(null);
    expect(inspect('*5\r\n', piece, piece, piece, piece)).to.match(/more than 4194304 bytes/);
  });

  it('refuses a line without an end', () => {
    expect(inspect('+', 'x'.repeat(MAX_REPLY_BYTES))).to.match(/bytes/);
  });

  it('refuses arrays that announce too many elements, also in nested parts', () => {
    expect(inspect(`*${MAX_REPLY_ELEMENTS}\r\n`)).to.equal(null);
    expect(inspect(`*${MAX_REPLY_ELEMENTS + 1}\r\n`)).to.match(/elements/);
    expect(inspect('*4294967295\r\n')).to.match(/elements/);
    expect(inspect(`%${MAX_REPLY_ELEMENTS}\r\n`)).to.match(/elements/);
    expect(inspect('*40000\r\n', '*40000\r\n')).to.match(/elements/);
  });

  it('counts the elements of each reply for itself', () => {
    const reply = `*${40_000}\r\n${'_\r\n'.repeat(40_000)}`;

    expect(inspect(reply, reply, reply)).to.equal(null);
  });

  it('refuses lengths that are none', () => {
    for (const header of ['$x\r\n', '$-2\r\n', '*\r\n', '*-7\r\n', '>?\r\n']) {
      expect(inspect(header), header).to.equal('a reply with a malformed length');
    }
  });
});
