// The decoder against whole streams, fragments, protocol errors in Redis's words, and bytes that mean nothing.

import { expect } from 'chai';
import { SeededRandom } from '../../src/core/random.js';
import { DEFAULT_DECODER_LIMITS, type DecoderLimits, RespDecoder } from '../../src/protocol/resp-decoder.js';
import { encode } from '../../src/protocol/resp-encoder.js';
import { randomBytes, randomPieces } from './random-text.js';

const KIBIBYTE = 1024;

function aDecoder({ isAuthenticated = true, ...limits }: Partial<DecoderLimits> & { isAuthenticated?: boolean } = {}) {
  const decoder = new RespDecoder({ ...DEFAULT_DECODER_LIMITS, ...limits });
  decoder.isAuthenticated = isAuthenticated;
  return decoder;
}

function bytes(text: string): Buffer {
  return Buffer.from(text, 'latin1');
}

function drain(decoder: RespDecoder): (readonly string[])[] {
  const commands: (readonly string[])[] = [];
  for (let command = decoder.next(); command !== null; command = decoder.next()) commands.push(command);
  return commands;
}

function decode(text: string, decoder = aDecoder()): (readonly string[])[] {
  decoder.feed(bytes(text));
  return drain(decoder);
}

function failureOf(text: string, decoder = aDecoder()): string | null {
  decode(text, decoder);
  return decoder.failure;
}

function randomCommand(random: SeededRandom): string[] {
  const names = ['PING', 'SENTINEL', 'GET-MASTER-ADDR-BY-NAME', 'mymaster', 'master-17', '', '\r\n', '*', '$5'];
  return Array.from({ length: 1 + random.below(6) }, () => {
    if (random.below(4) > 0) return names[random.below(names.length)] ?? '';
    return randomBytes(random, random.below(random.below(10) === 0 ? 20_000 : 60), '');
  });
}

