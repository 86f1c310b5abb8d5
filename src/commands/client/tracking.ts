// CLIENT TRACKING and what goes with it: asks the server to tell of keys that change. A Sentinel has no keys, so nothing is
// ever told; what was asked for is remembered and checked as in Redis, because client libraries begin with it.

import { ErrorReply, MapReply, OK, SetReply } from '../../protocol/reply.js';
import { formatYesNo, parseYesNo } from '../../protocol/yes-no.js';
import { error, NOT_AN_INTEGER, parseInteger, SYNTAX_ERROR } from '../arguments.js';
import type { Client, Tracking } from '../client.js';
import type { Argument, Context, Description } from '../command.js';

const NOT_TRACKING = new ErrorReply(
  'ERR CLIENT CACHING can be called only when the client is in tracking mode with OPTIN or OPTOUT mode enabled',
);
const NO_SUCH_REDIRECT = new ErrorReply('ERR The client ID you want redirect to does not exist');
const SECOND_REDIRECT = new ErrorReply('ERR A client can only redirect to a single other client');
const PREFIX_NEEDS_BROADCAST = new ErrorReply('ERR PREFIX option requires BCAST mode to be enabled');
const CANNOT_SWITCH_BROADCAST = cannotSwitch('BCAST mode on/off');
const CANNOT_SWITCH_CHOICE = cannotSwitch('OPTIN/OPTOUT mode');
const CHOICE_WITH_BROADCAST = new ErrorReply('ERR OPTIN and OPTOUT are not compatible with BCAST');
const BOTH_CHOICES = new ErrorReply("ERR You can't specify both OPTIN mode and OPTOUT mode");
/** Prefixes of one client; more than this is only memory. */
const MAX_PREFIXES = 128;
const TOO_MANY_PREFIXES = error(`Too many prefixes, at most ${MAX_PREFIXES} are kept`);

const FLAGS = ['noscript', 'loading', 'stale'] as const;
const CONNECTION = ['connection'] as const;

type Options = { -readonly [Key in keyof Omit<Tracking, 'prefixes' | 'choice' | 'hasChosen'>]: Tracking[Key] } & {
  prefixes: string[];
  isOptIn: boolean;
  isOptOut: boolean;
};

export const tracking: Description = {
  name: 'tracking',
  arity: -3,
  since: '6.0.0',
  summary: 'Ask to be told of keys that change: there are none here.',
  complexity: 'O(1)',
  flags: FLAGS,
  categories: CONNECTION,
  arguments: [
    { name: 'status', type: 'oneof', arguments: [token('on'), token('off')] },
    { name: 'client-id', type: 'integer', token: 'REDIRECT', isOptional: true },
    { name: 'prefix', type: 'string', token: 'PREFIX', isOptional: true, isMultiple: true, repeatsToken: true },
    ...['bcast', 'optin', 'optout', 'noloop'].map((name) => ({ ...token(name), isOptional: true })),
  ],
  run(context, words) {
    const { client } = context;
    const options = parseOptions(context, words.slice(3));
    if (options instanceof ErrorReply) return options;
    const status = (words[2] ?? '').toLowerCase();
    if (status === 'off') {
      client.tracking = null;
      return OK;
    }
    if (status !== 'on') return SYNTAX_ERROR;
    const refusal = whyNot(client.tracking, options);
    if (refusal !== null) return refusal;
    client.tracking = begin(client.tracking, options);
    return OK;
  },
};

export const trackingInfo: Description = {
  name: 'trackinginfo',
  arity: 2,
  since: '6.2.0',
  summary: 'What this connection asked to be told.',
  complexity: 'O(1)',
  flags: FLAGS,
  categories: CONNECTION,
  run: ({ client }) =>
    new MapReply([
      ['flags', new SetReply(flagsOf(client.tracking))],
      ['redirect', client.tracking?.redirect ?? -1],
      ['prefixes', client.tracking?.prefixes ?? []],
    ]),
};

export const getRedirect: Description = {
  name: 'getredir',
  arity: 2,
  since: '6.0.0',
  summary: 'The connection that is told in place of this one: 0 for none, -1 while nobody is told.',
  complexity: 'O(1)',
  flags: FLAGS,
  categories: CONNECTION,
  run: ({ client }) => client.tracking?.redirect ?? -1,
};

export const caching: Description = {
  name: 'caching',
  arity: 3,
  since: '6.0.0',
  summary: 'Whether the keys of the next command are of interest.',
  complexity: 'O(1)',
  flags: FLAGS,
  categories: CONNECTION,
  arguments: [{ name: 'mode', type: 'oneof', arguments: [token('yes'), token('no')] }],
  run({ client }, words) {
    const { tracking: current } = client;
    if (current === null) return NOT_TRACKING;
    const isCached = parseYesNo(words[2] ?? '');
    if (isCached === null) return SYNTAX_ERROR;
    const needed = isCached ? 'optin' : 'optout';
    if (current.choice !== needed) {
      const [word, mode] = [formatYesNo(isCached).toUpperCase(), needed.toUpperCase()];
      return error(`CLIENT CACHING ${word} is only valid when tracking is enabled in ${mode} mode.`);
    }
    client.tracking = { ...current, hasChosen: true };
    return OK;
  },
};

