// What a client sends arrives whole, in order and with nobody else, though all of it passes through the same memory.

import { connect, createServer, type Server, type Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { expect } from 'chai';

import { receiveFrom } from '../../src/io/receiving.js';
import { waitFor } from '../support/wait.js';

const LIMIT = 5_000;

interface Accepted {
  readonly before: Socket;
  readonly socket: Socket;
  received: string;
  /** The memory of every piece. */
  readonly memories: Set<ArrayBufferLike>;
  isClosed: boolean;
}

describe('Receiving from clients', () => {
  const accepted: Accepted[] = [];
  const clients: Socket[] = [];
  let server: Server;

  beforeEach(async () => {
    server = createServer({ pauseOnConnect: true }, (before) => accepted.push(accept(before)));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });

  afterEach(async () => {
    for (const client of clients.splice(0)) client.destroy();
    for (const { socket } of accepted.splice(0)) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });

  function accept(before: Socket): Accepted {
    const memories = new Set<ArrayBufferLike>();
    const socket = receiveFrom(before, (bytes, length) => {
      one.received += Buffer.from(bytes.subarray(0, length)).toString('latin1');
      memories.add(bytes.buffer);
    });
    const one: Accepted = { before, socket, received: '', memories, isClosed: false };
    socket.on('error', () => undefined);
    socket.on('close', () => {
      one.isClosed = true;
    });
    return one;
  }

  async function aClient(): Promise<{ client: Socket; other: Accepted }> {
    const index = accepted.length;
    const { port } = server.address() as { port: number };
    const client = connect(port, '127.0.0.1');
    client.on('error', () => undefined);
    clients.push(client);
    await waitFor('the connection is accepted', LIMIT, () => expect(accepted.length).to.equal(index + 1));
    return { client, other: accepted[index] as Accepted };
  }

  const receives = (one: Accepted, text: string) =>
    waitFor(`${text.length} bytes`, LIMIT, () =>
      expect(one.received === text, `${one.received.length} came`).to.equal(true),
    );

  it('uses one piece of memory for all connections', async () => {
    const [first, second] = [await aClient(), await aClient()];
    for (const text of ['one', 'two']) {
      first.client.write(text);
      second.client.write(text);
    }
    await receives(first.other, 'onetwo');
    await receives(second.other, 'onetwo');
    expect(new Set([...first.other.memories, ...second.other.memories])).to.have.lengthOf(1);
    expect(first.other.socket).not.to.equal(first.other.before);
    expect(first.other.before.destroyed, 'the socket it was accepted with is left').to.equal(true);
  });

  it('loses and changes nothing of megabytes in both directions', async () => {
    const { client, other } = await aClient();
    const text = Array.from({ length: 300_000 }, (_, index) => `${index}`.padStart(8, '.')).join('');
    let answer = '';
    client.setEncoding('latin1').on('data', (chunk: string) => {
      answer += chunk;
    });
    client.write(text, 'latin1');
    other.socket.write(text, 'latin1');
    await receives(other, text);
    await waitFor('the answer', LIMIT, () => expect(answer === text).to.equal(true));
  });

  it('has the addresses of both ends', async () => {
    const { client, other } = await aClient();
    expect(other.socket.remotePort).to.equal(client.localPort);
    expect(other.socket.localPort).to.equal(client.remotePort);
  });

  it('waits while it is paused', async () => {
    const { client, other } = await aClient();
    other.socket.pause();
    expect(other.socket.isPaused()).to.equal(true);
    const text = 'x'.repeat(8 * 1024 * 1024);
    let isTaken = false;
    client.write(text, () => {
      isTaken = true;
    });
    await waitFor('the operating system takes no more', LIMIT, () => expect(client.writableNeedDrain).to.equal(true));
    expect([other.received, isTaken]).to.deep.equal(['', false]);
    other.socket.resume();
    await receives(other, text);
  });

  it('ends with what came before the end', async () => {
    const { client, other } = await aClient();
    client.end('last words');
    await waitFor('it is closed', LIMIT, () => expect(other.isClosed).to.equal(true));
    expect(other.received).to.equal('last words');
  });

  it('ends when the other end breaks off', async () => {
    const { client, other } = await aClient();
    client.resetAndDestroy();
    await waitFor('it is closed', LIMIT, () => expect(other.isClosed).to.equal(true));
  });

  it('does without where Node.js keeps a connection another way', async () => {
    class Unknown extends Duplex {
      readonly _handle = {};
      override _read(): void {}
      override _write(_chunk: unknown, _encoding: string, done: () => void): void {
        done();
      }
    }
    const socket = new Unknown().pause() as unknown as Socket;
    let received = '';
    const same = receiveFrom(socket, (bytes, length) => {
      received += Buffer.from(bytes.subarray(0, length)).toString('latin1');
    });
    expect(same).to.equal(socket);
    socket.push('as ever');
    await waitFor('the bytes', LIMIT, () => expect(received).to.equal('as ever'));
  });
});
