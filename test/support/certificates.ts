// A certificate authority for one test, made with the openssl command, and the certificates that it signs.

import { execFileSync } from 'node:child_process';
import { readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import type { ConnectionOptions } from 'node:tls';

import type { Workspace } from './workspace.js';

const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'];

export interface CertificateFiles {
  readonly certificate: string;
  readonly key: string;
}

export class Certificates {
  readonly directory: string;
  readonly authority: string;

  constructor(workspace: Workspace, name = 'certificates') {
    this.directory = workspace.directory(name);
    this.authority = join(this.directory, 'authority.crt');
    const files = ['-keyout', 'authority.key', '-out', 'authority.crt'];
    this.#openssl('req', '-x509', ...NEW_KEY, '-nodes', ...files, '-days', '2', '-subj', `/CN=authority of ${name}`);
  }

  /** Makes a key and a certificate for it, in files of this name; they replace, by renaming, those that are there. */
  issue(name: string, options: { subject?: string; password?: string } = {}): CertificateFiles {
    const { subject = name, password } = options;
    const protection = password === undefined ? ['-nodes'] : ['-passout', `pass:${password}`];
    const request = ['-keyout', 'new.key', '-out', 'new.csr', '-subj', `/CN=${subject}`];
    this.#openssl('req', ...NEW_KEY, ...protection, ...request);
    const signer = ['-CA', 'authority.crt', '-CAkey', 'authority.key', '-CAcreateserial'];
    this.#openssl('x509', '-req', '-in', 'new.csr', ...signer, '-days', '2', '-out', 'new.crt');
    const [certificate, key] = [join(this.directory, `${name}.crt`), join(this.directory, `${name}.key`)];
    renameSync(join(this.directory, 'new.key'), key);
    renameSync(join(this.directory, 'new.crt'), certificate);
    return { certificate, key };
  }

  /** What a client needs that trusts this authority and shows a certificate, if one is given. */
  client(files: CertificateFiles | null = null): ConnectionOptions {
    const own = files === null ? {} : { cert: readFileSync(files.certificate), key: readFileSync(files.key) };
    return { ca: readFileSync(this.authority), ...own, checkServerIdentity: () => undefined };
  }

  /** The directives that let a server or Sentinel use these files on its port and for its links. */
  directives({ certificate, key }: CertificateFiles): string[] {
    return [`tls-cert-file ${certificate}`, `tls-key-file ${key}`, `tls-ca-cert-file ${this.authority}`];
  }

  #openssl(...args: readonly string[]): void {
    execFileSync('openssl', args, { cwd: this.directory, stdio: ['ignore', 'ignore', 'pipe'] });
  }
}
