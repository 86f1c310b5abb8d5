// Where Vedette answers otherwise on purpose, and why. Everything else that differs fails the test, and so does a row that is
// not needed any more.

export interface Difference {
  /** Matches the line of the conversation from its start, in any case. */
  readonly line: RegExp;
  /** Matches the name of the fact; the reply as a whole unless given. */
  readonly fact?: RegExp;
  /** What Vedette says, and what redis-sentinel 7.0 says, as the comparison shows it; left out where one says nothing. */
  readonly ours?: RegExp;
  readonly theirs?: RegExp;
  readonly reason: string;
}

export const DIFFERENCES: readonly Difference[] = [
  {
    line: /^quit/i,
    ours: /^\+OK$/,
    theirs: /^-ERR unknown/,
    reason: 'servers answer QUIT, and clients send it to all',
  },

  // Commands of later versions, which the suites of Redis 7.2 and Valkey 8 ask for. 7.0 knows none of these names.
  {
    line: /^(command (list|info|docs)|acl cat)/i,
    fact: /^(client\|setinfo|sentinel\|(primary|primaries|get-primary-addr-by-name|is-primary-down-by-addr))(\.|$)/,
    ours: /./,
    reason: 'CLIENT SETINFO of Redis 7.2; the names with `primary` of Valkey 8',
  },
  {
    line: /^sentinel primaries x$/i,
    ours: /^-ERR wrong number of arguments for 'sentinel\|primaries' command$/,
    theirs: /^-ERR unknown subcommand 'primaries'/,
    reason: 'the names with `primary` of Valkey 8',
  },
  {
    line: /^client getname$/i,
    ours: /^\$"four"$/,
    theirs: /^\$"five"$/,
    reason:
      'a HELLO that fails changes nothing, as in Redis 7.2; in 7.0 it has set the name `five` when AUTH behind it fails',
  },
  {
    line: /^(client|sentinel) help/i,
    fact: /^(SETINFO|PRIMARY|PRIMARIES|GET-PRIMARY-ADDR-BY-NAME|IS-PRIMARY-DOWN-BY-ADDR|SLAVES)$/,
    ours: /explained/,
    reason: 'the same commands; and every name that is taken is explained',
  },
  {
    line: /^client setinfo/i,
    ours: /^\+OK$/,
    theirs: /^-ERR unknown subcommand/,
    reason: 'CLIENT SETINFO of Redis 7.2',
  },
  {
    line: /^(client (list|info)|acl log)/i,
    fact: /(^|\.client\.)lib-(name|ver)$/,
    ours: /^/,
    reason: 'what CLIENT SETINFO sets, as in Redis 7.2',
  },
  {
    line: /^command info/i,
    fact: /^client\|setname\.tips$/,
    ours: /all_nodes.*all_succeeded/,
    theirs: /^.\[\]$/,
    reason: 'tips of Redis 7.2',
  },
  {
    line: /^command info/i,
    fact: /^command\|getkeys(andflags)?\.arity$/,
    ours: /^:-3$/,
    theirs: /^:-4$/,
    reason: 'Redis 7.2 takes a command without arguments',
  },
  {
    line: /^command getkeys(andflags)? \S+$/i,
    ours: /^-ERR (The command has no key arguments|Invalid command specified)$/,
    theirs: /^-ERR wrong number of arguments for 'command\|getkeys(andflags)?' command$/,
    reason: 'Redis 7.2 takes a command without arguments',
  },
  {
    line: /^command info/i,
    fact: /^sentinel\|config\.arity$/,
    ours: /^:-4$/,
    theirs: /^:-3$/,
    reason: 'several parameters in one call, as in Redis 7.2',
  },
  {
    line: /^command docs/i,
    fact: /^command\|getkeys(andflags)?\.arguments$/,
    ours: /^\*$/,
    reason: 'documented by 7.2; 7.0 left them out',
  },
  {
    line: /^sentinel config (get|set|set \S+|foo bar)$/i,
    ours: /^-ERR (wrong number of arguments for 'sentinel\|config' command|Only SENTINEL CONFIG GET <param> )/,
    theirs: /^-ERR Only SENTINEL CONFIG GET <option> /,
    reason: 'several parameters in one call, as in Redis 7.2',
  },
  { line: /^sentinel config get/i, fact: /^loglevel$/, ours: /./, reason: 'loglevel, as in Redis 7.2' },
  {
    line: /^acl log/i,
    fact: /^\d+\.(entry-id|timestamp-created|timestamp-last-updated)$/,
    ours: /^:#$/,
    reason: 'fields of Redis 7.2',
  },
  {
    line: /^acl list/i,
    fact: /^(bob|carol)\.commands$/,
    ours: /^-@all (-@admin|\+ping \+subscribe \+psubscribe \S+whoami \S+dryrun \S+log)$/,
    theirs: /^-@all( (\+[a-z|]+)){0,6}$/,
    reason:
      'rules are kept as they were given and in that order, as in Redis 7.2; 7.0 works out rules of the same effect',
  },
  {
    line: /^acl getuser carol$/i,
    ours: /"-@all \+ping \+subscribe \+psubscribe \S+whoami \S+dryrun \S+log" \$"keys"/,
    theirs: /"-@all( (\+[a-z|]+)){6}" \$"keys"/,
    reason:
      'rules are kept as they were given and in that order, as in Redis 7.2; 7.0 works out rules of the same effect',
  },

  // SENTINEL.
  {
    line: /^publish __sentinel__:vote x$/i,
    ours: /^:#$/,
    theirs: /^-ERR Only HELLO messages/,
    reason: 'a channel of our own',
  },
  {
    line: /^sentinel is-master-down-by-addr \S+ \S+ (-1|0) a+$/i,
    ours: /^\*\[:# \$"\*" :#\]$/,
    theirs: /^\*\[:# \$"a+" :#\]$/,
    reason: 'only run ids of verified Sentinels get votes: these exist nowhere',
  },
  {
    line: /^command info/i,
    fact: /^sentinel\|failover\.arity$/,
    ours: /^:-3$/,
    theirs: /^:3$/,
    reason: 'FAILOVER takes FORCE, COORDINATED (of Valkey 9) and TO',
  },
  {
    line: /^sentinel failover mymaster x$/i,
    ours: /^-ERR syntax error$/,
    theirs: /^-ERR wrong number of arguments/,
    reason: 'FAILOVER takes FORCE, COORDINATED (of Valkey 9) and TO',
  },
  {
    line: /^sentinel monitor a 127\.0\.0\.1 0 1$/i,
    ours: /^-ERR Invalid port number\.$/,
    theirs: /^\+OK$/,
    reason: 'a configuration with this port does not load again, there and here',
  },
  {
    line: /^sentinel (monitor|remove) ''/i,
    ours: /^-ERR (Invalid master name|No such master)/,
    theirs: /^\+OK$/,
    reason: 'a configuration with this name does not load again, there and here',
  },
  {
    line: /^sentinel (monitor a \S+ 1 4294967297|remove a)$/i,
    ours: /^-ERR (Invalid quorum|No such master with that name)$/,
    theirs: /^\+OK$/,
    reason: 'there, this quorum is cut to 1 by 32 bits',
  },
  {
    line: /^sentinel monitor a ::1 1 1$/i,
    ours: /^\+OK$/,
    theirs: /^-ERR Duplicate master name\.$/,
    reason: 'there, the refused `0` above has taken the name; the reply to a fresh name is the same',
  },
  {
    line: /^sentinel master a$/i,
    fact: /^ip$/,
    ours: /"::#"/,
    theirs: /"#"/,
    reason: 'the same: there, `a` is still the master with port 0',
  },

  // Sentences. Clients show them to people and act on none of them.
  {
    line: /^command docs/i,
    fact: /\.(summary|complexity)$/,
    ours: /^\$/,
    theirs: /^\$/,
    reason: 'the sentences of COMMAND DOCS are our own',
  },
  { line: /^command docs/i, fact: /\.history$/, theirs: /./, reason: 'Vedette has no history of versions of Redis' },

  {
    line: /^command help/i,
    fact: /^\(no$/,
    theirs: /explained/,
    reason: 'the same: what COMMAND does without a subcommand has a line of its own there',
  },

  // INFO.
  { line: /^info/i, fact: /^\w+\.vedette_\w+$/, ours: /^/, reason: 'facts of our own, at the end of each section' },
  { line: /^info/i, fact: /^Clients\.pubsub_clients$/, ours: /^#$/, reason: 'a field of Redis 7.4' },
  {
    line: /^info/i,
    fact: /^Server\.(executable|config_file)$/,
    ours: /^\/.+\/(main\.js|sentinel\.conf)$/,
    theirs: /^\/.+\/(redis-sentinel|sentinel\.conf)$/,
    reason: 'paths of two processes',
  },
  {
    line: /^info/i,
    fact: /^Server\.(redis_build_id|gcc_version|multiplexing_api|atomicvar_api|monotonic_clock|io_threads_active)$/,
    theirs: /^/,
    reason: 'about a C program: its compiler, its event loop, its threads',
  },
  {
    line: /^info/i,
    fact: /^Server\.(hz|configured_hz|lru_clock|process_supervised)$/,
    theirs: /^/,
    reason: 'there is no task with a frequency and no cache, and `supervised` is a line of the configuration',
  },
  {
    line: /^info/i,
    fact: /^Clients\.(cluster_connections|client_recent_max_(in|out)put_buffer|clients_in_timeout_table)$/,
    theirs: /^#$/,
    reason: 'about a cluster, about C buffers and about blocking commands, of which a Sentinel has none',
  },
  {
    line: /^info/i,
    fact: /^Stats\.(sync_|expire|evicted_|keyspace_|slave_expires|active_defrag_|tracking_total_|dump_|latest_fork|migrate_)\w+$/,
    theirs: /^#$/,
    reason: 'about a data set, which a Sentinel does not have: always 0 there',
  },
  {
    line: /^info/i,
    fact: /^Stats\.((total|current)_(active_defrag|eviction_exceeded)_time|total_forks|pubsubshard_channels)$/,
    theirs: /^#$/,
    reason: 'about a data set, which a Sentinel does not have: always 0 there',
  },
  {
    line: /^info/i,
    fact: /^Stats\.(total_net_repl|instantaneous_(in|out)put_repl)_\w+$/,
    theirs: /^#$/,
    reason: 'about replication, which a Sentinel does not do: always 0 there',
  },
  {
    line: /^info/i,
    fact: /^Stats\.(total_(reads|writes)_processed|io_threaded_\w+|reply_buffer_\w+|(unexpected|total)_error_replies)$/,
    theirs: /^#$/,
    reason: 'about system calls and buffers that Node.js hides; errors are in ACL LOG and in the log',
  },
  {
    line: /^info/i,
    fact: /^Stats\.instantaneous_(ops_per_sec|(in|out)put_kbps)$/,
    theirs: /^#$/,
    reason: 'averages that monitoring works out itself of the totals, which are there',
  },
  {
    line: /^info/i,
    fact: /^CPU\.used_cpu_(sys|user)_(children|main_thread)$/,
    theirs: /^#$/,
    reason: 'Node.js tells only of the process as a whole, whose fields are there',
  },
];
