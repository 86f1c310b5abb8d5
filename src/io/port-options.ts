// From the directives about the Sentinel port to what the server is built with: what is listened on, and for whom.

import { resolve } from 'node:path';

import type { ServerSettings } from '../config/server-settings.js';
import { toNative } from './native-text.js';
import type { ServerOptions } from './server.js';
import type { TlsRenewal } from './tls-renewal.js';

export type PortOptions = Omit<ServerOptions, 'execute' | 'lookUp' | 'now' | 'log' | 'letsStrangersIn'>;

const MILLIS_PER_SECOND = 1000;

/** @param tls the certificates, if any directive needs them */
export function portOptions(settings: ServerSettings, directory: string, tls: TlsRenewal | null): PortOptions {
  const { port, tlsPort, unixsocket, unixsocketperm } = settings;
  const hasUnixSocket = unixsocket !== null && unixsocket !== '';
  return {
    port: port === 0 ? null : port,
    tls: tlsPort === 0 || tls === null ? null : { port: tlsPort, options: tls.server },
    unixSocket: hasUnixSocket ? { path: resolve(directory, toNative(unixsocket)), permissions: unixsocketperm } : null,
    binds: settings.bind,
    backlog: settings.tcpBacklog,
    maxClients: settings.maxclients,
    idleTimeout: settings.timeout * MILLIS_PER_SECOND,
    keepAlive: settings.tcpKeepalive * MILLIS_PER_SECOND,
    isProtected: settings.protectedMode,
    outputBufferLimits: settings.clientOutputBufferLimit,
  };
}

/** What is listened on, for messages: `port 26379, TLS port 26380, /run/sentinel.sock`; empty for nothing. */
export function describePorts({ port, tlsPort, bind, unixsocket }: ServerSettings): string {
  const parts = [];
  if (port !== 0 && bind.length > 0) parts.push(`port ${port}`);
  if (tlsPort !== 0 && bind.length > 0) parts.push(`TLS port ${tlsPort}`);
  if (unixsocket !== null && unixsocket !== '') parts.push(unixsocket);
  return parts.join(', ');
}
