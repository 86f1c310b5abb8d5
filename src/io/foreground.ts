// Runs one Sentinel as this process, as redis-sentinel runs in the foreground: log, signals, process id file, exit status.
//
// Standard error stays empty unless the configuration cannot be accepted. Signals end the process at once, because everything
// that must survive is on disk already; so does an error nobody expected: a supervisor that limps on does more harm than one
// that its service manager starts again.

import { closeSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { resolve } from 'node:path';

import type { EventLevel } from '../core/event.js';
import { type LoadedConfiguration, loadConfiguration, optionLines } from './configuration-loader.js';
import { Daemon } from './daemon.js';
import { Log, type Logger } from './log.js';
import { toByteString, toNative } from './native-text.js';
import { VERSION } from './process-facts.js';
import { ConfigurationFailure, StartFailure, systemReason } from './start-failure.js';
import { unhonouredSettings } from './unhonoured-settings.js';

const STANDARD_ERROR = 2;

/**
 * Starts a Sentinel on the configuration file at this path; `options` are words such as `--port 26380` that override it. Returns
 * when it supervises; when it cannot be started, the process ends with status 1.
 */
export async function runInForeground(path: string | null, options: readonly string[] = []): Promise<void> {
  let log: Logger = new Log({ path: null, level: 'notice' });
  try {
    if (path === null) throw new StartFailure('Sentinel needs config file on disk to save state. Exiting...');
    const configuration = loadConfiguration(path, optionLines(options));
    process.chdir(configuration.directory);
    log = openLog(configuration);
    await supervise(configuration, log);
  } catch (error) {
    giveUp(error, log);
  }
}

async function supervise(configuration: LoadedConfiguration, log: Logger): Promise<void> {
  const pidFile = new PidFile(pidFileOf(configuration), log);
  let daemon: Daemon | null = null;
  const end = (status: number) => {
    daemon?.abandon();
    pidFile.remove();
    log.flush();
    process.exit(status);
  };
  const shutDown = () => {
    log.write('warning', 'User requested shutdown...');
    log.write('warning', 'Sentinel is now ready to exit, bye bye...');
    end(0);
  };
  dieOfUnexpectedErrors(log, end);
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, shutDown);
  // A closed terminal is no reason to stop supervising. What rotates logs sends these, too: the log file is opened anew for every
  // write, so nothing is left to do. Unheard, SIGUSR1 would make Node.js open a debugger's port.
  for (const signal of ['SIGHUP', 'SIGUSR1'] as const) {
    process.on(signal, () =>
      log.write('notice', `Received ${signal}: the log goes on in the file of the configured name`),
    );
  }
  greet(configuration, log);
  daemon = new Daemon({
    configuration,
    log,
    onEnding: (ending) => {
      if (ending.reason === 'shutdown') return shutDown();
      // A simulated crash tidies nothing up.
      log.flush();
      process.exit(ending.code);
    },
  });
  await daemon.start();
  pidFile.write();
}

function openLog({ server, directory }: LoadedConfiguration): Logger {
  const path = server.logfile === '' ? null : resolve(directory, toNative(server.logfile));
  try {
    if (path !== null) closeSync(openSync(path, 'a'));
  } catch (error) {
    throw new ConfigurationFailure([`Can't open the log file: ${systemReason(error)}`]);
  }
  return new Log({ path, level: server.loglevel });
}

function greet({ path, server, ignoredFacts }: LoadedConfiguration, log: Logger): void {
  log.write('notice', `Vedette ${VERSION} is starting, pid=${process.pid}, node=${process.version}`);
  log.write('notice', `Configuration loaded from ${toByteString(path)}`);
  if (ignoredFacts > 0) log.write('warning', `${ignoredFacts} saved facts in the configuration file were not believed`);
  for (const directive of unhonouredSettings(server)) {
    log.write('warning', `WARNING: the directive ${directive} has no effect in this version of Vedette`);
  }
}

function dieOfUnexpectedErrors(log: Logger, end: (status: number) => void): void {
  const explain = (level: EventLevel, text: string) => {
    for (const line of toByteString(text).split('\n')) log.write(level, line);
  };
  process.on('uncaughtException', (error) => {
    explain('warning', `An unexpected error ends this Sentinel: ${error.stack ?? error.message}`);
    end(1);
  });
  process.on('warning', (warning) => explain('verbose', `Node.js warns: ${warning.stack ?? warning.message}`));
}

function giveUp(error: unknown, log: Logger): never {
  if (error instanceof ConfigurationFailure) writeSync(STANDARD_ERROR, Buffer.from(error.explanation, 'latin1'));
  else if (error instanceof StartFailure) log.write('warning', error.explanation);
  else log.write('warning', toByteString(error instanceof Error ? (error.stack ?? error.message) : String(error)));
  log.flush();
  process.exit(1);
}

function pidFileOf({ server, directory }: LoadedConfiguration): string | null {
  return server.pidfile === null || server.pidfile === '' ? null : resolve(directory, toNative(server.pidfile));
}

/** The file that tells service managers our process id, if one is wanted. */
class PidFile {
  readonly #path: string | null;
  readonly #log: Logger;
  #isOurs: boolean = false;

  constructor(path: string | null, log: Logger) {
    this.#path = path;
    this.#log = log;
  }

  /** A missing file is an inconvenience, not a reason to leave masters without supervision. */
  write(): void {
    if (this.#path === null) return;
    try {
      writeFileSync(this.#path, `${process.pid}\n`);
      this.#isOurs = true;
    } catch (error) {
      this.#log.write(
        'warning',
        `Cannot write the process id into ${toByteString(this.#path)}: ${systemReason(error)}`,
      );
    }
  }

  /** Leaves a file alone that another process has written. */
  remove(): void {
    if (this.#path !== null && this.#isOurs) rmSync(this.#path, { force: true });
  }
}
