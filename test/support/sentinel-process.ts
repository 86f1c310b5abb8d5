// One supervisor as a real process: the built Vedette or Debian's redis-sentinel, started alike with one argument, the
// configuration file. The harness treats both the same, so that every system test can also be run against the original.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { EventRecorder, type RecordedEvent } from './event-recorder.js';
import { freePort } from './free-port.js';
import { commandAt, LOOPBACK, type Place } from './place.js';
import type { PortForwarder } from './port-forwarder.js';
import { peakResidentBytes } from './process-memory.js';
import { type ExitStatus, Program } from './program.js';
import { RespClient } from './resp-client.js';
import { pairs, type RespConnectionOptions, type RespValue } from './resp-connection.js';
import { portLines, type TlsUse } from './tls-use.js';
import { Hopeless, waitFor } from './wait.js';
import type { Workspace } from './workspace.js';

/** Ours first: comparisons are printed in this order. */
export const SENTINEL_KINDS = ['vedette', 'redis-sentinel'] as const;
export type SentinelKind = (typeof SENTINEL_KINDS)[number];

/** The built executable that belongs to this build of the tests. */
export const VEDETTE_EXECUTABLE = fileURLToPath(new URL('../../src/main.js', import.meta.url));

const { SYSTEM_TEST_SUBJECT } = process.env;

/** What the system tests test. `SYSTEM_TEST_SUBJECT=redis-sentinel` runs them against the original for comparison. */
export const SUBJECT: SentinelKind = SYSTEM_TEST_SUBJECT === 'redis-sentinel' ? 'redis-sentinel' : 'vedette';

export interface SentinelProcessOptions {
  readonly name: string;
  readonly kind: SentinelKind;
  /** Everything of the configuration but port, address and directory. */
  readonly directives: readonly string[];
  /** Serves and connects over TLS alone if given. */
  readonly tls?: TlsUse;
  /** What the harness needs to connect, if the directives want it. */
  readonly password?: string;
  readonly onEvent?: (event: RecordedEvent) => void;
  /** The loopback address unless given. */
  readonly place?: Place;
  /** Stands before it, and is announced in its place; the harness uses its own port. */
  readonly forwarder?: PortForwarder;
  /** Further variables of the environment, for every start. */
  readonly environment?: Readonly<Record<string, string>>;
}

const START_LIMIT = 15_000;

export class SentinelProcess {
  readonly name: string;
  /** What `start` starts; changing it lets the other kind take over the configuration and the identity. */
  kind: SentinelKind;
  readonly port: number;
  readonly directory: string;
  readonly configPath: string;
  readonly recorder: EventRecorder;
  /** What stands before it; null if others connect to it directly. */
  readonly forwarder: PortForwarder | null;
  readonly #onEvent: (event: RecordedEvent) => void;
  #connectionOptions: RespConnectionOptions;
  #client: RespClient;
  #place: Place;
  readonly #environment: Readonly<Record<string, string>>;
  #program: Program | null = null;
  #peak = 0;

