// What each line of a file is, before anything is applied.

import { expect } from 'chai';
import { readFile } from '../../src/config/file.js';

function kindsOf(text: string): string[] {
  return readFile(text).lines.map(({ meaning }) => meaning.kind);
}

function statementsOf(text: string): (string | undefined)[] {
  return readFile(text).lines.map(({ statement }) => statement?.text);
}

describe('the lines of a configuration file', () => {
  it('are told apart by what they mean', () => {
    const text = `
# comment
# vedette vote m 1 ${'a'.repeat(40)}
# vedette vote m
sentinel myid x
sentinel nonsense
port 1
include a.conf
appendonly yes
nonsense
logfile "`;
    expect(kindsOf(text)).to.deep.equal([
      'text',
      'text',
      'fact',
      'malformed-fact',
      'sentinel',
      'unknown-sentinel',
      'server',
      'include',
      'preserved',
      'invalid',
      'invalid',
    ]);
  });

  it('end with the last that is not empty', () => {
    expect(kindsOf('port 1\n\n \n\t\n')).to.deep.equal(['server']);
    expect(kindsOf('\n\n')).to.deep.equal([]);
  });

  it('make statements in the form in which they would be written', () => {
    const text = [
      'SENTINEL  Monitor "mymaster" 192.0.2.1 6379 2',
      'sentinel known-slave m 192.0.2.2 6379',
      'sentinel primary-reboot-down-after-period m 1',
      'PORT 1',
      'appendonly yes',
    ].join('\n');
    expect(statementsOf(text)).to.deep.equal([
      'sentinel monitor mymaster 192.0.2.1 6379 2',
      'sentinel known-replica m 192.0.2.2 6379',
      'sentinel primary-reboot-down-after-period m 1',
      'port 1',
      undefined,
    ]);
  });
});
