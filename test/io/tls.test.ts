// TLS on the Sentinel port and on links: who gets in, what is refused, which errors are told, and replaced certificates.

import { readFileSync, writeFileSync } from 'node:fs';
import { connect as connectTls } from 'node:tls';
import { expect } from 'chai';

import { defaultServerSettings, type ServerSettings } from '../../src/config/server-settings.js';
import { Server } from '../../src/io/server.js';
import { ConfigurationFailure } from '../../src/io/start-failure.js';
import { readTlsOptions } from '../../src/io/tls-options.js';
import { TlsRenewal } from '../../src/io/tls-renewal.js';
import { type CertificateFiles, Certificates } from '../support/certificates.js';
import { now } from '../support/clock.js';
import { RespConnection } from '../support/resp-connection.js';
import { waitFor } from '../support/wait.js';
import { Workspace } from '../support/workspace.js';

const LIMIT = 5_000;
const PERIOD = 20;

describe('TLS', () => {
  let workspace: Workspace;
  let certificates: Certificates;
  let files: CertificateFiles;
  let server: Server | null;
  let renewal: TlsRenewal | null;
  let logged: string[];

  beforeEach(() => {
    workspace = new Workspace();
    certificates = new Certificates(workspace);
    files = certificates.issue('server', { subject: 'first' });
    server = null;
    renewal = null;
    logged = [];
  });

  afterEach(async () => {
    renewal?.close();
    await server?.close();
    workspace.remove();
  });

  function settings(changes: Partial<ServerSettings> = {}): ServerSettings {
    return {
      ...defaultServerSettings(),
      tlsPort: 1,
      tlsCertFile: files.certificate,
      tlsKeyFile: files.key,
      tlsCaCertFile: certificates.authority,
      ...changes,
    };
  }

  async function serve(changes: Partial<ServerSettings> = {}): Promise<number> {
    const log = (level: string, message: string) => logged.push(`${level} ${message}`);
    renewal = new TlsRenewal({ settings: settings(changes), directory: workspace.path, period: PERIOD, log });
    const serving = new Server({
      execute: () => 'PONG',
      lookUp: () => undefined,
      now,
      log,
      letsStrangersIn: () => true,
      port: null,
      tls: { port: 0, options: renewal.server },
      binds: ['127.0.0.1'],
    });
    server = serving;
    await serving.listen();
    renewal.start((options) => serving.renewTls(options));
    return serving.port;
  }

  /** What a client with these options gets for PING. */
  async function ping(port: number, tls = certificates.client(files)): Promise<unknown> {
    try {
      const connection = await RespConnection.open(port, { tls, timeoutMillis: LIMIT });
      try {
        return await connection.command('PING');
      } finally {
        connection.close();
      }
    } catch (error) {
      return error;
    }
  }

  /** The name in the certificate that the port shows. */
  function subjectAt(port: number, tls = certificates.client(files)): Promise<string | undefined> {
    return new Promise((resolve, reject) => {
      const socket = connectTls({ host: '127.0.0.1', port, ...tls }, () => {
        resolve(String(socket.getPeerCertificate().subject.CN));
        socket.destroy();
      });
      socket.once('error', reject);
    });
  }

  function problemOf(changes: Partial<ServerSettings>): string {
    try {
      readTlsOptions(settings(changes), workspace.path);
    } catch (error) {
      if (error instanceof ConfigurationFailure) return error.message;
      throw error;
    }
    throw new Error('the settings were accepted');
  }

  describe('Clients of the port', () => {
    it('need a certificate of a trusted authority unless told otherwise', async () => {
      const port = await serve();
      const strangers = new Certificates(workspace, 'strangers');
      const foreign = { ...strangers.client(strangers.issue('client')), ca: readFileSync(certificates.authority) };

      expect(await ping(port)).to.equal('PONG');
      expect(await ping(port, certificates.client())).to.be.an('error');
      expect(await ping(port, foreign)).to.be.an('error');
    });

    it('need none with tls-auth-clients no', async () => {
      const port = await serve({ tlsAuthClients: 'no', tlsCaCertFile: null });

      expect(await ping(port, certificates.client())).to.equal('PONG');
    });

    it('may have none, but no bad one, with tls-auth-clients optional', async () => {
      const port = await serve({ tlsAuthClients: 'optional' });
      const strangers = new Certificates(workspace, 'strangers');
      const foreign = { ...strangers.client(strangers.issue('client')), ca: readFileSync(certificates.authority) };

      expect(await ping(port)).to.equal('PONG');
      expect(await ping(port, certificates.client())).to.equal('PONG');
      expect(await ping(port, foreign)).to.be.an('error');
    });

    it('must speak a version of TLS that is accepted', async () => {
      const port = await serve({ tlsProtocols: 'TLSv1.2' });

      expect(await ping(port, { ...certificates.client(files), maxVersion: 'TLSv1.2' })).to.equal('PONG');
      expect(await ping(port, { ...certificates.client(files), minVersion: 'TLSv1.3' })).to.be.an('error');
    });

    it('that have not finished their handshake do not hold up the end', async () => {
      const port = await serve();
      const connection = await RespConnection.open(port);
      await server?.close();
      await connection.closed;
    });
  });

  describe('Certificates and keys', () => {
    it('may have a password and may be trusted by a directory', () => {
      files = certificates.issue('protected', { password: 'secret' });

      readTlsOptions(
        settings({ tlsKeyFilePass: 'secret', tlsCaCertDir: certificates.directory, tlsCaCertFile: null }),
        '',
      );
      expect(problemOf({ tlsKeyFilePass: 'wrong' })).to.match(/^tls-key-file .*protected\.key: /);
    });

    it('are named when they are missing, unreadable or do not belong together', () => {
      const other = certificates.issue('other');
      const rubbish = `${workspace.path}/rubbish`;
      writeFileSync(rubbish, 'no certificate\n');

      expect(problemOf({ tlsCertFile: null })).to.equal('No tls-cert-file configured!');
      expect(problemOf({ tlsCertFile: 'none.crt' })).to.equal('tls-cert-file none.crt: No such file or directory');
      expect(problemOf({ tlsCertFile: rubbish })).to.match(/^tls-cert-file .*rubbish: /);
      expect(problemOf({ tlsKeyFile: rubbish })).to.match(/^tls-key-file .*rubbish: /);
      expect(problemOf({ tlsCaCertFile: rubbish })).to.match(/^tls-ca-cert-file .*rubbish: it holds no certificate$/);
      expect(problemOf({ tlsCaCertFile: null })).to.match(/^Either tls-ca-cert-file or tls-ca-cert-dir must be/);
      expect(problemOf({ tlsKeyFile: other.key })).to.match(/^tls-cert-file .* and tls-key-file .*: .*mismatch/);
    });

    it('come with protocols and ciphers that exist', () => {
      expect(problemOf({ tlsProtocols: 'TLSv1.2 TLSv9' })).to.match(/^Invalid tls-protocols specified/);
      expect(problemOf({ tlsCiphers: 'NONE-SUCH' })).to.match(/^tls-ciphers or tls-ciphersuites: /);
      readTlsOptions(settings({ tlsCiphers: 'ECDHE-ECDSA-AES256-GCM-SHA384', tlsProtocols: 'tlsv1.2 TLSv1.3' }), '');
      readTlsOptions(settings({ tlsCiphersuites: 'TLS_CHACHA20_POLY1305_SHA256' }), '');
    });
  });

  describe('Replaced certificates', () => {
    it('are shown to new clients, while present clients stay', async () => {
      const port = await serve();
      const connection = await RespConnection.open(port, { tls: certificates.client(files) });
      try {
        expect(await subjectAt(port)).to.equal('first');
        const before = renewal?.client;
        certificates.issue('server', { subject: 'second' });

        await waitFor('the port shows the second certificate', LIMIT, async () => {
          expect(await subjectAt(port)).to.equal('second');
        });
        expect(await connection.command('PING')).to.equal('PONG');
        expect(renewal?.client).to.not.equal(before);
      } finally {
        connection.close();
      }
    });

    it('that cannot be used are told, and the former ones stay in use', async () => {
      const port = await serve();
      const key = readFileSync(files.key);
      const client = certificates.client(files);
      writeFileSync(files.key, 'half a key');

      const complaint = /^warning The changed TLS files cannot be used, the former ones stay in use: tls-key-file /;
      await waitFor('the bad key is noticed', LIMIT, () => {
        expect(logged.filter((line) => complaint.test(line))).to.have.length.of.at.least(1);
      });
      expect(await subjectAt(port, client)).to.equal('first');

      writeFileSync(files.key, key);
      certificates.issue('server', { subject: 'second' });
      await waitFor('the good pair is taken', LIMIT, async () =>
        expect(await subjectAt(port, client)).to.equal('second'),
      );
    });
  });
});
