// Every kind of reply as RESP2 and as RESP3 put it on the wire.

import { expect } from 'chai';
import {
  DoubleReply,
  ErrorReply,
  MapReply,
  NULL_ARRAY,
  OK,
  PushReply,
  type Reply,
  SetReply,
  SimpleString,
  VerbatimReply,
} from '../../src/protocol/reply.js';
import { encode } from '../../src/protocol/resp-encoder.js';

interface Example {
  readonly what: string;
  readonly reply: Reply;
  readonly resp2: string;
  /** Where it differs from RESP2. */
  readonly resp3?: string;
}

const LONG = 'x'.repeat(1000);

const EXAMPLES: readonly Example[] = [
  { what: 'a string', reply: 'mymaster', resp2: '$8\r\nmymaster\r\n' },
  { what: 'an empty string', reply: '', resp2: '$0\r\n\r\n' },
  { what: 'a long string', reply: LONG, resp2: `$1000\r\n${LONG}\r\n` },
  { what: 'a string with line breaks', reply: 'a\r\nb', resp2: '$4\r\na\r\nb\r\n' },
  { what: 'an integer', reply: -42, resp2: ':-42\r\n' },
  { what: 'zero', reply: 0, resp2: ':0\r\n' },
  { what: 'negative zero', reply: -0, resp2: ':0\r\n' },
  { what: 'a positive fraction, cut off', reply: 1999.9, resp2: ':1999\r\n' },
  { what: 'a negative fraction, cut off', reply: -0.5, resp2: ':0\r\n' },
  { what: 'an integer beyond 2^53', reply: 1e21, resp2: ':1000000000000000000000\r\n' },
  { what: 'a 64 bit integer', reply: 18446744073709551615n, resp2: ':18446744073709551615\r\n' },
  { what: 'true', reply: true, resp2: ':1\r\n', resp3: '#t\r\n' },
  { what: 'false', reply: false, resp2: ':0\r\n', resp3: '#f\r\n' },
  { what: 'null', reply: null, resp2: '$-1\r\n', resp3: '_\r\n' },
  { what: 'a null array', reply: NULL_ARRAY, resp2: '*-1\r\n', resp3: '_\r\n' },
  { what: 'a status', reply: OK, resp2: '+OK\r\n' },
  { what: 'a status with a line break', reply: new SimpleString('a\r\n:1'), resp2: '+a  :1\r\n' },
  { what: 'an error', reply: new ErrorReply('ERR no'), resp2: '-ERR no\r\n' },
  { what: 'an error with a line break', reply: new ErrorReply("ERR got '\r'"), resp2: "-ERR got ' '\r\n" },
  { what: 'an empty array', reply: [], resp2: '*0\r\n' },
  { what: 'an array', reply: ['127.0.0.1', '6379'], resp2: '*2\r\n$9\r\n127.0.0.1\r\n$4\r\n6379\r\n' },
  {
    what: 'an array of mixed and nested values',
    reply: ['a', [1, null, [true]], OK],
    resp2: '*3\r\n$1\r\na\r\n*3\r\n:1\r\n$-1\r\n*1\r\n:1\r\n+OK\r\n',
    resp3: '*3\r\n$1\r\na\r\n*3\r\n:1\r\n_\r\n*1\r\n#t\r\n+OK\r\n',
  },
  {
    what: 'a map',
    reply: new MapReply([
      ['name', 'mymaster'],
      ['nested', new MapReply([['up', true]])],
    ]),
    resp2: '*4\r\n$4\r\nname\r\n$8\r\nmymaster\r\n$6\r\nnested\r\n*2\r\n$2\r\nup\r\n:1\r\n',
    resp3: '%2\r\n$4\r\nname\r\n$8\r\nmymaster\r\n$6\r\nnested\r\n%1\r\n$2\r\nup\r\n#t\r\n',
  },
  { what: 'a set', reply: new SetReply(['a', 1]), resp2: '*2\r\n$1\r\na\r\n:1\r\n', resp3: '~2\r\n$1\r\na\r\n:1\r\n' },
  {
    what: 'a push',
    reply: new PushReply(['subscribe', 'a', 1]),
    resp2: '*3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n',
    resp3: '>3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n',
  },
  { what: 'a double', reply: new DoubleReply(3.25), resp2: '$4\r\n3.25\r\n', resp3: ',3.25\r\n' },
  { what: 'a whole double', reply: new DoubleReply(10), resp2: '$2\r\n10\r\n', resp3: ',10\r\n' },
  { what: 'infinity', reply: new DoubleReply(Infinity), resp2: '$3\r\ninf\r\n', resp3: ',inf\r\n' },
  { what: 'negative infinity', reply: new DoubleReply(-Infinity), resp2: '$4\r\n-inf\r\n', resp3: ',-inf\r\n' },
  { what: 'no number', reply: new DoubleReply(Number.NaN), resp2: '$3\r\nnan\r\n', resp3: ',nan\r\n' },
  {
    what: 'verbatim text',
    reply: new VerbatimReply('role:master'),
    resp2: '$11\r\nrole:master\r\n',
    resp3: '=15\r\ntxt:role:master\r\n',
  },
];

describe('RESP encoder', () => {
  for (const { what, reply, resp2, resp3 = resp2 } of EXAMPLES) {
    it(`writes ${what}`, () => {
      expect(encode(reply, 2)).to.equal(resp2);
      expect(encode(reply, 3)).to.equal(resp3);
    });
  }

  it('counts and keeps the bytes of binary names', () => {
    const name = Buffer.from('mäster', 'utf8').toString('latin1');
    expect(Buffer.from(encode(name, 2), 'latin1').toString('utf8')).to.equal('$7\r\nmäster\r\n');
  });

  for (const value of [Number.NaN, Infinity, -Infinity]) {
    it(`refuses ${value} as an integer`, () => {
      expect(() => encode([value], 3)).to.throw(RangeError);
    });
  }
});
