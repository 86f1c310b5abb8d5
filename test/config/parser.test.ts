// Reading a sentinel.conf: the state it holds, the order in which lines apply, and every reason to stop the start.

import { expect } from 'chai';
import type { Configuration } from '../../src/config/parser.js';
import { ConfigurationError, parseConfiguration } from '../../src/config/parser.js';
import { MAX_PEERS_PER_MASTER, MAX_REIGNS, MAX_REPLICAS_PER_MASTER } from '../../src/core/limits.js';
import type { SavedMaster } from '../../src/core/state.js';
import { defaultMasterSettings, defaultProcessSettings } from '../../src/core/state.js';

const ID = 'a'.repeat(40);
const OTHER_ID = 'b'.repeat(40);
const MONITOR = 'sentinel monitor mymaster 192.0.2.1 6379 2\n';

function failureOf(text: string): ConfigurationError {
  try {
    parseConfiguration(text);
  } catch (error) {
    if (error instanceof ConfigurationError) return error;
    throw error;
  }
  throw new Error('the configuration was accepted');
}

function onlyMasterOf({ state }: Configuration): SavedMaster {
  const [master] = state.masters;
  if (master === undefined || state.masters.length > 1) throw new Error(`${state.masters.length} masters`);
  return master;
}

function aMaster(change: Partial<SavedMaster> = {}): SavedMaster {
  return {
    name: 'mymaster',
    address: { host: '192.0.2.1', port: 6379 },
    configEpoch: 0,
    settings: defaultMasterSettings(2),
    voteEpoch: 0,
    voteLeader: null,
    replicas: [],
    peers: [],
    isMeeting: false,
    reigns: [],
    history: [],
    hold: null,
    ...change,
  };
}

function numbered(count: number, line: (number: number) => string): string {
  return Array.from({ length: count }, (_, number) => line(number)).join('\n');
}

function id(number: number): string {
  return number.toString(16).padStart(40, '0');
}

