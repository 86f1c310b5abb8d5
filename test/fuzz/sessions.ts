// The whole core behind its commands: operators, clients, peers and nodes that say anything at any moment, in virtual time.
//
// After every step what is answered must be well formed; after every session what would be saved must be readable and mean the
// same, and everything that others can make grow must be within its limit.

import { REGISTRY } from '../../src/commands/index.js';
import { Deferred, NO_REPLY, type Outcome, type Postponed, Replies } from '../../src/commands/outcome.js';
import { readFile } from '../../src/config/file.js';
import { MAX_MASTERS } from '../../src/config/limits.js';
import { parseConfiguration } from '../../src/config/parser.js';
import { defaultServerSettings } from '../../src/config/server-settings.js';
import { renderConfiguration } from '../../src/config/writer.js';
import { MAX_PEERS_PER_MASTER, MAX_REIGNS, MAX_REPLICAS_PER_MASTER } from '../../src/core/limits.js';
import { snapshot } from '../../src/core/snapshot.js';
import { HELLO_CHANNEL, VOTE_CHANNEL } from '../../src/core/types.js';
import type { Reply } from '../../src/protocol/reply.js';
import { encode } from '../../src/protocol/resp-encoder.js';
import { aDesk, type Desk } from '../commands/desk.js';
import type { Party } from '../core/stage.js';
import type { Dice } from '../sim/seed.js';
import { comparable, requireCleanFile } from './configurations.js';
import { awkwardWord, damaged } from './material.js';
import { randomReply } from './replies.js';
import { countReplies } from './resp-shape.js';
import { require, requireSame, type Target } from './target.js';

const STEPS = 40;
/** Every command by its words, subcommands included. */
const CALLS: readonly (readonly string[])[] = REGISTRY.all().flatMap(({ name, subcommands }) => [
  [name],
  ...[...subcommands.values()].flatMap((one) =>
    Array.from({ length: name === 'sentinel' ? 3 : 1 }, () => [name, one.name]),
  ),
]);
/** What the commands look for among their arguments. */
const WORDS: readonly string[] = [
  ...['mymaster', 'mymaster', 'mymaster', 'other', '10.0.0.1', '10.0.0.2', '6379', '26379', '1', '2', '100', '5000'],
  ...[
    'down-after-milliseconds',
    'failover-timeout',
    'parallel-syncs',
    'quorum',
    'auth-pass',
    'auth-user',
    'rename-command',
  ],
  ...[
    'notification-script',
    'client-reconfig-script',
    'master-reboot-down-after-period',
    'down-after-refused-milliseconds',
  ],
  ...[
    'set',
    'get',
    'announce-ip',
    'announce-port',
    'resolve-hostnames',
    'announce-hostnames',
    'sentinel-user',
    'loglevel',
  ],
  ...[
    'info-period',
    'ping-period',
    'ask-period',
    'tilt-period',
    'publish-period',
    'crash-after-election',
    'force',
    'to',
  ],
  ...[
    'timeout',
    'dryrun',
    'coordinated',
    'debug',
    'nosave',
    'alice',
    'on',
    '>pw',
    '+@all',
    '-debug',
    'allchannels',
    'reset',
  ],
  ...[
    'on',
    'off',
    'skip',
    'bcast',
    'prefix',
    'setname',
    'auth',
    'type',
    'normal',
    'pubsub',
    'id',
    'addr',
    'skipme',
    'yes',
  ],
  ...[HELLO_CHANNEL, VOTE_CHANNEL, 'filterby', 'pattern', 'all', 'replication', '3', '*', 'm?'],
];

export const sessions: Target = {
  name: 'sessions',
  about: 'any command at any moment, with hostile peers and nodes, on the whole core in virtual time',
  run(dice) {
    const desk = aDesk({ seed: dice.below(2 ** 31) });
    for (const party of desk.group.parties.values()) makeUnreliable(dice, party);
    const words: string[][] = [];
    let frames = 0;
    for (let step = 0; step < STEPS; step++) frames += takeStep(dice, desk, words);
    requireLimits(desk);
    requireReadableState(desk, words);
    return frames;
  },
};

