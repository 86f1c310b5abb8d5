// The safety rules, checked at every effect before it has consequences, over all processes and across restarts.
//
// Whoever breaks one throws a `Violation`, which ends the run: the seed and the trace tell the rest. The checkers believe only
// what was saved or has left a process; a decision that a crash undid before anybody heard of it is no decision.

import type { Effect } from '../../src/core/effect.js';
import type { SentinelEvent } from '../../src/core/event.js';
import type { Input } from '../../src/core/input.js';
import { AUTHORITY, MAX_PENDING_COMMANDS } from '../../src/core/limits.js';
import type { SavedMaster, SavedState } from '../../src/core/state.js';
import { addressKey, HELLO_CHANNEL, type LinkId, type Millis } from '../../src/core/types.js';
import type { Reply } from '../../src/protocol/reply.js';
import { aDossier, byName, type Dossier } from './dossier.js';
import { ElectionRecord, Violation } from './election-record.js';
import { HelloRecord, HoldRules } from './operator-rules.js';
import { ReplicaRecord } from './replica-record.js';
import type { Observer, SentinelHost } from './sentinel-host.js';
import type { Simulation } from './simulation.js';
import type { Command } from './wire.js';

type Send = Extract<Effect, { kind: 'send' }>;

/** A verdict may have been told this long ago and still count: five ask periods, and the time it travels. */
const VERDICT_LIFE: Millis = 5_000;
const TRAVEL_TIME: Millis = 3_000;
const QUEUE_LOOK_PERIOD = 256;
const MAX_OWED_REPLIES = 2_000;

export class Checkers implements Observer {
  readonly elections = new ElectionRecord();
  readonly hellos = new HelloRecord();
  readonly holds = new HoldRules();
  readonly replicas = new ReplicaRecord();
  failovers = 0;
  /** Groups whose Sentinels were made to forget peers: their electorate is not what it was. */
  readonly disturbed = new Set<string>();
  /**
   * Stock Sentinels publish the epoch they first asked for, promote without votes on command and never resolve a tie: with
   * them in the group two addresses may share a configuration epoch for a while.
   */
  toleratesTies: boolean;
  readonly #simulation: Simulation;
  readonly #dossiers = new Map<SentinelHost, Dossier>();
  /** When each Sentinel last found each master down, by the common clock. */
  readonly #downVerdicts = new Map<string, Map<string, { isDown: boolean; at: Millis }>>();

  constructor(simulation: Simulation) {
    this.#simulation = simulation;
    this.toleratesTies = simulation.options.stockSentinels > 0;
  }

  started(host: SentinelHost, restored: SavedState): void {
    this.hellos.forget(host);
    const former = this.#dossiers.get(host);
    this.replicas.started(host, restored);
    this.#dossiers.set(host, aDossier(restored));
    // A save that landed in the moment of a crash was never reported, but it is what counts from now on.
    for (const master of restored.masters) this.#record(host, restored, master);
    if (former === undefined || former.saved === null) return;
    for (const [name, saved] of former.savedMasters) {
      const read = byName(restored).get(name);
      const isBack =
        read !== undefined &&
        read.configEpoch >= saved.configEpoch &&
        read.voteEpoch >= saved.voteEpoch &&
        (read.hold?.stamp ?? 0) >= (saved.hold?.stamp ?? 0);
      if (!isBack) throw new Violation(`${host.name} forgot about ${name} what was on its disk`);
    }
    if (restored.currentEpoch < former.saved.currentEpoch) throw new Violation(`${host.name} forgot its current epoch`);
  }

  input(host: SentinelHost, input: Input): void {
    if (!('link' in input)) return;
    const { openLinks } = this.#dossier(host);
    if (!openLinks.has(input.link))
      throw new Violation(`${host.name} hears of link ${input.link} after its end: ${input.kind}`);
    if (input.kind === 'link-down') openLinks.delete(input.link);
    if (input.kind === 'message' && input.channel === HELLO_CHANNEL) this.hellos.hear(host, input.payload);
    if (input.kind === 'reply') this.replicas.answered(host, input);
  }

  effect(host: SentinelHost, effect: Effect): void {
    const dossier = this.#dossier(host);
    this.#checkEpoch(host, dossier);
    if (++dossier.effects % QUEUE_LOOK_PERIOD === 0) this.#checkQueues(host);
    switch (effect.kind) {
      case 'open':
        dossier.openLinks.add(effect.link);
        this.replicas.opened(host, effect.link, addressKey(effect.address));
        return;
      case 'close':
        dossier.openLinks.delete(effect.link);
        return;
      case 'send':
        return this.#checkSend(host, dossier, effect);
      case 'event':
        return this.#checkEvent(host, dossier, effect.event);
      default:
        return;
    }
  }