  private constructor(options: SentinelProcessOptions, port: number, directory: string) {
    this.name = options.name;
    this.kind = options.kind;
    this.#place = options.place ?? LOOPBACK;
    this.forwarder = options.forwarder ?? null;
    this.#environment = options.environment ?? {};
    this.port = port;
    this.directory = directory;
    this.configPath = join(directory, 'sentinel.conf');
    this.recorder = new EventRecorder(options.name);
    this.#connectionOptions = {
      host: this.host,
      ...(options.tls === undefined ? {} : { tls: options.tls.client }),
      ...(options.password === undefined ? {} : { password: options.password }),
    };
    this.#client = new RespClient(port, this.#connectionOptions);
    this.#onEvent = options.onEvent ?? (() => undefined);
  }

  /** Writes the configuration and reserves a port, without starting anything. */
  static async prepare(workspace: Workspace, options: SentinelProcessOptions): Promise<SentinelProcess> {
    const port = options.forwarder?.targetPort ?? (await freePort());
    const sentinel = new SentinelProcess(options, port, workspace.directory(options.name));
    const own = [...portLines(sentinel.port, options.tls), `bind ${sentinel.host}`, `dir "${sentinel.directory}"`];
    const lines = [...own, ...sentinel.#announcement(), ...options.directives];
    writeFileSync(sentinel.configPath, `${lines.join('\n')}\n`);
    return sentinel;
  }

  get host(): string {
    return this.#place.address;
  }

  /** The host by which others are told to find it. */
  get announcedHost(): string {
    return this.#place.name ?? this.forwarder?.host ?? this.host;
  }

  /** The port at which others are told to find it. */
  get announcedPort(): number {
    return this.forwarder?.port ?? this.port;
  }

  get isRunning(): boolean {
    return this.#program?.isRunning ?? false;
  }

  get pid(): number {
    return this.program.pid;
  }

  /** The process started last. */
  get program(): Program {
    if (this.#program === null) throw new Error(`${this.name} was never started`);
    return this.#program;
  }

  /** The most memory that it ever had in use, in this life or in one that was ended by `stop` or `kill`. */
  get peakResidentBytes(): number {
    this.#notePeak();
    return this.#peak;
  }

  /** Starts the process without waiting for it to answer. */
  async launch(): Promise<Program> {
    const [executable, ...leading] =
      this.kind === 'vedette' ? [process.execPath, VEDETTE_EXECUTABLE] : (['redis-sentinel'] as const);
    const [command, args] = commandAt(this.#place, executable, [...leading, this.configPath]);
    this.#program = await Program.start({
      name: this.kind,
      command,
      args,
      directory: this.directory,
      environment: this.#environment,
    });
    return this.#program;
  }

  /** Starts the process with the configuration as it is now; resolves when it answers and its events are recorded. */
  async start(): Promise<void> {
    const program = await this.launch();
    await waitFor(`${this.name} answers PING`, START_LIMIT, async () => {
      if (!program.isRunning) throw new Hopeless(`the process ended:\n${program.stdout}\n${program.stderr}`);
      await this.command('PING');
    });
    await this.recorder.subscribe(this.port, this.#onEvent, this.#connectionOptions);
  }

  /** Ends the process in good order with SIGTERM. */
  async stop(): Promise<ExitStatus> {
    this.#client.close();
    this.#notePeak();
    this.program.signal('SIGTERM');
    return await this.program.ended;
  }

  /** Ends the process with SIGKILL. */
  async kill(): Promise<void> {
    this.#client.close();
    this.#notePeak();
    await this.#program?.kill();
  }

  /** From the next start on it is there, with the same port and configuration. Call it while the process is dead. */
  moveTo(place: Place): void {
    this.#place = place;
    this.#connectionOptions = { ...this.#connectionOptions, host: this.host };
    this.#client = new RespClient(this.port, this.#connectionOptions);
    writeFileSync(this.configPath, this.configuration.replace(/^bind .*$/m, `bind ${this.host}`), 'latin1');
  }

  freeze(): void {
    this.program.signal('SIGSTOP');
  }

  thaw(): void {
    this.program.signal('SIGCONT');
  }

  #notePeak(): void {
    const present = this.isRunning ? peakResidentBytes(this.pid) : null;
    this.#peak = Math.max(this.#peak, present ?? 0);
  }

  /** Lets the process live on after this one. */
  release(): void {
    this.#client.close();
    this.recorder.close();
    this.program.release();
  }

  /** Sends a command over a connection that is kept for the next one. */
  command(...words: readonly (string | number)[]): Promise<RespValue> {
    return this.#client.command(...words);
  }

  /** The port that GET-MASTER-ADDR-BY-NAME answers. */
  async masterPort(masterName: string): Promise<number> {
    const reply = await this.command('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', masterName);
    if (!Array.isArray(reply)) throw new Error(`${this.name} knows no master called ${masterName}`);
    return Number(reply[1]);
  }

  /** The fields of SENTINEL MASTER. */
  async master(masterName: string): Promise<Record<string, string>> {
    return pairs(await this.command('SENTINEL', 'MASTER', masterName));
  }

  /** The fields of each replica of SENTINEL REPLICAS. */
  async replicas(masterName: string): Promise<readonly Record<string, string>[]> {
    return listOfPairs(await this.command('SENTINEL', 'REPLICAS', masterName));
  }

  /** The fields of each other Sentinel of SENTINEL SENTINELS. */
  async peers(masterName: string): Promise<readonly Record<string, string>[]> {
    return listOfPairs(await this.command('SENTINEL', 'SENTINELS', masterName));
  }

  async runId(): Promise<string> {
    return String(await this.command('SENTINEL', 'MYID'));
  }

  /** The fields of INFO as one record over all sections. */
  async info(): Promise<Record<string, string>> {
    const record: Record<string, string> = {};
    for (const line of String(await this.command('INFO')).split('\r\n')) {
      const colon = line.indexOf(':');
      if (colon > 0) record[line.slice(0, colon)] = line.slice(colon + 1);
    }
    return record;
  }

  /** The directives that tell others where to find it, if that is not where it listens. */
  #announcement(): readonly string[] {
    // A name is accepted only behind the directive that allows names.
    const permission = this.#place.name === undefined ? [] : ['sentinel resolve-hostnames yes'];
    const host = this.announcedHost === this.host ? [] : [`sentinel announce-ip ${this.announcedHost}`];
    const port = this.announcedPort === this.port ? [] : [`sentinel announce-port ${this.announcedPort}`];
    return [...permission, ...host, ...port];
  }

  /** The configuration file as it is on the disk now. */
  get configuration(): string {
    return readFileSync(this.configPath, 'latin1');
  }

  /** Everything written to standard output; without a `logfile` directive that is the log. */
  get log(): string {
    return this.#program?.stdout ?? '';
  }

  /** Everything written to standard error. A healthy supervisor writes nothing there. */
  get stderr(): string {
    return this.#program?.stderr ?? '';
  }
}

function listOfPairs(reply: RespValue): readonly Record<string, string>[] {
  if (!Array.isArray(reply)) throw new Error(`expected a list, got ${JSON.stringify(reply)}`);
  return reply.map(pairs);
}
