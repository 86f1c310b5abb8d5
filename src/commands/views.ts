// Masters, replicas and other Sentinels as clients see them: the replies to SENTINEL MASTER, REPLICAS and SENTINELS, and
// their lines in INFO. Field names, their order, flags and states are Redis Sentinel's own words, which clients parse, some
// of them by position. This file only words what the core knows; nothing is decided here.

import type { Core } from '../core/core.js';
import type { DataNode, Reconfiguration } from '../core/data-node.js';
import { replicaName } from '../core/description.js';
import { saysDown } from '../core/down.js';
import type { Link } from '../core/link.js';
import type { Failover, Master } from '../core/master.js';
import type { Peer } from '../core/peer.js';
import { type Millis, unreachable } from '../core/types.js';
import { MapReply } from '../protocol/reply.js';

/** Words of the protocol that other commands take or give. */
export const WIRE_WORDS = {
  replica: 'slave',
  replicas: 'slaves',
  replicaReconfigurationTimeout: 'slave-reconf-timeout',
} as const;

type Field = readonly [name: string, value: string];

/** What Redis assumes of a replica before its first INFO. */
const DEFAULT_PRIORITY = 100;

/** How a flag for the progress of a reconfiguration is called; `none` has no flag. */
const RECONFIGURATION_FLAGS: Readonly<Record<Reconfiguration, string | null>> = {
  none: null,
  sent: 'reconf_sent',
  'in-progress': 'reconf_inprog',
  done: 'reconf_done',
};

export function masterView(core: Core, master: Master, now: Millis): MapReply {
  const { node, settings, failover, objectivelyDownSince } = master;
  return new MapReply([
    ['name', master.name],
    ...placeFields(core, node),
    ['runid', node.runId],
    ['flags', masterFlags(master)],
    ...linkFields(node.link),
    ...(failover === null ? [] : [['failover-state', failoverState(failover)] as const]),
    ...pingFields(node.link, now),
    ...sinceField('s-down-time', node.subjectivelyDownSince, now),
    ...sinceField('o-down-time', objectivelyDownSince, now),
    ['down-after-milliseconds', String(settings.downAfter)],
    ...roleFields(node, 'master', now),
    ['config-epoch', String(master.configEpoch)],
    ['num-slaves', String(master.replicas.size)],
    ['num-other-sentinels', String(master.peers.size)],
    ['quorum', String(settings.quorum)],
    ['failover-timeout', String(settings.failoverTimeout)],
    ['parallel-syncs', String(settings.parallelSyncs)],
    ...textField('notification-script', settings.notificationScript),
    ...textField('client-reconfig-script', settings.clientReconfigScript),
  ]);
}

/** Every replica that does not ask to be left unmentioned (`replica-announced no`). */
export function replicaViews(core: Core, master: Master, now: Millis): MapReply[] {
  return [...master.replicas.values()]
    .filter((node) => node.info?.isAnnounced !== false)
    .map((node) => replicaView(core, master, node, now));
}

function replicaView(core: Core, master: Master, node: DataNode, now: Millis): MapReply {
  const { info } = node;
  return new MapReply([
    ['name', replicaName(core, node.address)],
    ...placeFields(core, node),
    ['runid', node.runId],
    ['flags', replicaFlags(master, node)],
    ...linkFields(node.link),
    ...pingFields(node.link, now),
    ...sinceField('s-down-time', node.subjectivelyDownSince, now),
    ['down-after-milliseconds', String(master.settings.downAfter)],
    ...roleFields(node, 'slave', now),
    ['master-link-down-time', String(info?.masterLinkDownFor ?? 0)],
    ['master-link-status', info?.masterLinkUp ? 'ok' : 'err'],
    ['master-host', info?.masterHost ?? '?'],
    ['master-port', String(info?.masterPort ?? 0)],
    ['slave-priority', String(info?.priority ?? DEFAULT_PRIORITY)],
    ['slave-repl-offset', String(info?.offset ?? 0)],
    ['replica-announced', '1'],
  ]);
}

export function peerViews(core: Core, master: Master, now: Millis): MapReply[] {
  return [...master.peers.values()].map((peer) => peerView(core, master, peer, now));
}