describe('RESP decoder', () => {
  describe('Array of bulk strings', () => {
    it('is a command', () => {
      expect(decode('*2\r\n$8\r\nSENTINEL\r\n$7\r\nmasters\r\n')).to.deep.equal([['SENTINEL', 'masters']]);
    });

    it('keeps bytes as they are, line breaks and zeros included', () => {
      expect(decode('*3\r\n$4\r\na\r\nb\r\n$0\r\n\r\n$3\r\n\0\xff\xe4\r\n')).to.deep.equal([
        ['a\r\nb', '', '\0\xff\xe4'],
      ]);
    });

    it('follows another one in the same chunk', () => {
      expect(decode('*1\r\n$4\r\nPING\r\n*1\r\n$4\r\nPING\r\n*1\r\n$4\r\nROLE\r\n')).to.deep.equal([
        ['PING'],
        ['PING'],
        ['ROLE'],
      ]);
    });

    it('is ignored when it announces nothing', () => {
      const decoder = aDecoder();
      expect(decode('*0\r\n*-1\r\n*-5\r\n*1\r\n$4\r\nPING\r\n', decoder)).to.deep.equal([['PING']]);
      expect(decoder.bufferedBytes).to.equal(0);
    });

    it('is the same array as long as its bytes come again', () => {
      const ping = '*1\r\n$4\r\nPING\r\n';
      const [first, second, third] = decode(`${ping}${ping}${ping.toLowerCase()}`);
      expect(first).to.equal(second);
      expect(third).to.deep.equal(['ping']);
    });

    it('is recognised by its bytes when it comes again, and only as a whole', () => {
      const decoder = aDecoder();
      const command = '*2\r\n$4\r\nECHO\r\n$3\r\nabc\r\n';
      const other = command.replace('abc', 'abd');
      const longer = command.replace('*2', '*3').concat('$1\r\nx\r\n');
      expect(decode(command + command + other + command + longer + command, decoder)).to.deep.equal([
        ['ECHO', 'abc'],
        ['ECHO', 'abc'],
        ['ECHO', 'abd'],
        ['ECHO', 'abc'],
        ['ECHO', 'abc', 'x'],
        ['ECHO', 'abc'],
      ]);
      for (let cut = 1; cut < command.length; cut++) {
        expect(decode(command + command.slice(0, cut), decoder)).to.deep.equal([['ECHO', 'abc']]);
        expect(decode(command.slice(cut) + other, decoder)).to.deep.equal([
          ['ECHO', 'abc'],
          ['ECHO', 'abd'],
        ]);
      }
    });

    it('is not recognised inside another one', () => {
      const ping = '*1\r\n$4\r\nPING\r\n';
      const echo = `*2\r\n$4\r\nECHO\r\n$${ping.length}\r\n${ping}\r\n`;
      for (let cut = 1; cut < echo.length; cut++) {
        const decoder = aDecoder();
        expect(decode(ping + echo.slice(0, cut), decoder)).to.deep.equal([['PING']]);
        expect(decode(echo.slice(cut), decoder)).to.deep.equal([['ECHO', ping]]);
      }
    });

    it('cannot be changed by a command, which would change what comes again', () => {
      const decoder = aDecoder();
      const ping = '*1\r\n$4\r\nPING\r\n';
      for (let time = 0; time < 3; time++) {
        const [words] = decode(ping, decoder);
        expect(() => (words as string[]).push('changed')).to.throw(TypeError);
        expect(words).to.deep.equal(['PING']);
      }
    });

    it('comes again as often as it was sent, wherever a long pipeline ends and whatever follows', () => {
      const random = new SeededRandom(7);
      for (let round = 0; round < 200; round++) {
        const [command, other] = [randomCommand(random), randomCommand(random)];
        const commands = [...Array.from({ length: 1 + random.below(150) }, () => command), other, command];
        const decoder = aDecoder();
        const decoded: (readonly string[])[] = [];
        for (const piece of randomPieces(random, bytes(commands.map((one) => encode(one, 2)).join('')), 6000)) {
          decoder.feed(piece);
          if (random.below(3) > 0) decoded.push(...drain(decoder));
          if (random.below(3) === 0 && decoder.bufferedBytes === 0) piece.fill(0);
        }
        decoded.push(...drain(decoder));
        expect(decoded).to.deep.equal(commands);
      }
    });

    it('is told from one of the same length that differs in one byte, anywhere in a pipeline', () => {
      const command = (argument: string) => `*2\r\n$4\r\nECHO\r\n$3\r\n${argument}\r\n`;
      for (let place = 0; place < 120; place++) {
        const all = Array.from({ length: 120 }, (_, index) => (index === place ? 'ab\0' : 'ab\xff'));
        expect(decode(all.map(command).join('')).map((words) => words[1])).to.deep.equal(all);
      }
    });

    it('is recognised in a chunk whose memory held another one before', () => {
      const decoder = aDecoder();
      const memory = bytes('*1\r\n$4\r\nPING\r\n'.repeat(3));
      for (const name of ['PING', 'ROLE', 'INFO', 'ROLE']) {
        memory.write(`*1\r\n$4\r\n${name}\r\n`.repeat(3), 'latin1');
        decoder.feed(memory);
        expect(drain(decoder)).to.deep.equal([[name], [name], [name]]);
      }
    });

    it('is read to its end when it only begins like the one before', () => {
      const names = ['a', 'ab', 'abc', 'abd', '', 'abc\r\n', '*3'];
      const commands = names.flatMap((name) => [
        ['SENTINEL', 'MASTER', name],
        ['SENTINEL', 'MASTER', name, ''],
        ['SENTINEL', `MASTER${name}`],
        [`SENTINEL${name}`],
      ]);
      for (const one of commands) {
        for (const other of commands) {
          const all = [one, other, one, other, other, one];
          expect(decode(all.map((words) => encode(words, 2)).join(''))).to.deep.equal(all);
        }
      }
    });

    it('is read to its end wherever it is cut, and whatever has taken its memory meanwhile', () => {
      const random = new SeededRandom(11);
      const words = ['a', 'ab', 'ac', 'abc', 'x'.repeat(200), 'x'.repeat(199), ''];
      for (let round = 0; round < 500; round++) {
        const commands = Array.from({ length: 20 }, () =>
          Array.from(
            { length: 1 + random.below(12) },
            () => words[random.below(random.below(2) === 0 ? 2 : words.length)] ?? '',
          ),
        );
        const decoder = aDecoder();
        const memory = Buffer.alloc(700);
        const decoded: (readonly string[])[] = [];
        for (const piece of randomPieces(
          random,
          bytes(commands.map((one) => encode(one, 2)).join('')),
          memory.length,
        )) {
          memory.fill('*').set(piece);
          decoder.feed(memory, piece.length);
          // A caller that stops in the middle of a pipeline takes its memory back, too.
          for (let count = random.below(4); count > 0; count--) {
            const command = decoder.next();
            if (command !== null) decoded.push(command);
          }
          decoder.release();
        }
        decoded.push(...drain(decoder));
        expect(decoded).to.deep.equal(commands);
        expect(decoder.failure).to.equal(null);
      }
    });

    it('is held to the same limits when it begins like one that was sent with a password', () => {
      const decoder = aDecoder();
      decode(encode(['ECHO', 'x'], 2), decoder);
      decoder.isAuthenticated = false;
      expect(failureOf(`*2\r\n$4\r\nECHO\r\n$16385\r\n`, decoder)).to.equal(
        'ERR Protocol error: unauthenticated bulk length',
      );
    });

    it('waits for its last byte', () => {
      const decoder = aDecoder();
      const command = '*2\r\n$4\r\nECHO\r\n$3\r\nabc\r\n';
      for (const byte of command.slice(0, -1)) expect(decode(byte, decoder)).to.deep.equal([]);
      expect(decode('\n', decoder)).to.deep.equal([['ECHO', 'abc']]);
    });
  });

  describe('Inline command', () => {
    it('is a line of words', () => {
      expect(decode('PING\r\nSENTINEL get-master-addr-by-name mymaster\n')).to.deep.equal([
        ['PING'],
        ['SENTINEL', 'get-master-addr-by-name', 'mymaster'],
      ]);
    });

    it('is ignored when it is blank', () => {
      expect(decode('\r\n\n  \r\nPING\r\n\n')).to.deep.equal([['PING']]);
    });

    it('may quote its words', () => {
      expect(decode('SET "a b" \'c d\'\r\n')).to.deep.equal([['SET', 'a b', 'c d']]);
    });

    it('may alternate with arrays', () => {
      expect(decode('PING\r\n*1\r\n$4\r\nROLE\r\nINFO\r\n')).to.deep.equal([['PING'], ['ROLE'], ['INFO']]);
    });
  });

  describe('Protocol error', () => {
    const long = 'x'.repeat(64 * KIBIBYTE + 1);
    const cases: readonly (readonly [what: string, text: string, failure: string])[] = [
      ['an array length that is no number', '*abc\r\n', 'invalid multibulk length'],
      ['an empty array length', '*\r\n', 'invalid multibulk length'],
      ['an array length with a plus sign', '*+1\r\n', 'invalid multibulk length'],
      ['an array length with a leading zero', '*01\r\n', 'invalid multibulk length'],
      ['an array length of minus zero', '*-0\r\n', 'invalid multibulk length'],
      ['an array length with a blank', '*1 \r\n', 'invalid multibulk length'],
      ['a gigantic array length', '*2147483648\r\n', 'invalid multibulk length'],
      ['an array length beyond 64 bits', '*99999999999999999999\r\n', 'invalid multibulk length'],
      ['a bulk length that is no number', '*1\r\n$x\r\n', 'invalid bulk length'],
      ['a negative bulk length', '*1\r\n$-1\r\n', 'invalid bulk length'],
      ['a gigantic bulk length', '*1\r\n$9223372036854775807\r\n', 'invalid bulk length'],
      ['a bulk longer than a request may be', '*1\r\n$1048577\r\n', 'invalid bulk length'],
      ['something else than a bulk', '*1\r\n:5\r\n', "expected '$', got ':'"],
      ['an inline word inside an array', '*2\r\n$4\r\nPING\r\nfoo\r\n', "expected '$', got 'f'"],
      ['an inline line that does not end', long, 'too big inline request'],
      ['an inline line that is too long', `${long}\r\n`, 'too big inline request'],
      ['an array length that does not end', `*${long}`, 'too big mbulk count string'],
      ['a bulk length that does not end', `*1\r\n$${long}`, 'too big bulk count string'],
      ['unbalanced quotes', 'SET "a\r\n', 'unbalanced quotes in request'],
    ];
    for (const [what, text, failure] of cases) {
      it(`is ${JSON.stringify(failure)} for ${what}`, () => {
        expect(failureOf(text)).to.equal(`ERR Protocol error: ${failure}`);
      });
    }

    it('ends the decoding, after the commands before it', () => {
      const decoder = aDecoder();
      expect(decode('PING\r\n*x\r\nPING\r\n', decoder)).to.deep.equal([['PING']]);
      expect(decode('PING\r\n', decoder)).to.deep.equal([]);
      expect(decoder.failure).to.equal('ERR Protocol error: invalid multibulk length');
      expect(decoder.bufferedBytes).to.equal(0);
    });

    it('is not raised before the client has been heard out', () => {
      const decoder = aDecoder();
      expect(decode('*1\r\nfoo', decoder)).to.deep.equal([]);
      expect(decoder.failure).to.equal(null);
    });

    it('is a request that grows beyond the limit by many arguments', () => {
      const decoder = aDecoder({ maxRequestBytes: KIBIBYTE });
      const argument = encode('x'.repeat(100), 2);
      expect(failureOf(`*100\r\n${argument}`, decoder)).to.equal(null);
      expect(failureOf(argument.repeat(20), decoder)).to.equal('ERR Protocol error: too big request');
    });

    it('is an array of more arguments than the limit', () => {
      expect(failureOf('*4\r\n', aDecoder({ maxArguments: 3 }))).to.equal(
        'ERR Protocol error: invalid multibulk length',
      );
      expect(failureOf('*3\r\n', aDecoder({ maxArguments: 3 }))).to.equal(null);
    });
  });

  describe('Client that has not authenticated', () => {
    it('may send ten arguments and no more', () => {
      expect(failureOf('*10\r\n', aDecoder({ isAuthenticated: false }))).to.equal(null);
      expect(failureOf('*11\r\n', aDecoder({ isAuthenticated: false }))).to.equal(
        'ERR Protocol error: unauthenticated multibulk length',
      );
    });

    it('may send arguments of 16 KB and no longer ones', () => {
      expect(failureOf('*1\r\n$16384\r\n', aDecoder({ isAuthenticated: false }))).to.equal(null);
      expect(failureOf('*1\r\n$16385\r\n', aDecoder({ isAuthenticated: false }))).to.equal(
        'ERR Protocol error: unauthenticated bulk length',
      );
    });

    it('may send more as soon as it has, even in the same chunk', () => {
      const decoder = aDecoder({ isAuthenticated: false });
      const large = 'x'.repeat(20_000);
      decoder.feed(bytes(`AUTH secret\r\n*1\r\n$20000\r\n${large}\r\n`));
      expect(decoder.next()).to.deep.equal(['AUTH', 'secret']);
      decoder.isAuthenticated = true;
      expect(decoder.next()).to.deep.equal([large]);
    });
  });

  describe('Fragmentation', () => {
    it('makes no difference to what is decoded', () => {
      const random = new SeededRandom(1);
      for (let round = 0; round < 60; round++) {
        const commands = Array.from({ length: 1 + random.below(20) }, () => randomCommand(random));
        const stream = bytes(commands.map((command) => encode(command, 2)).join(random.below(2) === 0 ? '' : '\r\n'));
        const longest = [1, 7, 100, 5000][random.below(4)] ?? 1;
        const decoder = aDecoder();
        const decoded: (readonly string[])[] = [];
        for (const piece of randomPieces(random, stream, longest)) {
          decoder.feed(piece);
          // Sometimes several chunks arrive before anybody looks.
          if (random.below(3) > 0) decoded.push(...drain(decoder));
        }
        decoded.push(...drain(decoder));
        expect(decoded).to.deep.equal(commands);
        expect(decoder.failure).to.equal(null);
        expect(decoder.bufferedBytes).to.equal(0);
      }
    });

    it('makes no difference to inline commands and to failures', () => {
      const random = new SeededRandom(2);
      for (let round = 0; round < 500; round++) {
        const stream = bytes(randomBytes(random, random.below(80), '*$0123\r\n\r\n"a \\'));
        const whole = aDecoder();
        const expected = decode(stream.toString('latin1'), whole);
        const decoder = aDecoder();
        const decoded: (readonly string[])[] = [];
        for (const piece of randomPieces(random, stream, 5)) {
          decoder.feed(piece);
          decoded.push(...drain(decoder));
        }
        expect(decoded).to.deep.equal(expected);
        expect(decoder.failure).to.equal(whole.failure);
        expect(decoder.bufferedBytes).to.equal(whole.bufferedBytes);
      }
    });

    it('lets the caller reuse a chunk once it has been drained', () => {
      const decoder = aDecoder();
      const chunk = bytes('*2\r\n$4\r\nECHO\r\n$3\r\na');
      decoder.feed(chunk);
      expect(drain(decoder)).to.deep.equal([]);
      chunk.fill(0);
      expect(decode('bc\r\n', decoder)).to.deep.equal([['ECHO', 'abc']]);
    });

    it('takes any Uint8Array, at any offset of its memory', () => {
      const decoder = aDecoder();
      const memory = new Uint8Array([0, 0, ...bytes('PING\r\n'), 0]);
      decoder.feed(memory.subarray(2, 8));
      expect(drain(decoder)).to.deep.equal([['PING']]);
    });
  });

  describe('Memory', () => {
    it('grows with what was sent, not with what was announced', () => {
      const decoder = aDecoder();
      decode('*1048576\r\n$1048000\r\nabc', decoder);
      expect(decoder.failure).to.equal(null);
      expect(decoder.bufferedBytes).to.equal('*1048576\r\n$1048000\r\nabc'.length);
    });

    it('stays below the limit of a request and one chunk, whatever a client sends', () => {
      const random = new SeededRandom(4);
      const maxRequestBytes = 8 * KIBIBYTE;
      for (let round = 0; round < 200; round++) {
        const decoder = aDecoder({ maxRequestBytes });
        for (let chunk = 0; chunk < 50 && decoder.failure === null; chunk++) {
          decode(randomBytes(random, 1 + random.below(KIBIBYTE), '*$0123456789\r\n\r\n\r\n "abc'), decoder);
          expect(decoder.bufferedBytes).to.be.lessThan(64 * KIBIBYTE + maxRequestBytes + KIBIBYTE);
        }
      }
    });

    it('ends a request that never ends at the limit', () => {
      const decoder = aDecoder();
      decode('*1048576\r\n', decoder);
      const chunk = `$1000\r\n${'x'.repeat(1000)}\r\n`.repeat(10);
      let sent = 0;
      while (decoder.failure === null && sent < 4 * DEFAULT_DECODER_LIMITS.maxRequestBytes) {
        decode(chunk, decoder);
        sent += chunk.length;
      }
      expect(decoder.failure).to.equal('ERR Protocol error: too big request');
      expect(sent).to.be.lessThan(DEFAULT_DECODER_LIMITS.maxRequestBytes + 2 * chunk.length);
    });

    it('is copied a linear number of times when a large argument arrives byte by byte', () => {
      const decoder = aDecoder();
      const large = 'x'.repeat(512 * KIBIBYTE);
      const stream = bytes(encode(['ECHO', large], 2));
      const startedAt = performance.now();
      let command: readonly string[] | null = null;
      for (let at = 0; at < stream.length; at++) {
        decoder.feed(stream.subarray(at, at + 1));
        command = decoder.next();
      }
      expect(command).to.deep.equal(['ECHO', large]);
      // Copying all of it for each byte would be 128 gigabytes, about a minute.
      expect(performance.now() - startedAt).to.be.lessThan(5000);
    });
  });

  it('never throws on random bytes', () => {
    const random = new SeededRandom(6);
    let failures = 0;
    for (let round = 0; round < 3000; round++) {
      const decoder = aDecoder({ isAuthenticated: random.below(2) === 0 });
      for (let chunk = 0; chunk < 4; chunk++) {
        for (const command of decode(randomBytes(random, random.below(60), '*$-012\r\n\r\n\r\n"\'\\x '), decoder)) {
          expect(command).not.to.have.lengthOf(0);
        }
      }
      if (decoder.failure !== null) {
        failures++;
        expect(decoder.failure).to.match(/^ERR Protocol error: /);
      }
    }
    expect(failures).to.be.greaterThan(100);
  });
});
