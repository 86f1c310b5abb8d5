// Commands at work: a real core in virtual time, a client and a host in memory. `ask` runs one command as the daemon would.

import { createHash } from 'node:crypto';

import { Access } from '../../src/commands/access.js';
import { usersOfSettings } from '../../src/commands/acl/configured-users.js';
import type { RuleBook } from '../../src/commands/acl/user-rules.js';
import type { Client, ReplyMode, SubscriptionKind, Tracking } from '../../src/commands/client.js';
import { dispatch } from '../../src/commands/dispatch.js';
import type {
  Host,
  LogLevel,
  PendingScript,
  ProcessFacts,
  ResourceUse,
  Statistics,
  UserFile,
} from '../../src/commands/host.js';
import { REGISTRY } from '../../src/commands/index.js';
import { Deferred, type LookedUp, NO_REPLY, type Outcome, Postponed, Replies } from '../../src/commands/outcome.js';
import type { Master } from '../../src/core/master.js';
import type { Millis } from '../../src/core/types.js';
import type { Reply } from '../../src/protocol/reply.js';
import { encode } from '../../src/protocol/resp-encoder.js';
import { aGroup, type Group, type GroupOptions } from '../core/builders.js';

export class MemoryClient implements Client {
  name = '';
  libraryName = '';
  libraryVersion = '';
  protocol: 2 | 3 = 2;
  user = 'default';
  isAuthenticated = true;
  replyMode: ReplyMode = 'on';
  isExemptFromEviction = false;
  tracking: Tracking | null = null;
  lastCommand: string | null = null;
  readonly localAddress = '10.0.0.100:26379';
  readonly channels = new Set<string>();
  readonly patterns = new Set<string>();
  queryBufferBytes = 0;
  outputBufferBytes = 0;
  isClosing = false;
  readonly id: number;
  readonly remoteAddress: string;
  readonly connectedAt: Millis;
  lastInteractionAt: Millis;

  constructor(id: number, now: Millis) {
    this.id = id;
    this.remoteAddress = `10.0.2.${id}:5000`;
    this.connectedAt = now;
    this.lastInteractionAt = now;
  }

  subscribe(kind: SubscriptionKind, name: string): void {
    this.#names(kind).add(name);
  }

  unsubscribe(kind: SubscriptionKind, name: string): void {
    this.#names(kind).delete(name);
  }

  closeAfterReplies(): void {
    this.isClosing = true;
  }

  #names(kind: SubscriptionKind): Set<string> {
    return kind === 'channel' ? this.channels : this.patterns;
  }
}

export class MemoryHost implements Host {
  readonly facts: ProcessFacts = {
    version: '1.2.3',
    processId: 4711,
    runId: 'f'.repeat(40),
    port: 26379,
    executable: '/usr/bin/vedette',
    configurationFile: '/etc/sentinel.conf',
    operatingSystem: 'Linux 6.1 x64',
    architectureBits: 64,
    runtimeVersion: 'v20.19.0',
  };
  readonly maxClients = 10_000;
  logLevel: LogLevel = 'notice';
  readonly logged: string[] = [];
  readonly connected: MemoryClient[] = [];
  readonly killed: Client[] = [];
  readonly executables = new Set<string>();
  scripts: PendingScript[] = [];
  figures: Statistics = {
    connectionsReceived: 5,
    connectionsRejected: 1,
    commandsProcessed: 42,
    bytesReceived: 1000,
    bytesSent: 2000,
    channels: 2,
    patterns: 1,
    scriptsRunning: 0,
  };
  use: ResourceUse = { userSeconds: 1.5, systemSeconds: 0.25, residentBytes: 50_000_000 };
  hasShutDown = false;
  userFile: UserFile | null = null;
  /** What `keepUsers` was given last. */
  keptUsers: readonly (readonly string[])[] | null = null;

  log(level: string, message: string): void {
    this.logged.push(`${level} ${message}`);
  }
  clients(): Iterable<Client> {
    return this.connected;
  }
  kill(client: Client): void {
    this.killed.push(client);
  }
  statistics(): Statistics {
    return this.figures;
  }
  resourceUse(): ResourceUse {
    return this.use;
  }
  uptime(): Millis {
    return 90_061_500;
  }
  wallClockMicros(): number {
    return 1_700_000_000_000_000;
  }
  pendingScripts(): readonly PendingScript[] {
    return this.scripts;
  }
  isExecutable(path: string): boolean {
    return this.executables.has(path);
  }
  sha256(text: string): string {
    return RULE_BOOK.digest(text);
  }
  randomHex(digits: number): string {
    return '0123456789abcdef'.repeat(Math.ceil(digits / 16)).slice(0, digits);
  }
  keepUsers(lines: readonly (readonly string[])[]): void {
    this.keptUsers = lines;
  }
  requestShutdown(): void {
    this.hasShutDown = true;
  }
}