describe('a configuration', () => {
  it('is all defaults when it is empty', () => {
    const { state, ignoredFacts } = parseConfiguration('');
    expect(state).to.deep.equal({ myId: null, currentEpoch: 0, settings: defaultProcessSettings(), masters: [] });
    expect(ignoredFacts).to.equal(0);
  });

  it('holds what is saved about a master', () => {
    const configuration = parseConfiguration(
      `${MONITOR}sentinel config-epoch mymaster 3
sentinel leader-epoch mymaster 4
sentinel known-replica mymaster 192.0.2.2 6379
sentinel known-slave mymaster 2001:db8::3 6380
sentinel known-sentinel mymaster 192.0.2.9 26379 ${ID}
# vedette vote mymaster 4 ${OTHER_ID}
# vedette reign mymaster 192.0.2.7 6379 ${OTHER_ID}
# vedette reign mymaster 192.0.2.1 6379 ${ID}`,
    );
    expect(onlyMasterOf(configuration)).to.deep.equal(
      aMaster({
        configEpoch: 3,
        voteEpoch: 4,
        voteLeader: OTHER_ID,
        replicas: [
          { host: '192.0.2.2', port: 6379 },
          { host: '2001:db8::3', port: 6380 },
        ],
        peers: [{ runId: ID, address: { host: '192.0.2.9', port: 26379 } }],
        reigns: [
          { address: { host: '192.0.2.7', port: 6379 }, replicationId: OTHER_ID },
          { address: { host: '192.0.2.1', port: 6379 }, replicationId: ID },
        ],
      }),
    );
  });

  it('holds the settings of a master', () => {
    const configuration = parseConfiguration(
      `${MONITOR}sentinel down-after-milliseconds mymaster 5000
sentinel failover-timeout mymaster 60000
sentinel parallel-syncs mymaster 3
sentinel notification-script mymaster /n.sh
sentinel client-reconfig-script mymaster "/my scripts/c.sh"
sentinel auth-user mymaster alice
sentinel auth-pass mymaster "p\\x00w"
sentinel rename-command mymaster config "" 
sentinel rename-command mymaster SlaveOf follow
sentinel primary-reboot-down-after-period mymaster 7000`,
    );
    expect(onlyMasterOf(configuration).settings).to.deep.equal({
      quorum: 2,
      downAfter: 5000,
      failoverTimeout: 60_000,
      parallelSyncs: 3,
      notificationScript: '/n.sh',
      clientReconfigScript: '/my scripts/c.sh',
      authUser: 'alice',
      authPass: 'p\x00w',
      renamedCommands: new Map([
        ['CONFIG', ''],
        ['SLAVEOF', 'follow'],
      ]),
      masterRebootDownAfter: 7000,
      downAfterRefused: 0,
      fenceIsolatedMaster: false,
    });
  });

  it('holds the settings of the process', () => {
    const { state } = parseConfiguration(
      `port 26380
sentinel myid ${ID}
sentinel current-epoch 12
sentinel announce-ip sentinel-1.example.org
sentinel announce-port 30000
sentinel resolve-hostnames yes
SENTINEL Announce-Hostnames YES
sentinel deny-scripts-reconfig no
sentinel known-peers-only yes
sentinel sentinel-user alice
sentinel sentinel-pass "p w"`,
    );
    expect(state).to.deep.equal({
      myId: ID,
      currentEpoch: 12,
      settings: {
        port: 26380,
        announceHost: 'sentinel-1.example.org',
        announcePort: 30_000,
        resolveHostnames: true,
        announceHostnames: true,
        sentinelUser: 'alice',
        sentinelPass: 'p w',
        denyScriptsReconfig: false,
        knownPeersOnly: true,
      },
      masters: [],
    });
  });

  it('takes empty texts and the port 0 for nothing announced and no credentials', () => {
    const { state } = parseConfiguration(
      `sentinel announce-ip ""\nsentinel announce-port 0\nsentinel sentinel-user ""\nsentinel sentinel-pass ""\n${MONITOR}sentinel auth-pass mymaster ""`,
    );
    expect(state.settings).to.deep.equal(defaultProcessSettings());
    expect(state.masters).to.deep.equal([aMaster()]);
  });

  it('lets every option stand before the line that monitors its master', () => {
    const lines = [
      'sentinel down-after-milliseconds mymaster 5000',
      'sentinel known-replica mymaster redis-2 6379',
      'sentinel monitor mymaster redis-1 6379 2',
      'sentinel resolve-hostnames yes',
    ];
    const { state } = parseConfiguration(lines.join('\n'));
    expect(state.masters).to.deep.equal([
      aMaster({
        address: { host: 'redis-1', port: 6379 },
        settings: { ...defaultMasterSettings(2), downAfter: 5000 },
        replicas: [{ host: 'redis-2', port: 6379 }],
      }),
    ]);
  });

  it('announces the TLS port to others when links use TLS', () => {
    const portOf = (text: string): number => parseConfiguration(text).state.settings.port;
    expect(portOf('port 1\ntls-port 2\ntls-replication yes')).to.equal(2);
    expect(portOf('port 1\ntls-port 2')).to.equal(1);
    expect(portOf('port 1\ntls-replication yes')).to.equal(1);
  });

  it('has a current epoch that no epoch of a master is ahead of', () => {
    const text = `sentinel current-epoch 5\n${MONITOR}sentinel config-epoch mymaster 7\nsentinel leader-epoch mymaster 8`;
    expect(parseConfiguration(text).state.currentEpoch).to.equal(8);
  });

  it('accepts server directives that mean nothing to a Sentinel', () => {
    const text = `save 900 1
save ""
appendonly yes
replicaof 192.0.2.1 6379
slave-priority 10
repl-diskless-sync-delay 0
enable-debug-assert yes
enable-protected-configs yes
rename-command CONFIG ""
loadmodule /lib/mod.so a b
latency-tracking-info-percentiles 50 99 99.9
list-max-ziplist-entries 512
search.threads 4
sentinel`;
    expect(parseConfiguration(text).state.masters).to.deep.equal([]);
  });

  it('may have Windows line ends, indentation and comments', () => {
    const text = '\t# comment\r\n\r\n   sentinel monitor mymaster 192.0.2.1 6379 2 \r\n';
    expect(parseConfiguration(text).state.masters).to.deep.equal([aMaster()]);
  });
});

