// A real redis-server, on the loopback address or in a place of its own: a master, or a replica of another one. Knows how to die in every way the
// tests need. It has a configuration file, because failover makes nodes rewrite theirs.

import { readFileSync, writeFileSync } from 'node:fs';

import { freePort } from './free-port.js';
import { commandAt, type Endpoint, LOOPBACK, type Place } from './place.js';
import { type ExitStatus, Program } from './program.js';
import { RespClient } from './resp-client.js';
import type { RespConnectionOptions, RespValue } from './resp-connection.js';
import { portLines, type TlsUse } from './tls-use.js';
import { Hopeless, waitFor } from './wait.js';
import type { Workspace } from './workspace.js';

export interface RedisServerOptions {
  readonly name: string;
  /** The master to replicate, by its port on the loopback address or as an endpoint; a master of its own unless given. */
  readonly replicaOf?: number | Endpoint;
  /** The loopback address unless given. */
  readonly place?: Place;
  /** Further lines of redis.conf. */
  readonly directives?: readonly string[];
  /** Serves and replicates over TLS alone if given. */
  readonly tls?: TlsUse;
  /** What the harness needs to connect, if the directives want it. */
  readonly password?: string;
}

export type ServerRole =
  | { readonly role: 'master'; readonly offset: number }
  | { readonly role: 'replica'; readonly masterPort: number; readonly isLinkUp: boolean; readonly offset: number };

const START_LIMIT = 10_000;

export class RedisServer {
  readonly name: string;
  readonly port: number;
  readonly directory: string;
  readonly #configPath: string;
  readonly #connectionOptions: RespConnectionOptions;
  #place: Place;
  #client: RespClient;
  #program: Program | null = null;

  private constructor(options: RedisServerOptions, port: number, directory: string) {
    const { name, tls, password, place = LOOPBACK } = options;
    this.name = name;
    this.#place = place;
    this.port = port;
    this.directory = directory;
    this.#configPath = `${directory}/redis.conf`;
    this.#connectionOptions = {
      ...(tls === undefined ? {} : { tls: tls.client }),
      ...(password === undefined ? {} : { password }),
    };
    this.#client = new RespClient(port, { ...this.#connectionOptions, host: this.host });
  }

  /** Writes a configuration and starts the server; resolves when it answers PING. */
  static async start(workspace: Workspace, options: RedisServerOptions): Promise<RedisServer> {
    const server = new RedisServer(options, await freePort(), workspace.directory(options.name));
    writeFileSync(server.#configPath, server.#configuration(options));
    await server.start();
    return server;
  }

  get host(): string {
    return this.#place.address;
  }

  /** Where others are told to find it. */
  get announced(): Endpoint {
    return { host: this.#place.name ?? this.host, port: this.port };
  }

  get isRunning(): boolean {
    return this.#program?.isRunning ?? false;
  }

  get pid(): number {
    return this.#running().pid;
  }

  /** Starts the server again with the configuration file as it is now. */
  async start(): Promise<void> {
    const [command, args] = commandAt(this.#place, 'redis-server', [this.#configPath]);
    this.#program = await Program.start({
      name: 'redis-server',
      command,
      args,
      directory: this.directory,
    });
    await waitFor(`${this.name} answers PING`, START_LIMIT, async () => {
      if (!this.isRunning) throw new Hopeless(`${this.name} ended:\n${this.log}`);
      await this.command('PING');
    });
  }

  /** Ends the server with SIGKILL; resolves when it is gone. */
  async kill(): Promise<void> {
    this.#client.close();
    await this.#program?.kill();
  }

  /** From the next start on it is there, with the same port and configuration. Call it while the server is dead. */
  moveTo(place: Place): void {
    this.#place = place;
    this.#client = new RespClient(this.port, { ...this.#connectionOptions, host: this.host });
    const configuration = readFileSync(this.#configPath, 'latin1');
    writeFileSync(this.#configPath, configuration.replace(/^bind .*$/m, `bind ${this.host}`), 'latin1');
  }

  /** Stops the process without ending it: connections stay open and nothing is answered. */
  freeze(): void {
    this.#running().signal('SIGSTOP');
  }

  thaw(): void {
    this.#running().signal('SIGCONT');
  }

  /** Asks the server to end in good order, as an operator does. */
  async shutDown(): Promise<ExitStatus> {
    const program = this.#running();
    // The reply to a successful SHUTDOWN is the end of the connection.
    const [status] = await Promise.all([program.ended, this.command('SHUTDOWN', 'NOSAVE').catch(() => undefined)]);
    this.#client.close();
    return status;
  }

  /** Lets the server live on after this process. */
  release(): void {
    this.#client.close();
    this.#running().release();
  }

  /** Sends a command over a connection that is kept for the next one. */
  command(...words: readonly (string | number)[]): Promise<RespValue> {
    return this.#client.command(...words);
  }

  async role(): Promise<ServerRole> {
    const reply = await this.command('ROLE');
    if (!Array.isArray(reply)) throw new Error(`unexpected reply to ROLE: ${JSON.stringify(reply)}`);
    if (reply[0] === 'master') return { role: 'master', offset: Number(reply[1]) };
    return {
      role: 'replica',
      masterPort: Number(reply[2]),
      isLinkUp: reply[3] === 'connected',
      offset: Number(reply[4]),
    };
  }

  /** Everything the server has logged. */
  get log(): string {
    return this.#program?.stdout ?? '';
  }

  #configuration(options: RedisServerOptions): string {
    const lines = [
      ...portLines(this.port, options.tls),
      `bind ${this.host}`,
      ...(this.#place === LOOPBACK ? [] : ['protected-mode no']),
      ...(this.#place.name === undefined ? [] : [`replica-announce-ip ${this.#place.name}`]),
      `dir ${this.directory}`,
      'save ""',
      'appendonly no',
      'repl-diskless-sync yes',
      'repl-diskless-sync-delay 0',
      ...(options.directives ?? []),
    ];
    if (options.replicaOf !== undefined) {
      const { replicaOf } = options;
      const { host, port } = typeof replicaOf === 'number' ? { host: LOOPBACK.address, port: replicaOf } : replicaOf;
      lines.push(`replicaof ${host} ${port}`);
    }
    return `${lines.join('\n')}\n`;
  }

  #running(): Program {
    if (this.#program === null) throw new Error(`${this.name} was never started`);
    return this.#program;
  }
}
