// What the options of `vedette start` mean as a sentinel.conf, and whether an existing one agrees with them.

import { joinArguments, writeArgument } from '../config/arguments.js';
import { type Configuration, ConfigurationError, parseConfiguration } from '../config/parser.js';
import { parsePort } from '../config/values.js';
import { DEFAULT_PORT, type SavedMaster } from '../core/state.js';
import type { Address } from '../core/types.js';
import { toByteString, toNative } from '../io/native-text.js';
import { parseBinding } from '../io/server-binding.js';
import { isHostName, isIpAddress } from '../protocol/host.js';
import { CommandFailure } from './failure.js';
import { formatAddress } from './target.js';

export interface MonitorOption {
  readonly name: string;
  readonly address: Address;
}

/** Undefined options take the defaults in a new file, and agree with whatever stands in an existing one. */
export interface StartOptions {
  readonly monitor: readonly MonitorOption[];
  readonly quorum?: number | undefined;
  readonly port?: number | undefined;
  /** Byte strings. */
  readonly bind?: readonly string[] | undefined;
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
  const option = `--monitor ${text === '' ? "''" : text}`;
  if (name === undefined || host === undefined || port === null || port === 0) {
    throw new CommandFailure(`${option}: expected name=host:port, such as mymaster=127.0.0.1:6379`);
  }
  if (isFailedAddress(host)) throw new CommandFailure(`${option}: ${host} is no IP address`);
  return { name: toByteString(name), address: { host: toByteString(host), port } };
}

/** Reads the addresses to listen on, with what may stand around them in Redis's directive: `*`, and `-` for one that may be absent. */
export function parseBind(text: string): string[] {
  const words = text.split(/\s+/).filter((word) => word !== '');
  for (const word of words) {
    const { host } = parseBinding(word);
    if (isIpAddress(host) || (isHostName(host) && !isFailedAddress(host))) continue;
    throw new CommandFailure(`--bind ${word}: expected an address of this machine, such as 127.0.0.1`);
  }
  if (words.length === 0) throw new CommandFailure('--bind needs a value');
  return words.map(toByteString);
}

/** Digits and dots that make no address would be looked up as the name of a host, for ever in vain. */
function isFailedAddress(host: string): boolean {
  return /^[\d.]+$/.test(host) && !isIpAddress(host);
}

/** A line of the new file, and the option that made it. */
interface Line {
  readonly text: string;
  readonly option: string;
}

/**
 * The text of a configuration file for these options, as a byte string. `directory` is absolute. Throws `CommandFailure` when no
 * Sentinel could be started with it.
 */
export function newConfiguration(options: StartOptions, directory: string): string {
  const lines = [...generalLines(options, directory), ...options.monitor.flatMap((one) => masterLines(one, options))];
  const text = lines.map((line) => `${line.text}\n`).join('');
  try {
    parseConfiguration(text);
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    // The operator knows options, and nothing of a file that is not there yet.
    throw new CommandFailure(`${lines[error.lineNumber - 1]?.option ?? error.line}: ${error.reason}`);
  }
  return text;
}

function generalLines({ monitor, port = DEFAULT_PORT, bind }: StartOptions, directory: string): Line[] {
  const needsNames = monitor.some(({ address }) => !isIpAddress(address.host));
  return [
    {
      text: "# Made by `vedette start`. It is Vedette's memory, too: what must survive a restart is written into it.",
      option: '',
    },
    { text: `port ${port}`, option: `--port ${port}` },
    ...(bind === undefined ? [] : [{ text: `bind ${joinArguments(bind)}`, option: `--bind ${bind.join(' ')}` }]),
    { text: `dir ${writeArgument(toByteString(directory))}`, option: `--dir ${directory}` },
    ...(needsNames ? [{ text: 'sentinel resolve-hostnames yes', option: '--monitor' }] : []),
  ];
}

function masterLines({ name, address }: MonitorOption, options: StartOptions): Line[] {
  const word = writeArgument(name);
  const monitored = toNative(`${name}=${formatAddress(address.host, address.port)}`);
  const lines: Line[] = [
    { text: '', option: '' },
    {
      text: `sentinel monitor ${word} ${address.host} ${address.port} ${options.quorum ?? DEFAULT_QUORUM}`,
      option: `--monitor ${monitored}`,
    },
  ];
  for (const [directive, option, value] of timeSettings(options)) {
    if (value === undefined) continue;
    lines.push({ text: `sentinel ${directive} ${word} ${value}`, option: `--${option} ${value}` });
  }
  return lines;
}

function timeSettings({
  downAfter,
  failoverTimeout,
  parallelSyncs,
}: StartOptions): (readonly [directive: string, option: string, value: number | undefined])[] {
  return [
    ['down-after-milliseconds', 'down-after', downAfter],
    ['failover-timeout', 'failover-timeout', failoverTimeout],
    ['parallel-syncs', 'parallel-syncs', parallelSyncs],
  ];
}

/** What the file says otherwise than the options, one sentence each. */
export function contradictions(options: StartOptions, { state, server }: Configuration): string[] {
  const found: string[] = [];
  const compare = (what: string, wanted: number | string | undefined, present: number | string) => {
    if (wanted !== undefined && wanted !== present) found.push(`${what} is ${present} there, not ${wanted}.`);
  };
  compare('port', options.port, server.port);
  compare('bind', options.bind?.join(' '), server.bind.join(' '));
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
