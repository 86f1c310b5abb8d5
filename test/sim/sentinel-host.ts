// A simulated Vedette process: the real core, the real commands and the real configuration file, driven by virtual time.
//
// This is the other drain loop beside the daemon's, and obeys the same contract: calls are never nested, every mutation is
// followed by a complete drain, effects are performed in order, nothing of a connection is delivered after its end. What the
// process knows beyond its configuration file dies with it.

import { Access } from '../../src/commands/access.js';
import { usersOfSettings } from '../../src/commands/acl/configured-users.js';
import type { Context } from '../../src/commands/command.js';
import { dispatch } from '../../src/commands/dispatch.js';
import { REGISTRY } from '../../src/commands/index.js';
import type { Outcome } from '../../src/commands/outcome.js';
import { type Configuration, parseConfiguration } from '../../src/config/parser.js';
import { renderConfiguration } from '../../src/config/writer.js';
import type { Effect, Ticket } from '../../src/core/effect.js';
import type { Input } from '../../src/core/input.js';
import { Sentinel } from '../../src/core/sentinel.js';
import type { SavedState } from '../../src/core/state.js';
import { type Address, type Millis, unreachable } from '../../src/core/types.js';
import type { Reply } from '../../src/protocol/reply.js';
import { freshSnapshot } from '../support/fresh-snapshot.js';
import type { Agenda, Appointment } from './agenda.js';
import { Disk, type DiskOptions } from './disk.js';
import type { End, EndHandlers, Network } from './network.js';
import { Process } from './process.js';
import type { Seed } from './seed.js';
import { SentinelCommandHost } from './sentinel-command-host.js';
import { SentinelLinks } from './sentinel-links.js';
import { SentinelSession, type SessionOwner } from './sentinel-session.js';
import type { Trace } from './trace.js';
import type { Command } from './wire.js';

/** Sees everything that reaches or leaves the core, before it has consequences. Checkers are observers. */
export interface Observer {
  started(host: SentinelHost, restored: SavedState): void;
  input(host: SentinelHost, input: Input): void;
  effect(host: SentinelHost, effect: Effect): void;
  /** A reply of the Sentinel port leaves the process. */
  spoken(host: SentinelHost, words: Command, reply: Reply): void;
  /** The state is on disk. */
  saved(host: SentinelHost, state: SavedState): void;
}

/** Where a targeted crash strikes. */
export type CrashPoint =
  | { readonly kind: 'before-save' }
  | { readonly kind: 'after-save' }
  /** Right after an effect of this kind, or a request of this purpose, or an event of this type was performed. */
  | { readonly kind: 'after'; readonly what: string };

export interface SentinelHostOptions {
  readonly name: string;
  readonly address: Address;
  /** The configuration file before the first start. */
  readonly configuration: string;
  readonly disk: DiskOptions;
  /** How much later than asked for a timer may fire. */
  readonly timerJitter: Millis;
  /** Whether a start finds the clock where it was before: pauses of a group are saved with the time of their end. */
  readonly keepsClocks: boolean;
}

export interface SentinelWorld {
  readonly agenda: Agenda;
  readonly network: Network;
  readonly trace: Trace;
  readonly seed: Seed;
  readonly observer: Observer;
  /** The simulated name service. */
  readonly names: ReadonlyMap<string, string>;
}

const EPOCH_OF_CLOCKS: Millis = 1_700_000_000_000;
const CLOCK_SPREAD: Millis = 3_600_000;
const NAME_LOOKUP: Millis = 5;

interface Life {
  readonly sentinel: Sentinel;
  readonly configuration: Configuration;
  readonly links: SentinelLinks;
  readonly sessions: Set<SentinelSession>;
  readonly tickets: Map<Ticket, (reply: Reply) => void>;
  readonly commandHost: SentinelCommandHost;
}

export class SentinelHost extends Process {
  readonly address: Address;
  readonly disk: Disk;
  /** Strikes once, `countdown` occurrences from now. */
  crashPoint: { readonly point: CrashPoint; countdown: number } | null = null;
  /** Called when the process ended by itself or by a targeted crash. */
  onCrash: (() => void) | null = null;
  readonly #options: SentinelHostOptions;
  readonly #world: SentinelWorld;
  readonly #access = openAccess();
  #clockOffset: Millis = 0;
  #incarnation = 0;
  #life: Life | null = null;
  #tick: Appointment | null = null;
  #isInCore = false;
  #crashFate: 'lost' | 'landed' | 'drawn' = 'drawn';

