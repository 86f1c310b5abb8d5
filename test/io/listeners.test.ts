// The ways to the Sentinel port besides plain TCP on loopback: a Unix socket, and other hosts in protected mode.

import { statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { expect } from 'chai';

import { now } from '../../src/io/clock.js';
import { ListenFailure } from '../../src/io/listeners.js';
import { isFromThisHost } from '../../src/io/protected-mode.js';
import { Server } from '../../src/io/server.js';
import { Workspace } from '../support/workspace.js';
import { aPort, type Port } from './server-port.js';

const PERMISSION_BITS = 0o777;

describe('A Unix socket', () => {
  let workspace: Workspace;
  let path: string;
  let addresses: readonly string[];
  const servers: Server[] = [];

  beforeEach(() => {
    workspace = new Workspace();
    path = join(workspace.path, 'sentinel.sock');
  });

  afterEach(async () => {
    for (const server of servers.splice(0)) await server.close();
    workspace.remove();
  });

  async function serve(permissions: number): Promise<void> {
    const server = new Server({
      execute: ({ remoteAddress, localAddress }) => {
        addresses = [remoteAddress, localAddress];
        return 'PONG';
      },
      lookUp: () => undefined,
      now,
      log: () => undefined,
      letsStrangersIn: () => true,
      isProtected: true,
      port: null,
      unixSocket: { path, permissions },
    });
    servers.push(server);
    await server.listen();
  }

  function ping(): Promise<string> {
    return new Promise((resolve, reject) => {
      const socket = connect(path, () => socket.write('PING\r\n'));
      socket.once('error', reject);
      socket.once('data', (chunk) => {
        socket.destroy();
        resolve(chunk.toString('latin1'));
      });
    });
  }

  it('serves clients, which are local, with the permissions asked for', async () => {
    await serve(0o700);

    expect(await ping()).to.equal('$4\r\nPONG\r\n');
    expect(addresses).to.deep.equal([`${path}:0`, `${path}:0`]);
    expect(statSync(path).mode & PERMISSION_BITS).to.equal(0o700);
  });

  it('takes the place of one whose process has died', async () => {
    await serve(0);
    await serve(0o600);

    expect(await ping()).to.equal('$4\r\nPONG\r\n');
    expect(statSync(path).mode & PERMISSION_BITS).to.equal(0o600);
  });

  it('does not replace a file that is no socket', async () => {
    writeFileSync(path, 'precious');

    const failure = await serve(0).catch((error: unknown) => error);

    expect(failure).to.be.instanceOf(ListenFailure);
    expect(failure).to.have.property('endpoint', path);
    expect(failure).to.have.nested.property('cause.code', 'EADDRINUSE');
  });

  it('says which directory is missing', async () => {
    path = join(workspace.path, 'missing', 'sentinel.sock');

    const failure = await serve(0).catch((error: unknown) => error);

    expect(failure).to.have.property('endpoint', path);
    expect(failure).to.have.nested.property('cause.code', 'ENOENT');
  });
});

describe('An address that the machine does not have', () => {
  for (const [address, endpoint] of [
    ['192.0.2.1', '192.0.2.1:0'],
    ['2001:db8::1', '[2001:db8::1]:0'],
  ] as const) {
    it(`is named among those that are listened on (${address})`, async () => {
      const failure = await aPort(() => 'PONG', { binds: [address, '127.0.0.1'] }).catch((error: unknown) => error);

      expect(failure).to.be.instanceOf(ListenFailure);
      expect(failure).to.have.property('endpoint', endpoint);
    });
  }
});

describe('Protected mode', () => {
  let port: Port | null = null;

  afterEach(async () => {
    await port?.close();
    port = null;
  });

  it('takes loopback addresses of both families for this host, and no others', () => {
    const isLocal = (remoteAddress: string) => isFromThisHost({ remoteAddress, localAddress: 'any' });

    expect(['127.0.0.1', '127.3.2.1', '::1', '::ffff:127.0.0.1'].filter((address) => !isLocal(address))).to.be.empty;
    expect(['10.0.0.1', '::ffff:10.0.0.1', 'fe80::1', '2001:db8::127'].filter(isLocal)).to.be.empty;
  });

  it('serves this host without a password', async () => {
    port = await aPort(() => 'PONG', { isProtected: true });

    expect(await (await port.connect()).command('PING')).to.equal('PONG');
  });
});
