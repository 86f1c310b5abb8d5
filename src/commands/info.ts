// INFO: facts about this process by section, as lines of text that monitoring tools parse. Names and order are those of
// a Redis Sentinel; lines of our own begin with `vedette_` and stand at the end of their section.

import { isHeld } from '../core/hold.js';
import { subscriptionCount } from './client.js';
import { type Context, defineCommand } from './command.js';
import { COMPATIBLE_VERSION } from './versions.js';
import { masterSummary } from './views.js';

type Line = readonly [name: string, value: string | number];
type Section = (context: Context) => readonly Line[];

/** In the order of the reply. */
const SECTIONS: Readonly<Record<string, Section>> = { server, clients, stats, cpu, sentinel };
const EVERY_SECTION = new Set(['all', 'default', 'everything']);

const MILLIS_PER_SECOND = 1000;
const SECONDS_PER_DAY = 86_400;

export const info = defineCommand('server', {
  name: 'info',
  arity: -1,
  since: '1.0.0',
  summary: 'Facts about this process: server, clients, stats, cpu, sentinel.',
  complexity: 'O(N) where N is the number of monitored masters',
  flags: ['loading', 'stale'],
  categories: ['dangerous'],
  tips: ['nondeterministic_output', 'request_policy:all_shards', 'response_policy:special'],
  arguments: [{ name: 'section', type: 'string', isOptional: true, isMultiple: true }],
  run(context, words) {
    const wanted = new Set(words.slice(1).map((word) => word.toLowerCase()));
    const all = wanted.size === 0 || [...wanted].some((word) => EVERY_SECTION.has(word));
    return Object.entries(SECTIONS)
      .filter(([name]) => all || wanted.has(name))
      .map(([name, section]) => render(name, section(context)))
      .join('\r\n');
  },
});

function render(name: string, lines: readonly Line[]): string {
  const title = name === 'cpu' ? 'CPU' : `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
  return `# ${title}\r\n${lines.map(([key, value]) => `${key}:${value}\r\n`).join('')}`;
}

function server({ host }: Context): Line[] {
  const { facts } = host;
  const uptime = Math.floor(host.uptime() / MILLIS_PER_SECOND);
  return [
    ['redis_version', COMPATIBLE_VERSION],
    ['redis_git_sha1', '00000000'],
    ['redis_git_dirty', 0],
    ['redis_mode', 'sentinel'],
    ['os', facts.operatingSystem],
    ['arch_bits', facts.architectureBits],
    ['process_id', facts.processId],
    ['run_id', facts.runId],
    ['tcp_port', facts.port],
    ['server_time_usec', Math.floor(host.wallClockMicros())],
    ['uptime_in_seconds', uptime],
    ['uptime_in_days', Math.floor(uptime / SECONDS_PER_DAY)],
    ['executable', facts.executable],
    ['config_file', facts.configurationFile],
    ['vedette_version', facts.version],
    ['vedette_runtime', facts.runtimeVersion],
    ['vedette_resident_memory', host.resourceUse().residentBytes],
  ];
}

function clients({ host }: Context): Line[] {
  let connected = 0;
  let listening = 0;
  let tracking = 0;
  for (const client of host.clients()) {
    connected++;
    if (subscriptionCount(client) > 0) listening++;
    if (client.tracking !== null) tracking++;
  }
  return [
    ['connected_clients', connected],
    ['maxclients', host.maxClients],
    ['blocked_clients', 0],
    ['tracking_clients', tracking],
    ['pubsub_clients', listening],
  ];
}

function stats({ host }: Context): Line[] {
  const statistics = host.statistics();
  return [
    ['total_connections_received', statistics.connectionsReceived],
    ['total_commands_processed', statistics.commandsProcessed],
    ['total_net_input_bytes', statistics.bytesReceived],
    ['total_net_output_bytes', statistics.bytesSent],
    ['rejected_connections', statistics.connectionsRejected],
    ['pubsub_channels', statistics.channels],
    ['pubsub_patterns', statistics.patterns],
  ];
}

function cpu({ host }: Context): Line[] {
  const { systemSeconds, userSeconds } = host.resourceUse();
  return [
    ['used_cpu_sys', systemSeconds.toFixed(6)],
    ['used_cpu_user', userSeconds.toFixed(6)],
  ];
}

function sentinel(context: Context): Line[] {
  const { core } = context.sentinel;
  const { host, now } = context;
  const { durability, simulatedFailures, tilt, topology } = core;
  const simulated =
    (simulatedFailures.has('crash-after-election') ? 1 : 0) | (simulatedFailures.has('crash-after-promotion') ? 2 : 0);
  const lines: Line[] = [
    ['sentinel_masters', topology.masters.size],
    ['sentinel_tilt', tilt === null ? 0 : 1],
    ['sentinel_tilt_since_seconds', tilt === null ? -1 : Math.floor((now - tilt.since) / MILLIS_PER_SECOND)],
    ['sentinel_running_scripts', host.statistics().scriptsRunning],
    ['sentinel_scripts_queue_length', host.pendingScripts().length],
    ['sentinel_simulate_failure_flags', simulated],
  ];
  let index = 0;
  for (const master of topology.masters.values()) lines.push([`master${index++}`, masterSummary(core, master)]);
  lines.push(
    ['vedette_paused_masters', [...topology.masters.values()].filter((master) => isHeld(master, now)).length],
    ['vedette_current_epoch', core.currentEpoch],
    ['vedette_saves', durability.saves],
    ['vedette_save_status', durability.failure === null ? 'ok' : 'failing'],
    ['vedette_consecutive_save_failures', durability.consecutiveFailures],
    ['vedette_save_failure', durability.failure?.replace(/[\r\n]/g, ' ') ?? ''],
    ['vedette_hellos_ignored', core.counters.hellosIgnored],
    ['vedette_votes_ignored', core.counters.votesIgnored],
    ['vedette_epochs_refused', core.counters.epochsRefused],
    ['vedette_claims_refused', core.counters.claimsRefused],
  );
  return lines;
}
