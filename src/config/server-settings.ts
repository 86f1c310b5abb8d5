// The server directives that Vedette honours, as typed values: where it listens, logs, runs, and how it treats clients.
//
// Only the values and their defaults; how they are read and written is the table in `server-directives.ts`. A setting is
// named like its directive. All other server directives are kept as text: see `directives.ts`.

import { DEFAULT_PORT } from '../core/state.js';

const MEGABYTE = 1024 * 1024;

export type LogLevel = 'debug' | 'verbose' | 'notice' | 'warning' | 'nothing';

export type Supervised = 'upstart' | 'systemd' | 'auto' | 'no';
export type TlsAuthClients = 'no' | 'yes' | 'optional';
export type SyslogFacility =
  | 'user'
  | 'local0'
  | 'local1'
  | 'local2'
  | 'local3'
  | 'local4'
  | 'local5'
  | 'local6'
  | 'local7';

/** How much may wait for a client that does not read; 0 means without limit. */
export interface OutputBufferLimit {
  /** Bytes at which the client is closed at once. */
  readonly hard: number;
  /** Bytes that may not be exceeded for longer than `softSeconds`. */
  readonly soft: number;
  readonly softSeconds: number;
}

export type ClientClass = 'normal' | 'replica' | 'pubsub';

/** Mutable, because `SENTINEL CONFIG SET` and the driver change some; the writer renders what holds when it is called. */
export interface ServerSettings {
  port: number;
  /**
   * `*` stands for every IPv4 and `::*` for every IPv6 address; a leading `-` means that it is no error if the address is
   * not available. An empty list: no TCP at all.
   */
  bind: readonly string[];
  unixsocket: string | null;
  /** Octal permissions; 0 leaves them to the umask. */
  unixsocketperm: number;
  tcpBacklog: number;
  /** Seconds; 0 sends none. */
  tcpKeepalive: number;
  /** Seconds after which an idle client is closed; 0 never. */
  timeout: number;
  maxclients: number;
  /** Off for a Sentinel unless set. */
  protectedMode: boolean;
  clientOutputBufferLimit: Readonly<Record<ClientClass, OutputBufferLimit>>;
  requirepass: string | null;
  /** The file of users; empty for none. */
  aclfile: string;
  /** The words of each `user` line after the word `user`: the name and its rules, not yet interpreted. */
  users: readonly (readonly string[])[];
  /** The working directory, to which relative paths refer; null leaves it as it is. The driver makes it absolute. */
  dir: string | null;
  /** Empty: standard output. */
  logfile: string;
  loglevel: LogLevel;
  syslogEnabled: boolean;
  syslogIdent: string;
  syslogFacility: SyslogFacility;
  pidfile: string | null;
  daemonize: boolean;
  supervised: Supervised;
  /** 0: no TLS port. */
  tlsPort: number;
  /** Whether links to data nodes and other Sentinels use TLS, and the TLS port is the one that is announced. */
  tlsReplication: boolean;
  tlsCluster: boolean;
  tlsAuthClients: TlsAuthClients;
  tlsCertFile: string | null;
  tlsKeyFile: string | null;
  tlsKeyFilePass: string | null;
  tlsClientCertFile: string | null;
  tlsClientKeyFile: string | null;
  tlsClientKeyFilePass: string | null;
  tlsDhParamsFile: string | null;
  tlsCaCertFile: string | null;
  tlsCaCertDir: string | null;
  tlsProtocols: string | null;
  tlsCiphers: string | null;
  tlsCiphersuites: string | null;
  tlsPreferServerCiphers: boolean;
  tlsSessionCaching: boolean;
  tlsSessionCacheSize: number;
  /** Seconds. */
  tlsSessionCacheTimeout: number;
}

export function defaultServerSettings(): ServerSettings {
  return {
    port: DEFAULT_PORT,
    bind: ['*', '-::*'],
    unixsocket: null,
    unixsocketperm: 0,
    tcpBacklog: 511,
    tcpKeepalive: 300,
    timeout: 0,
    maxclients: 10_000,
    protectedMode: false,
    clientOutputBufferLimit: {
      normal: { hard: 0, soft: 0, softSeconds: 0 },
      replica: { hard: 256 * MEGABYTE, soft: 64 * MEGABYTE, softSeconds: 60 },
      pubsub: { hard: 32 * MEGABYTE, soft: 8 * MEGABYTE, softSeconds: 60 },
    },
    requirepass: null,
    aclfile: '',
    users: [],
    dir: null,
    logfile: '',
    loglevel: 'notice',
    syslogEnabled: false,
    syslogIdent: 'redis',
    syslogFacility: 'local0',
    pidfile: null,
    daemonize: false,
    supervised: 'no',
    tlsPort: 0,
    tlsReplication: false,
    tlsCluster: false,
    tlsAuthClients: 'yes',
    tlsCertFile: null,
    tlsKeyFile: null,
    tlsKeyFilePass: null,
    tlsClientCertFile: null,
    tlsClientKeyFile: null,
    tlsClientKeyFilePass: null,
    tlsDhParamsFile: null,
    tlsCaCertFile: null,
    tlsCaCertDir: null,
    tlsProtocols: null,
    tlsCiphers: null,
    tlsCiphersuites: null,
    tlsPreferServerCiphers: false,
    tlsSessionCaching: true,
    tlsSessionCacheSize: 20_480,
    tlsSessionCacheTimeout: 300,
  };
}
