// A whole group that speaks nothing but TLS, certificates of clients included: it is found, supervised and failed over.

import { expect } from 'chai';

import { Certificates } from '../support/certificates.js';
import { groupForEachTest } from '../support/fixture.js';
import { RespConnection } from '../support/resp-connection.js';

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
