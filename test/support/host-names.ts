// Names of hosts for the processes of one test: a hosts file that only they see. Each runs in a mount namespace of its own, where that
// file is /etc/hosts and nobody else is asked for names; the addresses are of the loopback network, every one of which is this
// machine's. What a name means can be changed while they run. (How a name server that does not answer is borne, is another matter:
// `name-server.ts`.)

import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Place } from './place.js';
import { Workspace } from './workspace.js';

/** Mounts `$1` over the hosts file and `$2` over the order of those who are asked for names, and becomes the rest. */
const ENTER = 'mount --bind "$1" /etc/hosts && mount --bind "$2" /etc/nsswitch.conf && shift 2 && exec "$@"';

export class HostNames {
  readonly #workspace = new Workspace();
  readonly #addresses = new Map<string, string>();
  /** The middle of all addresses, so that several tests at a time do not meet. */
  readonly #network = `127.${between(1, 254)}.${between(0, 255)}`;

  constructor() {
    this.#write();
    writeFileSync(this.#order, 'hosts: files\n');
  }

  /** An address of this machine; `number` is its last part. */
  address(number: number): string {
    return `${this.#network}.${number}`;
  }

  /** From now on the name means the address. */
  set(name: string, address: string): void {
    this.#addresses.set(name, address);
    this.#write();
  }

  /** From now on there is no such name. */
  remove(name: string): void {
    this.#addresses.delete(name);
    this.#write();
  }

  /** A place with the address, whose processes know the names, and announce themselves as `name`. */
  place(name: string, address: string): Place {
    this.set(name, address);
    return { address, name, enter: [...enterMounts(), 'sh', '-c', ENTER, 'sh', this.#hosts, this.#order] };
  }

  dispose(): void {
    this.#workspace.remove();
  }

  get #hosts(): string {
    return join(this.#workspace.path, 'hosts');
  }

  get #order(): string {
    return join(this.#workspace.path, 'nsswitch.conf');
  }

  /** In place: the file that is mounted is this one, not what may be renamed over it. */
  #write(): void {
    writeFileSync(this.#hosts, [...this.#addresses].map(([name, address]) => `${address} ${name}\n`).join(''));
  }
}

/** Why names cannot be served here; null if they can. */
export function obstacleToHostNames(): string | null {
  if (process.platform !== 'linux') return 'mount namespaces exist on Linux only';
  const names = new HostNames();
  try {
    const [command = '', ...args] = names.place('some.test', names.address(1)).enter;
    const found = execFileSync(command, [...args, 'getent', 'hosts', 'some.test'], { encoding: 'utf8', stdio: 'pipe' });
    return found.startsWith(names.address(1)) ? null : `a name in a hosts file means ${found}`;
  } catch (error) {
    return `names cannot be served: ${error instanceof Error ? error.message : error}`;
  } finally {
    names.dispose();
  }
}

/** Makes a mount namespace, with a user namespace around it where that is needed for it. */
function enterMounts(): readonly string[] {
  const user = process.getuid?.() === 0 ? [] : ['--user', '--map-root-user'];
  return ['unshare', ...user, '--mount', '--propagation', 'private'];
}

function between(least: number, most: number): number {
  return least + Math.floor(Math.random() * (most - least + 1));
}
