// Names of hosts that others use: in a master's list of replicas, in a configuration, as the master that a replica follows. The
// names of our own links are looked up when those are opened (`connection.ts`); these here have none.
//
// Whether such a name stands for a node that we know by its address is known only after it was looked up. Until then nothing is
// concluded from it: one node taken for two would be counted twice and told to follow itself. A name that is not found stands for itself.

import { isIpAddress } from '../protocol/host.js';
import type { Core } from './core.js';
import { MAX_NAMES_HEARD, MAX_OPEN_LOOKUPS, NAME_LOOKUP_PERIOD } from './limits.js';
import type { Master } from './master.js';
import type { HeardName, Topology } from './topology.js';
import type { Millis } from './types.js';

/** Whether the host's address, or that it has none, is known. What is not known, or not lately, is looked up for the master. */
export function isPlaced(core: Core, master: Master, host: string, now: Millis): boolean {
  const { topology } = core;
  if (isIpAddress(host) || !topology.mayUse(host)) return true;
  const known = topology.namesHeard.get(host);
  if (known === undefined && topology.hasIp(host)) return true;
  const heard = known ?? hearName(topology, host, now);
  if (heard === null) return false;
  heard.masters.add(master.name);
  if (now >= heard.askedAt + NAME_LOOKUP_PERIOD) {
    heard.askedAt = now;
    core.outbox.push({ kind: 'resolve', host });
  }
  return heard.isAnswered;
}

/** Takes the name up for a look-up; null while so many are looked up that others have to wait, until it is heard again. */
function hearName({ namesHeard }: Topology, host: string, now: Millis): HeardName | null {
  let open = 0;
  for (const { isAnswered, askedAt } of namesHeard.values()) {
    if (!isAnswered && now < askedAt + NAME_LOOKUP_PERIOD) open++;
  }
  if (open >= MAX_OPEN_LOOKUPS) return null;
  const [oldest] = namesHeard.keys();
  if (namesHeard.size >= MAX_NAMES_HEARD && oldest !== undefined) namesHeard.delete(oldest);
  const heard = { askedAt: Number.NEGATIVE_INFINITY, isAnswered: false, masters: new Set<string>() };
  namesHeard.set(host, heard);
  return heard;
}

/** The answer to a look-up, whoever asked. Returns the masters that it is news for. */
export function nameResolved(core: Core, host: string, ip: string | null): readonly Master[] {
  const { topology } = core;
  const isNewIp = ip !== null && topology.ipOf(host) !== ip;
  if (isNewIp) topology.learnIp(host, ip);
  const heard = topology.namesHeard.get(host);
  if (heard === undefined || (heard.isAnswered && !isNewIp)) return [];
  heard.isAnswered = true;
  return [...heard.masters].map((name) => topology.masters.get(name)).filter((master) => master !== undefined);
}
