// From words to an outcome: find the command, check how many words there are, whether this client may, and run it.
// The checks stand in Redis's order, because clients recognise the first complaint they get.

import { error } from './arguments.js';
import { subscriptionCount } from './client.js';
import { type Command, type Context, fitsArity } from './command.js';
import { REGISTRY } from './index.js';
import { Deferred, type Outcome } from './outcome.js';

/** How much of the client's own words an error repeats. */
const MAX_ECHOED = 128;
/** What a RESP2 client may do while it listens: its replies could not be told from messages otherwise. */
const ALLOWED_WHILE_LISTENING = new Set(['ping', 'psubscribe', 'punsubscribe', 'quit', 'subscribe', 'unsubscribe']);

/**
 * Runs one command. `words` is never empty. When the command may have changed what the core decides by, the core has
 * reconsidered by the time this returns; the caller drains it.
 */
export function dispatch(context: Context, words: readonly string[]): Outcome {
  const command = REGISTRY.resolve(words);
  if (command === undefined || command.run === null) return unknown(words);
  if (!fitsArity(command, words.length)) return error(`wrong number of arguments for '${command.fullName}' command`);
  const { client } = context;
  client.lastCommand = command.fullName;
  const refusal = context.access.refusal(context, command, words);
  if (refusal !== null) return refusal;
  if (client.protocol === 2 && subscriptionCount(client) > 0 && !ALLOWED_WHILE_LISTENING.has(command.fullName)) {
    return error(
      `Can't execute '${command.fullName}': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context`,
    );
  }
  const outcome = command.run(context, words);
  reconsider(context, command, outcome);
  return outcome;
}

/** Whether these words, just executed without an error, would be answered the same at once, and nothing else would come of them. */
export function isRepeatable(words: readonly string[]): boolean {
  return REGISTRY.resolve(words)?.isRepeatable ?? false;
}

/** Where hundreds of votes are asked for, a look at every master after each of them would leave no time to give them. */
function reconsider({ sentinel, now }: Context, { changesState }: Command, outcome: Outcome): void {
  const master = outcome instanceof Deferred ? outcome.master : null;
  if (master !== null) sentinel.attend(master, now);
  else if (changesState || outcome instanceof Deferred) sentinel.evaluate(now);
}

function unknown(words: readonly string[]): Outcome {
  const [name = '', subcommand] = words;
  const container = REGISTRY.get(name);
  if (container !== undefined) {
    if (subcommand === undefined) return error(`wrong number of arguments for '${container.name}' command`);
    const echoed = beforeNull(subcommand).slice(0, MAX_ECHOED);
    return error(`unknown subcommand '${echoed}'. Try ${name.toUpperCase()} HELP.`);
  }
  let echoed = '';
  for (const word of words.slice(1)) {
    if (echoed.length >= MAX_ECHOED) break;
    echoed += `'${beforeNull(word).slice(0, MAX_ECHOED - echoed.length)}' `;
  }
  return error(`unknown command '${beforeNull(name).slice(0, MAX_ECHOED)}', with args beginning with: ${echoed}`);
}

/** The original prints C strings, which end at a NUL. */
function beforeNull(text: string): string {
  const end = text.indexOf('\0');
  return end === -1 ? text : text.slice(0, end);
}
