// One master as a modelled stock Sentinel watches it: the classic verdicts, election and failover, with their periods.
//
// It is a model of behaviour that can be observed from outside, quirks included: votes are counted for the global epoch, the
// leader keeps the old address until every replica has followed, lost elections wait for twice the failover timeout.

import { type Address, addressKey, type Epoch, type Millis } from '../../src/core/types.js';
import type { Hello } from '../../src/protocol/hello.js';
import type { InfoReport } from '../../src/protocol/info.js';
import { StockInstance } from './stock-instance.js';
import { selectStockReplica } from './stock-selection.js';
import type { StockSentinel } from './stock-sentinel.js';
import type { FailoverState, SavedStockMaster, StockFailover, StockSettings } from './stock-state.js';
import type { Command } from './wire.js';

const INFO_PERIOD: Millis = 10_000;
const URGENT_INFO_PERIOD: Millis = 1_000;
const ASK_PERIOD: Millis = 1_000;
const PUBLISH_PERIOD: Millis = 2_000;
const ELECTION_TIMEOUT: Millis = 10_000;
const RECONFIGURATION_TIMEOUT: Millis = 10_000;
const MAX_DESYNCHRONISATION: Millis = 1_000;

const ROLE_CHANGE_TAIL: readonly Command[] = [
  ['CONFIG', 'REWRITE'],
  ['CLIENT', 'KILL', 'TYPE', 'normal'],
  ['CLIENT', 'KILL', 'TYPE', 'pubsub'],
  ['EXEC'],
];

export class StockMaster {
  readonly settings: StockSettings;
  instance: StockInstance;
  readonly replicas = new Map<string, StockInstance>();
  readonly sentinels = new Map<string, StockInstance>();
  configEpoch: Epoch;
  leader: string | null = null;
  leaderEpoch: Epoch;
  isObjectivelyDown = false;
  failover: StockFailover | null = null;
  #attemptAt: Millis = Number.NEGATIVE_INFINITY;
  readonly #owner: StockSentinel;

  constructor(owner: StockSentinel, settings: StockSettings, saved: SavedStockMaster) {
    this.#owner = owner;
    this.settings = settings;
    this.instance = new StockInstance(owner, 'master', saved.address);
    this.configEpoch = saved.configEpoch;
    this.leaderEpoch = saved.leaderEpoch;
    for (const address of saved.replicas) this.#addReplica(address);
    for (const { runId, address } of saved.sentinels) this.#addSentinel(runId, address);
  }

  /** The address that hellos and clients are told: the new one as soon as its promotion was seen. */
  get announcedAddress(): Address {
    const { failover } = this;
    return failover?.state === 'reconfigure' && failover.promoted !== null
      ? failover.promoted.address
      : this.instance.address;
  }

  get saved(): SavedStockMaster {
    const announced = this.announcedAddress;
    const others = [this.instance, ...this.replicas.values()].map(({ address }) => address);
    return {
      address: announced,
      configEpoch: this.configEpoch,
      leaderEpoch: this.leaderEpoch,
      replicas: others.filter((address) => addressKey(address) !== addressKey(announced)),
      sentinels: [...this.sentinels.entries()].map(([runId, { address }]) => ({ runId, address })),
    };
  }

  close(): void {
    for (const instance of this.#instances()) instance.forget();
  }

  // The timer

  attend(isTilted: boolean): void {
    const { downAfter } = this.settings;
    for (const instance of this.#instances()) {
      instance.attend(downAfter, this.#infoPeriod(instance), () => this.#owner.helloFor(this));
      if (!isTilted) this.#judge(instance);
    }
    if (isTilted) return;
    this.#judgeObjectively();
    if (this.#startIfNeeded()) this.#ask(true);
    this.#advance();
    this.#ask(false);
  }

  *#instances(): IterableIterator<StockInstance> {
    yield this.instance;
    yield* this.replicas.values();
    yield* this.sentinels.values();
  }

  #infoPeriod(instance: StockInstance): Millis {
    if (instance.kind !== 'replica') return INFO_PERIOD;
    const isUrgent = this.isObjectivelyDown || this.failover !== null || instance.info?.masterLinkUp === false;
    return isUrgent ? URGENT_INFO_PERIOD : INFO_PERIOD;
  }

  #judge(instance: StockInstance): void {
    const { now } = this.#owner;
    const { downAfter } = this.settings;
    const isWrong =
      instance.kind === 'master' &&
      instance.roleReported === 'slave' &&
      now - instance.roleReportedAt > downAfter + 2 * INFO_PERIOD;
    const isDown = instance.silence > downAfter || isWrong;
    if (isDown === (instance.downSince !== null)) return;
    instance.downSince = isDown ? now : null;
    const what = `${instance.kind} ${addressKey(instance.address)} @ ${this.settings.name}`;
    this.#owner.note(isDown ? '+sdown' : '-sdown', what);
    if (instance.kind === 'master') this.#owner.judged(this.settings.name, isDown);
  }

