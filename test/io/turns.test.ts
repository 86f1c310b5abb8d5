// Many commands in one piece keep neither other clients nor timers waiting.

import { expect } from 'chai';

import type { Client } from '../../src/commands/client.js';
import { now } from '../../src/io/clock.js';
import { SimpleString } from '../../src/protocol/reply.js';
import { waitFor } from '../support/wait.js';
import { aPort, type Port } from './server-port.js';

const COMMANDS = 300;
const COST = 1;
const LIMIT = 20_000;

describe('A client that sends many commands in one piece', () => {
  let port: Port;
  let executed: string[];

  beforeEach(async () => {
    executed = [];
    port = await aPort((_client: Client, words) => {
      const until = now() + COST;
      while (now() < until);
      executed.push(words.join(' '));
      return new SimpleString(words.join(' '));
    });
  });

  afterEach(() => port.close());

  it('lets others have their turns before all of them are executed', async () => {
    const [greedy, modest] = [await port.connectRaw(), await port.connect()];
    greedy.send(manyCommands('greedy'));
    await waitFor('it has begun', LIMIT, () => expect(executed).not.to.deep.equal([]));
    await modest.command('modest');
    expect(executed.indexOf('modest')).to.be.within(1, COMMANDS - 1);
  });

  it('shares the time with others of its kind', async () => {
    const clients = [await port.connectRaw(), await port.connectRaw(), await port.connectRaw()];
    for (const [index, client] of clients.entries()) client.send(manyCommands(`client${index}`));
    await waitFor('all are executed', LIMIT, () => expect(executed.length).to.equal(clients.length * COMMANDS));
    for (const index of clients.keys()) {
      const own = executed.filter((words) => words.startsWith(`client${index} `));
      expect(own, 'its commands, in order').to.deep.equal(manyCommands(`client${index}`).trimEnd().split('\r\n'));
      expect(executed.indexOf(`client${index} 0`), 'its first command').to.be.below(COMMANDS);
      expect(executed.lastIndexOf(`client${index} ${COMMANDS - 1}`), 'its last one').to.be.above(COMMANDS);
    }
  });

  it('keeps no timer waiting for the last of them', async () => {
    const client = await port.connectRaw();
    client.send(manyCommands('greedy'));
    await waitFor('it has begun', LIMIT, () => expect(executed).not.to.deep.equal([]));
    expect(executed.length).to.be.below(COMMANDS);
  });

  it('is answered in the order of its commands', async () => {
    const client = await port.connectRaw();
    client.send(manyCommands('greedy'));
    const expected = Array.from({ length: COMMANDS }, (_, index) => `+greedy ${index}\r\n`).join('');
    await waitFor('all are answered', LIMIT, () => expect(client.received.length).to.equal(expected.length));
    expect(client.received).to.equal(expected);
  });

  it('may leave before its turn comes, and break off, too', async () => {
    const other = await port.connect();
    for (const leave of ['destroy', 'resetAndDestroy'] as const) {
      const greedy = await port.connectRaw();
      const before = executed.length;
      greedy.send(manyCommands('greedy'));
      await waitFor('it has begun', LIMIT, () => expect(executed.length).to.be.above(before));
      greedy.socket[leave]();
      await waitFor('it is forgotten', LIMIT, () => expect(port.server.clients.size).to.equal(1));
      expect(executed.length - before, leave).to.be.below(COMMANDS);
    }
    await other.command('later');
    const count = executed.length;
    await other.command('last');
    expect(executed.slice(count)).to.deep.equal(['last']);
  });
});

function manyCommands(name: string): string {
  return Array.from({ length: COMMANDS }, (_, index) => `${name} ${index}\r\n`).join('');
}
