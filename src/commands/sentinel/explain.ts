// SENTINEL EXPLAIN: why a failover would or would not start now, who agrees, and which replica would be promoted.

import type { Core } from '../../core/core.js';
import { replicaName } from '../../core/description.js';
import { whyNotStand } from '../../core/election.js';
import { type Explanation, explain } from '../../core/explanation.js';
import type { Master } from '../../core/master.js';
import type { Millis } from '../../core/types.js';
import { MapReply, type Reply } from '../../protocol/reply.js';
import { formatYesNo } from '../../protocol/yes-no.js';
import type { Description } from '../command.js';
import { ADMIN, MASTER_NAME, withMaster } from './common.js';

export const explanation: Description = {
  name: 'explain',
  arity: 3,
  since: '7.2.4',
  summary: 'Why a failover would or would not start now, who agrees, and which replica would be promoted.',
  complexity: 'O(N) where N is the number of replicas and Sentinels',
  flags: ADMIN,
  arguments: MASTER_NAME,
  isListed: false,
  run: withMaster(({ sentinel, now }, master) => view(sentinel.core, master, now)),
};

/**
 * What would keep this Sentinel from failing the master over if it died now, or keeps it from it already; null if nothing does. The
 * first question of monitoring: a group that cannot act looks well as long as nothing happens.
 */
function whyNotPossible(core: Core, master: Master, found: Explanation, now: Millis): string | null {
  if (master.failover !== null) return null;
  if (found.pausedFor > 0 || core.tilt !== null) return found.obstacle;
  const { failure } = core.durability;
  if (failure !== null) return `the state cannot be saved: ${failure}`;
  return whyNotStand(core, master, 'outage', now);
}

function view(core: Core, master: Master, now: Millis): Reply {
  const found = explain(core, master, now);
  const { selection } = found;
  const impediment = whyNotPossible(core, master, found, now);
  return new MapReply([
    ['failover', found.obstacle === null ? 'would start now' : 'would not start'],
    ['because', found.obstacle ?? 'the master is objectively down'],
    ['possible', formatYesNo(impediment === null)],
    ['impossible-because', impediment ?? ''],
    [
      'planned-failover',
      found.handoverObstacle === null ? 'would hand over without losing a write' : 'would be classic',
    ],
    ['planned-because', found.handoverObstacle ?? ''],
    ['paused-for-milliseconds', found.pausedFor],
    ['agreeing', found.agreeing],
    ['votes-needed', found.votesNeeded],
    ['majority', found.majority],
    ['fenced-for', found.fencedSince === null ? -1 : Math.round(now - found.fencedSince)],
    ['sentinels', found.peers.map((peer) => peerView(core, peer, now))],
    ['established', formatYesNo(found.isEstablished)],
    ['unproven-sentinels', found.newcomers.map((newcomer) => newcomerView(core, newcomer))],
    ['would-promote', selection.chosen === null ? '' : replicaName(core, selection.chosen.address)],
    ['replicas', selection.assessments.map((assessment) => replicaView(core, assessment))],
  ]);
}

function peerView(core: Core, { peer, verdict, isAlive, isStock }: Explanation['peers'][number], now: Millis): Reply {
  return new MapReply([
    ['runid', peer.runId],
    ['address', replicaName(core, peer.address)],
    ['alive', formatYesNo(isAlive)],
    ['kind', isStock ? 'redis-sentinel' : 'vedette'],
    ['verdict', verdict],
    ['verdict-age', peer.verdict === null ? -1 : Math.round(now - peer.verdict.at)],
  ]);
}

function newcomerView(core: Core, { newcomer, isCounted }: Explanation['newcomers'][number]): Reply {
  return new MapReply([
    ['runid', newcomer.runId],
    ['address', replicaName(core, newcomer.address)],
    ['state', newcomer.disprovedAt === null ? 'asked' : 'refuted'],
    ['counted', formatYesNo(isCounted)],
  ]);
}

function replicaView(core: Core, { node, rejection }: Explanation['selection']['assessments'][number]): Reply {
  return new MapReply([
    ['address', replicaName(core, node.address)],
    ['eligible', formatYesNo(rejection === null)],
    ['because', rejection ?? ''],
    ['priority', node.info?.priority ?? -1],
    ['offset', node.info?.offset ?? -1],
  ]);
}
