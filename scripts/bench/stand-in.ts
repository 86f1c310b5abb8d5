// A stand-in for a data node: answers what Sentinels ask as a Redis server would, keeps no data, and costs next to nothing, so that
// thousands fit into one process. For the benchmark of scale, where real servers would use up the machine that is to be shared.
//
// It is a faithful partner for monitoring, Pub/Sub and role changes, and for nothing else.

import { randomBytes } from 'node:crypto';
import { createServer, type Server, type Socket } from 'node:net';

import { ErrorReply, MapReply, OK, PushReply, type Reply, SimpleString } from '../../src/protocol/reply.js';
import { RespDecoder } from '../../src/protocol/resp-decoder.js';
import { encode, type RespVersion } from '../../src/protocol/resp-encoder.js';

/** The level of compatibility it reports. */
const VERSION = '7.0.15';
/** Where every stand-in listens. */
export const LOOPBACK = '127.0.0.1';

class Session {
  readonly socket: Socket;
  readonly decoder = new RespDecoder();
  readonly channels = new Set<string>();
  version: RespVersion = 2;
  /** Commands since MULTI; null outside a transaction. */
  queue: (readonly string[])[] | null = null;

  constructor(socket: Socket) {
    this.socket = socket;
    this.decoder.isAuthenticated = true;
  }

  say(reply: Reply): void {
    this.socket.write(encode(reply, this.version), 'latin1');
  }
}

export class StandIn {
  readonly port: number;
  readonly #server: Server;
  readonly #sessions = new Set<Session>();
  readonly #runId = randomId();
  readonly #bootedAt = Date.now();
  #replicationId: string;
  #formerReplicationId = '0'.repeat(40);
  #master: StandIn | null;
  readonly #replicas: StandIn[] = [];
  #isAlive = true;

  private constructor(server: Server, port: number, master: StandIn | null) {
    this.#server = server;
    this.port = port;
    this.#master = master;
    this.#replicationId = master === null ? randomId() : master.#replicationId;
    if (master !== null) master.#replicas.push(this);
  }

  /** Listens on a free port of the loopback address. */
  static async start(master: StandIn | null): Promise<StandIn> {
    const server = createServer({ noDelay: true });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host: LOOPBACK, port: 0, backlog: 511 }, resolve);
    });
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('a stand-in has no port');
    const node = new StandIn(server, address.port, master);
    server.on('connection', (socket) => node.#accept(socket));
    return node;
  }

  /** As SIGKILL does: connections break, new ones are refused. */
  kill(): void {
    this.#isAlive = false;
    this.#server.close();
    for (const { socket } of this.#sessions) {
      // Node.js never closes a connection that is reset while it is being ended.
      if (socket.writableEnded) socket.destroy();
      else socket.resetAndDestroy();
    }
  }

  #accept(socket: Socket): void {
    const session = new Session(socket);
    this.#sessions.add(session);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#sessions.delete(session));
    socket.on('data', (chunk) => this.#read(session, chunk));
  }

  #read(session: Session, chunk: Uint8Array): void {
    session.decoder.feed(chunk);
    session.socket.cork();
    for (let words = session.decoder.next(); words !== null; words = session.decoder.next()) this.#take(session, words);
    session.socket.uncork();
  }

  #take(session: Session, words: readonly string[]): void {
    const name = words[0]?.toUpperCase();
    if (session.queue === null || name === 'EXEC') {
      session.say(this.#perform(session, words));
      return;
    }
    session.queue.push(words);
    session.say(new SimpleString('QUEUED'));
  }

  #perform(session: Session, words: readonly string[]): Reply {
    const [name = '', first = '', second = ''] = words;
    switch (name.toUpperCase()) {
      case 'PING':
        return new SimpleString('PONG');
      case 'INFO':
        return this.#info();
      case 'HELLO':
        session.version = first === '3' ? 3 : 2;
        return new MapReply([
          ['server', 'redis'],
          ['version', VERSION],
          ['proto', session.version],
        ]);
      case 'PUBLISH':
        return this.#publish(first, second);
      case 'SUBSCRIBE':
        session.channels.add(first);
        return new PushReply(['subscribe', first, session.channels.size]);
      case 'SLAVEOF':
      case 'REPLICAOF':
        return this.#changeRole(first, second);
      case 'MULTI':
        session.queue = [];
        return OK;
      case 'EXEC':
        return this.#execute(session);
      case 'CLIENT':
      case 'CONFIG':
        return OK;
      default:
        return new ErrorReply(`ERR unknown command '${name}'`);
    }
  }

  #execute(session: Session): Reply {
    const commands = session.queue ?? [];
    session.queue = null;
    return commands.map((words) => this.#perform(session, words));
  }

  #changeRole(host: string, port: string): Reply {
    const isNobody = host.toUpperCase() === 'NO' && port.toUpperCase() === 'ONE';
    if (!isNobody && !/^\d+$/.test(port)) return new ErrorReply('ERR Invalid master port');
    if (isNobody && this.#master !== null) {
      this.#master = null;
      this.#formerReplicationId = this.#replicationId;
      this.#replicationId = randomId();
    }
    return OK;
  }

  /** What is published on a master reaches the subscribers of its replicas as well. */
  #publish(channel: string, payload: string): number {
    let count = 0;
    for (const { version, channels, socket } of this.#sessions) {
      if (!channels.has(channel)) continue;
      socket.write(encode(new PushReply(['message', channel, payload]), version), 'latin1');
      count++;
    }
    if (this.#isMaster) for (const replica of this.#replicas) replica.#publish(channel, payload);
    return count;
  }

  get #isMaster(): boolean {
    return this.#master === null;
  }

  #info(): string {
    const lines = [
      '# Server',
      `redis_version:${VERSION}`,
      `run_id:${this.#runId}`,
      `uptime_in_seconds:${Math.floor((Date.now() - this.#bootedAt) / 1000)}`,
      '# Replication',
      ...(this.#master === null ? this.#masterLines() : this.#replicaLines(this.#master)),
      `master_replid:${this.#replicationId}`,
      `master_replid2:${this.#formerReplicationId}`,
      'master_repl_offset:1000',
    ];
    return `${lines.join('\r\n')}\r\n`;
  }

  #masterLines(): readonly string[] {
    const replicas = this.#replicas.filter((replica) => replica.#master === this && replica.#isAlive);
    const lines = replicas.map(({ port }, index) => {
      return `slave${index}:ip=${LOOPBACK},port=${port},state=online,offset=1000,lag=0`;
    });
    return ['role:master', `connected_slaves:${replicas.length}`, ...lines];
  }

  #replicaLines(master: StandIn): readonly string[] {
    return [
      'role:slave',
      `master_host:${LOOPBACK}`,
      `master_port:${master.port}`,
      `master_link_status:${master.#isAlive ? 'up' : 'down'}`,
      ...(master.#isAlive ? [] : ['master_link_down_since_seconds:1']),
      'slave_repl_offset:1000',
      'slave_priority:100',
      'slave_read_only:1',
      'replica_announced:1',
    ];
  }
}

function randomId(): string {
  return randomBytes(20).toString('hex');
}
