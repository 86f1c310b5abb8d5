// The library's public face: a Sentinel inside another Node.js program.
//
//     const sentinel = createSentinel({ configurationPath: '/var/lib/app/sentinel.conf', onEvent: console.log });
//     await sentinel.start();
//
// It does what the executable does, but leaves the process alone: no signal handlers, no change of the working directory,
// nothing on standard output. Master names and messages are byte strings: one character is one byte.

import { writeFileSync } from 'node:fs';

import type { EventLevel, SentinelEvent } from './core/event.js';
import { loadConfiguration } from './io/configuration-loader.js';
import { Daemon } from './io/daemon.js';
import type { Logger, LogLevel } from './io/log.js';

export type { EventLevel, SentinelEvent } from './core/event.js';
export { ConfigurationFailure, StartFailure } from './io/start-failure.js';

export interface SentinelOptions {
  /** The sentinel.conf. It must be writable: the Sentinel keeps in it what must survive a restart. */
  readonly configurationPath: string;
  /** The text to begin with when there is no such file yet; then the file is made. */
  readonly configuration?: string;
  /** Called for every event, in order. An exception thrown here is the program's own. */
  readonly onEvent?: (event: SentinelEvent) => void;
  /** Called for every message that the executable would log. The directive `loglevel` applies. */
  readonly onLog?: (level: EventLevel, message: string) => void;
  /** Called after a client has ended this Sentinel with SHUTDOWN or `SENTINEL SIMULATE-FAILURE`. */
  readonly onEnd?: () => void;
}

export interface EmbeddedSentinel {
  /** Its identity in the group, 40 hexadecimal digits. */
  readonly id: string;
  /** The port it listens on. */
  readonly port: number;
  /** Begins to supervise. Rejects with `StartFailure` when the port is taken or the file cannot be written. */
  start(): Promise<void>;
  /** Stops supervising; resolves when the last save is done and the port is free. It cannot be started again. */
  stop(): Promise<void>;
}

/**
 * Reads the configuration and prepares a Sentinel. Throws `ConfigurationFailure` when the configuration cannot be accepted and
 * `StartFailure` when it cannot be read.
 */
export function createSentinel(options: SentinelOptions): EmbeddedSentinel {
  const { configurationPath, configuration, onEvent, onLog, onEnd } = options;
  if (configuration !== undefined) createFile(configurationPath, configuration);
  const loaded = loadConfiguration(configurationPath);
  const daemon = new Daemon({
    configuration: loaded,
    log: new CallbackLog(loaded.server.loglevel, onLog),
    onEvent: (event) => onEvent?.(event),
    onEnding: () => {
      void daemon.stop().then(onEnd);
    },
  });
  return {
    id: daemon.sentinel.core.myId,
    get port() {
      return daemon.port;
    },
    start: () => daemon.start(),
    stop: () => daemon.stop(),
  };
}

function createFile(path: string, text: string): void {
  try {
    writeFileSync(path, text, { flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

const LEVELS: readonly LogLevel[] = ['debug', 'verbose', 'notice', 'warning', 'nothing'];

class CallbackLog implements Logger {
  level: LogLevel;
  readonly #onLog: ((level: EventLevel, message: string) => void) | undefined;

  constructor(level: LogLevel, onLog: ((level: EventLevel, message: string) => void) | undefined) {
    this.level = level;
    this.#onLog = onLog;
  }

  write(level: EventLevel, message: string): void {
    if (LEVELS.indexOf(level) >= LEVELS.indexOf(this.level)) this.#onLog?.(level, message);
  }

  flush(): void {
    // The callback has had every message.
  }
}
