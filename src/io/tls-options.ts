// Turns the `tls-*` directives and the files they name into what Node's TLS takes, for the port and for links.
//
// It reads files and checks them; noticing that they change is `tls-renewal.ts`. Every problem is told with the directive that is
// to blame, because OpenSSL's own words ("PEM lib") name neither the file nor what it was meant for.

import { constants, X509Certificate } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import {
  createSecureContext,
  DEFAULT_CIPHERS,
  type SecureContext,
  type SecureContextOptions,
  type SecureVersion,
  type TlsOptions,
} from 'node:tls';

import type { ServerSettings } from '../config/server-settings.js';
import { toByteString, toNative } from './native-text.js';
import { ConfigurationFailure, systemReason } from './start-failure.js';

/** What one reading of the files has led to. */
export interface TlsOptionsPair {
  /** For the port: certificate, trust, and whether clients must show a certificate. */
  readonly server: TlsOptions;
  /** For links to data nodes and other Sentinels. */
  readonly client: SecureContext;
}

const VERSIONS: readonly SecureVersion[] = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'];
const DEFAULT_VERSIONS: readonly SecureVersion[] = ['TLSv1.2', 'TLSv1.3'];
/** What leaves a version out that lies between two others. */
const WITHOUT_VERSION: Partial<Record<SecureVersion, number>> = {
  'TLSv1.1': constants.SSL_OP_NO_TLSv1_1,
  'TLSv1.2': constants.SSL_OP_NO_TLSv1_2,
};
const CERTIFICATE =
  /-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----[\s\S]+?-----END (?:X509 |TRUSTED )?CERTIFICATE-----/g;

/** Whether anything of this configuration needs certificates. */
export function usesTls({ tlsPort, tlsReplication, tlsCluster }: ServerSettings): boolean {
  return tlsPort !== 0 || tlsReplication || tlsCluster;
}

/**
 * Reads every file that the settings name; relative paths refer to the directory. Throws `ConfigurationFailure`, whose message is
 * one line, when one cannot be read or used.
 */
export function readTlsOptions(settings: ServerSettings, directory: string): TlsOptionsPair {
  const { tlsCertFile, tlsKeyFile, tlsKeyFilePass, tlsClientCertFile, tlsClientKeyFile } = settings;
  if (tlsCertFile === null) throw problem('No tls-cert-file configured!');
  if (tlsKeyFile === null) throw problem('No tls-key-file configured!');
  const common = { ...protocolOptions(settings), ...cipherOptions(settings), ca: trusted(settings, directory) };
  const own = identity(directory, {
    names: ['tls-cert-file', 'tls-key-file'],
    paths: [tlsCertFile, tlsKeyFile],
    password: tlsKeyFilePass,
  });
  const forClient =
    tlsClientCertFile !== null && tlsClientKeyFile !== null
      ? identity(directory, {
          names: ['tls-client-cert-file', 'tls-client-key-file'],
          paths: [tlsClientCertFile, tlsClientKeyFile],
          password: settings.tlsClientKeyFilePass,
        })
      : own;
  return {
    server: { ...common, ...own, ...portOptions(settings, common.secureOptions, directory) },
    client: createSecureContext({ ...common, ...forClient }),
  };
}

/** The files and directories that `readTlsOptions` reads, as absolute paths. */
export function tlsFiles(settings: ServerSettings, directory: string): string[] {
  const { tlsCertFile, tlsKeyFile, tlsClientCertFile, tlsClientKeyFile, tlsCaCertFile, tlsCaCertDir } = settings;
  return [tlsCertFile, tlsKeyFile, tlsClientCertFile, tlsClientKeyFile, tlsCaCertFile, tlsCaCertDir]
    .concat(settings.tlsDhParamsFile)
    .filter((path) => path !== null)
    .map((path) => resolve(directory, toNative(path)));
}

function portOptions(settings: ServerSettings, secureOptions: number, directory: string): TlsOptions {
  const { tlsAuthClients, tlsDhParamsFile, tlsSessionCaching } = settings;
  const dhparam = tlsDhParamsFile === null ? 'auto' : read('tls-dh-params-file', directory, tlsDhParamsFile);
  blaming(`tls-dh-params-file ${tlsDhParamsFile}`, () => createSecureContext({ dhparam }));
  return {
    dhparam,
    requestCert: tlsAuthClients !== 'no',
    rejectUnauthorized: tlsAuthClients === 'yes',
    honorCipherOrder: settings.tlsPreferServerCiphers,
    secureOptions: tlsSessionCaching ? secureOptions : secureOptions | constants.SSL_OP_NO_TICKET,
    ...(settings.tlsSessionCacheTimeout > 0 ? { sessionTimeout: settings.tlsSessionCacheTimeout } : {}),
  };
}

interface IdentityFiles {
  readonly names: readonly [certificate: string, key: string];
  readonly paths: readonly [certificate: string, key: string];
  readonly password: string | null;
}

