// A node that sends without end is cut off before its messages take all our time.

import { expect } from 'chai';

import { HELLO_CHANNEL } from '../../src/core/types.js';
import { LinkRecorder } from './link-recorder.js';
import { oldServer, ScriptedServer } from './scripted-server.js';

const HELLO = `>3\r\n$7\r\nmessage\r\n$${HELLO_CHANNEL.length}\r\n${HELLO_CHANNEL}\r\n$1\r\nx\r\n`;

describe('Link to a server that floods us', () => {
  for (const [what, bytes] of [
    ['answers that nobody asked for', '+PONG\r\n'],
    ['messages', HELLO],
  ] as const) {
    it(`(with ${what}) breaks`, async () => {
      const recorder = new LinkRecorder();
      const server = await ScriptedServer.start((name, words) =>
        name === 'PING' ? bytes.repeat(20_000) : oldServer(name, words),
      );
      try {
        await recorder.links.load();
        await recorder.openAndWait(server.port);
        recorder.send({ purpose: { kind: 'ping' }, commands: [['PING']] });
        const down = await recorder.next('link-down');
        expect(down.reason).to.match(/messages a second/);
      } finally {
        recorder.links.closeAll();
        await server.stop();
      }
    });
  }
});
