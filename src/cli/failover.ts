// `vedette failover <name>`: moves a master to one of its replicas on purpose.

import type { CommandModule } from 'yargs';

import { MASTER_NAME } from './option-values.js';
import { type Target, withSentinel, withTarget } from './target.js';

interface Options extends Target {
  readonly name: string;
}

export const failover: CommandModule<object, Options> = {
  command: 'failover <name>',
  describe: 'Start a failover of a master; `vedette events` shows its progress',
  builder: (argv) => withTarget(argv.positional('name', MASTER_NAME)),
  handler: async (options) => {
    await withSentinel(options, (sentinel) => sentinel.call('SENTINEL', 'FAILOVER', options.name));
    process.stdout.write(`The failover of ${options.name} has been started.\n`);
  },
};