/** A certificate and its key, checked one by one and then together. */
function identity(directory: string, { names, paths, password }: IdentityFiles): SecureContextOptions {
  const [certificate, privateKey] = [`${names[0]} ${paths[0]}`, `${names[1]} ${paths[1]}`];
  const cert = read(names[0], directory, paths[0]);
  const key = read(names[1], directory, paths[1]);
  const passphrase = password === null ? {} : { passphrase: toNative(password) };
  blaming(certificate, () => createSecureContext({ cert }));
  blaming(privateKey, () => createSecureContext({ key, ...passphrase }));
  blaming(`${certificate} and ${privateKey}`, () => createSecureContext({ cert, key, ...passphrase }));
  return { cert, key, ...passphrase };
}

/** The certificates of the authorities that are believed; without any directive nobody is. */
function trusted(settings: ServerSettings, directory: string): string[] {
  const { tlsCaCertFile, tlsCaCertDir, tlsAuthClients, tlsReplication, tlsCluster } = settings;
  const isNeeded = tlsAuthClients !== 'no' || tlsReplication || tlsCluster;
  if (isNeeded && tlsCaCertFile === null && tlsCaCertDir === null) {
    throw problem(
      'Either tls-ca-cert-file or tls-ca-cert-dir must be specified when tls-cluster, tls-replication or tls-auth-clients are enabled!',
    );
  }
  const found: string[] = [];
  if (tlsCaCertFile !== null) {
    const text = read('tls-ca-cert-file', directory, tlsCaCertFile);
    found.push(...certificatesIn(`tls-ca-cert-file ${tlsCaCertFile}`, text));
  }
  if (tlsCaCertDir !== null) found.push(...certificatesOfDirectory(resolve(directory, toNative(tlsCaCertDir))));
  if (isNeeded && found.length === 0) throw problem('There is no certificate of an authority to be believed');
  return found;
}

function certificatesIn(culprit: string, text: string): string[] {
  const blocks = text.match(CERTIFICATE) ?? [];
  if (blocks.length === 0) throw problem(`${culprit}: it holds no certificate`);
  blaming(culprit, () => blocks.map((block) => new X509Certificate(block)));
  return blocks;
}

/** OpenSSL finds authorities by hashed names such as `9d66eef0.0`; here every file counts that holds certificates, by any name. */
function certificatesOfDirectory(path: string): string[] {
  const culprit = `tls-ca-cert-dir ${toByteString(path)}`;
  const names = blaming(culprit, () => readdirSync(path, { withFileTypes: true }));
  return names
    .filter((entry) => !entry.isDirectory())
    .map(({ name }) => blaming(culprit, () => readFileSync(join(path, name), 'latin1')))
    .filter((text) => text.match(CERTIFICATE) !== null)
    .flatMap((text) => certificatesIn(culprit, text));
}

function protocolOptions({ tlsProtocols }: ServerSettings): SecureContextOptions & { secureOptions: number } {
  const wanted = tlsProtocols === null ? DEFAULT_VERSIONS : tlsProtocols.split(' ').map(versionOf);
  const chosen = VERSIONS.filter((version) => wanted.some((one) => one === version));
  const [minVersion, maxVersion] = [chosen[0], chosen.at(-1)];
  if (minVersion === undefined || maxVersion === undefined || wanted.some((one) => one === null)) {
    throw problem('Invalid tls-protocols specified. Use a combination of TLSv1, TLSv1.1, TLSv1.2 and TLSv1.3.');
  }
  const left = VERSIONS.filter((version) => !chosen.includes(version));
  const secureOptions = left.reduce((bits, version) => bits | (WITHOUT_VERSION[version] ?? 0), 0);
  return { minVersion, maxVersion, secureOptions };
}

function versionOf(word: string): SecureVersion | null {
  return VERSIONS.find((version) => version.toLowerCase() === word.toLowerCase()) ?? null;
}

/** Node takes both lists in one, told apart by their names; one that is missing would switch its versions of TLS off. */
function cipherOptions({ tlsCiphers, tlsCiphersuites }: ServerSettings): { ciphers: string } {
  const isSuite = (name: string) => name.startsWith('TLS_');
  const standard = DEFAULT_CIPHERS.split(':');
  const suites = tlsCiphersuites ?? standard.filter(isSuite).join(':');
  const list = tlsCiphers ?? standard.filter((name) => !isSuite(name)).join(':');
  const ciphers = `${suites}:${list}`;
  blaming('tls-ciphers or tls-ciphersuites', () => createSecureContext({ ciphers }));
  return { ciphers };
}

function read(directive: string, directory: string, path: string): string {
  return blaming(`${directive} ${path}`, () => readFileSync(resolve(directory, toNative(path)), 'latin1'));
}

function blaming<T>(culprit: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw problem(`${culprit}: ${systemReason(error)}`);
  }
}

function problem(reason: string): ConfigurationFailure {
  return new ConfigurationFailure(['Failed to configure TLS', reason]);
}
