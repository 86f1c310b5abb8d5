// The commands by name. Built once from the list in `index.ts`; knows nothing of what they do.

import type { Catalog } from './acl/catalog.js';
import type { Command } from './command.js';

export class Registry implements Catalog {
  readonly #commands = new Map<string, Command>();
  /** The names of commands and subcommands by how they are written in capitals, as most client libraries do. */
  readonly #capitals = new Map<string, string>();

  add(command: Command): void {
    this.#commands.set(command.name, command);
    for (const name of [command.name, ...command.subcommands.keys()]) this.#capitals.set(name.toUpperCase(), name);
  }

  /** Every command that COMMAND mentions, subcommands not included. */
  listed(): Command[] {
    return [...this.#commands.values()].filter((command) => command.isListed);
  }

  /** Every command, listed or not, subcommands not included. */
  all(): Command[] {
    return [...this.#commands.values()];
  }

  get(name: string): Command | undefined {
    return this.#find(this.#commands, name);
  }

  /** The command that these words call: a subcommand where there is one, else the command itself. */
  resolve(words: readonly string[]): Command | undefined {
    const command = this.get(words[0] ?? '');
    if (command === undefined || command.subcommands.size === 0 || words.length < 2) return command;
    return this.#find(command.subcommands, words[1] ?? '');
  }

  /** By full name, such as `ping` or `client|id`. */
  lookUp(fullName: string): Command | undefined {
    const parts = fullName.split('|');
    if (parts.length > 2) return undefined;
    const command = this.get(parts[0] ?? '');
    return parts[1] === undefined || command === undefined ? command : this.#find(command.subcommands, parts[1]);
  }

  /** Likewise, of those that COMMAND mentions. */
  getByFullName(fullName: string): Command | undefined {
    const found = this.lookUp(fullName);
    return found?.isListed ? found : undefined;
  }

  /** Names are matched without regard to case; the usual ways to write them are found without converting anything. */
  #find(commands: ReadonlyMap<string, Command>, name: string): Command | undefined {
    return commands.get(name) ?? commands.get(this.#capitals.get(name) ?? name.toLowerCase());
  }
}
