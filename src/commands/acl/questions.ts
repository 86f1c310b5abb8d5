// ACL CAT, DRYRUN, GENPASS and LOG: what helps to write rules and to see what they do.

import { ErrorReply, OK } from '../../protocol/reply.js';
import { error, NOT_AN_INTEGER, parseInteger, wrongCount } from '../arguments.js';
import { type Description, fitsArity } from '../command.js';
import type { Registry } from '../registry.js';
import { CATEGORIES, membersOf } from './catalog.js';
import { whyRefused } from './check.js';
import { ADMINISTRATION, HARMLESS } from './flags.js';

const DEFAULT_PASSWORD_BITS = 256;
const MAX_PASSWORD_BITS = 4096;
const BITS_PER_DIGIT = 4;
const BAD_BITS = new ErrorReply(
  `ERR ACL GENPASS argument must be the number of bits for the output password, a positive number up to ${MAX_PASSWORD_BITS}`,
);
const DEFAULT_LOG_LENGTH = 10;
const MAX_ECHOED = 128;

export function categories(registry: Registry): Description {
  return {
    name: 'cat',
    arity: -2,
    since: '6.0.0',
    summary: 'The categories of commands, or the commands of one.',
    complexity: 'O(N) where N is the number of commands',
    flags: HARMLESS,
    arguments: [{ name: 'categoryname', type: 'string', isOptional: true }],
    run(_context, words) {
      if (words.length > 3) return wrongCount('ACL', words);
      const name = words[2];
      if (name === undefined) return CATEGORIES;
      if (!CATEGORIES.includes(name.toLowerCase())) return error(`Unknown category '${name.slice(0, MAX_ECHOED)}'`);
      return membersOf(registry, name.toLowerCase())
        .map(({ fullName }) => fullName)
        .filter((fullName) => registry.getByFullName(fullName) !== undefined);
    },
  };
}

export function dryRun(registry: Registry): Description {
  return {
    name: 'dryrun',
    arity: -4,
    since: '7.0.0',
    summary: 'Whether a user may run a command, without running it.',
    complexity: 'O(1)',
    flags: ADMINISTRATION,
    arguments: [
      { name: 'username', type: 'string' },
      { name: 'command', type: 'string' },
      { name: 'arg', type: 'string', isOptional: true, isMultiple: true },
    ],
    run({ access }, words) {
      const [, , name = '', ...called] = words;
      const user = access.user(name);
      if (user === undefined) return error(`User '${name}' not found`);
      const command = registry.resolve(called);
      if (command === undefined) return error(`Command '${called[0] ?? ''}' not found`);
      if (!fitsArity(command, called.length))
        return error(`wrong number of arguments for '${command.fullName}' command`);
      const refusal = whyRefused(user, command, called);
      if (refusal === null) return OK;
      return refusal.reason === 'command'
        ? `This user has no permissions to run the '${refusal.object}' command`
        : `This user has no permissions to access the '${refusal.object}' channel`;
    },
  };
}

export const generatePassword: Description = {
  name: 'genpass',
  arity: -2,
  since: '6.0.0',
  summary: 'An unpredictable password of 256 bits, or of as many as given.',
  complexity: 'O(1)',
  flags: HARMLESS,
  arguments: [{ name: 'bits', type: 'integer', isOptional: true }],
  run({ host }, words) {
    if (words.length > 3) return wrongCount('ACL', words);
    const bits = words[2] === undefined ? DEFAULT_PASSWORD_BITS : parseInteger(words[2]);
    if (bits === null) return NOT_AN_INTEGER;
    return bits <= 0 || bits > MAX_PASSWORD_BITS ? BAD_BITS : host.randomHex(Math.ceil(bits / BITS_PER_DIGIT));
  },
};

export const log: Description = {
  name: 'log',
  arity: -2,
  since: '6.0.0',
  summary: 'The latest refusals, or forget them all.',
  complexity: 'O(N) where N is the number of entries shown',
  flags: ADMINISTRATION,
  arguments: [
    {
      name: 'operation',
      type: 'oneof',
      isOptional: true,
      arguments: [
        { name: 'count', type: 'integer' },
        { name: 'reset', type: 'pure-token', token: 'RESET' },
      ],
    },
  ],
  run({ access, now }, words) {
    if (words.length > 3) return wrongCount('ACL', words);
    if (words[2]?.toLowerCase() === 'reset') {
      access.denials.clear();
      return OK;
    }
    const count = words[2] === undefined ? DEFAULT_LOG_LENGTH : parseInteger(words[2]);
    return count === null ? NOT_AN_INTEGER : access.denials.describe(Math.max(0, count), now);
  },
};
