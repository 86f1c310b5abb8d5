// `vedette get-master <name>`: where the master is now, for scripts.

import type { CommandModule } from 'yargs';

import { CommandFailure } from './failure.js';
import { MASTER_NAME } from './option-values.js';
import { formatAddress, type Target, withSentinel, withTarget } from './target.js';

interface Options extends Target {
  readonly name: string;
}

export const getMaster: CommandModule<object, Options> = {
  command: 'get-master <name>',
  describe: 'Print the address of a master as host:port',
  builder: (argv) => withTarget(argv.positional('name', MASTER_NAME)),
  handler: async (options) => {
    process.stdout.write(`${await masterAddress(options, options.name)}\n`);
  },
};

/** The master's address as `host:port`; rejects with `CommandFailure` when nobody by that name is supervised. */
export async function masterAddress(target: Target, name: string): Promise<string> {
  return await withSentinel(target, async (sentinel) => {
    const reply = (await sentinel.call('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', name)) as [string, string] | null;
    if (reply === null) throw new CommandFailure(`no master is called ${name} here`);
    return formatAddress(...reply);
  });
}