function takeStep(dice: Dice, desk: Desk, history: string[][]): number {
  const { group } = desk;
  const said = group.log.length;
  if (dice.chance(0.75)) {
    const words = randomWords(dice);
    history.push(words);
    requireWellFormed(desk.run(words, dice.pick(desk.host.connected)), words);
    if (desk.host.connected.length < 4 && dice.chance(0.1)) desk.connect();
  } else {
    upset(dice, desk);
  }
  for (const { effect } of group.log.slice(said)) if (effect.kind === 'reply') requireWellFormed(effect.reply, []);
  const frames = 1 + group.log.length - said;
  group.forget();
  return frames;
}

/** Time passes, somebody dies or comes back, or a payload arrives. */
function upset(dice: Dice, { group }: Desk): void {
  const party = dice.pick([...group.parties.values()]);
  const [master] = group.core.topology.masters.values();
  const channel = dice.pick([HELLO_CHANNEL, VOTE_CHANNEL]);
  switch (dice.below(6)) {
    case 0:
      return group.advance(dice.pick([1, 50, 500, 3_000]));
    case 1:
      return group.stall(dice.pick([100, 2_500, 10_000]));
    case 2:
      return group.crash(party);
    case 3:
      return group.hang(party);
    case 4:
      return group.revive(party);
    default: {
      if (master === undefined || master.node.link.state !== 'open') return;
      const peer = dice.pick(group.peers);
      const hello = peer.hello({ currentEpoch: dice.pick([1, 2, 50, 2 ** 40]) });
      const payload = damaged(dice, channel === HELLO_CHANNEL ? hello : `${hello},sdown`);
      group.receive({ kind: 'message', link: master.node.link.id, channel, payload });
    }
  }
}

/** Now and then this party answers what nobody expects. */
function makeUnreliable(dice: Dice, party: Party): void {
  const respond = party.respond.bind(party);
  party.respond = (commands) =>
    respond(commands).map((reply): Reply => {
      if (dice.chance(0.97)) return reply;
      return typeof reply === 'string' ? damaged(dice, reply) : randomReply(dice, 0);
    });
}

function randomWords(dice: Dice): string[] {
  const call = dice.chance(0.98) ? dice.pick(CALLS) : [awkwardWord(dice)];
  const count = dice.chance(0.9) ? dice.below(5) : dice.below(12);
  const rest = Array.from({ length: count }, () => (dice.chance(0.75) ? dice.pick(WORDS) : awkwardWord(dice)));
  return [...call.map((word) => (dice.chance(0.9) ? word : word.toUpperCase())), ...rest];
}

function requireWellFormed(outcome: Exclude<Outcome, Postponed>, words: readonly string[]): void {
  if (outcome === NO_REPLY || outcome instanceof Deferred) return;
  const replies = outcome instanceof Replies ? outcome.all : [outcome];
  for (const version of [2, 3] as const) {
    const text = replies.map((reply) => encode(reply, version)).join('');
    requireSame(countReplies(text), replies.length, `the number of replies in RESP${version}`, words, text);
  }
}

function requireLimits({ group }: Desk): void {
  const { masters } = group.core.topology;
  require(masters.size <= MAX_MASTERS, `${masters.size} masters`);
  for (const master of masters.values()) {
    require(master.peers.size <= MAX_PEERS_PER_MASTER, `${master.peers.size} peers`);
    require(master.replicas.size <= MAX_REPLICAS_PER_MASTER, `${master.replicas.size} replicas`);
    require(master.reigns.length <= MAX_REIGNS, `${master.reigns.length} reigns`);
  }
}

function requireReadableState({ group }: Desk, words: readonly (readonly string[])[]): void {
  const state = snapshot(group.core);
  const server = { ...defaultServerSettings(), port: state.settings.port };
  const text = renderConfiguration(readFile(''), state, server);
  requireCleanFile(text);
  requireSame(comparable(parseConfiguration(text)), comparable({ state, server }), 'the saved state', text, words);
}
