// COMMAND: what it says must be what the dispatcher does, and what Redis's clients expect to read.

import { expect } from 'chai';
import { type Argument, usage } from '../../../src/commands/command.js';
import { REGISTRY } from '../../../src/commands/index.js';
import { aDesk, elements } from '../desk.js';

/** The commands of Redis 7.2's Sentinel as far as they are built, and Valkey's names. */
const TOP_LEVEL =
  'acl auth client command hello info ping psubscribe publish punsubscribe role sentinel shutdown subscribe unsubscribe';
const SENTINEL_SUBCOMMANDS =
  'ckquorum config debug failover flushconfig get-master-addr-by-name get-primary-addr-by-name help info-cache is-master-down-by-addr is-primary-down-by-addr master masters monitor myid pending-scripts primaries primary remove replicas reset sentinels set simulate-failure slaves';

describe('COMMAND', () => {
  it('lists every command and subcommand, and neither QUIT nor SENTINEL CONFIGURATION', () => {
    const names = elements(aDesk().ask('COMMAND', 'LIST'));
    const isTop = (name: string) => !name.includes('|');
    expect(names.filter(isTop)).to.have.members(TOP_LEVEL.split(' '));
    const subcommands = names.filter((name) => name.startsWith('sentinel|')).map((name) => name.slice(9));
    expect(subcommands).to.have.members(SENTINEL_SUBCOMMANDS.split(' '));
    expect(names).to.include('client|setinfo');
  });

  it('counts the top level', () => {
    expect(aDesk().ask('COMMAND', 'COUNT')).to.equal(`:${TOP_LEVEL.split(' ').length}\r\n`);
  });

  it('filters the list by pattern, category and module', () => {
    const desk = aDesk();
    const filtered = (...words: string[]) => elements(desk.ask('COMMAND', 'LIST', 'FILTERBY', ...words));
    expect(filtered('PATTERN', 'P*')).to.have.members(['ping', 'psubscribe', 'publish', 'punsubscribe']);
    expect(filtered('aclcat', 'pubsub')).to.have.members([
      'psubscribe',
      'publish',
      'punsubscribe',
      'subscribe',
      'unsubscribe',
    ]);
    expect(filtered('MODULE', 'x')).to.deep.equal([]);
    expect(desk.ask('COMMAND', 'LIST', 'FILTERBY', 'foo', 'x')).to.equal('-ERR syntax error\r\n');
    expect(desk.ask('COMMAND', 'LIST', 'x')).to.equal('-ERR syntax error\r\n');
  });

  it('describes a command in ten parts as Redis 7 does', () => {
    const desk = aDesk();
    expect(desk.ask('COMMAND', 'INFO', 'ping', 'nosuch')).to.equal(
      '*2\r\n*10\r\n$4\r\nping\r\n:-1\r\n*1\r\n+fast\r\n:0\r\n:0\r\n:0\r\n*2\r\n+@fast\r\n+@connection\r\n*2\r\n$25\r\nrequest_policy:all_shards\r\n$29\r\nresponse_policy:all_succeeded\r\n*0\r\n*0\r\n$-1\r\n',
    );
    desk.client.protocol = 3;
    expect(desk.ask('COMMAND', 'INFO', 'client|id')).to.equal(
      '*1\r\n*10\r\n$9\r\nclient|id\r\n:2\r\n~3\r\n+noscript\r\n+loading\r\n+stale\r\n:0\r\n:0\r\n:0\r\n~2\r\n+@slow\r\n+@connection\r\n~0\r\n~0\r\n~0\r\n',
    );
  });

  it('describes all commands when it is given no name', () => {
    const desk = aDesk();
    const all = desk.ask('COMMAND');
    expect(all).to.match(/^\*15\r\n\*10\r\n/);
    expect(desk.ask('COMMAND', 'INFO')).to.equal(all);
  });

  it('documents commands, leaving out unknown ones', () => {
    const docs = aDesk().ask('COMMAND', 'DOCS', 'ping', 'nosuch', 'sentinel|slaves');
    expect(docs).to.match(/^\*4\r\n\$4\r\nping\r\n\*10\r\n\$7\r\nsummary\r\n/);
    expect(docs).to.contain('$5\r\nflags\r\n*1\r\n+optional\r\n');
    expect(docs).to.contain('$11\r\nreplaced_by\r\n$19\r\n`SENTINEL REPLICAS`\r\n');
  });

  it('finds no keys in any command', () => {
    const desk = aDesk();
    expect(desk.ask('COMMAND', 'GETKEYS', 'PUBLISH', 'a', 'b')).to.equal('-ERR The command has no key arguments\r\n');
    expect(desk.ask('COMMAND', 'GETKEYSANDFLAGS', 'SENTINEL', 'MASTERS')).to.equal(
      '-ERR The command has no key arguments\r\n',
    );
    expect(desk.ask('COMMAND', 'GETKEYS', 'GET', 'a')).to.equal('-ERR Invalid command specified\r\n');
    expect(desk.ask('COMMAND', 'GETKEYS', 'SENTINEL', 'foo')).to.equal('-ERR Invalid command specified\r\n');
  });

  it('declares for every command an arity that its arguments fit', () => {
    for (const command of REGISTRY.listed()) {
      for (const one of [command, ...command.subcommands.values()]) {
        const names = one.fullName.split('|').length + (one.run === null ? 1 : 0);
        const fewest = one.arguments.reduce((sum, argument) => sum + fewestWords(argument), names);
        expect(Math.abs(one.arity), one.fullName).to.equal(fewest);
        expect(one.summary, one.fullName).to.match(/\.$/);
      }
    }
  });
});

