// The language of rules: what each makes of a user, and Redis's complaint about the wrong ones.

import { expect } from 'chai';
import { usersOfFile, usersOfSettings } from '../../../src/commands/acl/configured-users.js';
import { explain } from '../../../src/commands/acl/rule-error.js';
import { aNewUser, renderUser } from '../../../src/commands/acl/user.js';
import { applyRules, joinSelectors } from '../../../src/commands/acl/user-rules.js';
import { RULE_BOOK } from '../desk.js';

const HASH = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08';

function rendered(...rules: string[]): string {
  const user = applyRules(aNewUser('bob'), rules, RULE_BOOK);
  return 'error' in user ? `${user.rule}: ${explain(user.error)}` : renderUser(user);
}

describe('The rules of a user', () => {
  for (const [rules, expected] of [
    ['', 'off resetchannels -@all'],
    ['on', 'on resetchannels -@all'],
    ['ON OFF', 'off resetchannels -@all'],
    ['nopass', 'off nopass resetchannels -@all'],
    ['nopass >test', `off #${HASH} resetchannels -@all`],
    [`>test #${HASH}`, `off #${HASH} resetchannels -@all`],
    ['>test <test', 'off resetchannels -@all'],
    [`>test !${HASH}`, 'off resetchannels -@all'],
    ['>test nopass', 'off nopass resetchannels -@all'],
    ['>test resetpass', 'off resetchannels -@all'],
    ['skip-sanitize-payload', 'off skip-sanitize-payload resetchannels -@all'],
    ['allcommands allkeys allchannels', 'off ~* &* +@all'],
    ['~a %R~b %w~b %RW~c %r~d', 'off ~a ~b ~c %R~d resetchannels -@all'],
    ['&a &b &a', 'off resetchannels &a &b -@all'],
    ['allchannels resetchannels &x', 'off resetchannels &x -@all'],
    ['+PING +Sentinel|MyId', 'off resetchannels -@all +ping +sentinel|myid'],
    ['+sentinel|myid +sentinel', 'off resetchannels -@all +sentinel'],
    ['+sentinel -sentinel|set', 'off resetchannels -@all +sentinel -sentinel|set'],
    ['+ping -ping', 'off resetchannels -@all -ping'],
    ['+ping|hello', 'off resetchannels -@all +ping|hello'],
    ['+@admin -@dangerous +@all -role', 'off resetchannels +@all -role'],
    ['(+ping &a) (~k) on', 'on resetchannels -@all (resetchannels &a -@all +ping) (~k resetchannels -@all)'],
    ['(+ping) clearselectors', 'off resetchannels -@all'],
    ['on >test ~* &* +@all (+ping) reset', 'off sanitize-payload resetchannels -@all'],
  ] as const) {
    it(`make ‘${expected}’ of ‘${rules}’`, () => {
      const words = joinSelectors(rules.split(' ').filter((word) => word !== ''));
      if ('unclosed' in words) throw new Error(words.unclosed);
      expect(rendered(...words)).to.equal(expected);
    });
  }

  it('make the same user again when they are read back', () => {
    const line = rendered('on', '>test', '~a*', '&b*', '+@admin', '-sentinel|set', '+ping|x', '(+ping ~k &c)');
    const words = joinSelectors(line.split(' '));
    if ('unclosed' in words) throw new Error(words.unclosed);
    expect(rendered(...words)).to.equal(line);
  });

  for (const [rule, complaint] of [
    ['foo', 'Syntax error'],
    ['%X~a', 'Syntax error'],
    ['%foo', 'Syntax error'],
    ['%~a', 'Syntax error'],
    ['&a b', 'Syntax error'],
    ['~a\tb', 'Syntax error'],
    ['(on)', 'Syntax error'],
    ['+ping|', 'Syntax error'],
    ['+nosuch', 'Unknown command or category name in ACL'],
    ['-nosuch', 'Unknown command or category name in ACL'],
    ['+sentinel|nosuch', 'Unknown command or category name in ACL'],
    ['-ping|x', 'Unknown command or category name in ACL'],
    ['+@nosuch', 'Unknown command or category name in ACL'],
    ['(+nosuch)', 'Unknown command or category name in ACL'],
    ['+sentinel|myid|x', 'Allowing first-arg of a subcommand is not supported'],
    ['<nosuch', 'The password you are trying to remove from the user does not exist'],
    [
      `#${HASH.toUpperCase()}`,
      'The password hash must be exactly 64 characters and contain only lowercase hexadecimal characters',
    ],
  ] as const) {
    it(`are refused when ‘${JSON.stringify(rule)}’ is among them`, () => {
      expect(rendered('on', rule)).to.equal(`${rule}: ${complaint}`);
    });
  }

  it('cannot add patterns where all are allowed', () => {
    expect(rendered('allkeys', '~x')).to.match(/^~x: Adding a pattern after the \* pattern \(or the 'allkeys' flag\)/);
    expect(rendered('&*', '&x')).to.match(/^&x: Adding a pattern after the \* pattern \(or the 'allchannels' flag\)/);
  });
});

describe('The users of a configuration', () => {
  const named = (requirepass: string | null, ...lines: string[]) => {
    const users = usersOfSettings({ requirepass, users: lines.map((line) => line.split(' ')) }, RULE_BOOK);
    return typeof users === 'string' ? users : [...users.values()].map((user) => `${user.name} ${renderUser(user)}`);
  };

  it('are one that lets everybody in when there is nothing else', () => {
    expect(named(null)).to.deep.equal(['default on nopass ~* &* +@all']);
    expect(named('')).to.deep.equal(['default on nopass ~* &* +@all']);
  });

  it('have the password of requirepass, unless a line about the default user replaces it', () => {
    expect(named('test')).to.deep.equal([`default on #${HASH} ~* &* +@all`]);
    expect(named('test', 'default on nopass +ping')).to.deep.equal(['default on nopass resetchannels -@all +ping']);
  });

  it('are refused with the rule and the reason, and without the password', () => {
    expect(named(null, 'bob on foo')).to.equal("Error loading ACL rule 'foo' for the user named 'bob': Syntax error");
    expect(named(null, 'bob <secret')).to.not.include('secret');
    expect(named(null, 'bob (on')).to.equal("Unmatched parenthesis in acl selector starting at '(on'.");
    expect(named(null, 'bob on', 'bob off')).to.match(/^Duplicate user found/);
  });
});

describe('A file of users', () => {
  const read = (text: string) => usersOfFile(text, '/users.acl', RULE_BOOK);

  it('holds one user a line, and lets everybody in if none is the default user', () => {
    const users = read('user bob on nopass +ping\r\n\n  user eve off (+role &x)  \n');
    if ('complaint' in users) throw new Error(users.complaint);
    expect([...users.values()].map((user) => `${user.name} ${renderUser(user)}`)).to.deep.equal([
      'bob on nopass resetchannels -@all +ping',
      'eve off resetchannels -@all (resetchannels &x -@all +role)',
      'default on nopass ~* &* +@all',
    ]);
  });

  it('is refused as a whole, with every complaint and its line', () => {
    expect(read('user bob on\nusr eve\nuser eve +nosuch\nuser bob off\nuser x (on\nuser y %\n')).to.deep.equal({
      complaint:
        "/users.acl:2 should start with user keyword followed by the username. /users.acl:3: Error in applying operation '+nosuch': Unknown command or category name in ACL. WARNING: Duplicate user 'bob' found on line 4. /users.acl:5: Unmatched parenthesis in selector definition. /users.acl:6: Syntax error. WARNING: ACL errors detected, no change to the previously active ACL rules was performed",
    });
  });
});
