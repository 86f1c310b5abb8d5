// AUTH: become a user.

import { ErrorReply, OK } from '../protocol/reply.js';
import { DEFAULT_USER } from './acl/user.js';
import { SYNTAX_ERROR } from './arguments.js';
import { type Context, defineCommand } from './command.js';

const WRONG_PASS = new ErrorReply('WRONGPASS invalid username-password pair or user is disabled.');
const NO_PASSWORD_CONFIGURED = new ErrorReply(
  'ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?',
);

export const auth = defineCommand('connection', {
  name: 'auth',
  arity: -2,
  since: '1.0.0',
  summary: 'Authenticate the connection with a password, or as a user.',
  complexity: 'O(N) where N is the number of passwords defined for the user',
  flags: ['noscript', 'loading', 'stale', 'fast', 'no_auth', 'allow_busy'],
  categories: ['connection'],
  arguments: [
    { name: 'username', type: 'string', isOptional: true },
    { name: 'password', type: 'string' },
  ],
  run(context, words) {
    if (words.length > 3) return SYNTAX_ERROR;
    if (words.length === 2 && context.access.user(DEFAULT_USER)?.needsNoPassword) return NO_PASSWORD_CONFIGURED;
    const [user, password] = words.length === 2 ? [DEFAULT_USER, words[1] ?? ''] : [words[1] ?? '', words[2] ?? ''];
    return authenticate(context, words[0] ?? '', user, password) ?? OK;
  },
});

/**
 * Makes the client that user; the reply to give instead if the credentials are wrong, and then nothing has changed. `word` is
 * how the client called the command.
 */
export function authenticate(context: Context, word: string, user: string, password: string): ErrorReply | null {
  const { access, client, host } = context;
  if (!access.accepts(user, password, (text) => host.sha256(text))) {
    access.rememberFailedLogin(context, word, user);
    return WRONG_PASS;
  }
  client.user = user;
  client.isAuthenticated = true;
  return null;
}
