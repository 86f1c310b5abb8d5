// Name lookups with name servers that are slow, gone or change their mind.

import { expect } from 'chai';

import { FRESHNESS, type Lookup, PATIENCE, Resolver } from '../../src/io/resolver.js';
import { holdsFor, waitFor } from '../support/wait.js';

const LIMIT = 2_000;

describe('Resolver', () => {
  let answers: [string, string | null][];
  let asked: { host: string; answer: (ip: string | null) => void }[];
  let resolver: Resolver;

  /** A name server that answers when the test says so. */
  const lookup: Lookup = (host, answer) => asked.push({ host, answer });

  beforeEach(() => {
    answers = [];
    asked = [];
    resolver = new Resolver((host, ip) => answers.push([host, ip]), lookup);
  });

  afterEach(() => resolver.close());

  it('finds the addresses of this host by the means of the operating system', async () => {
    resolver = new Resolver((host, ip) => answers.push([host, ip]));

    resolver.resolve('localhost');

    await waitFor('the answer', LIMIT, () => {
      expect(answers[0]?.[1]).to.be.oneOf(['127.0.0.1', '::1']);
    });
    expect(resolver.ipOf('localhost')).to.equal(answers[0]?.[1]);
  });

  it('answers null for a name that does not exist', async () => {
    resolver = new Resolver((host, ip) => answers.push([host, ip]));

    resolver.resolve('name with spaces.invalid');

    await waitFor('the answer', PATIENCE + LIMIT, () => {
      expect(answers).to.deep.equal([['name with spaces.invalid', null]]);
    });
  });

  it('takes an IP address for its own answer', () => {
    expect(resolver.ipOf('10.1.2.3')).to.equal('10.1.2.3');
    expect(resolver.ipOf('::1')).to.equal('::1');
    expect(resolver.ipOf('node.example')).to.equal(null);
  });

  it('gives the last good address when a later lookup fails', async () => {
    resolver.resolve('node.example');
    asked[0]?.answer('10.0.0.1');
    await waitFor('the answer has gone stale', FRESHNESS + LIMIT, () => {
      resolver.resolve('node.example');
      expect(asked).to.have.length(2);
    });
    answers.length = 0;

    asked[1]?.answer(null);

    expect(answers).to.deep.equal([['node.example', '10.0.0.1']]);
    expect(resolver.ipOf('node.example')).to.equal('10.0.0.1');
  });

  it('asks once for a name that is asked for again soon', async () => {
    resolver.resolve('node.example');
    resolver.resolve('node.example');
    asked[0]?.answer('10.0.0.1');
    resolver.resolve('node.example');

    await waitFor('three answers', LIMIT, () => {
      expect(answers).to.have.length(3);
    });
    expect(asked).to.have.length(1);
  });

  it('runs two lookups at a time, so that the thread pool has room for the disk', async () => {
    for (const host of ['a', 'b', 'c', 'd']) resolver.resolve(host);

    await holdsFor('two lookups run', 100, () => {
      expect(asked.map(({ host }) => host)).to.deep.equal(['a', 'b']);
    });
    asked[1]?.answer('10.0.0.2');

    expect(asked.map(({ host }) => host)).to.deep.equal(['a', 'b', 'c']);
  });

  it('answers in time when the name server does not, and learns from it when it does', async () => {
    resolver.resolve('node.example');

    await waitFor('patience ends', PATIENCE + LIMIT, () => {
      expect(answers).to.deep.equal([['node.example', null]]);
    });
    asked[0]?.answer('10.0.0.1');

    expect(resolver.ipOf('node.example')).to.equal('10.0.0.1');
    expect(answers).to.have.length(1);
  }).timeout(PATIENCE + 2 * LIMIT);
});