export interface DeskOptions extends GroupOptions {
  readonly password?: string;
  /** The words of `user` lines. */
  readonly users?: readonly (readonly string[])[];
}

/** The commands of this port and the real SHA-256. */
export const RULE_BOOK: RuleBook = {
  catalog: REGISTRY,
  digest: (text) => createHash('sha256').update(text, 'latin1').digest('hex'),
};

/** Lets in whom such a configuration lets in. */
export function anAccess(requirepass: string | null, users: readonly (readonly string[])[] = []): Access {
  const configured = usersOfSettings({ requirepass, users }, RULE_BOOK);
  if (typeof configured === 'string') throw new Error(configured);
  return new Access(configured);
}

export class Desk {
  readonly group: Group;
  readonly host = new MemoryHost();
  readonly client: MemoryClient;
  readonly access: Access;

  constructor({ password, users, ...options }: DeskOptions) {
    this.group = aGroup(options);
    this.access = anAccess(password ?? null, users);
    this.client = this.connect();
  }

  /** Another client, authenticated if strangers are let in. */
  connect(): MemoryClient {
    const client = new MemoryClient(this.host.connected.length + 1, this.group.now);
    client.isAuthenticated = this.access.letsStrangersIn;
    this.host.connected.push(client);
    return client;
  }

  /** Runs a command, once more if it was postponed (`group.hosts` has the names), and returns its outcome as it is. */
  run(words: readonly string[], client: Client = this.client): Exclude<Outcome, Postponed> {
    const outcome = this.#attempt(words, client, null);
    if (!(outcome instanceof Postponed)) return outcome;
    const { host } = outcome;
    const ip = this.group.hosts.get(host) ?? null;
    this.group.receive({ kind: 'resolved', host, ip });
    const next = this.#attempt(words, client, { host, ip });
    if (next instanceof Postponed) throw new Error(`postponed again: ${words.join(' ')}`);
    return next;
  }

  #attempt(words: readonly string[], client: Client, lookedUp: LookedUp | null): Outcome {
    const { group, host } = this;
    const { sentinel } = group;
    // The stage evaluates after every command, a superset of what the dispatcher does; `evaluations` counts the latter.
    return group.command((_core, now) =>
      dispatch({ sentinel: this.#counted(sentinel), host, access: this.access, client, lookedUp, now }, words),
    );
  }

  /** How often the dispatcher made the core reconsider. */
  evaluations = 0;
  /** The masters at which alone it made the core look. */
  readonly attended: string[] = [];

  #counted(sentinel: Group['sentinel']) {
    return {
      core: sentinel.core,
      evaluate: (now: Millis) => {
        this.evaluations++;
        sentinel.evaluate(now);
      },
      attend: (master: Master, now: Millis) => {
        this.evaluations++;
        this.attended.push(master.name);
        sentinel.attend(master, now);
      },
    };
  }

  /**
   * Runs a command given as words and returns the bytes of the reply, waiting up to a second of virtual time for one that is
   * deferred. No reply is an empty text.
   */
  ask(...words: (string | number)[]): string {
    const outcome = this.run(words.map(String));
    if (outcome === NO_REPLY) return '';
    if (outcome instanceof Replies) return outcome.all.map((reply) => encode(reply, this.client.protocol)).join('');
    return encode(outcome instanceof Deferred ? this.wait(outcome) : outcome, this.client.protocol);
  }

  /** The deferred reply, once the disk has answered. */
  wait({ ticket }: Deferred, limit: Millis = 1_000): Reply {
    this.group.until(() => this.#resolved(ticket) !== undefined, limit, `the reply ${ticket}`);
    return this.#resolved(ticket) ?? null;
  }

  #resolved(ticket: number): Reply | undefined {
    return this.group.effects('reply').find(({ effect }) => effect.ticket === ticket)?.effect.reply;
  }
}

/** A command desk over a settled group of one master, two replicas and two other Sentinels. */
export function aDesk(options: DeskOptions = {}): Desk {
  return new Desk(options);
}

/** The elements of a RESP2 array of strings and integers as text. */
export function elements(reply: string): string[] {
  const items: string[] = [];
  for (let at = reply.indexOf('\r\n') + 2; at < reply.length; ) {
    const end = reply.indexOf('\r\n', at);
    const line = reply.slice(at + 1, end);
    if (reply[at] === '$' && line !== '-1') {
      const length = Number(line);
      items.push(reply.slice(end + 2, end + 2 + length));
      at = end + 2 + length + 2;
    } else {
      items.push(reply[at] === '$' ? 'nil' : line);
      at = end + 2;
    }
  }
  return items;
}

/** A RESP2 map as names and values. */
export function fields(reply: string): Map<string, string> {
  const flat = elements(reply);
  const pairs = Array.from({ length: flat.length / 2 }, (_, index): [string, string] => [
    flat[2 * index] ?? '',
    flat[2 * index + 1] ?? '',
  ]);
  return new Map(pairs);
}
