// `vedette start`: a Sentinel without a configuration file written by hand. The file is made once; from then on it is Vedette's
// memory, and options must agree with it.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { CommandModule } from 'yargs';

import { loadConfiguration } from '../io/configuration-loader.js';
import { runSentinel } from '../io/main-process.js';
import { ConfigurationFailure, StartFailure } from '../io/start-failure.js';
import { CommandFailure } from './failure.js';
import { contradictions, newConfiguration, parseMonitor, type StartOptions } from './new-configuration.js';

interface Options extends Omit<StartOptions, 'monitor'> {
  readonly monitor: readonly string[];
  readonly dir: string;
}

const FILE_NAME = 'sentinel.conf';

export const start: CommandModule<object, Options> = {
  command: 'start',
  describe: 'Supervise masters, with a configuration file that is made if there is none',
  builder: (argv) =>
    argv
      .option('monitor', {
        type: 'string',
        array: true,
        demandOption: true,
        describe: 'A master to supervise, as name=host:port; may be repeated',
      })
      .option('quorum', {
        type: 'number',
        describe: 'How many Sentinels must agree that a master is down [default: 2]',
      })
      .option('port', { type: 'number', describe: 'The port to listen on [default: 26379]' })
      .option('bind', { type: 'string', describe: 'The address to listen on [default: all]' })
      .option('dir', { type: 'string', default: '.', describe: `Where ${FILE_NAME} is kept` })
      .option('down-after', {
        type: 'number',
        describe: 'Milliseconds of silence that make a node down [default: 30000]',
      })
      .option('failover-timeout', { type: 'number', describe: 'Milliseconds for the slow phases of a failover' })
      .option('parallel-syncs', { type: 'number', describe: 'How many replicas resynchronise at a time [default: 1]' })
      .example('vedette start --monitor mymaster=127.0.0.1:6379 --quorum 2 --dir /var/lib/vedette', ''),
  handler: async (options) => {
    await runSentinel(prepareConfiguration(options));
  },
};

/** Makes the configuration file, or makes sure that the present one agrees with the options. Returns its path. */
export function prepareConfiguration(options: Options): string {
  const wanted: StartOptions = { ...options, monitor: options.monitor.map(parseMonitor) };
  const directory = resolve(options.dir);
  const path = join(directory, FILE_NAME);
  mkdirSync(directory, { recursive: true });
  if (!create(path, newConfiguration(wanted, directory))) refuseContradictions(path, wanted);
  return path;
}

/** False if there is such a file already. */
function create(path: string, text: string): boolean {
  try {
    writeFileSync(path, text, { encoding: 'latin1', flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw new CommandFailure(`cannot write ${path}: ${(error as Error).message}`);
  }
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
    if (error instanceof ConfigurationFailure || error instanceof StartFailure) {
      throw new CommandFailure(error.explanation.trim());
    }
    throw error;
  }
}