/** How many words the argument takes at least. */
function fewestWords({ type, token, isOptional, arguments: nested = [] }: Argument): number {
  if (isOptional) return 0;
  const counts = nested.map(fewestWords);
  if (type === 'oneof') return Math.max(1, Math.min(...counts));
  if (type === 'block') return counts.reduce((sum, count) => sum + count, token === undefined ? 0 : 1);
  return token === undefined || type === 'pure-token' ? 1 : 2;
}

describe('HELP', () => {
  it('has a usage line and a sentence for every listed subcommand', () => {
    const help = aDesk().ask('SENTINEL', 'HELP').split('\r\n');
    expect(help[1]).to.equal('+SENTINEL <subcommand> [<arg> [value] [opt] ...]. Subcommands are:');
    for (const name of SENTINEL_SUBCOMMANDS.toUpperCase().split(' ')) {
      expect(
        help.some((line) => line === `+${name}` || line.startsWith(`+${name} `)),
        name,
      ).to.equal(true);
    }
    expect(help).to.include('+MONITOR <name> <ip> <port> <quorum>');
    expect(help).to.include(
      '+FAILOVER <master-name> [COORDINATED|FORCE] [TO <host> <port>] [TIMEOUT <milliseconds>] [DRYRUN]',
    );
    expect(help).to.include(
      '+CONFIG (SET <parameter> <value> [<parameter> <value> ...]|GET <parameter> [<parameter> ...])',
    );
    expect(help.some((line) => line.includes('CONFIGURATION'))).to.equal(false);
    expect(help.slice(-3)).to.deep.equal(['+HELP', '+    Show this list.', '']);
  });
});

describe('A usage line', () => {
  it('shows what is optional, repeated, literal and a choice', () => {
    expect(usage({ name: 'port', type: 'integer' })).to.equal('<port>');
    expect(usage({ name: 'name', type: 'string', isOptional: true, isMultiple: true })).to.equal(
      '[<name> [<name> ...]]',
    );
    expect(usage({ name: 'id', type: 'integer', token: 'ID' })).to.equal('ID <id>');
    expect(usage({ name: 'now', type: 'pure-token', token: 'NOW', isOptional: true })).to.equal('[NOW]');
    expect(usage({ name: 'crash-after-election', type: 'pure-token' })).to.equal('CRASH-AFTER-ELECTION');
    const on = { name: 'on', type: 'pure-token', token: 'ON' } as const;
    const value = { name: 'value', type: 'string' } as const;
    expect(usage({ name: 'x', type: 'oneof', arguments: [on, value] })).to.equal('(ON|<value>)');
    expect(usage({ name: 'x', type: 'oneof', arguments: [on, value], isOptional: true })).to.equal('[ON|<value>]');
    expect(usage({ name: 'x', type: 'block', token: 'SET', arguments: [on, value] })).to.equal('SET ON <value>');
  });

  it('shows whether a token stands once before many values or before each', () => {
    const several = { name: 'id', type: 'integer', token: 'ID', isMultiple: true } as const;

    expect(usage(several)).to.equal('ID <id> [<id> ...]');
    expect(usage({ ...several, repeatsToken: true })).to.equal('ID <id> [ID <id> ...]');
  });
});
