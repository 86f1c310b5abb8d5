// Where Vedette answers otherwise on purpose, and why. Everything else that differs fails the test.

export interface Difference {
  /** Matches the line of the conversation from its start, in any case. */
  readonly line: RegExp;
  readonly reason: string;
}

export const DIFFERENCES: readonly Difference[] = [
  { line: /^quit/i, reason: 'servers answer QUIT, and clients send it to everybody' },
  { line: /^(client|command|sentinel|acl) help/i, reason: 'the sentences of HELP are our own' },
  { line: /^command docs/i, reason: 'the sentences of COMMAND DOCS are our own' },
  {
    line: /^(command$|command (list|info)|acl cat)/i,
    reason: 'the order is that of a hash table there, and we know later commands too',
  },
  { line: /^client (list|info)/i, reason: 'lib-name and lib-ver of Redis 7.2' },
  { line: /^client setinfo/i, reason: 'a subcommand of Redis 7.2' },
  { line: /^command getkeys/i, reason: 'called as Redis 7.2 is: a command without arguments has no keys' },
  { line: /^info/i, reason: 'lines of our own stand at the end of each section' },
  { line: /^publish __sentinel__:vote/i, reason: 'a channel of our own' },
  {
    line: /^sentinel is-master-down-by-addr \S+ \S+ (-1|0) a+$/i,
    reason: 'only run ids of verified Sentinels get votes',
  },
  { line: /^sentinel failover mymaster x/i, reason: 'takes FORCE, COORDINATED and TO' },
  {
    line: /^sentinel (monitor|remove|master) ('' ?|a($| ))/i,
    reason: 'ports, names and quorums that cannot be saved are refused, and IPv6 addresses differ from one another',
  },
  { line: /^sentinel config/i, reason: 'several parameters in one call, and loglevel, as in Redis 7.2' },
  { line: /^acl list/i, reason: 'rules are kept as they were given, as in Redis 7.2' },
  { line: /^acl log/i, reason: 'the entries have the fields of Redis 7.2' },
];
