// Many links at once, as after a start with many masters: the rush must not be mistaken for servers that do not answer.

import { expect } from 'chai';

import type { Input } from '../../src/core/input.js';
import { Links } from '../../src/io/links.js';
import { RedisServer } from '../support/redis-server.js';
import { waitFor } from '../support/wait.js';
import { Workspace } from '../support/workspace.js';

const COUNT = 1_500;
const LIMIT = 15_000;

describe('Links in bulk', function () {
  this.timeout(2 * LIMIT);
  let workspace: Workspace;
  let server: RedisServer;
  let links: Links;
  let inputs: Input[];

  beforeEach(async () => {
    workspace = new Workspace();
    server = await RedisServer.start(workspace, { name: 'node' });
    inputs = [];
    links = new Links({ deliver: (input) => inputs.push(input), ipOf: (host) => host, warn: () => undefined });
  });

  afterEach(async () => {
    links.closeAll();
    await server.kill();
    workspace.remove();
  });

  function openAll(): void {
    const address = { host: '127.0.0.1', port: server.port };
    for (let link = 1; link <= COUNT; link++) {
      links.open({ kind: 'open', link, address, credentials: null, clientName: 'sentinel-test' });
    }
  }

  it('all come up at the first attempt', async () => {
    await links.load();
    openAll();

    await waitFor('every link is up', LIMIT, () => {
      expect(inputs.filter(({ kind }) => kind === 'link-up')).to.have.length(COUNT);
    });
    expect(inputs).to.have.length(COUNT);
  });

  it('wait for what they are made of, and then all come up', async () => {
    openAll();
    await links.load();

    await waitFor('every link is up', LIMIT, () => {
      expect(inputs.filter(({ kind }) => kind === 'link-up')).to.have.length(COUNT);
    });
    expect(inputs).to.have.length(COUNT);
  });

  it('are forgotten when they are closed before their turn', async () => {
    await links.load();
    openAll();
    for (let link = 2; link <= COUNT; link++) links.close(link);

    await waitFor('the first link is up', LIMIT, () => {
      expect(inputs).to.deep.equal([{ kind: 'link-up', link: 1, localHost: '127.0.0.1' }]);
    });
    expect(String(await server.command('CLIENT', 'LIST')).match(/name=sentinel-test/g)).to.have.length(1);
  });
});
