// `vedette status`: every supervised master at a glance, and an exit status that monitoring can use.
//
// What speaks against a failover is asked of the Sentinel, which decides by it (`SENTINEL EXPLAIN`). A stock Sentinel does not say;
// there the replicas that it finds usable are counted.

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
  describe: 'Show masters, replicas and Sentinels; exit status 1 if a master is down or could not be failed over now',
  builder: (argv) => withTarget(argv),
  handler: async (options) => {
    const { text, isHealthy } = await describeStatus(options);
    process.stdout.write(text);
    if (!isHealthy) process.exitCode = 1;
  },
};

export interface Status {
  readonly text: string;
  /** Every master is up, and would be failed over if it died now. */
  readonly isHealthy: boolean;
}

/** A line of the table. */
interface Row {
  readonly title: string;
  readonly address: string;
  readonly state: string;
}

interface MasterStatus {
  readonly rows: readonly Row[];
  /** Sentences below the rows. */
  readonly remarks: readonly string[];
  readonly isHealthy: boolean;
}

export async function describeStatus(target: Target): Promise<Status> {
  return await withSentinel(target, async (sentinel) => {
    const masters = await records(sentinel, 'MASTERS');
    if (masters.length === 0) return { text: 'No master is supervised here.\n', isHealthy: true };
    const all = await Promise.all(masters.map((master) => describeMaster(sentinel, master)));
    return { text: layOut(all), isHealthy: all.every(({ isHealthy }) => isHealthy) };
  });
}

async function describeMaster(sentinel: Redis, master: Fields): Promise<MasterStatus> {
  const { name = '', flags = '' } = master;
  const [replicas, peers, quorum, explanation] = await Promise.all([
    records(sentinel, 'REPLICAS', name),
    records(sentinel, 'SENTINELS', name),
    checkQuorum(sentinel, name),
    explain(sentinel, name),
  ]);
  const impediment = explanation === null ? judgeReplicas(replicas) : findImpediment(explanation);
  return {
    rows: [
      row(name, master),
      ...replicas.map((replica) => row('  replica', replica)),
      ...peers.map((peer) => row('  Sentinel', peer)),
    ],
    remarks: [quorum.text, ...(impediment === null ? [] : [impediment])],
    isHealthy: quorum.isReached && impediment === null && !/[so]_down/.test(flags),
  };
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

/** Null where the Sentinel cannot explain itself: a stock one does not know the command, and a user may not be allowed to ask. */
async function explain(sentinel: Redis, name: string): Promise<Fields | null> {
  try {
    return toRecord(await sentinel.call('SENTINEL', 'EXPLAIN', name));
  } catch (error) {
    if (/^(ERR unknown|NOPERM)/i.test((error as Error).message)) return null;
    throw error;
  }
}

/** Why the master would not be failed over if it died now, in a sentence; null if it would be. */
function findImpediment(explanation: Fields): string | null {
  const { possible, 'impossible-because': reason, 'paused-for-milliseconds': paused } = explanation;
  const pausedFor = Number(paused);
  if (pausedFor > 0) {
    return `Paused by an operator for another ${formatDuration(pausedFor)}: no failover starts by itself`;
  }
  return possible === 'no' ? `No failover is possible: ${reason}` : null;
}

/** The same for a Sentinel that does not explain itself. */
function judgeReplicas(replicas: readonly Fields[]): string | null {
  const reasons = replicas.map((replica) => ({ replica, reason: whyNotPromoted(replica) }));
  if (reasons.some(({ reason }) => reason === null)) return null;
  const each = reasons.map(({ replica, reason }) => `${addressOf(replica)} ${reason}`);
  return `No failover is possible: no usable replica: ${each.join(', ') || 'none is known'}`;
}

function whyNotPromoted(replica: Fields): string | null {
  if (replica['slave-priority'] === '0') return 'priority 0';
  const troubles = troublesOf(replica);
  return troubles.length === 0 ? null : troubles.join(' and ');
}

function row(title: string, fields: Fields): Row {
  return { title, address: addressOf(fields), state: troublesOf(fields).join(', ') || 'up' };
}

function troublesOf({ flags = '' }: Fields): string[] {
  const raised = flags.split(',');
  return TROUBLES.filter(([flag]) => raised.includes(flag)).map(([, words]) => words);
}

function addressOf({ ip = '', port = '' }: Fields): string {
  return formatAddress(ip, port);
}

/** One table for all masters, so that the columns of one stand below those of the other. */
function layOut(masters: readonly MasterStatus[]): string {
  const rows = masters.flatMap((master) => master.rows);
  const titleWidth = Math.max(MIN_TITLE_WIDTH, ...rows.map(({ title }) => title.length));
  const addressWidth = Math.max(MIN_ADDRESS_WIDTH, ...rows.map(({ address }) => address.length));
  const sections = masters.map((master) => [
    ...master.rows.map(({ title, address, state }) => {
      return `${title.padEnd(titleWidth)} ${address.padEnd(addressWidth)} ${state}\n`;
    }),
    ...master.remarks.map((remark) => `  ${remark}\n`),
  ]);
  return sections.map((lines) => lines.join('')).join('\n');
}
const MIN_TITLE_WIDTH = 16;
const MIN_ADDRESS_WIDTH = 22;

/** `4 min 57 s`: to the second, since a person compares it with a watch. */
function formatDuration(millis: number): string {
  const seconds = Math.ceil(millis / MILLIS_PER_SECOND);
  const parts = [
    [Math.floor(seconds / SECONDS_PER_HOUR), 'h'],
    [Math.floor((seconds % SECONDS_PER_HOUR) / SECONDS_PER_MINUTE), 'min'],
    [seconds % SECONDS_PER_MINUTE, 's'],
  ] as const;
  const shown = parts.filter(([number]) => number > 0).map(([number, unit]) => `${number} ${unit}`);
  return shown.join(' ');
}
const MILLIS_PER_SECOND = 1_000;
const SECONDS_PER_MINUTE = 60;
const SECONDS_PER_HOUR = 3_600;
