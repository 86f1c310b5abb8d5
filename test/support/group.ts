// A whole installation on loopback: one master, its replicas and the supervisors that watch them, in one temporary
// directory. It is ready when everybody knows everybody, so that a test begins with the fault it is about.

import type { RecordedEvent } from './event-recorder.js';
import { timeline } from './event-recorder.js';
import { LOOPBACK, type Place } from './place.js';
import type { PortForwarder } from './port-forwarder.js';
import { RedisServer } from './redis-server.js';
import { type SentinelKind, SentinelProcess, SUBJECT } from './sentinel-process.js';
import type { TlsUse } from './tls-use.js';
import { waitFor } from './wait.js';
import { Workspace } from './workspace.js';

export const MASTER_NAME = 'mymaster';

export interface GroupOptions {
  /** Three of the subject under test unless given. */
  readonly supervisors?: readonly SentinelKind[];
  /** How many replicas the master has; 2 unless given. */
  readonly replicas?: number;
  /** 2 unless given. */
  readonly quorum?: number;
  /** 1000 unless given. */
  readonly downAfterMillis?: number;
  /** 5000 unless given. */
  readonly failoverTimeoutMillis?: number;
  /** Further lines of each supervisor's configuration, after those about the master. */
  readonly directives?: readonly string[];
  /** Further lines of each data node's configuration. */
  readonly nodeDirectives?: readonly string[];
  /** What the harness needs to connect to everybody, if the directives want it. */
  readonly password?: string;
  /** Where the data nodes run, the master first; the loopback address for those left out. */
  readonly nodePlaces?: readonly Place[];
  /** Where the supervisors run; the loopback address for those left out. */
  readonly supervisorPlaces?: readonly Place[];
  /** What stands before the supervisors and is announced in their place; those left out announce themselves. */
  readonly forwarders?: readonly PortForwarder[];
  /** Further variables of the environment of each supervisor, by its index. */
  readonly environment?: (index: number, workspace: Workspace) => Readonly<Record<string, string>>;
  /** By which name the supervisors are told to monitor the master; its address unless given. */
  readonly masterHost?: string;
  /** Makes the certificates in the group's directory; then every server and supervisor uses TLS alone. */
  readonly tls?: (workspace: Workspace) => TlsUse;
  /** Sees every event of every supervisor as it arrives. */
  readonly onEvent?: (event: RecordedEvent) => void;
}

const READY_LIMIT = 30_000;
/** How long one WAIT may take, of as many as are needed. */
const WAIT_MILLIS = 500;
const LOG_LINES_OF_A_SUPERVISOR = 40;
const LOG_LINES_OF_A_NODE = 12;

export class Group {
  readonly workspace: Workspace;
  /** The data nodes; the first one starts as the master. */
  readonly nodes: RedisServer[] = [];
  readonly supervisors: SentinelProcess[] = [];
  readonly #options: GroupOptions;
  readonly #access: { readonly tls?: TlsUse; readonly password?: string };

