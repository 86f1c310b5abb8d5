// A simulated Redis server: a process that keeps data, replicates it, changes its role on command, and fails in many ways.
//
// It understands the very words Sentinels write, so that it stays a judge of the supervisor instead of its accomplice.
// Connections are `redis-session.ts`, commands `redis-commands.ts`, the replica's side of replication `redis-upstream.ts`.

import type { Random } from '../../src/core/random.js';
import type { Address, Millis } from '../../src/core/types.js';
import { type Reply, SimpleString } from '../../src/protocol/reply.js';
import type { Agenda, Appointment } from './agenda.js';
import type { End, EndHandlers, Network } from './network.js';
import { Process } from './process.js';
import { NOMASTERLINK } from './redis-errors.js';
import { RedisHistory } from './redis-history.js';
import { type Follower, RedisSession } from './redis-session.js';
import { RedisUpstream } from './redis-upstream.js';
import type { Dice } from './seed.js';
import type { Trace } from './trace.js';
import type { StreamItem } from './wire.js';

export interface RedisOptions {
  readonly address: Address;
  /** As its configuration file says at first. */
  readonly replicaOf: Address | null;
  readonly priority: number;
  readonly minReplicasToWrite: number;
  readonly minReplicasMaxLag: Millis;
  readonly isAnnounced: boolean;
  readonly servesStaleData: boolean;
  /** A server without HELLO: two connections per Sentinel. */
  readonly isResp2Only: boolean;
  readonly password: string | null;
  readonly version: string;
  readonly backlogBytes: number;
  /** How long a full transfer and its loading take, least and most. */
  readonly synchronisation: readonly [Millis, Millis];
  /** What access rules forbid: `COMMAND`, `COMMAND|SUBCOMMAND`, or a channel. */
  readonly denied: ReadonlySet<string>;
  /** `rename-command`, by upper-case standard name. */
  readonly renamed: ReadonlyMap<string, string>;
}

export const DEFAULT_REDIS_OPTIONS: Omit<RedisOptions, 'address'> = {
  replicaOf: null,
  priority: 100,
  minReplicasToWrite: 0,
  minReplicasMaxLag: 10_000,
  isAnnounced: true,
  servesStaleData: true,
  isResp2Only: false,
  password: null,
  version: '7.0.15',
  backlogBytes: 1 << 20,
  synchronisation: [50, 500],
  denied: new Set(),
  renamed: new Map(),
};

export interface Surroundings {
  readonly agenda: Agenda;
  readonly network: Network;
  readonly trace: Trace;
  readonly dice: Dice;
}

const CRON_PERIOD: Millis = 1_000;
/** `repl-ping-replica-period`. */
const STREAM_PING_PERIOD: Millis = 10_000;
const STREAM_PING_BYTES = 14;
const WRITE_BYTES = 40;
/** What a PUBLISH takes in the stream beside its payload. */
const PUBLISH_BYTES = 60;
const RUN_ID_DIGITS = 40;

/** What a restart finds on disk. */
export type Restart = 'with-data' | 'empty';

export class RedisNode extends Process {
  readonly options: RedisOptions;
  readonly sessions = new Set<RedisSession>();
  /** Connections of replicas, in the order they came. */
  followers: (RedisSession & { readonly follower: Follower })[] = [];
  history: RedisHistory;
  upstream: RedisUpstream | null = null;
  runId = '';
  startedAt: Millis = 0;
  isBusy: boolean;
  isMisconfigured: boolean;
  canRewriteConfiguration: boolean;
  readonly #network: Network;
  readonly #trace: Trace;
  readonly #dice: Dice;
  #disk: { replicaOf: Address | null; writes: readonly number[]; shutDown: RedisHistory | null };
  #pauseEnd: Appointment | null = null;
  #loading: Appointment | null = null;
  #lastStreamPingAt: Millis = 0;
  #nextSession = 1;

