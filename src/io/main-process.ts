// Runs one Sentinel as this process, as redis-sentinel runs: in the foreground or in the background, with log, signals, process id
// file and exit status.
//
// Standard error stays empty unless the configuration cannot be accepted. Signals end the process at once: everything that
// must survive is on disk already, and what would be nice to keep is written within the same turn; so does an error nobody expected: a supervisor that limps on does more harm than one
// that its service manager starts again.

import { closeSync, openSync, writeSync } from 'node:fs';
import { resolve } from 'node:path';

import type { EventLevel } from '../core/event.js';
import { goToBackground, type Starter, takeStarter } from './background.js';
import { type LoadedConfiguration, loadConfiguration, optionLines } from './configuration-loader.js';
import { Daemon } from './daemon.js';
import { Log, type Logger } from './log.js';
import { toByteString, toNative } from './native-text.js';
import { PidFile } from './pid-file.js';
import { VERSION } from './process-facts.js';
import { ServiceManager, superviseBy } from './service-manager.js';
import { ConfigurationFailure, StartFailure, systemReason } from './start-failure.js';
import { Syslog } from './syslog.js';

const STANDARD_ERROR = 2;
const ENDING_SIGNALS = ['SIGTERM', 'SIGINT'] as const;

/**
 * Starts a Sentinel on the configuration file at this path; `options` are words such as `--port 26380` that override it. Returns
 * when it supervises; when it cannot be started, the process ends with status 1. If the configuration says `daemonize yes`, this
 * process ends with the outcome of the start in another one.
 */
export async function runSentinel(path: string | null, options: readonly string[] = []): Promise<void> {
  const starter = takeStarter();
  let log = new Log({ path: null, level: 'notice' });
  try {
    if (path === null) throw new StartFailure('Sentinel needs config file on disk to save state. Exiting...');
    const configuration = loadConfiguration(path, optionLines(options));
    if (starter === null && !staysInForeground(configuration)) {
      // Who is stopped while it waits cannot say that the other process has started.
      for (const signal of ENDING_SIGNALS) process.removeAllListeners(signal);
      await goToBackground();
    }
    process.chdir(configuration.directory);
    log = openLog(configuration);
    await supervise(configuration, log, starter !== null);
    starter?.ready();
  } catch (error) {
    giveUp(error, log, starter);
  }
}

/** A service manager must find the process that it has started. */
function staysInForeground({ server }: LoadedConfiguration): boolean {
  return !server.daemonize || superviseBy(server.supervised, process.env).manager !== null;
}

async function supervise(configuration: LoadedConfiguration, log: Log, isInBackground: boolean): Promise<void> {
  const pidFile = new PidFile(configuration, isInBackground, log);
  const manager = new ServiceManager(superviseBy(configuration.server.supervised, process.env), log);
  let daemon: Daemon | null = null;
  const end = (status: number) => {
    manager.stopping();
    daemon?.abandon();
    pidFile.remove();
    log.flush();
    process.exit(status);
  };
  const shutDown = () => {
    log.write('warning', 'User requested shutdown...');
    daemon?.saveAtOnce();
    log.write('warning', 'Sentinel is now ready to exit, bye bye...');
    end(0);
  };
  dieOfUnexpectedErrors(log, end);
  for (const signal of ENDING_SIGNALS) {
    // Ours first: a signal that has come already would be lost while nobody listens.
    const earlier = process.listeners(signal);
    process.on(signal, shutDown);
    for (const listener of earlier) process.off(signal, listener);
  }
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
  log.load();
  pidFile.write();
  manager.ready();
}

function openLog({ server, directory }: LoadedConfiguration): Log {
  const path = server.logfile === '' ? null : resolve(directory, toNative(server.logfile));
  try {
    if (path !== null) closeSync(openSync(path, 'a'));
  } catch (error) {
    throw new ConfigurationFailure([`Can't open the log file: ${systemReason(error)}`]);
  }
  if (!server.syslogEnabled) return new Log({ path, level: server.loglevel });
  const syslog = new Syslog({
    ident: server.syslogIdent,
    facility: server.syslogFacility,
    warn: (message) => log.write('warning', message),
  });
  const log = new Log({ path, level: server.loglevel, syslog });
  return log;
}

function greet({ path, ignoredFacts }: LoadedConfiguration, log: Logger): void {
  log.write('notice', `Vedette ${VERSION} is starting, pid=${process.pid}, node=${process.version}`);
  log.write('notice', `Configuration loaded from ${toByteString(path)}`);
  if (ignoredFacts > 0) log.write('warning', `${ignoredFacts} saved facts in the configuration file were not believed`);
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

/** A configuration that cannot be accepted is explained on standard error, everything else in the log; whoever waits hears it in any case. */
function giveUp(error: unknown, log: Logger, starter: Starter | null): never {
  const explanation = explanationOf(error);
  if (!(error instanceof ConfigurationFailure)) log.write('warning', explanation);
  else if (starter === null) writeSync(STANDARD_ERROR, Buffer.from(explanation, 'latin1'));
  starter?.failed(explanation);
  log.flush();
  process.exit(1);
}

function explanationOf(error: unknown): string {
  if (error instanceof ConfigurationFailure || error instanceof StartFailure) return error.explanation;
  return toByteString(error instanceof Error ? (error.stack ?? error.message) : String(error));
}