describe('saved facts that are not believed', () => {
  it('include a vote in an earlier epoch than the one saved, without counting as ignored', () => {
    const configuration = parseConfiguration(
      `${MONITOR}sentinel leader-epoch mymaster 5\n# vedette vote mymaster 4 ${ID}`,
    );
    expect(onlyMasterOf(configuration)).to.deep.equal(aMaster({ voteEpoch: 5 }));
    expect(configuration.ignoredFacts).to.equal(0);
  });

  it('do not include a later one: the epoch in the directive was damaged, and a vote is never given twice', () => {
    const text = `${MONITOR}sentinel current-epoch 2\nsentinel leader-epoch mymaster 5\n# vedette vote mymaster 7 ${ID}`;
    const configuration = parseConfiguration(text);
    expect(onlyMasterOf(configuration)).to.deep.equal(aMaster({ voteEpoch: 7, voteLeader: ID }));
    expect(configuration.state.currentEpoch).to.equal(7);
  });

  it('are counted when they are malformed or about nobody', () => {
    const configuration = parseConfiguration(
      `${MONITOR}# vedette vote mymaster x ${ID}
# vedette vote other 0 ${ID}
# vedette reign mymaster
# vedette reign other 192.0.2.1 6379 ${ID}
# vedette is a fine name`,
    );
    expect(onlyMasterOf(configuration)).to.deep.equal(aMaster());
    expect(configuration.ignoredFacts).to.equal(4);
  });

  it('include Sentinels without a valid run id', () => {
    const configuration = parseConfiguration(
      `${MONITOR}sentinel known-sentinel mymaster 192.0.2.9 26379
sentinel known-sentinel mymaster 192.0.2.9 26379
sentinel known-sentinel mymaster 192.0.2.9 26379 forged`,
    );
    expect(onlyMasterOf(configuration).peers).to.deep.equal([]);
    expect(configuration.ignoredFacts).to.equal(3);
  });

  it('include peers and replicas beyond the limits', () => {
    const peers = numbered(
      MAX_PEERS_PER_MASTER + 1,
      (number) => `sentinel known-sentinel mymaster 192.0.2.9 26379 ${id(number)}`,
    );
    const replicas = numbered(
      MAX_REPLICAS_PER_MASTER + 2,
      (number) => `sentinel known-replica mymaster 192.0.2.2 ${1000 + number}`,
    );
    const configuration = parseConfiguration(`${MONITOR}${peers}\n${replicas}`);
    expect(onlyMasterOf(configuration).peers).to.have.length(MAX_PEERS_PER_MASTER);
    expect(onlyMasterOf(configuration).replicas).to.have.length(MAX_REPLICAS_PER_MASTER);
    expect(configuration.ignoredFacts).to.equal(3);
  });

  it('do not include the latest reigns, of which only so many are kept', () => {
    const reigns = numbered(MAX_REIGNS + 3, (number) => `# vedette reign mymaster 192.0.2.1 6379 ${id(number)}`);
    const kept = onlyMasterOf(parseConfiguration(MONITOR + reigns)).reigns;
    expect(kept.map(({ replicationId }) => replicationId)).to.deep.equal(
      Array.from({ length: MAX_REIGNS }, (_, number) => id(number + 3)),
    );
  });
});

const EPOCH_REASON = 'Malformed epoch: it must be between 0 and 9007199254740991 inclusive.';
const UNRECOGNIZED = 'Unrecognized sentinel configuration statement.';

