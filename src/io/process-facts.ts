// Facts about this process and this host that are gathered once, for INFO and the log.

import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { machine, release, type } from 'node:os';

import type { ProcessFacts } from '../commands/host.js';
import { toByteString } from './native-text.js';

/** The version of this package. */
export const VERSION = versionOf(new URL('../../../package.json', import.meta.url));

const RUN_ID_BYTES = 20;
const BITS = /64|s390x/.test(process.arch) ? 64 : 32;

export function processFacts(port: number, configurationFile: string): ProcessFacts {
  return {
    version: VERSION,
    processId: process.pid,
    runId: randomBytes(RUN_ID_BYTES).toString('hex'),
    port,
    executable: toByteString(process.argv[1] ?? process.execPath),
    configurationFile: toByteString(configurationFile),
    operatingSystem: `${type()} ${release()} ${machine()}`,
    architectureBits: BITS,
    runtimeVersion: `node ${process.version}`,
  };
}

function versionOf(manifest: URL): string {
  const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string };
  return version;
}
