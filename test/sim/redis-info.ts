// The text of INFO of a simulated Redis server: the lines of Redis 7.0.15 that supervisors and operators read, in its order.

import type { Millis } from '../../src/core/types.js';
import type { RedisNode } from './redis-node.js';
import type { RedisUpstream } from './redis-upstream.js';

export function infoText(node: RedisNode): string {
  const { options, history, upstream } = node;
  const lines = [
    '# Server',
    `redis_version:${options.version}`,
    'redis_git_sha1:00000000',
    'redis_git_dirty:0',
    'redis_mode:standalone',
    'process_id:1',
    `run_id:${node.runId}`,
    `tcp_port:${options.address.port}`,
    `uptime_in_seconds:${seconds(node.now - node.startedAt)}`,
    '',
    '# Persistence',
    `loading:${node.isLoading ? 1 : 0}`,
    'async_loading:0',
    '',
    '# Replication',
    `role:${upstream === null ? 'master' : 'slave'}`,
  ];
  if (upstream !== null) lines.push(...upstreamLines(node, upstream));
  lines.push(`connected_slaves:${node.followers.length}`);
  node.followers.forEach(({ follower }, index) => {
    const { host, port } = follower.address;
    const state = follower.isOnline ? 'online' : 'wait_bgsave';
    const lag = seconds(node.now - follower.acknowledgedAt);
    lines.push(`slave${index}:ip=${host},port=${port},state=${state},offset=${follower.acknowledgedOffset},lag=${lag}`);
  });
  lines.push(
    'master_failover_state:no-failover',
    `master_replid:${history.replicationId}`,
    `master_replid2:${history.secondReplicationId}`,
    `master_repl_offset:${history.offset}`,
    `second_repl_offset:${history.secondOffset}`,
    'repl_backlog_active:1',
    `repl_backlog_size:${options.backlogBytes}`,
    `repl_backlog_first_byte_offset:${history.backlogStart + 1}`,
    `repl_backlog_histlen:${history.offset - history.backlogStart}`,
    '',
    '# Keyspace',
  );
  // Every write is a key of its own.
  if (history.writes.length > 0) lines.push(`db0:keys=${history.writes.length},expires=0,avg_ttl=0`);
  lines.push('');
  return lines.join('\r\n');
}

function upstreamLines(node: RedisNode, upstream: RedisUpstream): string[] {
  const isSynchronising = upstream.state === 'transfer' || upstream.state === 'loading';
  const lastIo = upstream.isUp && upstream.lastIoAt !== null ? seconds(node.now - upstream.lastIoAt) : -1;
  const offset = upstream.isUp || upstream.isCached ? node.history.offset : 1;
  const lines = [
    `master_host:${upstream.address.host}`,
    `master_port:${upstream.address.port}`,
    `master_link_status:${upstream.isUp ? 'up' : 'down'}`,
    `master_last_io_seconds_ago:${lastIo}`,
    `master_sync_in_progress:${isSynchronising ? 1 : 0}`,
    `slave_read_repl_offset:${offset}`,
    `slave_repl_offset:${offset}`,
  ];
  if (!upstream.isUp) {
    const downFor = upstream.downSince === null ? -1 : seconds(node.now - upstream.downSince);
    lines.push(`master_link_down_since_seconds:${downFor}`);
  }
  lines.push(
    `slave_priority:${node.options.priority}`,
    'slave_read_only:1',
    `replica_announced:${node.options.isAnnounced ? 1 : 0}`,
  );
  return lines;
}

function seconds(duration: Millis): number {
  return Math.floor(duration / 1000);
}
