// The safety rules of SENTINEL FORGET for replicas, and what it takes to judge them: which node answered whom, and when, what
// masters said about their replicas, and what has been forgotten since. The rule for Sentinels is in `operator-rules.ts`.

import type { Input } from '../../src/core/input.js';
import type { SavedState } from '../../src/core/state.js';
import { addressKey, type LinkId, type Millis } from '../../src/core/types.js';
import { ErrorReply, SimpleString } from '../../src/protocol/reply.js';
import { Violation } from './election-record.js';
import type { Group } from './group.js';
import type { SentinelHost } from './sentinel-host.js';

/** What ends with an INFO. */
const REPORTING: ReadonlySet<string> = new Set(['info', 'pause', 'change-role']);

/** What one Sentinel has heard in this life, by address, and what it has forgotten, also in earlier ones. */
interface Knowledge {
  readonly addresses: Map<LinkId, string>;
  readonly answeredAt: Map<string, Millis>;
  /** The last INFO of each node. */
  readonly reports: Map<string, string>;
  /** By master and address. */
  readonly forgotten: Set<string>;
}

export class ReplicaRecord {
  readonly #knowledge = new Map<SentinelHost, Knowledge>();

  /** What its disk has it knows, whatever it had forgotten before. */
  started(host: SentinelHost, restored: SavedState): void {
    const forgotten = new Set(this.#knowledge.get(host)?.forgotten);
    for (const { name, replicas } of restored.masters) {
      for (const replica of replicas) forgotten.delete(entry(name, addressKey(replica)));
    }
    this.#knowledge.set(host, { addresses: new Map(), answeredAt: new Map(), reports: new Map(), forgotten });
  }

  opened(host: SentinelHost, link: LinkId, address: string): void {
    this.#of(host).addresses.set(link, address);
  }

  answered(host: SentinelHost, { link, request, replies }: Extract<Input, { kind: 'reply' }>): void {
    const { kind } = request.purpose;
    if (kind !== 'ping' && !REPORTING.has(kind)) return;
    const { addresses, answeredAt, reports } = this.#of(host);
    const address = addresses.get(link);
    if (address === undefined) return;
    const first = replies[0];
    if (kind === 'ping' && first instanceof SimpleString && first.value === 'PONG') answeredAt.set(address, host.now);
    if (!REPORTING.has(kind) || first instanceof ErrorReply) return;
    const report = replies.at(-1);
    if (typeof report === 'string') reports.set(address, report);
  }

  found(host: SentinelHost, name: string, message: string): void {
    this.#of(host).forgotten.delete(entry(name, addressIn(message)));
  }

  /** Who is adopted as the master is known, found or not. */
  switched(host: SentinelHost, name: string, message: string): void {
    const [, , , address = '', port = ''] = message.split(' ');
    this.#of(host).forgotten.delete(entry(name, addressKey({ host: address, port: Number(port) })));
  }

  /** Nothing is forgotten that answers, or that the master counts among its replicas, as far as this Sentinel can know. */
  checkForgetting(host: SentinelHost, group: Group, message: string): void {
    const address = addressIn(message);
    const { answeredAt, reports, forgotten } = this.#of(host);
    const silence = host.now - (answeredAt.get(address) ?? Number.NEGATIVE_INFINITY);
    // An operator may have doubled it a moment ago, but never halved what is drawn.
    if (silence < group.options.downAfter) {
      throw new Violation(`${host.name} forgets ${address}, which answered ${Math.round(silence)} ms ago`);
    }
    const master = host.sentinel?.core.topology.masters.get(group.name)?.node.address;
    const report = (master === undefined ? undefined : reports.get(addressKey(master))) ?? '';
    const [ip = '', port = ''] = wordsIn(message);
    if (report.includes(`ip=${ip},port=${port},`)) {
      throw new Violation(`${host.name} forgets ${address}, which the master lists as its replica`);
    }
    forgotten.add(entry(group.name, address));
  }

  /** What has been forgotten is nobody to promote until it was found again. */
  checkPromotion(host: SentinelHost, name: string, link: LinkId): void {
    const { addresses, forgotten } = this.#of(host);
    const address = addresses.get(link) ?? '';
    if (!forgotten.has(entry(name, address))) return;
    throw new Violation(`${host.name} promotes ${address}, which it has forgotten and not found again`);
  }

  #of(host: SentinelHost): Knowledge {
    const knowledge = this.#knowledge.get(host);
    if (knowledge === undefined) throw new Error(`${host.name} was never started`);
    return knowledge;
  }
}

function entry(name: string, address: string): string {
  return `${name} ${address}`;
}

/** `slave <name> <ip> <port> @ …` */
function wordsIn(message: string): string[] {
  return message.split(' ').slice(2, 4);
}

function addressIn(message: string): string {
  const [host = '', port = ''] = wordsIn(message);
  return addressKey({ host, port: Number(port) });
}
