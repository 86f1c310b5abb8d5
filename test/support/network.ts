// A network of hosts on this one machine: each is a network namespace with an address of its own, and all hang on one bridge.
// The harness itself is on the bridge, too, and no fault between hosts hides a host from it: it sees both sides of a partition.
//
// Faults act where a packet arrives, by rules of nftables inside the receiving namespace: packets of some senders are dropped
// (one way; a partition is both ways), or a share of all. Names and addresses are unique to this process; everything is removed
// when the test or the process ends.

import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';

import { removeAtExit } from './leftovers.js';
import type { Place } from './place.js';
import { SlowCables, type Slowness } from './slow-cables.js';

/** The harness's own end of the bridge; hosts count up from 1, clients down from it. */
const HARNESS = 254;
/** The name of the table that holds the faults, in every namespace. */
const TABLE = 'table inet vedette_faults';

let networks = 0;

/** A client within the harness that comes from an address of its own, and so is on one side of a partition. */
export interface Client {
  readonly address: string;
}

export class Host implements Place {
  readonly address: string;
  readonly namespace: string;
  readonly enter: readonly string[];
  /** The harness's end of its cable. */
  readonly cable: string;
  readonly #harness: string;
  readonly #dropped = new Set<string>();
  #lossPercent = 0;

  /** Only `Network` makes hosts. */
  constructor(address: string, namespace: string, cable: string, harness: string) {
    this.address = address;
    this.namespace = namespace;
    this.enter = ['ip', 'netns', 'exec', namespace];
    this.cable = cable;
    this.#harness = harness;
  }

  /** Nothing that these send arrives here any more. */
  drop(senders: readonly (Host | Client)[]): void {
    for (const { address } of senders) if (address !== this.address) this.#dropped.add(address);
    this.#apply();
  }

  /** This share of what other hosts send gets lost on the way. */
  lose(percent: number): void {
    this.#lossPercent = percent;
    this.#apply();
  }

  heal(): void {
    if (this.#dropped.size === 0 && this.#lossPercent === 0) return;
    this.#dropped.clear();
    this.#lossPercent = 0;
    this.#apply();
  }

  /** Pulls the network cable: nobody reaches this host, nor the harness. */
  unplug(): void {
    run('ip', ['link', 'set', this.cable, 'down']);
  }

  plugIn(): void {
    run('ip', ['link', 'set', this.cable, 'up']);
  }

  #apply(): void {
    const rules = [...this.#dropped].map((address) => `ip saddr ${address} drop;`);
    if (this.#lossPercent > 0) {
      rules.push(`ip saddr != ${this.#harness} numgen random mod 100 < ${this.#lossPercent} drop;`);
    }
    const chain = `chain arriving { type filter hook input priority 0; policy accept; ${rules.join(' ')} ; }`;
    const text = `${TABLE} { }\ndelete ${TABLE}\n${TABLE} {\n${chain}\n}\n`;
    run('ip', ['netns', 'exec', this.namespace, 'nft', '-f', '-'], text);
  }
}

export class Network {
  readonly hosts: Host[] = [];
  /** The harness's own address on the network. */
  readonly harness: string;
  /** The first three numbers of all addresses. */
  readonly #prefix: string;
  readonly #name: string;
  readonly #forget: () => void;
  #clients = 0;
  #slowCables: SlowCables | null = null;

  private constructor(prefix: string, name: string) {
    this.harness = `${prefix}.${HARNESS}`;
    this.#prefix = prefix;
    this.#name = name;
    this.#forget = removeAtExit({ network: name }, () => this.#takeDown());
  }

  /** Makes a network of so many hosts, which can be slowed down if it has slow cables. */
  static create(hosts: number, { hasSlowCables = false } = {}): Network {
    const name = `vd${process.pid.toString(36)}n${++networks}`;
    const network = new Network(freePrefix(), name);
    try {
      network.#setUp(hosts, hasSlowCables);
      return network;
    } catch (error) {
      network.remove();
      throw error;
    }
  }