function peerView(core: Core, master: Master, peer: Peer, now: Millis): MapReply {
  return new MapReply([
    ['name', peer.runId],
    ...placeFields(core, peer),
    ['runid', peer.runId],
    ['flags', peerFlags(core, peer, now)],
    ...linkFields(peer.link),
    ...pingFields(peer.link, now),
    ...sinceField('s-down-time', peer.subjectivelyDownSince, now),
    ['down-after-milliseconds', String(master.settings.downAfter)],
    ['last-hello-message', elapsed(peer.lastHelloAt, now)],
    ['voted-leader', peer.vote?.leader ?? '?'],
    ['voted-leader-epoch', String(peer.vote?.epoch ?? 0)],
  ]);
}

/** The master's line in INFO. */
export function masterSummary(core: Core, master: Master): string {
  const { advertisedAddress: address } = master;
  const place = `${core.topology.announced(address)}:${address.port}`;
  const sentinels = master.peers.size + 1;
  return `name=${master.name},status=${health(master)},address=${place},slaves=${master.replicas.size},sentinels=${sentinels}`;
}

function health(master: Master): string {
  if (master.objectivelyDownSince !== null) return 'odown';
  return master.node.isSubjectivelyDown ? 'sdown' : 'ok';
}

function masterFlags({ node, failover, objectivelyDownSince }: Master): string {
  return joinFlags([
    node.isSubjectivelyDown && 's_down',
    objectivelyDownSince !== null && 'o_down',
    'master',
    !node.link.isUsable && 'disconnected',
    failover !== null && 'failover_in_progress',
    failover?.purpose === 'manual' && 'force_failover',
    node.rebootedAt !== null && 'master_reboot',
  ]);
}

function replicaFlags({ failover }: Master, node: DataNode): string {
  const isPromoted = failover !== null && 'promoted' in failover && failover.promoted === node;
  return joinFlags([
    node.isSubjectivelyDown && 's_down',
    'slave',
    !node.link.isUsable && 'disconnected',
    isPromoted && 'promoted',
    RECONFIGURATION_FLAGS[node.reconfiguration] ?? false,
  ]);
}

function peerFlags(core: Core, peer: Peer, now: Millis): string {
  return joinFlags([
    peer.subjectivelyDownSince !== null && 's_down',
    'sentinel',
    !peer.link.isUsable && 'disconnected',
    saysDown(core, peer, now) && 'master_down',
  ]);
}

function joinFlags(flags: readonly (string | false)[]): string {
  return flags.filter((flag) => flag !== false).join(',');
}

function failoverState(failover: Failover): string {
  switch (failover.state) {
    case 'elect':
      return 'wait_start';
    case 'select':
      return 'select_slave';
    case 'hand-over':
      return 'hand_over';
    case 'promote':
      return failover.isSent ? 'wait_promotion' : 'send_slaveof_noone';
    case 'reconfigure-replicas':
      return 'reconf_slaves';
    default:
      return unreachable(failover);
  }
}

function placeFields(core: Core, { address }: DataNode | Peer): Field[] {
  return [
    ['ip', core.topology.announced(address)],
    ['port', String(address.port)],
  ];
}

function linkFields(link: Link): Field[] {
  return [
    ['link-pending-commands', String(link.pendingCommands)],
    ['link-refcount', String(link.references)],
  ];
}

function pingFields(link: Link, now: Millis): Field[] {
  return [
    ['last-ping-sent', link.silentSince === null ? '0' : elapsed(link.silentSince, now)],
    ['last-ok-ping-reply', elapsed(link.lastAliveAt, now)],
    ['last-ping-reply', elapsed(link.lastPingReplyAt, now)],
  ];
}

function roleFields(node: DataNode, assumed: 'master' | 'slave', now: Millis): Field[] {
  return [
    ['info-refresh', node.infoAt === null ? '0' : elapsed(node.infoAt, now)],
    ['role-reported', node.roleTold ?? assumed],
    ['role-reported-time', elapsed(node.roleReportedAt, now)],
  ];
}

function sinceField(name: string, since: Millis | null, now: Millis): Field[] {
  return since === null ? [] : [[name, elapsed(since, now)]];
}

function textField(name: string, value: string | null): Field[] {
  return value === null ? [] : [[name, value]];
}

function elapsed(since: Millis, now: Millis): string {
  return String(Math.max(0, Math.floor(now - since)));
}