  private constructor(options: GroupOptions) {
    this.#options = options;
    this.workspace = new Workspace();
    this.#access = {
      ...(options.tls === undefined ? {} : { tls: options.tls(this.workspace) }),
      ...(options.password === undefined ? {} : { password: options.password }),
    };
  }

  /** Starts a group and waits until it is complete. On failure everything is stopped and the logs are in the error. */
  static async start(options: GroupOptions = {}): Promise<Group> {
    const group = new Group(options);
    try {
      await group.#startNodes();
      await group.#startSupervisors();
      await group.waitUntilComplete();
      return group;
    } catch (error) {
      const report = group.report();
      await group.dispose();
      throw new Error(`the group did not start: ${error instanceof Error ? error.message : error}\n${report}`, {
        cause: error,
      });
    }
  }

  /** The node that started as the master. */
  get firstMaster(): RedisServer {
    return this.node(0);
  }

  /** The replicas of the beginning. */
  get firstReplicas(): readonly RedisServer[] {
    return this.nodes.slice(1);
  }

  node(index: number): RedisServer {
    return at(this.nodes, index);
  }

  supervisor(index: number): SentinelProcess {
    return at(this.supervisors, index);
  }

  /** All events of all supervisors so far, in the order of time. */
  get events(): readonly RecordedEvent[] {
    return this.supervisors.flatMap(({ recorder }) => recorder.events).sort((a, b) => a.at - b.at);
  }

  /** How many votes elect a leader. */
  get majority(): number {
    return Math.max(Math.floor(this.supervisors.length / 2) + 1, this.#options.quorum ?? 2);
  }

  nodeAt(port: number): RedisServer {
    const node = this.nodes.find((candidate) => candidate.port === port);
    if (node === undefined) throw new Error(`no node of this group has port ${port}`);
    return node;
  }

  /** Waits until every running supervisor knows the master, every replica and every other supervisor, all healthy. */
  async waitUntilComplete(): Promise<void> {
    for (const supervisor of this.supervisors.filter(({ isRunning }) => isRunning)) {
      await waitFor(`${supervisor.name} knows everybody`, READY_LIMIT, () => this.#verifyComplete(supervisor));
    }
  }

  /**
   * Waits until the master streams to every replica. A replica that has just loaded its data set gets nothing more before it has said
   * so, which it does once a second: what is acknowledged until then is lost with the master.
   */
  async waitUntilStreaming(): Promise<void> {
    const { firstMaster, firstReplicas } = this;
    await waitFor('every replica acknowledges what the master sends', READY_LIMIT, async () => {
      await firstMaster.command('PUBLISH', 'harness', 'anything');
      const reached = await firstMaster.command('WAIT', firstReplicas.length, WAIT_MILLIS);
      if (reached !== firstReplicas.length) throw new Error(`${reached} of ${firstReplicas.length}`);
    });
  }

  /**
   * Waits until every running supervisor answers one and the same address, not that of `former`, and that node
   * says itself that it is a master. Resolves with the new master.
   */
  async waitForNewMaster(former: RedisServer, withinMillis = 15_000): Promise<RedisServer> {
    return await waitFor(`every supervisor answers a master other than ${former.name}`, withinMillis, async () => {
      const running = this.supervisors.filter(({ isRunning }) => isRunning);
      const ports = await Promise.all(running.map((supervisor) => supervisor.masterPort(MASTER_NAME)));
      const [port] = ports;
      if (port === undefined || port === former.port || ports.some((other) => other !== port)) {
        throw new Error(`they answer ${ports.join(', ')}; ${former.name} is ${former.port}`);
      }
      const node = this.nodeAt(port);
      const { role } = await node.role();
      if (role !== 'master') throw new Error(`${node.name} says that it is a ${role}`);
      return node;
    });
  }

  /** Waits until `node` replicates `master` with its link up. */
  async waitForReplica(node: RedisServer, master: RedisServer, withinMillis = 15_000): Promise<void> {
    await waitFor(`${node.name} is a replica of ${master.name}`, withinMillis, async () => {
      const state = await node.role();
      if (state.role === 'replica' && state.masterPort === master.port && state.isLinkUp) return;
      throw new Error(`${node.name} says ${JSON.stringify(state)}; ${master.name} is ${master.port}`);
    });
  }

  /** Everything a person needs to understand a failure: what happened, and what each process said. */
  report(): string {
    const start = this.events[0]?.at ?? 0;
    const parts = [`events of the supervisors, in ms since the first:\n${timeline(this.events, start)}`];
    for (const supervisor of this.supervisors) {
      const { name, kind, port } = supervisor;
      parts.push(`log of ${name} (${kind}, port ${port}):\n${tail(supervisor.log, LOG_LINES_OF_A_SUPERVISOR)}`);
      if (supervisor.stderr !== '')
        parts.push(`stderr of ${name}:\n${tail(supervisor.stderr, LOG_LINES_OF_A_SUPERVISOR)}`);
    }
    for (const { name, port, log } of this.nodes) {
      parts.push(`log of ${name} (port ${port}):\n${tail(log, LOG_LINES_OF_A_NODE)}`);
    }
    return parts.join('\n\n');
  }

  /** Ends every process and removes the directory. */
  async dispose(): Promise<void> {
    for (const supervisor of this.supervisors) supervisor.recorder.close();
    await Promise.all([...this.supervisors, ...this.nodes].map((process) => process.kill()));
    this.workspace.remove();
  }

  /** Leaves every process and the directory behind when this process ends. */
  release(): void {
    for (const process of [...this.supervisors, ...this.nodes]) process.release();
    this.workspace.keep();
  }

  async #startNodes(): Promise<void> {
    const { nodePlaces = [], nodeDirectives: directives = [] } = this.#options;
    const placed = (index: number) => ({ place: nodePlaces[index] ?? LOOPBACK, directives, ...this.#access });
    const master = await RedisServer.start(this.workspace, { name: 'node-1', ...placed(0) });
    this.nodes.push(master);
    const names = Array.from({ length: this.#options.replicas ?? 2 }, (_, index) => `node-${index + 2}`);
    const starting = names.map((name, index) =>
      RedisServer.start(this.workspace, { name, replicaOf: master.announced, ...placed(index + 1) }),
    );
    this.nodes.push(...(await Promise.all(starting)));
    // A Sentinel asks a healthy master for its replicas every ten seconds only: have them attached before the first time.
    await Promise.all(this.firstReplicas.map((replica) => this.waitForReplica(replica, master)));
  }

  async #startSupervisors(): Promise<void> {
    const kinds = this.#options.supervisors ?? [SUBJECT, SUBJECT, SUBJECT];
    const { onEvent, supervisorPlaces = [], forwarders = [], environment } = this.#options;
    for (const [index, kind] of kinds.entries()) {
      const directives = this.#directives();
      const forwarder = forwarders[index];
      const options = {
        name: `${kind}-${index + 1}`,
        kind,
        directives,
        place: supervisorPlaces[index] ?? LOOPBACK,
        ...this.#access,
        ...(forwarder === undefined ? {} : { forwarder }),
        ...(environment === undefined ? {} : { environment: environment(index, this.workspace) }),
        ...(onEvent === undefined ? {} : { onEvent }),
      };
      this.supervisors.push(await SentinelProcess.prepare(this.workspace, options));
    }
    await Promise.all(this.supervisors.map((supervisor) => supervisor.start()));
  }

  #directives(): readonly string[] {
    const { quorum = 2, downAfterMillis = 1000, failoverTimeoutMillis = 5000, directives = [] } = this.#options;
    const { masterHost = this.node(0).announced.host } = this.#options;
    return [
      `sentinel monitor ${MASTER_NAME} ${masterHost} ${this.node(0).port} ${quorum}`,
      `sentinel down-after-milliseconds ${MASTER_NAME} ${downAfterMillis}`,
      `sentinel failover-timeout ${MASTER_NAME} ${failoverTimeoutMillis}`,
      ...directives,
    ];
  }

  async #verifyComplete(supervisor: SentinelProcess): Promise<void> {
    const { 'num-slaves': replicas, 'num-other-sentinels': peers, flags } = await supervisor.master(MASTER_NAME);
    const counts = { replicas, peers, flags };
    const expected = {
      replicas: String(this.nodes.length - 1),
      peers: String(this.supervisors.length - 1),
      flags: 'master',
    };
    if (JSON.stringify(counts) !== JSON.stringify(expected)) {
      throw new Error(`${JSON.stringify(counts)} instead of ${JSON.stringify(expected)}`);
    }
    for (const { name, flags, 'master-link-status': link } of await supervisor.replicas(MASTER_NAME)) {
      if (flags !== 'slave' || link !== 'ok') throw new Error(`replica ${name}: ${flags}, link ${link}`);
    }
    for (const { name, flags } of await supervisor.peers(MASTER_NAME)) {
      if (flags !== 'sentinel') throw new Error(`peer ${name}: ${flags}`);
    }
  }
}

function at<T>(items: readonly T[], index: number): T {
  const item = items[index];
  if (item === undefined) throw new Error(`there are only ${items.length}`);
  return item;
}

function tail(text: string, lines: number): string {
  return text.trimEnd().split('\n').slice(-lines).join('\n');
}
