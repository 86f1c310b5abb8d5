// `vedette start`: a Sentinel without a configuration file written by hand. The file is made once; from then on it is Vedette's
// memory, and options must agree with it.

import { join, resolve } from 'node:path';
import type { CommandModule } from 'yargs';

import { loadConfiguration } from '../io/configuration-loader.js';
import { runSentinel } from '../io/main-process.js';
import { toNative } from '../io/native-text.js';
import { ConfigurationFailure, StartFailure } from '../io/start-failure.js';
import { createFile, makeDirectory, removeUnusedAtExit } from './configuration-file.js';
import { CommandFailure } from './failure.js';
import { contradictions, newConfiguration, parseBind, parseMonitor, type StartOptions } from './new-configuration.js';
import { numberOption, PORTS, textOption } from './option-values.js';

interface Options extends Omit<StartOptions, 'monitor' | 'bind'> {
  readonly monitor: readonly string[];
  readonly bind?: string | undefined;
  readonly dir: string;
}

const FILE_NAME = 'sentinel.conf';
const AT_LEAST_ONE = { from: 1 };

export const start: CommandModule<object, Options> = {
  command: 'start',
  describe: 'Supervise masters, with a configuration file that is made if there is none',
  builder: (argv) =>
    argv
      .option('monitor', {
        type: 'string',
        array: true,
        requiresArg: true,
        demandOption: true,
        describe: 'A master to supervise, as name=host:port; may be repeated',
      })
      .option(
        'quorum',
        numberOption('quorum', AT_LEAST_ONE, 'How many Sentinels must agree that a master is down [default: 2]'),
      )
      .option('port', numberOption('port', PORTS, 'The port to listen on [default: 26379]'))
      .option('bind', textOption('bind', 'The address to listen on, or several in quotes [default: all]'))
      .option('dir', { ...textOption('dir', `Where ${FILE_NAME} is kept`), default: '.' })
      .option(
        'down-after',
        numberOption('down-after', AT_LEAST_ONE, 'Milliseconds of silence that make a node down [default: 30000]'),
      )
      .option(
        'failover-timeout',
        numberOption('failover-timeout', AT_LEAST_ONE, 'Milliseconds for the slow phases of a failover'),
      )
      .option(
        'parallel-syncs',
        numberOption('parallel-syncs', AT_LEAST_ONE, 'How many replicas resynchronise at a time [default: 1]'),
      )
      .example('vedette start --monitor mymaster=127.0.0.1:6379 --quorum 2 --dir /var/lib/vedette', ''),
  handler: async (options) => {
    const { path, madeOf } = prepareConfiguration(options);
    if (madeOf !== null) removeUnusedAtExit(path, madeOf);
    await runSentinel(path);
  },
};

export interface PreparedConfiguration {
  readonly path: string;
  /** The text of the file if it was made just now; null if it was there already. */
  readonly madeOf: string | null;
}

/**
 * Makes the configuration file, or makes sure that the present one agrees with the options. Options that no Sentinel could be
 * started with are refused before anything is written.
 */
export function prepareConfiguration(options: Options): PreparedConfiguration {
  const { monitor, bind } = options;
  const wanted: StartOptions = {
    ...options,
    monitor: monitor.map(parseMonitor),
    bind: bind === undefined ? undefined : parseBind(bind),
  };
  const directory = resolve(options.dir);
  const path = join(directory, FILE_NAME);
  const text = newConfiguration(wanted, directory);
  makeDirectory(directory);
  if (createFile(path, text)) return { path, madeOf: text };
  refuseContradictions(path, wanted);
  return { path, madeOf: null };
}

function refuseContradictions(path: string, wanted: StartOptions): void {
  const found = contradictions(wanted, load(path));
  if (found.length === 0) return;
  throw new CommandFailure(
    `${path} exists and says something else. Edit it, or start with \`vedette ${path}\`.\n  ${found.join('\n  ')}`,
  );
}

function load(path: string): ReturnType<typeof loadConfiguration> {
  try {
    return loadConfiguration(path);
  } catch (error) {
    if (!(error instanceof ConfigurationFailure || error instanceof StartFailure)) throw error;
    // The title in stars belongs to a Sentinel's own start.
    const lines = toNative(error.explanation)
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('*** '));
    throw new CommandFailure(`${path} exists and cannot be used. Repair it, or remove it.\n  ${lines.join('\n  ')}`);
  }
}