function parseOptions({ host }: Context, words: readonly string[]): Options | ErrorReply {
  const options: Options = {
    redirect: 0,
    isBroadcast: false,
    prefixes: [],
    isOptIn: false,
    isOptOut: false,
    isSilentAboutItself: false,
  };
  for (let at = 0; at < words.length; at++) {
    const word = (words[at] ?? '').toLowerCase();
    const value = words[at + 1];
    if (word === 'redirect' && value !== undefined) {
      const redirect = parseRedirect(value, options, host.clients());
      if (redirect instanceof ErrorReply) return redirect;
      options.redirect = redirect;
      at++;
    } else if (word === 'prefix' && value !== undefined) {
      options.prefixes.push(value);
      at++;
    } else if (word === 'bcast') options.isBroadcast = true;
    else if (word === 'optin') options.isOptIn = true;
    else if (word === 'optout') options.isOptOut = true;
    else if (word === 'noloop') options.isSilentAboutItself = true;
    else return SYNTAX_ERROR;
  }
  return options;
}

function parseRedirect(word: string, { redirect }: Options, clients: Iterable<Client>): number | ErrorReply {
  if (redirect !== 0) return SECOND_REDIRECT;
  const id = parseInteger(word);
  if (id === null) return NOT_AN_INTEGER;
  return [...clients].some((client) => client.id === id) ? id : NO_SUCH_REDIRECT;
}

/** Why tracking cannot be switched on like this. The checks stand in Redis's order. */
function whyNot(current: Tracking | null, options: Options): ErrorReply | null {
  const { isBroadcast, isOptIn, isOptOut, prefixes } = options;
  if (prefixes.length > 0 && !isBroadcast) return PREFIX_NEEDS_BROADCAST;
  if (current !== null && current.isBroadcast !== isBroadcast) return CANNOT_SWITCH_BROADCAST;
  if (isBroadcast && (isOptIn || isOptOut)) return CHOICE_WITH_BROADCAST;
  if (isOptIn && isOptOut) return BOTH_CHOICES;
  if ((isOptIn && current?.choice === 'optout') || (isOptOut && current?.choice === 'optin'))
    return CANNOT_SWITCH_CHOICE;
  if (prefixes.length + (current?.prefixes.length ?? 0) > MAX_PREFIXES) return TOO_MANY_PREFIXES;
  return isBroadcast ? overlap(current?.prefixes ?? [], prefixes) : null;
}

function overlap(existing: readonly string[], added: readonly string[]): ErrorReply | null {
  for (const [index, prefix] of added.entries()) {
    const old = existing.find((other) => overlaps(prefix, other));
    if (old !== undefined) return overlapping(prefix, 'an existing', old);
    const other = added.slice(index + 1).find((candidate) => overlaps(prefix, candidate));
    if (other !== undefined) return overlapping(prefix, 'another provided', other);
  }
  return null;
}

function overlaps(one: string, other: string): boolean {
  return one.startsWith(other) || other.startsWith(one);
}

function overlapping(prefix: string, which: string, other: string): ErrorReply {
  return error(
    `Prefix '${prefix}' overlaps with ${which} prefix '${other}'. Prefixes for a single client must not overlap.`,
  );
}

function begin(current: Tracking | null, options: Options): Tracking {
  const { isBroadcast, isOptIn, isOptOut, isSilentAboutItself, prefixes, redirect } = options;
  // Without a prefix all keys are of interest, which is written as the empty one.
  const added = isBroadcast && prefixes.length === 0 && current === null ? [''] : prefixes;
  const all = [...(current?.prefixes ?? []), ...added].sort((one, other) => (one < other ? -1 : 1));
  const choice = isOptIn ? 'optin' : isOptOut ? 'optout' : null;
  return { redirect, isBroadcast, prefixes: all, choice, isSilentAboutItself, hasChosen: false };
}

function flagsOf(current: Tracking | null): string[] {
  if (current === null) return ['off'];
  const { choice, hasChosen, isBroadcast, isSilentAboutItself } = current;
  return [
    'on',
    ...(isBroadcast ? ['bcast'] : []),
    ...(choice === null ? [] : [choice]),
    ...(choice !== null && hasChosen ? [choice === 'optin' ? 'caching-yes' : 'caching-no'] : []),
    ...(isSilentAboutItself ? ['noloop'] : []),
  ];
}

function token(name: string): Argument {
  return { name, type: 'pure-token', token: name.toUpperCase() };
}

function cannotSwitch(what: string): ErrorReply {
  return error(
    `You can't switch ${what} before disabling tracking for this client, and then re-enabling it with a different mode.`,
  );
}
