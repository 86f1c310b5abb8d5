// What commands may ask of the process they run in: everything that is neither the algorithm nor one connection.

import type { Millis } from '../core/types.js';
import type { Client } from './client.js';

/** The level below which nothing is logged; `nothing` silences warnings too. */
export type LogLevel = 'debug' | 'verbose' | 'notice' | 'warning' | 'nothing';
export const LOG_LEVELS: readonly LogLevel[] = ['debug', 'verbose', 'notice', 'warning', 'nothing'];

/** Facts about the process that do not change while it runs. */
export interface ProcessFacts {
  /** The version of this package. */
  readonly version: string;
  readonly processId: number;
  /** 40 hexadecimal digits drawn at every start; not the Sentinel's own id, which survives restarts. */
  readonly runId: string;
  readonly port: number;
  readonly executable: string;
  readonly configurationFile: string;
  readonly operatingSystem: string;
  readonly architectureBits: number;
  readonly runtimeVersion: string;
}

export interface Statistics {
  readonly connectionsReceived: number;
  readonly connectionsRejected: number;
  readonly commandsProcessed: number;
  readonly bytesReceived: number;
  readonly bytesSent: number;
  readonly channels: number;
  readonly patterns: number;
  /** Notification and reconfiguration scripts that run right now. */
  readonly scriptsRunning: number;
}

export interface ResourceUse {
  readonly userSeconds: number;
  readonly systemSeconds: number;
  readonly residentBytes: number;
}

/** One entry of the script queue. */
export interface PendingScript {
  /** The program's path and its arguments. */
  readonly words: readonly string[];
  /** Null while it waits for its turn. */
  readonly processId: number | null;
  /** When it was started, or the earliest moment of its next attempt. */
  readonly at: Millis;
  readonly attempts: number;
}

/** The file of users. An operator's rare wish, so it may hold up the process for as long as the disk takes. */
export interface UserFile {
  readonly path: string;
  /** Throws an error whose message is the reason. */
  read(): string;
  /** Replaces the whole file, which is on disk by the return. Throws an error whose message is the reason. */
  write(text: string): void;
}

export interface Host {
  readonly facts: ProcessFacts;
  readonly maxClients: number;
  /** The lowest level that is logged. Changes at run time only; the configuration file keeps its own. */
  logLevel: LogLevel;
  log(level: Exclude<LogLevel, 'nothing'>, message: string): void;
  clients(): Iterable<Client>;
  /** Closes another client's connection at once, written replies or not. */
  kill(client: Client): void;
  statistics(): Statistics;
  resourceUse(): ResourceUse;
  /** Since the process was started. */
  uptime(): Millis;
  /** Microseconds since the Unix epoch by the wall clock; for display only. */
  wallClockMicros(): number;
  /** In the order they will run or were started. */
  pendingScripts(): readonly PendingScript[];
  /** Whether this process may execute the file; false when there is none. */
  isExecutable(path: string): boolean;
  /** SHA-256 of a byte string in lower case hexadecimal digits. */
  sha256(text: string): string;
  /** This many unpredictable hexadecimal digits, fit for a password. */
  randomHex(digits: number): string;
  /** Where users are kept; null when that is the configuration file. */
  readonly userFile: UserFile | null;
  /** The words of the `user` lines that the configuration file has from its next save on. */
  keepUsers(lines: readonly (readonly string[])[]): void;
  /** Ends the process in good order, soon after this returns. */
  requestShutdown(): void;
}
