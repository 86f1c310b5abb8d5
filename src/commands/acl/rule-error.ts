// What can be wrong with a rule, and Redis's sentences for it, by which operators search.

export type RuleError =
  | 'syntax'
  | 'unknown-command'
  | 'first-argument-of-subcommand'
  | 'pattern-after-all-keys'
  | 'pattern-after-all-channels'
  | 'no-such-password'
  | 'malformed-hash';

const EXPLANATIONS: Readonly<Record<RuleError, string>> = {
  syntax: 'Syntax error',
  'unknown-command': 'Unknown command or category name in ACL',
  'first-argument-of-subcommand': 'Allowing first-arg of a subcommand is not supported',
  'pattern-after-all-keys': afterAll('allkeys', 'resetkeys', 'patterns'),
  'pattern-after-all-channels': afterAll('allchannels', 'resetchannels', 'channels'),
  'no-such-password': 'The password you are trying to remove from the user does not exist',
  'malformed-hash': 'The password hash must be exactly 64 characters and contain only lowercase hexadecimal characters',
};

export function explain(error: RuleError): string {
  return EXPLANATIONS[error];
}

function afterAll(flag: string, remedy: string, plural: string): string {
  return `Adding a pattern after the * pattern (or the '${flag}' flag) is not valid and does not have any effect. Try '${remedy}' to start with an empty list of ${plural}`;
}
