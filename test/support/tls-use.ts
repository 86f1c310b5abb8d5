// How a server or Sentinel of a test uses TLS: on its one port, and for every link and replication.

import type { ConnectionOptions } from 'node:tls';

export interface TlsUse {
  /** Lines of the configuration about certificates. */
  readonly directives: readonly string[];
  /** How the harness itself connects. */
  readonly client: ConnectionOptions;
}

/** The lines that make this the port, with TLS or without. */
export function portLines(port: number, tls: TlsUse | undefined): readonly string[] {
  return tls === undefined
    ? [`port ${port}`]
    : ['port 0', `tls-port ${port}`, 'tls-replication yes', ...tls.directives];
}
