// The payloads of hellos and votes: what is written is what is read, no payload is both, and whatever is read of a damaged one
// would be written with the same meaning.

import { formatHello, type Hello, parseHello } from '../../src/protocol/hello.js';
import { formatVote, parseVote, type VoteMessage } from '../../src/protocol/vote.js';
import type { Dice } from '../sim/seed.js';
import { awkwardWord, damaged, hasControlCharacter } from './material.js';
import { require, requireSame, type Target } from './target.js';

const PAYLOADS_OF_A_CASE = 20;

export const gossip: Target = {
  name: 'gossip',
  about: 'payloads of hellos and votes',
  run(dice) {
    for (let left = PAYLOADS_OF_A_CASE; left > 0; left--) checkPayload(dice);
    return PAYLOADS_OF_A_CASE;
  },
};

function checkPayload(dice: Dice): void {
  const vote: VoteMessage = { ...randomHello(dice), verdict: dice.pick(['sdown', 'up']) };
  const { verdict, ...hello } = vote;
  requireSame(parseHello(formatHello(hello)), hello, 'a hello');
  requireSame(parseVote(formatVote(vote)), vote, `a vote that says ${verdict}`);
  const broken = damaged(dice, dice.chance(0.5) ? formatHello(hello) : formatVote(vote));
  const [asHello, asVote] = [parseHello(broken), parseVote(broken)];
  require(asHello === null || asVote === null, 'a payload is a hello or a vote', broken);
  if (asHello !== null) requireSame(parseHello(formatHello(asHello)), asHello, 'a damaged hello', broken);
  if (asVote !== null) requireSame(parseVote(formatVote(asVote)), asVote, 'a damaged vote', broken);
  const believed = asHello ?? asVote;
  if (believed === null) return;
  for (const text of [believed.host, believed.masterHost, believed.masterName, believed.runId]) {
    require(!hasControlCharacter(text), 'nothing in it controls a terminal or a file', broken);
  }
}

function randomHello(dice: Dice): Hello {
  const host = () => dice.pick(['10.0.0.1', '::1', 'fe80::1%eth0', 'node-1.example.org']);
  const epoch = () => dice.pick([0, 1, dice.below(2 ** 31), Number.MAX_SAFE_INTEGER]);
  return {
    host: host(),
    port: dice.integer(1, 65_535),
    runId: dice.hex(40),
    currentEpoch: epoch(),
    masterName: randomName(dice),
    masterHost: host(),
    masterPort: dice.integer(1, 65_535),
    configEpoch: epoch(),
  };
}

/** A name of a master: a comma would make another field of it. */
function randomName(dice: Dice): string {
  const word = awkwardWord(dice);
  return word === '' || word.includes(',') || hasControlCharacter(word) ? 'mymaster' : word;
}