  constructor(options: SentinelHostOptions, world: SentinelWorld) {
    super(options.name, world.network.machine(options.address.host), world.agenda);
    this.address = options.address;
    this.#options = options;
    this.#world = world;
    this.disk = new Disk(options.configuration, world.seed.dice(`${options.name} disk`), options.disk);
  }

  /** The core while the process lives. */
  get sentinel(): Sentinel | null {
    return this.#life?.sentinel ?? null;
  }

  get runId(): string {
    return this.#life?.sentinel.core.myId ?? '';
  }

  /** The process's own monotonic clock; every process has another, and every start another again. */
  get now(): Millis {
    return this.agenda.now + this.#clockOffset;
  }

  get longestQueue(): number {
    return this.#life?.links.longestQueue ?? 0;
  }

  get owedReplies(): number {
    let owed = 0;
    for (const session of this.#life?.sessions ?? []) owed += session.owedReplies;
    return owed;
  }

  // Life and death

  protected started(): void {
    const seed = this.#world.seed.child(`${this.name} ${this.#incarnation++}`);
    if (this.#clockOffset === 0 || !this.#options.keepsClocks) {
      this.#clockOffset = EPOCH_OF_CLOCKS + Math.floor(seed.dice('clock').between(0, CLOCK_SPREAD));
    }
    const configuration = parseConfiguration(this.disk.text);
    const sentinel = new Sentinel(configuration.state, seed.dice('core'), this.now);
    const receive = (input: Input) => this.#receive(input);
    this.#life = {
      sentinel,
      configuration,
      links: new SentinelLinks({ process: this, network: this.#world.network, receive }),
      sessions: new Set(),
      tickets: new Map(),
      commandHost: new SentinelCommandHost(this, seed.dice('host')),
    };
    this.#world.trace.line(
      this.name,
      'start',
      `epoch ${sentinel.core.currentEpoch} id ${sentinel.core.myId.slice(0, 8)}`,
    );
    this.#world.observer.started(this, configuration.state);
    this.#world.network.listen(this.address, { owner: this, accept: (end) => this.#accept(end) });
    this.#drain();
    this.#runTick();
  }

  protected died(): void {
    this.#world.network.unlisten(this.address);
    this.disk.crash(this.#crashFate);
    this.#crashFate = 'drawn';
    this.#life = null;
    this.#tick = null;
    this.crashPoint = null;
    this.#world.trace.line(this.name, 'died', '');
  }

  // Into the core

  #receive(input: Input): void {
    const life = this.#life;
    if (life === null) return;
    this.#world.observer.input(this, input);
    this.#enter();
    life.sentinel.receive(input, this.now);
    this.#isInCore = false;
    this.#drain();
  }

  /** A function of its own, made once: it is scheduled anew after most inputs. */
  readonly #runTick = (): void => {
    const life = this.#life;
    if (life === null) return;
    this.#tick = null;
    this.#enter();
    life.sentinel.tick(this.now);
    this.#isInCore = false;
    this.#drain();
  };

  #enter(): void {
    if (this.#isInCore) throw new Error(`${this.name}: a nested call of the core`);
    this.#isInCore = true;
  }

  #scheduleTick(): void {
    const life = this.#life;
    if (life === null) return;
    const dueAt = life.sentinel.dueAt - this.#clockOffset;
    const { timerJitter } = this.#options;
    if (this.#tick !== null && this.#tick.at >= dueAt && this.#tick.at <= dueAt + timerJitter) return;
    this.#tick?.cancel();
    this.#tick = this.later(Math.max(0, dueAt - this.agenda.now) + life.commandHost.draw(timerJitter), this.#runTick);
  }

  // Out of the core

  #drain(): void {
    const life = this.#life;
    if (life === null) return;
    for (const effect of life.sentinel.drain()) {
      this.#world.observer.effect(this, effect);
      this.#perform(life, effect);
      if (this.#life !== life) return;
      this.#strikeAfter(effect);
      if (this.#life !== life) return;
    }
    life.links.flush();
    this.#scheduleTick();
  }

  #perform(life: Life, effect: Effect): void {
    switch (effect.kind) {
      case 'open':
        return life.links.open(effect);
      case 'close':
        return life.links.close(effect.link);
      case 'send':
        this.#traceRequest(effect);
        if (!life.links.send(effect.link, effect.request)) throw new Error(`${this.name} sends on a closed link`);
        return;
      case 'save':
        return this.#save(life, effect.version);
      case 'reply':
        life.tickets.get(effect.ticket)?.(effect.reply);
        life.tickets.delete(effect.ticket);
        return;
      case 'event':
        this.#world.trace.line(this.name, effect.event.type, effect.event.message);
        for (const session of life.sessions) {
          if (session.channels.has(effect.event.type)) session.hear(effect.event.type, effect.event.message);
        }
        return;
      case 'run-script':
        return;
      case 'resolve':
        this.later(NAME_LOOKUP, () => {
          this.#receive({ kind: 'resolved', host: effect.host, ip: this.#world.names.get(effect.host) ?? null });
        });
        return;
      case 'exit':
        this.#world.trace.line(this.name, 'exit', String(effect.code));
        return this.#crash('drawn');
      default:
        return unreachable(effect);
    }
  }

