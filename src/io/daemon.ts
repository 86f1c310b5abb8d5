// Drives one core: brings it inputs, commands and the passing of time, and performs what it wants done. It decides nothing.
//
// This is the only drain loop outside the simulator. Every step is the same: change the core, drain it, perform the effects in
// their order, write to every link once, and set the one timer. Nothing performed here calls the core back within the step.

import { randomBytes } from 'node:crypto';

import type { Access } from '../commands/access.js';
import type { Client } from '../commands/client.js';
import { dispatch, isRepeatable } from '../commands/dispatch.js';
import type { LookedUp, Outcome } from '../commands/outcome.js';
import { type ConfigurationFile, readFile } from '../config/file.js';
import { renderConfiguration } from '../config/writer.js';
import type { Effect } from '../core/effect.js';
import type { SentinelEvent } from '../core/event.js';
import type { Input } from '../core/input.js';
import { SeededRandom } from '../core/random.js';
import { Sentinel } from '../core/sentinel.js';
import { type Millis, unreachable } from '../core/types.js';
import { now } from './clock.js';
import type { LoadedConfiguration } from './configuration-loader.js';
import { affordableClients, openFilesLimit } from './file-descriptors.js';
import { Links } from './links.js';
import { ListenFailure } from './listeners.js';
import type { Logger } from './log.js';
import { toByteString } from './native-text.js';
import { describePorts, portOptions } from './port-options.js';
import { processFacts } from './process-facts.js';
import { ProcessHost } from './process-host.js';
import { Resolver } from './resolver.js';
import { Scripts } from './scripts.js';
import { Server } from './server.js';
import { incompleteInstallation, StartFailure, systemReason } from './start-failure.js';
import { StateFile } from './state-file.js';
import { usesTls } from './tls-options.js';
import { TlsRenewal } from './tls-renewal.js';
import { makeAccess } from './user-accounts.js';

/** Why a daemon wants its process to end. A simulated failure asks for an end without any farewell. */
export type Ending = { readonly reason: 'shutdown' } | { readonly reason: 'simulated-failure'; readonly code: number };

export interface DaemonOptions {
  readonly configuration: LoadedConfiguration;
  readonly log: Logger;
  /** Called for every event, in order, after it was logged and published. Must not throw. */
  onEvent?(event: SentinelEvent): void;
  /** An operator or a simulated failure ends this Sentinel; nothing more is performed. Called at most once. */
  onEnding(ending: Ending): void;
}

export class Daemon {
  readonly sentinel: Sentinel;
  readonly #options: DaemonOptions;
  readonly #links: Links;
  readonly #scripts: Scripts;
  readonly #resolver: Resolver;
  /** Commands that wait for the address of a host. */
  readonly #lookups = new Map<string, ((ip: string | null) => void)[]>();
  readonly #stateFile: StateFile;
  /** The lines of the configuration file as it was last read. */
  #file: ConfigurationFile;
  readonly #server: Server;
  readonly #host: ProcessHost;
  readonly #access: Access;
  /** Null while no directive needs certificates. */
  readonly #tls: TlsRenewal | null;
  #isRunning: boolean = false;
  #hasStarted: boolean = false;
  #saving: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | null = null;
  #timerDueAt: Millis = Number.POSITIVE_INFINITY;