/** Each line is tried after a line that monitors `mymaster`. */
const REFUSED: readonly (readonly [line: string, reason: string])[] = [
  ['nonsense 1', 'Bad directive or wrong number of arguments'],
  ['include', 'Bad directive or wrong number of arguments'],
  ['loadmodule', 'Bad directive or wrong number of arguments'],
  ['rename-command CONFIG', 'Bad directive or wrong number of arguments'],
  ['appendonly', 'wrong number of arguments'],
  ['appendonly yes no', 'wrong number of arguments'],
  ['search.threads', 'Module config specified without value'],
  ['logfile "a', 'Unbalanced quotes in configuration line'],
  ['sentinel nonsense mymaster 1', UNRECOGNIZED],
  ['sentinel myid', UNRECOGNIZED],
  ['sentinel announce-ip 192.0.2.1 192.0.2.2', UNRECOGNIZED],
  ['sentinel monitor other 192.0.2.1 6379', UNRECOGNIZED],
  ['sentinel down-after-milliseconds mymaster', UNRECOGNIZED],
  ['sentinel known-sentinel mymaster 192.0.2.1', UNRECOGNIZED],
  [`sentinel known-sentinel mymaster 192.0.2.1 26379 ${ID} more`, UNRECOGNIZED],
  ['sentinel monitor other 192.0.2.1 6379 0', 'Quorum must be 1 or greater.'],
  ['sentinel monitor other 192.0.2.1 6379 two', 'Quorum must be 1 or greater.'],
  ['sentinel monitor other redis.example.org 6379 1', "Can't resolve instance hostname."],
  ['sentinel monitor mymaster 192.0.2.1 6379 2', 'Duplicate master name.'],
  ['sentinel monitor other 192.0.2.1 65536 2', 'Invalid port number.'],
  ['sentinel monitor other 192.0.2.1 redis 2', 'Invalid port number.'],
  ['sentinel announce-port 65536', 'Invalid port number.'],
  ['sentinel down-after-milliseconds other 1', 'No such master with specified name.'],
  ['sentinel down-after-milliseconds mymaster 0', 'negative or zero time parameter.'],
  ['sentinel down-after-milliseconds mymaster 5s', 'negative or zero time parameter.'],
  ['sentinel failover-timeout mymaster -1', 'negative or zero time parameter.'],
  ['sentinel parallel-syncs mymaster -1', 'Invalid number of replicas in parallel-syncs.'],
  ['sentinel master-reboot-down-after-period mymaster -1', 'negative time parameter.'],
  ['sentinel primary-reboot-down-after-period mymaster x', 'negative time parameter.'],
  ['sentinel config-epoch mymaster 9007199254740992', EPOCH_REASON],
  ['sentinel leader-epoch mymaster -1', EPOCH_REASON],
  ['sentinel current-epoch soon', EPOCH_REASON],
  ['sentinel myid abc', 'Malformed Sentinel id in myid option.'],
  ['sentinel deny-scripts-reconfig 1', 'Please specify yes or no for the deny-scripts-reconfig options.'],
  ['sentinel resolve-hostnames 1', 'Please specify yes or no for the resolve-hostnames option.'],
  ['sentinel announce-hostnames 1', 'Please specify yes or no for the announce-hostnames option.'],
];

/** Each pair of lines is tried after a line that monitors `mymaster`; the second is the one to blame. */
const REFUSED_SECOND: readonly (readonly [first: string, second: string, reason: string])[] = [
  [
    'sentinel known-replica mymaster 192.0.2.2 6379',
    'sentinel known-slave mymaster 192.0.2.2 6379',
    'Duplicate hostname and port for replica.',
  ],
  [
    `sentinel known-sentinel mymaster 192.0.2.8 26379 ${ID}`,
    `sentinel known-sentinel mymaster 192.0.2.9 26379 ${ID}`,
    'Duplicate runid for sentinel.',
  ],
  [
    'sentinel rename-command mymaster config a',
    'sentinel rename-command mymaster CONFIG b',
    'Same command renamed multiple times with rename-command.',
  ],
  ['user alice on', 'aclfile users.acl', 'Users can be defined in an ACL file or by user lines, not by both.'],
];

describe('a line that cannot be accepted', () => {
  for (const [line, reason] of REFUSED) {
    it(`stops the start: ${line}`, () => {
      const { lineNumber, line: blamed, reason: given, file } = failureOf(`\n${MONITOR}  ${line}  \nport 1`);
      expect({ lineNumber, line: blamed, reason: given, file }).to.deep.equal({
        lineNumber: 3,
        line,
        reason,
        file: null,
      });
    });
  }

  for (const [first, second, reason] of REFUSED_SECOND) {
    it(`stops the start after "${first}": ${second}`, () => {
      const { lineNumber, line, reason: given } = failureOf(`${MONITOR}${first}\n${second}`);
      expect({ lineNumber, line, reason: given }).to.deep.equal({ lineNumber: 3, line: second, reason });
    });
  }

  it('stops the start beyond the number of masters that one process supervises', () => {
    const text = numbered(4097, (number) => `sentinel monitor m${number} 192.0.2.1 6379 2`);
    const { lineNumber, reason } = failureOf(text);
    expect(lineNumber).to.equal(4097);
    expect(reason).to.equal('Too many masters: at most 4096 can be monitored.');
  });

  it('is blamed in the order in which lines apply: server, process, monitored masters, the rest', () => {
    const lines = ['sentinel config-epoch x 1', 'sentinel monitor x y 1 1', 'sentinel myid x', 'port x'];
    const blamed: string[] = [];
    while (lines.length > 0) {
      const { line } = failureOf(lines.join('\n'));
      blamed.push(line);
      lines.splice(lines.indexOf(line), 1);
    }
    expect(blamed).to.deep.equal([
      'port x',
      'sentinel myid x',
      'sentinel monitor x y 1 1',
      'sentinel config-epoch x 1',
    ]);
  });
});