  spoken(host: SentinelHost, words: Command, reply: Reply): void {
    if (!Array.isArray(reply) || words[1]?.toLowerCase() !== 'is-master-down-by-addr') return;
    const [, leader, epoch] = reply;
    if (typeof leader !== 'string' || leader === '*' || typeof epoch !== 'number') return;
    const master = host.sentinel?.core.topology.masterAt(words[2] ?? '', Number(words[3]));
    if (!master) return;
    if (this.elections.hasVoted(master.name, epoch, host.runId, leader)) return;
    // A later vote may have overtaken this one on its way to the disk: no other can be given in its epoch any more.
    const saved = this.#dossier(host).savedMasters.get(master.name);
    if (saved !== undefined && saved.voteEpoch > epoch) {
      this.elections.vote(master.name, epoch, host.runId, leader);
    } else {
      throw new Violation(
        `${host.name} speaks of a vote for ${leader.slice(0, 8)} in epoch ${epoch} that is not on its disk`,
      );
    }
  }

  saved(host: SentinelHost, state: SavedState): void {
    const dossier = this.#dossier(host);
    for (const master of state.masters) {
      const { name, configEpoch } = master;
      const before = dossier.savedMasters.get(name);
      if (before !== undefined && configEpoch < before.configEpoch && !this.disturbed.has(name)) {
        throw new Violation(
          `${host.name} saved configuration epoch ${configEpoch} of ${name} after ${before.configEpoch}`,
        );
      }
      this.#record(host, state, master);
    }
    if (dossier.saved !== null && state.currentEpoch < dossier.saved.currentEpoch) {
      throw new Violation(`${host.name} saved current epoch ${state.currentEpoch} after ${dossier.saved.currentEpoch}`);
    }
    dossier.saved = state;
    dossier.savedMasters.clear();
    for (const [name, master] of byName(state)) dossier.savedMasters.set(name, master);
  }

