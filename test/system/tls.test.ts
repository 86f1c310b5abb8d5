// A whole group that speaks nothing but TLS, certificates of clients included: it is found, supervised and failed over.

import { expect } from 'chai';

import { describeStatus } from '../../src/cli/status.js';
import { Certificates } from '../support/certificates.js';
import { groupForEachTest } from '../support/fixture.js';
import { Program } from '../support/program.js';
import { RespConnection } from '../support/resp-connection.js';
import { VEDETTE_EXECUTABLE } from '../support/sentinel-process.js';

describe('A group over TLS alone', function () {
  this.timeout(60_000);
  const group = groupForEachTest({
    tls: (workspace) => {
      const certificates = new Certificates(workspace);
      const files = certificates.issue('everybody');
      return { directives: certificates.directives(files), client: certificates.client(files) };
    },
  });

  it('promotes a replica when the master is killed, and the other replica follows it', async () => {
    const old = group().firstMaster;
    await old.kill();
    const promoted = await group().waitForNewMaster(old, 8_000);
    for (const replica of group().firstReplicas) {
      if (replica !== promoted) await group().waitForReplica(replica, promoted);
    }
  });

  it('is shown by `vedette status`, which has certificates of its own', async () => {
    const { workspace } = group();
    const directory = `${workspace.path}/certificates`;
    const files = ['--cacert', 'authority.crt', '--cert', 'everybody.crt', '--key', 'everybody.key'];
    const args = [VEDETTE_EXECUTABLE, 'status', '--port', String(group().supervisor(0).port), '--tls', ...files];
    const program = await Program.start({ name: 'status', command: process.execPath, args, directory });
    const { code } = await program.ended;
    expect({ code, stderr: program.stderr }).to.deep.equal({ code: 0, stderr: '' });
    expect(program.stdout).to.match(/^mymaster +127\.0\.0\.1:\d+ +up$/m);
  });

  it('makes tools that come without TLS say what may be missing', async () => {
    const target = { host: '127.0.0.1', port: group().supervisor(0).port };

    const failure = await describeStatus(target).catch((error: unknown) => error);

    expect(failure)
      .to.be.an('error')
      .with.property('message')
      .that.matches(/^127\.0\.0\.1:\d+: the connection has ended without an answer; if the port wants TLS, say --tls$/);
  });

  it('does not understand a client without TLS', async () => {
    const connection = await RespConnection.open(group().supervisor(0).port);
    try {
      const failure = await connection.command('PING').catch((error: unknown) => error);
      expect(failure).to.be.an('error').with.property('message', 'connection closed');
    } finally {
      connection.close();
    }
  });
});