  #judgeObjectively(): void {
    let agreeing = 0;
    if (this.instance.downSince !== null) {
      agreeing = 1;
      for (const peer of this.sentinels.values()) if (peer.saysDown) agreeing++;
    }
    const isDown = agreeing >= this.settings.quorum;
    if (isDown === this.isObjectivelyDown) return;
    this.isObjectivelyDown = isDown;
    this.#owner.note(isDown ? '+odown' : '-odown', `${this.settings.name} ${agreeing}/${this.settings.quorum}`);
  }

  #ask(isForced: boolean): void {
    const { now, currentEpoch, runId } = this.#owner;
    const { host, port } = this.instance.address;
    for (const peer of this.sentinels.values()) {
      if (now - peer.answeredAt > 5 * ASK_PERIOD) {
        peer.saysDown = false;
        peer.vote = null;
      }
      if (this.instance.downSince === null || !peer.isConnected) continue;
      if (!isForced && now - peer.answeredAt < ASK_PERIOD) continue;
      const candidate = this.failover === null ? '*' : runId;
      const words = ['SENTINEL', 'is-master-down-by-addr', host, String(port), String(currentEpoch), candidate];
      peer.ask(words, (reply) => {
        if (!Array.isArray(reply)) return;
        const [down, leader, epoch] = reply;
        peer.answeredAt = this.#owner.now;
        peer.saysDown = down === 1;
        if (typeof leader === 'string' && leader !== '*') peer.vote = { leader, epoch: Number(epoch) };
      });
    }
  }

  // Votes

  /** Grants the vote if it is free, and says to whom it went. */
  voteFor(candidate: string, epoch: Epoch): { readonly leader: string | null; readonly epoch: Epoch } {
    this.#owner.adoptEpoch(epoch);
    if (this.leaderEpoch < epoch && this.#owner.currentEpoch <= epoch) {
      this.leader = candidate;
      this.leaderEpoch = this.#owner.currentEpoch;
      this.#owner.save();
      this.#owner.voted(this.settings.name, this.leaderEpoch, candidate);
      if (candidate !== this.#owner.runId) this.#attemptAt = this.#owner.now + this.#owner.draw(MAX_DESYNCHRONISATION);
    }
    return { leader: this.leader, epoch: this.leaderEpoch };
  }

  #electedLeader(failover: StockFailover): string | null {
    const counts = new Map<string, number>();
    for (const { vote } of this.sentinels.values()) {
      if (vote !== null && vote.epoch === this.#owner.currentEpoch)
        counts.set(vote.leader, (counts.get(vote.leader) ?? 0) + 1);
    }
    const [favourite] = [...counts.entries()].sort(([, one], [, other]) => other - one);
    const own = this.voteFor(favourite?.[0] ?? this.#owner.runId, failover.epoch);
    if (own.leader !== null && own.epoch === failover.epoch) counts.set(own.leader, (counts.get(own.leader) ?? 0) + 1);
    const needed = Math.max(Math.floor((this.sentinels.size + 1) / 2) + 1, this.settings.quorum);
    for (const [leader, votes] of counts) if (votes >= needed) return leader;
    return null;
  }

  // The failover

  forceFailover(): 'OK' | 'INPROG' | 'NOGOODSLAVE' {
    if (this.failover !== null) return 'INPROG';
    if (selectStockReplica(this, this.#owner.now) === null) return 'NOGOODSLAVE';
    this.#start(true);
    return 'OK';
  }

  #startIfNeeded(): boolean {
    if (!this.isObjectivelyDown || this.failover !== null) return false;
    if (this.#owner.now - this.#attemptAt < 2 * this.settings.failoverTimeout) return false;
    this.#start(false);
    return true;
  }

  #start(isForced: boolean): void {
    const epoch = this.#owner.nextEpoch();
    this.#attemptAt = this.#owner.now + this.#owner.draw(MAX_DESYNCHRONISATION);
    this.failover = {
      state: isForced ? 'select' : 'elect',
      epoch,
      isForced,
      changedAt: this.#owner.now,
      promoted: null,
    };
    this.#owner.note('+try-failover', `${this.settings.name} epoch ${epoch}`);
  }

  #advance(): void {
    const { failover } = this;
    if (failover === null) return;
    switch (failover.state) {
      case 'elect':
        return this.#elect(failover);
      case 'select': {
        failover.promoted = selectStockReplica(this, this.#owner.now);
        if (failover.promoted === null) return this.#abort('-failover-abort-no-good-slave');
        return this.#enter(failover, 'promote', `selected ${addressKey(failover.promoted.address)}`);
      }
      case 'promote':
        if (failover.promoted?.isConnected && this.#changeRole(failover.promoted, null)) {
          return this.#enter(failover, 'wait-promotion', '');
        }
        return this.#abortIfLate(failover);
      case 'wait-promotion':
        return this.#abortIfLate(failover);
      case 'reconfigure':
        return this.#reconfigure(failover);
    }
  }

  #elect(failover: StockFailover): void {
    if (this.#electedLeader(failover) === this.#owner.runId) {
      this.#owner.elected(this.settings.name, failover.epoch);
      this.#enter(failover, 'select', `elected in epoch ${failover.epoch}`);
      return;
    }
    const limit = Math.min(ELECTION_TIMEOUT, this.settings.failoverTimeout);
    if (this.#owner.now - this.#attemptAt > limit) this.#abort('-failover-abort-not-elected');
  }

  #abortIfLate(failover: StockFailover): void {
    if (this.#owner.now - failover.changedAt > this.settings.failoverTimeout)
      this.#abort('-failover-abort-slave-timeout');
  }

  #abort(event: string): void {
    this.failover = null;
    this.#owner.note(event, this.settings.name);
  }

  #enter(failover: StockFailover, state: FailoverState, details: string): void {
    failover.state = state;
    failover.changedAt = this.#owner.now;
    this.#owner.note(`failover: ${state}`, `${this.settings.name} ${details}`);
  }

  #changeRole(instance: StockInstance, target: Address | null): boolean {
    const role = target === null ? ['SLAVEOF', 'NO', 'ONE'] : ['SLAVEOF', target.host, String(target.port)];
    const words = target === null ? 'NO ONE' : addressKey(target);
    this.#owner.note('role change', `${words} to ${addressKey(instance.address)}`);
    return instance.tell([['MULTI'], role, ...ROLE_CHANGE_TAIL]);
  }

  #reconfigure(failover: StockFailover): void {
    const { promoted } = failover;
    if (promoted === null) return;
    const { now } = this.#owner;
    const others = [...this.replicas.values()].filter((replica) => replica !== promoted);
    let busy = others.filter(
      ({ reconfiguration }) => reconfiguration === 'sent' || reconfiguration === 'in-progress',
    ).length;
    for (const replica of others) {
      if (busy >= this.settings.parallelSyncs) break;
      const isStuck =
        replica.reconfiguration === 'sent' && now - replica.reconfigurationSentAt > RECONFIGURATION_TIMEOUT;
      if (isStuck) replica.reconfiguration = 'done';
      if (replica.reconfiguration !== 'none' || !replica.isConnected) continue;
      if (!this.#changeRole(replica, promoted.address)) continue;
      replica.reconfiguration = 'sent';
      replica.reconfigurationSentAt = now;
      busy++;
    }
    if (promoted.downSince !== null) return;
    const open = others.filter((replica) => replica.reconfiguration !== 'done' && replica.downSince === null);
    const isLate = now - failover.changedAt > this.settings.failoverTimeout;
    if (isLate)
      for (const replica of open) if (replica.reconfiguration === 'none') this.#changeRole(replica, promoted.address);
    if (isLate || open.length === 0) this.#switchTo(promoted.address);
  }

  // What INFO says

  informed(instance: StockInstance, info: InfoReport, isTilted: boolean): void {
    const { now } = this.#owner;
    const former = instance.info;
    instance.info = info;
    instance.infoAt = now;
    instance.runId = info.runId;
    if (instance.kind === 'master')
      for (const line of info.replicas) this.#meetReplica({ host: line.host, port: line.port });
    const role = info.role ?? instance.roleReported;
    if (role !== instance.roleReported) {
      instance.roleReported = role;
      instance.roleReportedAt = now;
      if (role === 'slave') instance.followsSince = now;
    }
    if (former !== null && (former.masterHost !== info.masterHost || former.masterPort !== info.masterPort))
      instance.followsSince = now;
    if (isTilted || instance.kind !== 'replica') return;
    if (role === 'master') this.#replicaIsMaster(instance);
    else this.#replicaFollows(instance, info);
  }

  #replicaIsMaster(instance: StockInstance): void {
    const { failover } = this;
    if (failover?.promoted === instance && failover.state === 'wait-promotion') {
      this.configEpoch = failover.epoch;
      this.#enter(failover, 'reconfigure', `promoted ${addressKey(instance.address)}`);
      this.#owner.save();
      for (const one of this.#instances()) one.helloAt = Number.NEGATIVE_INFINITY;
      return;
    }
    const patience = 4 * PUBLISH_PERIOD;
    if (failover?.promoted === instance || !this.#looksSane() || this.#owner.now - instance.roleReportedAt <= patience)
      return;
    if (instance.downSince === null) this.#changeRole(instance, this.instance.address);
  }

  #replicaFollows(instance: StockInstance, info: InfoReport): void {
    const target = this.failover?.promoted?.address ?? null;
    const followed = info.masterHost === null ? '' : addressKey({ host: info.masterHost, port: info.masterPort ?? 0 });
    const isOffCourse = followed !== addressKey(this.instance.address);
    const isPatienceOver = this.#owner.now - instance.followsSince > this.settings.failoverTimeout;
    if (isOffCourse && isPatienceOver && this.#looksSane()) this.#changeRole(instance, this.instance.address);
    if (target === null) return;
    if (instance.reconfiguration === 'sent' && followed === addressKey(target))
      instance.reconfiguration = 'in-progress';
    if (instance.reconfiguration === 'in-progress' && info.masterLinkUp) instance.reconfiguration = 'done';
  }

  #looksSane(): boolean {
    const { instance } = this;
    if (instance.roleReported !== 'master' || instance.downSince !== null || this.isObjectivelyDown) return false;
    return this.#owner.now - instance.infoAt < 2 * INFO_PERIOD;
  }

  // What others say

  heard(hello: Hello): void {
    const known = this.sentinels.get(hello.runId);
    const address = { host: hello.host, port: hello.port };
    if (known === undefined || addressKey(known.address) !== addressKey(address)) {
      known?.forget();
      for (const [runId, peer] of this.sentinels)
        if (addressKey(peer.address) === addressKey(address)) this.sentinels.delete(runId);
      this.#addSentinel(hello.runId, address);
      this.#owner.save();
    }
    this.#owner.adoptEpoch(hello.currentEpoch);
    if (hello.configEpoch <= this.configEpoch) return;
    this.configEpoch = hello.configEpoch;
    const named = { host: hello.masterHost, port: hello.masterPort };
    if (addressKey(named) !== addressKey(this.instance.address)) this.#switchTo(named);
    else this.#owner.save();
  }

  #switchTo(address: Address): void {
    this.#owner.note(
      '+switch-master',
      `${this.settings.name} ${addressKey(this.instance.address)} ${addressKey(address)}`,
    );
    const others = [this.instance, ...this.replicas.values()].map((one) => one.address);
    for (const one of [this.instance, ...this.replicas.values()]) one.forget();
    this.replicas.clear();
    this.instance = new StockInstance(this.#owner, 'master', address);
    for (const other of others) if (addressKey(other) !== addressKey(address)) this.#addReplica(other);
    for (const peer of this.sentinels.values()) peer.saysDown = false;
    this.failover = null;
    this.isObjectivelyDown = false;
    this.#attemptAt = Number.NEGATIVE_INFINITY;
    this.leader = null;
    this.#owner.save();
  }

  #meetReplica(address: Address): void {
    if (this.replicas.has(addressKey(address))) return;
    this.#addReplica(address);
    this.#owner.save();
  }

  #addReplica(address: Address): void {
    this.replicas.set(addressKey(address), new StockInstance(this.#owner, 'replica', address));
  }

  #addSentinel(runId: string, address: Address): void {
    this.sentinels.set(runId, new StockInstance(this.#owner, 'sentinel', address));
  }
}