  constructor(name: string, options: RedisOptions, surroundings: Surroundings) {
    super(name, surroundings.network.machine(options.address.host), surroundings.agenda);
    this.options = options;
    this.isBusy = false;
    this.isMisconfigured = false;
    this.canRewriteConfiguration = true;
    this.#network = surroundings.network;
    this.#trace = surroundings.trace;
    this.#dice = surroundings.dice;
    this.#disk = { replicaOf: options.replicaOf, writes: [], shutDown: null };
    this.history = new RedisHistory(this.#dice, options.backlogBytes);
  }

  get now(): Millis {
    return this.agenda.now;
  }

  get random(): Random {
    return this.#dice;
  }

  get isMaster(): boolean {
    return this.upstream === null;
  }

  get isLoading(): boolean {
    return this.#loading !== null;
  }

  get isPaused(): boolean {
    return this.#pauseEnd !== null;
  }

  /** The role its configuration file remembers. */
  get savedMaster(): Address | null {
    return this.#disk.replicaOf;
  }

  get hasEnoughReplicas(): boolean {
    const { minReplicasToWrite, minReplicasMaxLag } = this.options;
    if (minReplicasToWrite === 0) return true;
    const good = this.followers.filter(
      ({ follower }) => follower.isOnline && this.now - follower.acknowledgedAt <= minReplicasMaxLag,
    );
    return good.length >= minReplicasToWrite;
  }

  trace(what: string, details: string): void {
    this.#trace.line(this.name, what, details);
  }

  // Life and death

  /** After `kill` or `losePower`. A clean shutdown keeps a replica's place in its master's history. */
  restart(mode: Restart): void {
    if (mode === 'empty') this.#disk = { ...this.#disk, writes: [], shutDown: null };
    this.start();
  }

  /** SHUTDOWN: writes the data and the place in the history to disk, and leaves. */
  shutDown(): void {
    const { history } = this;
    const isSynchronised = this.upstream === null || this.upstream.isUp || this.upstream.isCached;
    this.kill();
    if (isSynchronised) this.#disk.shutDown = history;
  }

  protected started(): void {
    this.runId = this.#dice.hex(RUN_ID_DIGITS);
    this.startedAt = this.now;
    const { replicaOf, writes, shutDown } = this.#disk;
    this.history = shutDown ?? new RedisHistory(this.#dice, this.options.backlogBytes);
    this.history.writes = [...writes];
    if (shutDown !== null && replicaOf === null) this.history.branch();
    this.#disk.shutDown = null;
    if (replicaOf !== null) this.upstream = new RedisUpstream(this, replicaOf, shutDown !== null, null);
    this.trace('start', replicaOf === null ? 'as master' : `as replica of ${replicaOf.host}:${replicaOf.port}`);
    this.#network.listen(this.options.address, { owner: this, accept: (end) => this.#accept(end) });
    this.#lastStreamPingAt = this.now;
    this.upstream?.connect();
    this.later(this.#dice.between(0, CRON_PERIOD), () => this.#cron());
  }

  protected died(): void {
    this.#network.unlisten(this.options.address);
    this.#disk.writes = this.history.writes;
    this.sessions.clear();
    this.followers = [];
    this.upstream = null;
    this.isBusy = false;
    this.#pauseEnd?.cancel();
    this.#pauseEnd = null;
    this.#loading?.cancel();
    this.#loading = null;
  }

  /** Busy with loading for a while, whatever the reason; then `loaded` runs. */
  startLoading(loaded: () => void): void {
    this.#loading?.cancel();
    const duration = this.#dice.between(...this.options.synchronisation) / 2;
    this.#loading = this.later(duration, () => {
      this.#loading = null;
      loaded();
    });
  }

  rewriteConfiguration(): boolean {
    if (!this.canRewriteConfiguration) return false;
    this.#disk.replicaOf = this.upstream?.address ?? null;
    return true;
  }

  // Connections

  #accept(end: End): EndHandlers {
    const session = new RedisSession(this.#nextSession++, this, end);
    this.sessions.add(session);
    return session;
  }

  connectTo(address: Address, handlers: EndHandlers): End {
    return this.#network.connect(this, address, handlers);
  }

  sessionClosed(session: RedisSession): void {
    this.sessions.delete(session);
    if (session.follower !== null) this.followers = this.followers.filter((one) => one.id !== session.id);
  }

  pauseWrites(duration: Millis): void {
    const end = this.now + duration;
    if (this.#pauseEnd !== null && this.#pauseEnd.at > end) return;
    this.#pauseEnd?.cancel();
    this.#pauseEnd = this.later(duration, () => this.endPause());
  }

  endPause(): void {
    this.#pauseEnd?.cancel();
    this.#pauseEnd = null;
    for (const session of [...this.sessions]) session.unblock();
  }

  // Data and publications

  write(id: number): void {
    this.#append(WRITE_BYTES, { kind: 'write', id });
  }

  /** How many subscribers got it. A master also tells its replicas, a replica nobody. */
  publish(channel: string, payload: string): number {
    if (this.isMaster) this.#append(PUBLISH_BYTES + payload.length, { kind: 'publish', channel, payload });
    return this.#tellSubscribers(channel, payload);
  }

  #tellSubscribers(channel: string, payload: string): number {
    let count = 0;
    for (const session of this.sessions) {
      if (!session.subscriptions.has(channel)) continue;
      session.message(channel, payload);
      count++;
    }
    return count;
  }

  #append(bytes: number, content: StreamItem['content']): void {
    this.#relay([this.history.add(bytes, content)]);
  }

