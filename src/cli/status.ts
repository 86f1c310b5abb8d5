// `vedette status`: every supervised master at a glance, and an exit status that monitoring can use.

import type { CommandModule } from 'yargs';

import type { Redis } from '../io/ioredis.js';
import { formatAddress, type Target, toRecord, withSentinel, withTarget } from './target.js';

type Fields = Readonly<Record<string, string>>;

/** The flags that mean trouble, in the words of an operator. */
const TROUBLES: readonly (readonly [flag: string, words: string])[] = [
  ['o_down', 'objectively down'],
  ['s_down', 'subjectively down'],
  ['disconnected', 'not connected'],
  ['failover_in_progress', 'failover in progress'],
];

export const status: CommandModule<object, Target> = {
  command: 'status',
  describe: 'Show masters, replicas and Sentinels; exit status 1 if a master is down or could not be failed over',
  builder: (argv) => withTarget(argv),
  handler: async (options) => {
    const { text, isHealthy } = await describeStatus(options);
    process.stdout.write(text);
    if (!isHealthy) process.exitCode = 1;
  },
};

export interface Status {
  readonly text: string;
  /** Every master is up, and enough Sentinels answer to fail it over. */
  readonly isHealthy: boolean;
}

export async function describeStatus(target: Target): Promise<Status> {
  return await withSentinel(target, async (sentinel) => {
    const masters = await records(sentinel, 'MASTERS');
    if (masters.length === 0) return { text: 'No master is supervised here.\n', isHealthy: true };
    const all = await Promise.all(masters.map((master) => describeMaster(sentinel, master)));
    return { text: all.map(({ text }) => text).join('\n'), isHealthy: all.every(({ isHealthy }) => isHealthy) };
  });
}

async function describeMaster(sentinel: Redis, master: Fields): Promise<Status> {
  const { name = '', flags = '' } = master;
  const [replicas, peers, quorum] = await Promise.all([
    records(sentinel, 'REPLICAS', name),
    records(sentinel, 'SENTINELS', name),
    checkQuorum(sentinel, name),
  ]);
  const lines = [
    row(name, master),
    ...replicas.map((replica) => row('  replica', replica)),
    ...peers.map((peer) => row('  Sentinel', peer)),
    `  ${quorum.text}`,
  ];
  return { text: lines.map((line) => `${line}\n`).join(''), isHealthy: quorum.isReached && !/[so]_down/.test(flags) };
}

async function records(sentinel: Redis, ...words: readonly [string, ...string[]]): Promise<Fields[]> {
  const reply = (await sentinel.call('SENTINEL', ...words)) as readonly unknown[];
  return reply.map(toRecord);
}

async function checkQuorum(sentinel: Redis, name: string): Promise<{ text: string; isReached: boolean }> {
  try {
    const reply = (await sentinel.call('SENTINEL', 'CKQUORUM', name)) as string;
    return { text: reply.replace(/^OK /, ''), isReached: true };
  } catch (error) {
    const { message } = error as Error;
    if (!message.startsWith('NOQUORUM')) throw error;
    return { text: message, isReached: false };
  }
}

function row(title: string, fields: Fields): string {
  const { flags = '', ip = '', port = '' } = fields;
  const raised = flags.split(',');
  const troubles = TROUBLES.filter(([flag]) => raised.includes(flag)).map(([, words]) => words);
  const address = formatAddress(ip, port);
  return `${title.padEnd(TITLE_WIDTH)} ${address.padEnd(ADDRESS_WIDTH)} ${troubles.join(', ') || 'up'}`;
}
const TITLE_WIDTH = 16;
const ADDRESS_WIDTH = 22;