  /** Throws `ConfigurationFailure` when the certificates cannot be used. */
  constructor(options: DaemonOptions) {
    this.#options = options;
    const { log, configuration } = options;
    const { state, server, directory, path, file, identity } = configuration;
    this.sentinel = new Sentinel(state, osRandom(), now());
    const { core } = this.sentinel;
    core.portPassword = server.requirepass;
    this.#access = makeAccess(configuration);
    this.#file = file;
    this.#stateFile = new StateFile(path, identity);
    this.#tls = usesTls(server) ? this.#makeTls() : null;
    this.#links = new Links({
      deliver: (input) => this.#deliver(input),
      ipOf: (host) => this.#resolver.ipOf(host),
      warn: (message) => log.write('warning', message),
      secureContext: () => (server.tlsReplication ? (this.#tls?.client ?? null) : null),
    });
    this.#resolver = new Resolver((host, ip) => this.#resolved(host, ip));
    this.#scripts = new Scripts({
      tunables: core.tunables,
      directory,
      announce: (level, type, message) => this.#step((at) => core.announce(level, type, null, message, at)),
    });
    this.#server = this.#makeServer();
    this.#host = new ProcessHost({
      facts: processFacts(server.port === 0 ? server.tlsPort : server.port, path),
      directory,
      log,
      server: this.#server,
      scripts: this.#scripts,
      settings: server,
      shutDown: () => this.#end({ reason: 'shutdown' }),
    });
  }

  /** The port that is listened on. */
  get port(): number {
    return this.#server.port;
  }

  /**
   * Begins to supervise. Rejects with `StartFailure` when the state cannot be saved or the port is taken, and then nothing has been
   * written; also when the installation is incomplete. The port answers before this resolves, which is when links can be opened.
   */
  async start(): Promise<void> {
    const { log } = this.#options;
    await this.#checkStateFile();
    await this.#listen();
    this.#tls?.start((renewed) => this.#server.renewTls(renewed));
    this.#isRunning = true;
    this.#hasStarted = true;
    log.write('notice', `Sentinel ID is ${this.sentinel.core.myId}`);
    this.#step((at) => this.sentinel.tick(at));
    await Promise.all([this.#loadLinks(), this.#removeLeftovers()]);
  }

  /** Ends everything; resolves when the last save is done and the port is free. */
  async stop(): Promise<void> {
    this.#isRunning = false;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#links.closeAll();
    this.#resolver.close();
    this.#scripts.close();
    this.#tls?.close();
    await this.#server.close();
    await this.#saving;
  }

  /**
   * Saves what nobody waited for, such as the last lines of a failover's history: to be called before `abandon` when the process
   * ends in good order. Does nothing where this Sentinel has never supervised, or has nothing new to save.
   */
  saveAtOnce(): void {
    if (!this.#hasStarted || !this.sentinel.core.durability.isDirty) return;
    try {
      this.#stateFile.saveAtOnce(this.#render(), (found) => this.#renderInto(found));
    } catch (error) {
      const path = toByteString(this.#stateFile.path);
      this.#options.log.write('warning', `Saving ${path} at the end failed: ${systemReason(error)}`);
    }
  }

  /** To be called instead of `stop` when the process ends within this very turn of the event loop. */
  abandon(): void {
    this.#stateFile.abandon();
  }

  #makeServer(): Server {
    const { configuration, log } = this.#options;
    const { server, directory, state } = configuration;
    const limit = openFilesLimit();
    const maxClients = affordableClients(server.maxclients, state.masters.length, limit);
    if (maxClients < server.maxclients) {
      log.write(
        'warning',
        `Current maximum open files is ${limit}. maxclients has been reduced to ${maxClients} to compensate for low ulimit. If you need higher maxclients increase 'ulimit -n'.`,
      );
    }
    return new Server({
      ...portOptions(server, directory, this.#tls),
      maxClients,
      now,
      execute: (client, words, lookedUp, at) => this.#execute(client, words, lookedUp, at),
      isRepeatable,
      lookUp: (host, answered) => this.#lookUp(host, answered),
      letsStrangersIn: () => this.#access.letsStrangersIn,
      log: (level, message) => log.write(level, message),
    });
  }

  #makeTls(): TlsRenewal {
    const { configuration, log } = this.#options;
    const { server, directory } = configuration;
    return new TlsRenewal({ settings: server, directory, log: (level, message) => log.write(level, message) });
  }

  async #checkStateFile(): Promise<void> {
    try {
      await this.#stateFile.checkWritable();
    } catch (error) {
      const { path } = this.#stateFile;
      const { path: unwritable = path } = error as NodeJS.ErrnoException;
      // The file is saved by replacing it. Who can save nothing can promise nothing: see docs/decisions/0012.
      const what = unwritable === path ? 'config file' : 'config file is replaced at every save, and its directory';
      throw new StartFailure(
        `Sentinel ${what} ${toByteString(unwritable)} is not writable: ${systemReason(error)}. Exiting...`,
      );
    }
  }

  async #listen(): Promise<void> {
    const ports = describePorts(this.#options.configuration.server);
    if (ports === '') throw new StartFailure('Configured to not listen anywhere, exiting.');
    try {
      await this.#server.listen();
    } catch (error) {
      const [endpoint, cause] = error instanceof ListenFailure ? [error.endpoint, error.cause] : [ports, error];
      throw new StartFailure(`Could not listen on ${endpoint}: ${systemReason(cause)}. Exiting...`);
    }
    this.#options.log.write('notice', `Running mode=sentinel, port=${this.port}.`);
  }

  async #loadLinks(): Promise<void> {
    try {
      await this.#links.load();
    } catch (error) {
      await this.stop();
      throw incompleteInstallation(error);
    }
  }

  async #removeLeftovers(): Promise<void> {
    const { log } = this.#options;
    try {
      for (const name of await this.#stateFile.removeLeftovers()) {
        log.write('notice', `Removed ${name}, left behind by a process that died while it saved`);
      }
    } catch (error) {
      log.write('warning', `Cannot look for leftovers beside the configuration file: ${systemReason(error)}`);
    }
  }

  /** Runs one command of a client. */
  #execute(client: Client, words: readonly string[], lookedUp: LookedUp | null, at: Millis): Outcome {
    const context = { sentinel: this.sentinel, host: this.#host, access: this.#access, client, lookedUp, now: at };
    const outcome = dispatch(context, words);
    this.#settle();
    return outcome;
  }

  #deliver(input: Input): void {
    if (this.#isRunning) this.#step((at) => this.sentinel.receive(input, at));
  }

  #resolved(host: string, ip: string | null): void {
    this.#links.resolved(host, ip);
    this.#deliver({ kind: 'resolved', host, ip });
    const waiting = this.#lookups.get(host) ?? [];
    this.#lookups.delete(host);
    for (const answered of waiting) if (this.#isRunning) answered(ip);
  }

  #lookUp(host: string, answered: (ip: string | null) => void): void {
    this.#lookups.set(host, [...(this.#lookups.get(host) ?? []), answered]);
    this.#resolver.resolve(host);
  }

  #step(change: (at: Millis) => void): void {
    change(now());
    this.#settle();
  }

  /** Performs everything the core wants done by now. Before the start it waits. */
  #settle(): void {
    if (!this.#isRunning) return;
    const effects = this.sentinel.drain();
    if (effects.length > 0) {
      for (const effect of effects) {
        this.#perform(effect);
        // A simulated failure: what would have followed is not done any more.
        if (!this.#isRunning) return;
      }
      this.#links.flush();
    }
    this.#setTimer();
  }

  #setTimer(): void {
    const { dueAt } = this.sentinel;
    if (dueAt >= this.#timerDueAt) return;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timerDueAt = dueAt;
    this.#timer = setTimeout(() => this.#wake(), Math.max(1, Math.ceil(dueAt - now())));
  }

  /** The timer may have been set for a deadline that has moved away since. */
  #wake(): void {
    this.#timer = null;
    this.#timerDueAt = Number.POSITIVE_INFINITY;
    const at = now();
    if (at >= this.sentinel.dueAt) this.sentinel.tick(at);
    this.#settle();
  }

  #perform(effect: Effect): void {
    switch (effect.kind) {
      case 'open':
        return this.#links.open(effect);
      case 'close':
        return this.#links.close(effect.link);
      case 'send':
        return this.#links.send(effect.link, effect.request);
      case 'save':
        return this.#save(effect.version);
      case 'reply':
        return this.#server.resolve(effect.ticket, effect.reply);
      case 'event':
        return this.#publish(effect.event);
      case 'run-script':
        return this.#scripts.run(effect.path, effect.args);
      case 'resolve':
        return this.#resolver.resolve(effect.host);
      case 'exit':
        return this.#end({ reason: 'simulated-failure', code: effect.code });
      default:
        return unreachable(effect);
    }
  }

  /** Renders the state as it is now; the disk works while we go on. */
  #save(version: number): void {
    const saving = this.#stateFile.save(this.#render(), (found) => this.#renderInto(found));
    this.#saving = saving.then(
      () => this.#deliver({ kind: 'saved', version }),
      (error: unknown) => {
        const reason = systemReason(error);
        this.#warnOfFailedSave(reason);
        this.#deliver({ kind: 'save-failed', version, reason });
      },
    );
  }

  /** Once for each reason: a save is tried twice a second until it succeeds. */
  #warnOfFailedSave(reason: string): void {
    if (this.sentinel.core.durability.failure === reason) return;
    this.#options.log.write('warning', `Saving ${toByteString(this.#stateFile.path)} failed: ${reason}`);
  }

  #render(): string {
    return renderConfiguration(this.#file, this.sentinel.snapshot(), this.#options.configuration.server);
  }

  /** Others have written this into the file: their comments stay, as if they had been there from the start. */
  #renderInto(found: string): string {
    this.#file = readFile(found);
    return this.#render();
  }

  #publish(event: SentinelEvent): void {
    const { log, onEvent } = this.#options;
    log.write(event.level, event.message === '' ? event.type : `${event.type} ${event.message}`);
    if (event.level !== 'debug') this.#server.publish(event.type, event.message);
    onEvent?.(event);
  }

  #end(ending: Ending): void {
    if (!this.#isRunning) return;
    this.#isRunning = false;
    this.#options.onEnding(ending);
  }
}

/** A generator that no other process repeats. */
function osRandom(): SeededRandom {
  const seed = randomBytes(12);
  return new SeededRandom(seed.readInt32LE(0), seed.readInt32LE(4), seed.readInt32LE(8));
}