  /** Gives the harness one more address; connect from it to be on one side of a partition. */
  addClient(): Client {
    const address = `${this.#prefix}.${HARNESS - ++this.#clients}`;
    run('ip', ['addr', 'add', `${address}/24`, 'dev', this.#name]);
    return { address };
  }

  /** Cuts every connection between the two sides, in both directions. Clients of one side and hosts of the other count as well. */
  separate(one: readonly (Host | Client)[], other: readonly (Host | Client)[]): void {
    this.muffle(one, other.filter(isHost));
    this.muffle(other, one.filter(isHost));
  }

  /** What `from` sends to hosts of `to` is lost; the other direction works. */
  muffle(from: readonly (Host | Client)[], to: readonly Host[]): void {
    for (const receiver of to) receiver.drop(from);
  }

  /** Whatever one host sends to another takes its time. */
  slowDown(slowness: Slowness): void {
    if (this.#slowCables === null) throw new Error('this network was made without slow cables');
    this.#slowCables.slowDown(slowness);
  }

  heal(): void {
    for (const host of this.hosts) host.heal();
    this.#slowCables?.slowDown({ delayMillis: 0 });
  }

  remove(): void {
    this.#forget();
    this.#takeDown();
  }

  #setUp(count: number, hasSlowCables: boolean): void {
    run('ip', ['link', 'add', this.#name, 'type', 'bridge']);
    run('ip', ['addr', 'add', `${this.harness}/24`, 'dev', this.#name]);
    run('ip', ['link', 'set', this.#name, 'up']);
    for (let number = 1; number <= count; number++) {
      const [address, cable] = [`${this.#prefix}.${number}`, `${this.#name}c${number}`];
      const host = new Host(address, `${this.#name}-${number}`, cable, this.harness);
      run('ip', ['netns', 'add', host.namespace]);
      this.hosts.push(host);
      if (!hasSlowCables) {
        run('ip', ['link', 'add', cable, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', host.namespace]);
      }
    }
    if (hasSlowCables) this.#slowCables = new SlowCables(this.hosts, this.harness);
    for (const { address, cable, namespace } of this.hosts) {
      run('ip', ['link', 'set', cable, 'master', this.#name, 'up']);
      const inside = ['link set lo up', `addr add ${address}/24 dev eth0`, 'link set eth0 up'];
      run('ip', ['-n', namespace, '-batch', '-'], inside.join('\n'));
    }
  }

  #takeDown(): void {
    // The end of a namespace would take its cable with it, but only some time later.
    for (const { namespace, cable } of this.hosts) {
      quietly('ip', ['link', 'delete', cable]);
      quietly('ip', ['netns', 'delete', namespace]);
    }
    quietly('ip', ['link', 'delete', this.#name]);
    this.#slowCables?.remove();
    this.#slowCables = null;
  }
}

function isHost(one: Host | Client): one is Host {
  return one instanceof Host;
}

/** Why no network of hosts can be made here; null if it can. */
export function obstacleToNetworks(): string | null {
  if (process.platform !== 'linux') return 'network namespaces exist on Linux only';
  if (process.getuid?.() !== 0) return 'network namespaces need root';
  try {
    const network = Network.create(1);
    network.hosts[0]?.lose(1);
    network.remove();
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Of the addresses reserved for tests of networks (RFC 2544), 256 that this machine has no route to. */
function freePrefix(): string {
  const routes = run('ip', ['-4', '-o', 'route', 'show', 'table', 'all']);
  for (;;) {
    const random = Math.floor(Math.random() * 512);
    const prefix = `198.${18 + (random >> 8)}.${random & 255}`;
    if (!routes.includes(`${prefix}.`)) return prefix;
  }
}

function run(command: string, args: readonly string[], input = ''): string {
  return execFileSync(command, args, { input, encoding: 'latin1', stdio: ['pipe', 'pipe', 'pipe'] });
}

/** Removing what a fault or a half-made network has left out is no error. */
function quietly(command: string, args: readonly string[]): void {
  if (args[0] === 'netns' && !existsSync(`/run/netns/${args[2]}`)) return;
  try {
    run(command, args);
  } catch (error) {
    process.stderr.write(`${command} ${args.join(' ')}: ${error instanceof Error ? error.message : error}\n`);
  }
}
