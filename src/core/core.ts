// The state that every module of the algorithm works on. It owns no rules: those stand in the modules named after them.

import { Durability } from './durability.js';
import type { EventLevel } from './event.js';
import { Lateness } from './lateness.js';
import type { Master, Vote } from './master.js';
import { Outbox } from './outbox.js';
import type { Random } from './random.js';
import type { ProcessSettings } from './state.js';
import { Topology } from './topology.js';
import { defaultTunables, type Tunables } from './tunables.js';
import type { Epoch, Millis, RunId } from './types.js';

export type SimulatedFailure = 'crash-after-election' | 'crash-after-promotion';

/** Gossip that was not believed, by what it was: shown in INFO. */
export interface Counters {
  hellosIgnored: number;
  votesIgnored: number;
  epochsRefused: number;
  claimsRefused: number;
}

export class Core {
  readonly myId: RunId;
  readonly settings: ProcessSettings;
  readonly random: Random;
  readonly tunables: Tunables = defaultTunables();
  readonly topology: Topology;
  readonly durability = new Durability();
  readonly outbox = new Outbox(this.durability);
  readonly lateness: Lateness;
  readonly simulatedFailures = new Set<SimulatedFailure>();
  readonly counters: Counters = { hellosIgnored: 0, votesIgnored: 0, epochsRefused: 0, claimsRefused: 0 };
  /** What operators have been told of that, and when; see `refusal.ts`. */
  readonly toldRefusals = new Map<string, Millis>();
  /** How far gossip has raised the epoch lately; see `epoch-guard.ts`. */
  readonly epochGrowth: { since: Millis; from: Epoch };
  /** Votes for masters that have been removed, by name, while they bind: see `administration.ts`. */
  readonly removedVotes = new Map<string, Vote>();
  readonly startedAt: Millis;
  currentEpoch: Epoch;
  /** The current epoch that the disk has. Others are told this one, so that they hear of no epoch that we might forget. */
  savedEpoch: Epoch;
  /** Our own port's password: peers are expected to share it where no `sentinel-pass` is set. */
  portPassword: string | null = null;
  /** Not null while we distrust our own sense of time: we say "not down" and start nothing. */
  tilt: { readonly since: Millis } | null = null;
  /** How long before its time a periodic message may leave in this step; see `Sentinel.tick`. */
  foresight: Millis = 0;
  /** How many masters were down together when it was last counted; see `crowd.ts`. */
  readonly crowd: { countedAt: Millis; size: number } = { countedAt: 0, size: 0 };
  /** Masters with something to say that waits for the disk. */
  readonly waitingToSpeak = new Set<Master>();

  #identityVersion = 0;

  constructor(myId: RunId, settings: ProcessSettings, currentEpoch: Epoch, random: Random, now: Millis) {
    this.myId = myId;
    this.settings = settings;
    this.currentEpoch = currentEpoch;
    this.savedEpoch = currentEpoch;
    this.random = random;
    this.topology = new Topology(settings);
    this.lateness = new Lateness(now);
    this.startedAt = now;
    this.epochGrowth = { since: now, from: currentEpoch };
  }

  /** Our identity is new: until it is on disk nobody is told. */
  drawnIdentity(): void {
    this.durability.touchBeforeSpeaking();
    this.#identityVersion = this.durability.version;
  }

  get isIdentitySaved(): boolean {
    return this.durability.saved >= this.#identityVersion;
  }

  /** Publishes and logs an event; a warning also starts the master's notification script. */
  announce(level: EventLevel, type: string, master: Master | null, message: string, now: Millis): void {
    const event = { at: now, level, type, message, master: master?.name ?? null };
    this.outbox.push({ kind: 'event', event });
    const script = master?.settings.notificationScript ?? null;
    if (level === 'warning' && script !== null) {
      this.outbox.push({ kind: 'run-script', path: script, args: [type, message] });
    }
  }

  /** Something about the master changed that must be on disk before anybody is told. */
  touchBeforeSpeakingOf(master: Master): void {
    this.durability.touchBeforeSpeaking();
    master.spokenVersion = this.durability.version;
    master.snapshot = null;
  }

  /**
   * Whether messages about epochs, votes and this master's configuration may leave now. If not, the master is looked at again as
   * soon as the disk has answered, and says then what is true then. What is new about other masters is no reason to be silent:
   * where many fail over at once there is always something that the disk does not have yet.
   */
  canSpeakOf(master: Master): boolean {
    if (this.#isSaved(master)) return true;
    this.waitingToSpeak.add(master);
    return false;
  }

  /** The masters that waited for what the disk has now; they do not wait any more. */
  takeThoseWhoCanSpeak(): readonly Master[] {
    const masters = [...this.waitingToSpeak].filter((master) => this.#isSaved(master));
    for (const master of masters) this.waitingToSpeak.delete(master);
    return masters;
  }

  /** The version that the disk must have before others are told of this master. */
  spokenVersionOf(master: Master): number {
    return Math.max(this.#identityVersion, master.spokenVersion);
  }

  #isSaved(master: Master): boolean {
    return this.durability.canSpeak || this.durability.saved >= this.spokenVersionOf(master);
  }
}
