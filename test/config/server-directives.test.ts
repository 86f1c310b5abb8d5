// The server directives that are honoured: accepted values, refused ones with Redis's words, and how each is written.

import { expect } from 'chai';
import { ConfigurationError, parseConfiguration } from '../../src/config/parser.js';
import type { ServerSettings } from '../../src/config/server-settings.js';
import { defaultServerSettings } from '../../src/config/server-settings.js';
import { renderConfiguration } from '../../src/config/writer.js';

const KILOBYTE = 1024;
const MEGABYTE = 1024 * KILOBYTE;

function settingsOf(text: string): ServerSettings {
  return parseConfiguration(text).server;
}

function reasonFor(line: string): string {
  try {
    parseConfiguration(line);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.reason;
    throw error;
  }
  throw new Error(`${line} was accepted`);
}

const ACCEPTED: readonly (readonly [line: string, change: Partial<ServerSettings>])[] = [
  ['port 26380', { port: 26380 }],
  ['port 0', { port: 0 }],
  ['PORT 1', { port: 1 }],
  ['bind 127.0.0.1 -::1', { bind: ['127.0.0.1', '-::1'] }],
  ['bind "127.0.0.1 -::1"', { bind: ['127.0.0.1', '-::1'] }],
  ['bind ""', { bind: [] }],
  ['bind', { bind: [] }],
  ['unixsocket /run/vedette.sock', { unixsocket: '/run/vedette.sock' }],
  ['unixsocket ""', { unixsocket: null }],
  ['unixsocketperm 700', { unixsocketperm: 0o700 }],
  ['tcp-backlog 128', { tcpBacklog: 128 }],
  ['tcp-keepalive 60', { tcpKeepalive: 60 }],
  ['timeout 30', { timeout: 30 }],
  ['maxclients 1', { maxclients: 1 }],
  ['protected-mode yes', { protectedMode: true }],
  ['requirepass "a \\"b\\""', { requirepass: 'a "b"' }],
  ['requirepass ""', { requirepass: null }],
  ['aclfile /etc/users.acl', { aclfile: '/etc/users.acl' }],
  ['user alice on +ping >pw\nuser bob', { users: [['alice', 'on', '+ping', '>pw'], ['bob']] }],
  ['dir ./data', { dir: './data' }],
  ['logfile vedette.log', { logfile: 'vedette.log' }],
  ['logfile ""', { logfile: '' }],
  ['loglevel NOTHING', { loglevel: 'nothing' }],
  ['syslog-enabled yes', { syslogEnabled: true }],
  ['syslog-ident sentinel', { syslogIdent: 'sentinel' }],
  ['syslog-facility USER', { syslogFacility: 'user' }],
  ['pidfile /run/vedette.pid', { pidfile: '/run/vedette.pid' }],
  ['daemonize yes', { daemonize: true }],
  ['supervised systemd', { supervised: 'systemd' }],
  ['tls-port 26390', { tlsPort: 26390 }],
  ['tls-replication yes', { tlsReplication: true }],
  ['tls-auth-clients optional', { tlsAuthClients: 'optional' }],
  ['tls-cert-file a.crt', { tlsCertFile: 'a.crt' }],
  ['tls-protocols "TLSv1.2 TLSv1.3"', { tlsProtocols: 'TLSv1.2 TLSv1.3' }],
  ['tls-session-caching no', { tlsSessionCaching: false }],
  [
    'client-output-buffer-limit pubsub 64mb 1k 5 slave 0 0 0',
    {
      clientOutputBufferLimit: {
        normal: { hard: 0, soft: 0, softSeconds: 0 },
        replica: { hard: 0, soft: 0, softSeconds: 0 },
        pubsub: { hard: 64 * MEGABYTE, soft: 1000, softSeconds: 5 },
      },
    },
  ],
];

const INTEGER = "argument couldn't be parsed into an integer";
const LIMIT_ERROR = 'Error in hard, soft or soft_seconds setting in buffer limit configuration.';

const REFUSED: readonly (readonly [line: string, reason: string])[] = [
  ['port', 'wrong number of arguments'],
  ['port 1 2', 'wrong number of arguments'],
  ['port http', INTEGER],
  ['port 70000', 'argument must be between 0 and 65535 inclusive'],
  ['maxclients 0', 'argument must be between 1 and 4294967295 inclusive'],
  ['tcp-keepalive -1', 'argument must be between 0 and 2147483647 inclusive'],
  ['timeout 1s', INTEGER],
  ['daemonize maybe', "argument must be 'yes' or 'no'"],
  ['unixsocketperm 9', "argument couldn't be parsed as an octal number"],
  ['unixsocketperm 1777', 'argument must be between 0 and 777 inclusive'],
  ['loglevel loud', 'argument(s) must be one of the following: debug, verbose, notice, warning, nothing'],
  ['supervised init', 'argument(s) must be one of the following: upstart, systemd, auto, no'],
  ['bind 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17', 'Too many bind addresses specified.'],
  ['bind "\\"a"', 'Unbalanced quotes in configuration line'],
  ['client-output-buffer-limit normal 0 0', 'Wrong number of arguments in buffer limit configuration.'],
  ['client-output-buffer-limit master 0 0 0', 'Invalid client class specified in buffer limit configuration.'],
  ['client-output-buffer-limit normal 1x 0 0', LIMIT_ERROR],
  ['client-output-buffer-limit normal 0 -1 0', LIMIT_ERROR],
  ['client-output-buffer-limit normal 0 0 -1', LIMIT_ERROR],
  ['user', 'Bad directive or wrong number of arguments'],
];

describe('server directives', () => {
  it('leave the defaults of a Redis Sentinel where none stands', () => {
    const { port, protectedMode, maxclients, bind, loglevel } = settingsOf('');
    expect({ port, protectedMode, maxclients, bind, loglevel }).to.deep.equal({
      port: 26379,
      protectedMode: false,
      maxclients: 10_000,
      bind: ['*', '-::*'],
      loglevel: 'notice',
    });
  });

  for (const [text, change] of ACCEPTED) {
    it(`read ${JSON.stringify(text)}`, () => {
      expect(settingsOf(text)).to.deep.equal({ ...defaultServerSettings(), ...change });
    });

    it(`write ${JSON.stringify(text)} so that it is read the same`, () => {
      const { file, state, server } = parseConfiguration(text);
      expect(settingsOf(renderConfiguration(file, state, server))).to.deep.equal(server);
    });
  }

  for (const [line, reason] of REFUSED) {
    it(`refuse "${line}"`, () => {
      expect(reasonFor(line)).to.equal(reason);
    });
  }

  it('are written in the words of the original', () => {
    const text =
      'dir /tmp\nlogfile a.log\nloglevel VERBOSE\ntimeout  007\nunixsocketperm 0700\nrequirepass pw\nbind * -::*\n';
    const { file, state, server } = parseConfiguration(text);
    const lines = renderConfiguration(file, state, server).split('\n').slice(0, 6);
    expect(lines).to.deep.equal([
      'dir "/tmp"',
      'logfile "a.log"',
      'loglevel verbose',
      'timeout 7',
      'unixsocketperm 700',
      'requirepass "pw"',
    ]);
  });

  it('let the last of several lines win', () => {
    expect(settingsOf('port 1\nport 2\nport 3').port).to.equal(3);
  });
});
