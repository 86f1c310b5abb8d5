// The commands by name. Built once from the list in `index.ts`; knows nothing of what they do.

import type { Catalog } from './acl/catalog.js';
import type { Command } from './command.js';

interface Spelling {
  readonly command: Command;
  /** Likewise; empty for a plain command. */
  readonly subcommands: ReadonlyMap<string, Command>;
}

export class Registry implements Catalog {
  readonly #commands = new Map<string, Command>();
  /** By the spellings that client libraries use. */
  readonly #spellings = new Map<string, Spelling>();
  /** What was resolved last: who asks the same again mostly hands over the same words. */
  #lastWords: readonly string[] | null = null;
  #lastCommand: Command | undefined;

  add(command: Command): void {
    this.#commands.set(command.name, command);
    const subcommands = new Map([...command.subcommands].flatMap(([name, one]) => spelt(name, one)));
    for (const [word, entry] of spelt(command.name, { command, subcommands })) this.#spellings.set(word, entry);
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
    return find(this.#spellings, name)?.command;
  }

  /** The command that these words call: a subcommand where there is one, else the command itself. The words must never change. */
  resolve(words: readonly string[]): Command | undefined {
    if (words === this.#lastWords) return this.#lastCommand;
    this.#lastWords = words;
    this.#lastCommand = this.#find(words);
    return this.#lastCommand;
  }

  #find(words: readonly string[]): Command | undefined {
    const found = find(this.#spellings, words[0] ?? '');
    if (found === undefined || found.subcommands.size === 0 || words.length < 2) return found?.command;
    return find(found.subcommands, words[1] ?? '');
  }

  /** By full name, such as `ping` or `client|id`. */
  lookUp(fullName: string): Command | undefined {
    const [name = '', subcommand, ...more] = fullName.split('|');
    if (more.length > 0) return undefined;
    const found = find(this.#spellings, name);
    return subcommand === undefined ? found?.command : found && find(found.subcommands, subcommand);
  }

  /** Likewise, of those that COMMAND mentions. */
  getByFullName(fullName: string): Command | undefined {
    const found = this.lookUp(fullName);
    return found?.isListed ? found : undefined;
  }
}

/** A name as it stands in descriptions, and in capitals, which is how most client libraries write it. */
function spelt<Value>(name: string, value: Value): [string, Value][] {
  return [name, name.toUpperCase()].map((word) => [word, value]);
}

/** Names are matched without regard to case; the usual ways to write them are found without converting anything. */
function find<Value>(spellings: ReadonlyMap<string, Value>, name: string): Value | undefined {
  return spellings.get(name) ?? spellings.get(name.toLowerCase());
}