  #record(
    host: SentinelHost,
    state: SavedState,
    { name, configEpoch, voteEpoch, voteLeader, address }: SavedMaster,
  ): void {
    if (voteLeader !== null) this.elections.vote(name, voteEpoch, state.myId ?? '', voteLeader);
    if (!this.toleratesTies) this.elections.configuration(name, configEpoch, addressKey(address), host.name);
  }

  /** All that this Sentinel knew is gone with its disk: whoever starts there next is somebody else. */
  reinstalled(host: SentinelHost): void {
    this.#dossiers.delete(host);
  }

  /** A stock Sentinel is in no dossier; its votes and verdicts count all the same. */
  stockVoted(master: string, epoch: number, voter: string, leader: string): void {
    this.elections.vote(master, epoch, voter, leader);
  }

  /** A stock leader is held to the rule of one leader only, unless originals alone broke it: it counts votes by rules of its own. */
  stockElected(master: string, epoch: number, leader: string): void {
    const originals = new Set(this.#simulation.stockSentinels.map(({ runId }) => runId));
    const isTheirsAlone = this.elections.isMadeByLaterVotes(master, epoch, leader, originals, this.#majority());
    if (!isTheirsAlone) this.elections.elect(master, epoch, leader, 1);
  }

  judged(master: string, judge: string, isDown: boolean): void {
    const verdicts = this.#downVerdicts.get(master) ?? new Map();
    this.#downVerdicts.set(master, verdicts.set(judge, { isDown, at: this.#simulation.now }));
  }

  // What is sent

  #checkSend(host: SentinelHost, dossier: Dossier, { link, request }: Send): void {
    const { purpose, commands } = request;
    switch (purpose.kind) {
      case 'publish':
        return this.#checkGossip(host, dossier, commands[0]?.[2] ?? '');
      case 'ask-master-down':
        if (purpose.epoch > (dossier.saved?.currentEpoch ?? 0)) {
          throw new Violation(`${host.name} speaks of epoch ${purpose.epoch} before it is on its disk`);
        }
        if (purpose.candidate !== null) this.#checkVoteRequest(host, dossier, purpose.master, purpose.epoch);
        return;
      case 'change-role':
        if (host.sentinel?.core.tilt) throw new Violation(`${host.name} changes a role in TILT`);
        this.holds.checkRoleChange(host, dossier.savedMasters.get(purpose.master)?.hold, purpose.master);
        return purpose.target === null
          ? this.#checkPromotion(host, dossier, purpose.master, link)
          : this.#checkDemotion(host, dossier, purpose.master, addressKey(purpose.target), link);
      default:
        return;
    }
  }

  /** Hellos and votes begin with the same eight fields. */
  #checkGossip(host: SentinelHost, dossier: Dossier, payload: string): void {
    const hello = this.hellos.read(payload);
    if (hello === null) throw new Violation(`${host.name} publishes what is no hello: ${payload}`);
    if (hello.currentEpoch > (dossier.saved?.currentEpoch ?? 0)) {
      throw new Violation(`${host.name} publishes epoch ${hello.currentEpoch} before it is on its disk`);
    }
    const saved = dossier.savedMasters.get(hello.masterName);
    const isSaved =
      saved !== undefined &&
      saved.configEpoch === hello.configEpoch &&
      saved.address.host === hello.masterHost &&
      saved.address.port === hello.masterPort;
    // Epoch 0 is no election's outcome but what an operator said: nothing rests on its having been saved.
    if (!isSaved && hello.configEpoch > 0)
      throw new Violation(`${host.name} publishes a configuration that is not on its disk: ${payload}`);
  }

  #checkVoteRequest(host: SentinelHost, dossier: Dossier, master: string, epoch: number): void {
    if (!this.elections.hasVoted(master, epoch, host.runId, host.runId)) {
      throw new Violation(`${host.name} asks for votes in epoch ${epoch} before its own is on its disk`);
    }
    const candidacy = dossier.candidacies.get(master);
    if (candidacy !== undefined) candidacy.firstRequestAt ??= host.now;
  }

  #checkPromotion(host: SentinelHost, dossier: Dossier, name: string, link: LinkId): void {
    this.replicas.checkPromotion(host, name, link);
    const candidacy = dossier.candidacies.get(name);
    const failover = host.sentinel?.core.topology.masters.get(name)?.failover;
    // An operator may insist on a failover that nobody has voted for.
    if (failover?.manual?.way === 'force') return;
    if (candidacy === undefined || !this.elections.isLeader(name, candidacy.epoch, host.runId)) {
      throw new Violation(`${host.name} promotes a replica of ${name} without having been elected`);
    }
    const age = host.now - (candidacy.firstRequestAt ?? host.now);
    if (age > AUTHORITY)
      throw new Violation(`${host.name} promotes ${Math.round(age)} ms after its first vote request`);
    const node = host.sentinel?.core.topology.nodeOfLink(link)?.node;
    const server = node === undefined ? null : this.#simulation.groupNamed(name).nodeAt(node.address);
    if (!node || !server) throw new Violation(`${host.name} promotes a node that is none of ${name}`);
    if (node.isSubjectivelyDown) throw new Violation(`${host.name} promotes ${server.name}, which is down`);
    if (server.options.priority === 0) throw new Violation(`${host.name} promotes ${server.name} of priority 0`);
    if (!server.options.isAnnounced)
      throw new Violation(`${host.name} promotes ${server.name}, which is not announced`);
    const neverSynchronised = server.upstream !== null && !server.upstream.isUp && !server.upstream.isCached;
    if (server.isRunning && neverSynchronised && !candidacy.isDesperate && !server.isLoading) {
      throw new Violation(`${host.name} promotes ${server.name}, which never synchronised`);
    }
  }

  /** Repointing and demotion: only towards the saved configuration, and never of the master in force. */
  #checkDemotion(host: SentinelHost, dossier: Dossier, name: string, target: string, link: LinkId): void {
    const saved = dossier.savedMasters.get(name);
    if (saved === undefined || addressKey(saved.address) !== target) {
      throw new Violation(`${host.name} makes a node of ${name} follow ${target}, which is not what its disk says`);
    }
    const node = host.sentinel?.core.topology.nodeOfLink(link)?.node;
    if (node === undefined) return;
    const key = addressKey(node.address);
    if (key === target) throw new Violation(`${host.name} makes ${key} follow itself`);
    const inForce = this.#configurationInForce(name);
    if (inForce !== null && inForce.epoch > saved.configEpoch && inForce.address === key) {
      throw new Violation(
        `${host.name} demotes ${key} by epoch ${saved.configEpoch}, the master of epoch ${inForce.epoch}`,
      );
    }
  }

  /** The newest configuration that more than half of all Sentinels have on their disks, or nothing. */
  #configurationInForce(name: string): { epoch: number; address: string } | null {
    const counts = new Map<string, { epoch: number; address: string; count: number }>();
    for (const { savedMasters } of this.#dossiers.values()) {
      const saved = savedMasters.get(name);
      if (saved === undefined) continue;
      const address = addressKey(saved.address);
      const entry = counts.get(`${saved.configEpoch} ${address}`) ?? { epoch: saved.configEpoch, address, count: 0 };
      entry.count++;
      counts.set(`${saved.configEpoch} ${address}`, entry);
    }
    for (const entry of counts.values()) if (entry.count >= this.#majority()) return entry;
    return null;
  }

  // What is announced

  #checkEvent(host: SentinelHost, dossier: Dossier, event: SentinelEvent): void {
    const { type, message, master: name } = event;
    if (name === null) return;
    this.holds.checkEvent(host, dossier.savedMasters.get(name)?.hold, name, type);
    switch (type) {
      case '+sdown':
      case '-sdown':
        if (message.startsWith('master ')) this.judged(name, host.name, type === '+sdown');
        return;
      case '+vote-for-leader': {
        const [leader, epoch] = message.split(' ');
        if (leader !== host.runId) dossier.candidacies.delete(name);
        else dossier.candidacies.set(name, { epoch: Number(epoch), firstRequestAt: null, isDesperate: false });
        return;
      }
      case '+try-failover':
        return this.#checkStart(host, name);
      case '-sentinel':
        return this.hellos.checkForgetting(host, name, message);
      case '+slave':
        return this.replicas.found(host, name, message);
      case '-slave':
        return this.replicas.checkForgetting(host, this.#simulation.groupNamed(name), message);
      case '+elected-leader':
        return this.#checkLeader(host, dossier, name);
      case '+selection-without-age-limits': {
        const candidacy = dossier.candidacies.get(name);
        if (candidacy !== undefined) candidacy.isDesperate = true;
        return;
      }
      case '+switch-master':
        this.replicas.switched(host, name, message);
        if (dossier.candidacies.has(name)) this.failovers++;
        return;
      default:
        return;
    }
  }

  #checkStart(host: SentinelHost, name: string): void {
    const core = host.sentinel?.core;
    const master = core?.topology.masters.get(name);
    if (core === undefined || master === undefined) return;
    if (core.tilt !== null) throw new Violation(`${host.name} starts a failover of ${name} in TILT`);
    if (master.failover === null || master.failover.purpose === 'manual') return;
    if (master.objectivelyDownSince === null)
      throw new Violation(`${host.name} starts a failover of ${name}, which is not down`);
    const agreeing = this.#agreeing(name);
    if (agreeing < master.settings.quorum) {
      throw new Violation(
        `${host.name} starts a failover of ${name} with ${agreeing} of ${master.settings.quorum} agreeing`,
      );
    }
  }

  #checkLeader(host: SentinelHost, dossier: Dossier, name: string): void {
    const candidacy = dossier.candidacies.get(name);
    if (candidacy === undefined) throw new Violation(`${host.name} leads ${name} without having stood`);
    const master = host.sentinel?.core.topology.masters.get(name);
    // An operator may insist on a failover that nobody has voted for.
    if (master?.failover?.manual?.way === 'force') return;
    const quorum = master?.settings.quorum ?? 1;
    const needed = this.disturbed.has(name) ? 1 : Math.max(this.#majorityInService(), quorum);
    this.elections.elect(name, candidacy.epoch, host.runId, needed);
  }

  #agreeing(name: string): number {
    const oldest = this.#simulation.now - VERDICT_LIFE - TRAVEL_TIME;
    let agreeing = 0;
    for (const { isDown, at } of this.#downVerdicts.get(name)?.values() ?? []) if (isDown || at >= oldest) agreeing++;
    return agreeing;
  }

  #majority(): number {
    const { sentinels, stockSentinels } = this.#simulation;
    return Math.floor((sentinels.length + stockSentinels.length) / 2) + 1;
  }

  /** Of those that no operator has taken out of service: only they may be forgotten. */
  #majorityInService(): number {
    const { sentinels, stockSentinels } = this.#simulation;
    const retired = sentinels.filter(({ isRetired }) => isRetired).length;
    return Math.floor((sentinels.length + stockSentinels.length - retired) / 2) + 1;
  }

  // What grows

  #checkEpoch(host: SentinelHost, dossier: Dossier): void {
    const epoch = host.sentinel?.core.currentEpoch ?? 0;
    if (epoch < dossier.currentEpoch)
      throw new Violation(`${host.name} went back from epoch ${dossier.currentEpoch} to ${epoch}`);
    dossier.currentEpoch = epoch;
  }

  #checkQueues(host: SentinelHost): void {
    const bound = MAX_PENDING_COMMANDS * Math.max(1, this.#simulation.groups.length) + MAX_PENDING_COMMANDS;
    if (host.longestQueue > bound)
      throw new Violation(`${host.name} has ${host.longestQueue} unanswered commands on a link`);
    if (host.owedReplies > MAX_OWED_REPLIES) throw new Violation(`${host.name} owes ${host.owedReplies} replies`);
  }

  #dossier(host: SentinelHost): Dossier {
    const dossier = this.#dossiers.get(host);
    if (dossier === undefined) throw new Error(`${host.name} was never started`);
    return dossier;
  }
}
