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
  /** Ends the process in good order, soon after this returns. */
  requestShutdown(): void;
}
