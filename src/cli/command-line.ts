// The operator's tools under one name: what they are called, which options they share, how they fail.

import yargs from 'yargs';

import { VERSION } from '../io/process-facts.js';
import { events } from './events.js';
import { failover } from './failover.js';
import { CommandFailure, pointToHelp, reportFailure } from './failure.js';
import { getMaster } from './get-master.js';
import { COMMANDS } from './names.js';
import { start } from './start.js';
import { status } from './status.js';

/** What yargs says in its own way, and how we say it. Every positional is the name of a master. */
const WORDING: readonly (readonly [RegExp, string])[] = [
  [/^Not enough arguments following: (\S+)$/, '--$1 needs a value'],
  [/^Not enough non-option arguments: .*$/, 'the name of the master is missing'],
  [/^Missing required argument: (\S+)$/, '--$1 is missing'],
];

/** Runs the command that the words name. Failures end the process with status 1 and a line or two on standard error. */
export async function runCommandLine(words: readonly string[]): Promise<void> {
  // Whoever reads our output may stop before we do: `vedette events | head`.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
  const [first = '', ...others] = words;
  try {
    await parse(first === 'help' ? [...others, '--help'] : words, COMMANDS.includes(first) ? first : '');
  } catch (error) {
    if (!(error instanceof CommandFailure)) throw error;
    reportFailure(error);
  }
}

async function parse(words: readonly string[], command: string): Promise<void> {
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
    // Half of a message in the language of the environment would be in English all the same.
    .locale('en')
    .fail((message, error: unknown) => {
      // The functions that check a value throw; yargs makes an error of its own kind of it, as of everything that is not understood.
      if (error instanceof Error && error.name !== 'YError') throw error;
      const reworded = WORDING.reduce((text, [pattern, ours]) => text.replace(pattern, ours), message);
      throw new CommandFailure(`${reworded}\n${pointToHelp(command)}`);
    })
    .parseAsync();
}
