// The operator's tools under one name: what they are called, which options they share, how they fail.

import yargs from 'yargs';

import { VERSION } from '../io/process-facts.js';
import { events } from './events.js';
import { failover } from './failover.js';
import { CommandFailure } from './failure.js';
import { getMaster } from './get-master.js';
import { start } from './start.js';
import { status } from './status.js';

/** Runs the command that the words name. Failures end the process with status 1 and one line on standard error. */
export async function runCommandLine(words: readonly string[]): Promise<void> {
  // Whoever reads our output may stop before we do: `vedette events | head`.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
  try {
    await yargs([...words])
      .scriptName('vedette')
      .usage(
        'vedette <path/to/sentinel.conf> [--directive value …]\n\nSupervises Redis and Valkey as Redis Sentinel does.',
      )
      .usage('vedette <command> [options]')
      .command(start)
      .command(status)
      .command(getMaster)
      .command(failover)
      .command(events)
      .demandCommand(1, 'Which command?')
      .strict()
      .version(VERSION)
      .alias('version', 'v')
      .help()
      .alias('help', 'h')
      .wrap(null)
      .fail((message, error: unknown) => {
        throw error instanceof Error
          ? error
          : new CommandFailure(`${message}\nvedette --help lists the commands and their options.`);
      })
      .parseAsync();
  } catch (error) {
    if (!(error instanceof CommandFailure)) throw error;
    process.stderr.write(`vedette: ${error.message}\n`);
    process.exitCode = 1;
  }
}
