// What the options of `vedette start` mean as a sentinel.conf, and whether an existing one agrees with them.

import { writeArgument } from '../config/arguments.js';
import type { Configuration } from '../config/parser.js';
import { parsePort } from '../config/values.js';
import { DEFAULT_PORT, type SavedMaster } from '../core/state.js';
import type { Address } from '../core/types.js';
import { toByteString } from '../io/native-text.js';
import { isIpAddress } from '../protocol/host.js';
import { CommandFailure } from './failure.js';

export interface MonitorOption {
  readonly name: string;
  readonly address: Address;
}

/** Undefined options take the defaults in a new file, and agree with whatever stands in an existing one. */
export interface StartOptions {
  readonly monitor: readonly MonitorOption[];
  readonly quorum?: number | undefined;
  readonly port?: number | undefined;
  readonly bind?: string | undefined;
  readonly downAfter?: number | undefined;
  readonly failoverTimeout?: number | undefined;
  readonly parallelSyncs?: number | undefined;
}

const DEFAULT_QUORUM = 2;

/** Reads `name=host:port`, an IPv6 address in brackets. */
export function parseMonitor(text: string): MonitorOption {
  const [, name, bracketed, plain, portText] = /^([^=\s]+)=(?:\[([^\]]+)\]|([^:\s]+)):(\d+)$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  const port = parsePort(portText ?? '');
  if (name === undefined || host === undefined || port === null || port === 0) {
    throw new CommandFailure(`--monitor ${text}: expected name=host:port, such as mymaster=127.0.0.1:6379`);
  }
  return { name: toByteString(name), address: { host: toByteString(host), port } };
}

/** The text of a configuration file for these options, as a byte string. `directory` is absolute. */
export function newConfiguration(options: StartOptions, directory: string): string {
  const { monitor, quorum = DEFAULT_QUORUM, port = DEFAULT_PORT, bind } = options;
  const lines = [
    "# Made by `vedette start`. It is Vedette's memory, too: what must survive a restart is written into it.",
    `port ${port}`,
    ...(bind === undefined ? [] : [`bind ${writeArgument(toByteString(bind))}`]),
    `dir ${writeArgument(toByteString(directory))}`,
    ...(monitor.every(({ address }) => isIpAddress(address.host)) ? [] : ['sentinel resolve-hostnames yes']),
  ];
  for (const { name, address } of monitor) {
    const word = writeArgument(name);
    lines.push('', `sentinel monitor ${word} ${address.host} ${address.port} ${quorum}`);
    for (const [directive, value] of timeSettings(options)) {
      if (value !== undefined) lines.push(`sentinel ${directive} ${word} ${value}`);
    }
  }
  return `${lines.join('\n')}\n`;
}

function timeSettings({
  downAfter,
  failoverTimeout,
  parallelSyncs,
}: StartOptions): (readonly [string, number | undefined])[] {
  return [
    ['down-after-milliseconds', downAfter],
    ['failover-timeout', failoverTimeout],
    ['parallel-syncs', parallelSyncs],
  ];
}

/** What the file says otherwise than the options, one sentence each. */
export function contradictions(options: StartOptions, { state, server }: Configuration): string[] {
  const found: string[] = [];
  const compare = (what: string, wanted: number | string | undefined, present: number | string) => {
    if (wanted !== undefined && wanted !== present) found.push(`${what} is ${present} there, not ${wanted}.`);
  };
  compare('port', options.port, server.port);
  compare('bind', options.bind, server.bind.join(' '));
  for (const { name, address } of options.monitor) {
    const master = state.masters.find((one) => one.name === name);
    if (master === undefined) {
      found.push(`${name} is not monitored there.`);
      continue;
    }
    if (!isKnownAddress(master, address)) {
      found.push(
        `${name} was never at ${address.host}:${address.port} there, it is at ${master.address.host}:${master.address.port}.`,
      );
    }
    compare(`quorum of ${name}`, options.quorum, master.settings.quorum);
    compare(`down-after-milliseconds of ${name}`, options.downAfter, master.settings.downAfter);
    compare(`failover-timeout of ${name}`, options.failoverTimeout, master.settings.failoverTimeout);
    compare(`parallel-syncs of ${name}`, options.parallelSyncs, master.settings.parallelSyncs);
  }
  return found;
}

/** Failovers move a master: any address it had, or one of its replicas, is still the master that was meant. */
function isKnownAddress({ address, replicas, reigns }: SavedMaster, wanted: Address): boolean {
  const known = [address, ...replicas, ...reigns.map((reign) => reign.address)];
  return known.some(({ host, port }) => host === wanted.host && port === wanted.port);
}