  #relay(items: readonly StreamItem[]): void {
    for (const session of this.followers) {
      if (session.follower.isOnline) session.end.send({ kind: 'stream', items });
      else session.follower.owed.push(...items);
    }
  }

  // Roles

  becomeMaster(): void {
    if (this.upstream === null) return;
    this.upstream.abandon();
    this.upstream = null;
    this.history.branch();
    this.dropFollowers();
    this.trace('role', `master, history ${this.history.replicationId.slice(0, 8)} from offset ${this.history.offset}`);
  }

  /** False when it follows that master already: nothing is done then. */
  becomeReplicaOf(address: Address): boolean {
    const former = this.upstream;
    if (former?.address.host === address.host && former.address.port === address.port) return false;
    former?.abandon();
    this.upstream = new RedisUpstream(this, address, former?.isCached ?? true, former?.downSince ?? null);
    this.trace('role', `replica of ${address.host}:${address.port}, offset ${this.history.offset}`);
    this.upstream.connect();
    return true;
  }

  /** Its replicas have to ask again how to go on. */
  dropFollowers(): void {
    for (const session of [...this.followers]) session.kill();
  }

  /** Elements of our master's stream. */
  follow(items: readonly StreamItem[]): void {
    const news = items.filter((item) => item.end > this.history.offset);
    for (const item of news) {
      if (item.end - item.bytes !== this.history.offset)
        throw new Error(`${this.name}: a gap in the replication stream`);
      this.history.apply(item);
      if (item.content.kind === 'publish') this.#tellSubscribers(item.content.channel, item.content.payload);
    }
    if (news.length > 0) this.#relay(news);
  }

  /** PSYNC: continue after `offset` of the history `replicationId`, or start afresh. */
  synchronise(session: RedisSession, replicationId: string, offset: number): Reply {
    if (this.upstream !== null && !this.upstream.isUp) {
      return NOMASTERLINK;
    }
    const address = { host: session.end.remote.host, port: session.listeningPort };
    const follower: Follower = { isOnline: false, owed: [], address, acknowledgedOffset: 0, acknowledgedAt: this.now };
    session.follower = follower;
    this.followers.push(Object.assign(session, { follower }));
    if (this.history.canContinue(replicationId, offset)) {
      follower.owed = this.history.since(offset);
      this.later(0, () => this.#sendRest(session, follower));
      return new SimpleString(`CONTINUE ${this.history.replicationId}`);
    }
    this.later(this.#dice.between(...this.options.synchronisation) / 2, () => this.#sendSnapshot(session, follower));
    return new SimpleString(`FULLRESYNC ${this.history.replicationId} ${this.history.offset}`);
  }

  #sendRest(session: RedisSession, follower: Follower): void {
    follower.isOnline = true;
    session.end.send({ kind: 'stream', items: follower.owed.splice(0) });
  }

  #sendSnapshot(session: RedisSession, follower: Follower): void {
    const { replicationId, offset, writes } = this.history;
    follower.isOnline = true;
    follower.owed = [];
    follower.acknowledgedAt = this.now;
    session.end.send({ kind: 'snapshot', replicationId, offset, writes: [...writes] });
  }

  acknowledged(session: RedisSession, offset: number): void {
    if (session.follower === null) return;
    session.follower.acknowledgedOffset = offset;
    session.follower.acknowledgedAt = this.now;
  }

  #cron(): void {
    this.later(CRON_PERIOD, () => this.#cron());
    this.upstream?.cron();
    if (this.isMaster && this.now - this.#lastStreamPingAt >= STREAM_PING_PERIOD) {
      this.#lastStreamPingAt = this.now;
      this.#append(STREAM_PING_BYTES, { kind: 'ping' });
    }
  }
}
