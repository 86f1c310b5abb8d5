// One round of a partition: the master, a supervisor and a client on the smaller side, everybody else on the larger one, each
// with its replica or its client, in network namespaces. Later the network heals, and both sides become one again.
//
// Both clients are of this process, which sees both sides; what makes them belong to one is the address that they come from.

import { setTimeout as delay } from 'node:timers/promises';

import { now } from '../../test/support/clock.js';
import { Group, MASTER_NAME } from '../../test/support/group.js';
import { Network } from '../../test/support/network.js';
import type { RedisServer } from '../../test/support/redis-server.js';
import type { SentinelKind } from '../../test/support/sentinel-process.js';
import { waitFor } from '../../test/support/wait.js';
import { Writer } from '../../test/support/writer.js';
import type { Round } from './figures.js';
import { LIMIT, PHASE, POLL_PERIOD, whenAnswersAnother, whenReplica } from './round.js';

export interface PartitionOptions {
  readonly kind: SentinelKind;
  readonly downAfterMillis: number;
  /** Further lines of the supervisors' configuration. */
  readonly directives: readonly string[];
  /** Further lines of the data nodes' configuration. */
  readonly nodeDirectives: readonly string[];
}

export const PARTITION_SECONDS = 15;
/** The network does not heal sooner than this after the promotion: a lost election may use up the rest. */
const LIFE_WITH_TWO_MASTERS = 5_000;
/** Short, so that a lost election, retried after twice this time, fits into the partition. */
const FAILOVER_TIMEOUT = 5_000;
const HOSTS = 3;

interface Place {
  readonly group: Group;
  /** The client beside the old master, and the one on the larger side. */
  readonly inside: Writer;
  readonly outside: Writer;
  cut(): void;
  heal(): void;
}

export async function measurePartition(options: PartitionOptions): Promise<Round> {
  const network = Network.create(HOSTS);
  try {
    return await measureIn(network, options);
  } finally {
    network.remove();
  }
}

async function measureIn(network: Network, options: PartitionOptions): Promise<Round> {
  const { kind, downAfterMillis, directives, nodeDirectives } = options;
  const group = await Group.start({
    supervisors: Array.from({ length: HOSTS }, () => kind),
    downAfterMillis,
    failoverTimeoutMillis: FAILOVER_TIMEOUT,
    directives,
    nodeDirectives,
    nodePlaces: network.hosts,
    supervisorPlaces: network.hosts,
  });
  const [insider, outsider] = [network.addClient(), network.addClient()];
  const smaller = [...network.hosts.slice(0, 1), insider];
  const larger = [...network.hosts.slice(1), outsider];
  const writers: Writer[] = [];
  try {
    await group.waitUntilStreaming();
    const inside = await Writer.start(group.supervisors.slice(0, 1), MASTER_NAME, { from: insider.address });
    writers.push(inside);
    const outside = await Writer.start(group.supervisors.slice(1), MASTER_NAME, { from: outsider.address });
    writers.push(outside);
    await delay(PHASE * Math.random());
    const cut = () => network.separate(smaller, larger);
    return await measure({ group, inside, outside, cut, heal: () => network.heal() });
  } catch (error) {
    const reason = error instanceof Error ? error.message : error;
    throw new Error(`a partition with ${kind} failed: ${reason}\n${group.report()}`, { cause: error });
  } finally {
    await Promise.all(writers.map((writer) => writer.stop()));
    await group.dispose();
  }
}

async function measure({ group, inside, outside, cut, heal }: Place): Promise<Round> {
  const old = group.firstMaster;
  const [near, ...far] = group.supervisors;
  if (near === undefined) throw new Error('there is no supervisor beside the master');
  cut();
  const cutAt = now();
  const [promotion, majorityAnswers] = await Promise.all([
    whenPromoted(group.firstReplicas),
    Promise.all(far.map((supervisor) => whenAnswersAnother(supervisor, old))),
  ]);
  await outside.resumedAfter(promotion.at, LIMIT);
  const healAt = Math.max(cutAt + PARTITION_SECONDS * 1000, promotion.at + LIFE_WITH_TWO_MASTERS);
  await delay(Math.max(0, healAt - now()));
  heal();
  const healedAt = now();
  const [nearAnswers, returnedAt] = await Promise.all([whenAnswersAnother(near, old), whenReplica(old)]);
  await Promise.all([inside, outside].map((writer) => writer.resumedAfter(now(), LIMIT)));
  const losses = {
    acknowledgedInside: inside.acknowledged,
    lostInside: await inside.countLost(promotion.master),
    acknowledgedOutside: outside.acknowledged,
    lostOutside: await outside.countLost(promotion.master),
  };
  const lost = losses.lostInside + losses.lostOutside;
  return {
    oldMasterWritesUntil: inside.lastAcknowledgedBy(old) - cutAt,
    promoted: promotion.at - cutAt,
    writesStopped: outside.longestPauseSince(cutAt),
    majorityAnswers: Math.max(...majorityAnswers) - cutAt,
    everybodyAnswers: nearAnswers - healedAt,
    returned: returnedAt - healedAt,
    ...losses,
    lostShare: (100 * lost) / (losses.acknowledgedInside + losses.acknowledgedOutside),
  };
}

async function whenPromoted(replicas: readonly RedisServer[]): Promise<{ master: RedisServer; at: number }> {
  return await waitFor(
    'a replica is promoted',
    LIMIT,
    async () => {
      for (const master of replicas) if ((await master.role()).role === 'master') return { master, at: now() };
      throw new Error('none is');
    },
    POLL_PERIOD,
  );
}