  #traceRequest(effect: Extract<Effect, { kind: 'send' }>): void {
    const { purpose, commands } = effect.request;
    if (purpose.kind !== 'change-role') return;
    const target = purpose.target === null ? 'NO ONE' : `${purpose.target.host}:${purpose.target.port}`;
    this.#world.trace.line(this.name, 'role change', `${target} to link ${effect.link} (${commands.length} commands)`);
  }

  #save(life: Life, version: number): void {
    const state = freshSnapshot(life.sentinel);
    const text = renderConfiguration(life.configuration.file, state, life.configuration.server);
    const landing = () => {
      if (this.#isStruck({ kind: 'before-save' })) this.#crash('lost');
      else if (this.#isStruck({ kind: 'after-save' })) this.#crash('landed');
    };
    this.disk.replace(this, text, landing, (failure) => {
      if (failure === null) {
        this.#world.observer.saved(this, state);
        this.#receive({ kind: 'saved', version });
      } else {
        this.#world.trace.line(this.name, 'save failed', failure);
        this.#receive({ kind: 'save-failed', version, reason: failure });
      }
    });
  }

  // Targeted crashes

  #strikeAfter(effect: Effect): void {
    if (this.crashPoint === null) return;
    const names = [effect.kind as string];
    if (effect.kind === 'send') names.push(effect.request.purpose.kind);
    if (effect.kind === 'event') names.push(effect.event.type);
    if (!names.some((what) => this.#isStruck({ kind: 'after', what }))) return;
    this.#life?.links.flush();
    this.#crash('drawn');
  }

  #isStruck(point: CrashPoint): boolean {
    const plan = this.crashPoint;
    if (plan === null || plan.point.kind !== point.kind) return false;
    if (plan.point.kind === 'after' && point.kind === 'after' && plan.point.what !== point.what) return false;
    plan.countdown--;
    return plan.countdown <= 0;
  }

  #crash(fate: 'lost' | 'landed' | 'drawn'): void {
    this.#crashFate = fate;
    this.kill();
    this.onCrash?.();
  }

  // The Sentinel port

  #accept(end: End): EndHandlers {
    const life = this.#life;
    if (life === null) throw new Error(`${this.name} accepts while dead`);
    const owner: SessionOwner = {
      now: () => this.now,
      execute: (session, words, prepared) => this.#execute(life, session, words, prepared),
      awaitReply: (ticket, give) => life.tickets.set(ticket, give),
      spoken: (_session, words, reply) => this.#world.observer.spoken(this, words, reply),
      closed: (session) => life.sessions.delete(session),
    };
    const session = new SentinelSession(life.commandHost.nextClientId(), end, owner, this.#access.letsStrangersIn);
    life.sessions.add(session);
    return session;
  }

  #execute(life: Life, session: SentinelSession, words: Command, prepared: (outcome: Outcome) => void): void {
    if (this.#life !== life) return;
    this.#enter();
    prepared(dispatch(this.#context(life, session), words));
    this.#isInCore = false;
    this.#drain();
  }

  #context(life: Life, client: SentinelSession): Context {
    return {
      sentinel: life.sentinel,
      host: life.commandHost,
      access: this.#access,
      client,
      lookedUp: null,
      now: this.now,
    };
  }

  /** The clients of the port, for `CLIENT LIST` and `CLIENT KILL`. */
  get sessions(): Iterable<SentinelSession> {
    return this.#life?.sessions ?? [];
  }
}

/** Lets everybody in. */
function openAccess(): Access {
  const users = usersOfSettings({ requirepass: null, users: [] }, { catalog: REGISTRY, digest: (text) => text });
  if (typeof users === 'string') throw new Error(users);
  return new Access(users);
}
