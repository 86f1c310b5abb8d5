// One client's connection to a simulated Redis server: protocol version, subscriptions, transaction, and the queue of commands
// that a CLIENT PAUSE holds back. The order of replies is the order of commands, whatever blocks.

import type { Address, Millis } from '../../src/core/types.js';
import { ErrorReply, MapReply, type Reply, SimpleString } from '../../src/protocol/reply.js';
import type { End, EndHandlers } from './network.js';
import { admit, type CommandSpec, run, specOf } from './redis-commands.js';
import { NEEDS_AUTHENTICATION, WRONG_PASSWORD } from './redis-errors.js';
import type { RedisNode } from './redis-node.js';
import type { Command, Frame, StreamItem } from './wire.js';

/** What a master keeps about a connection that has become a replica's. */
export interface Follower {
  isOnline: boolean;
  /** What it is owed after the reply to its PSYNC: the backlog may forget it before the reply is out. */
  owed: StreamItem[];
  address: Address;
  acknowledgedOffset: number;
  acknowledgedAt: Millis;
}

const QUEUED = new SimpleString('QUEUED');
/** The commands that go on in a subscribed RESP2 connection. */
const WHILE_SUBSCRIBED = new Set(['SUBSCRIBE', 'UNSUBSCRIBE', 'PING', 'QUIT']);

export class RedisSession implements EndHandlers {
  readonly id: number;
  readonly node: RedisNode;
  readonly end: End;
  clientName = '';
  protocol: 2 | 3 = 2;
  isAuthenticated: boolean;
  readonly subscriptions = new Set<string>();
  listeningPort = 0;
  follower: Follower | null = null;
  #transaction: { readonly commands: Command[]; isRefused: boolean } | null = null;
  /** Commands behind one that a pause blocks. */
  readonly #blocked: Command[] = [];
  #replies: Reply[] = [];

  constructor(id: number, node: RedisNode, end: End) {
    this.id = id;
    this.node = node;
    this.end = end;
    this.isAuthenticated = node.options.password === null;
  }

  get type(): 'normal' | 'pubsub' | 'replica' {
    if (this.follower !== null) return 'replica';
    return this.subscriptions.size > 0 ? 'pubsub' : 'normal';
  }

  received(frame: Frame): void {
    if (frame.kind === 'acknowledgement') {
      this.node.acknowledged(this, frame.offset);
      return;
    }
    if (frame.kind !== 'commands') throw new Error(`a server got ${frame.kind}`);
    this.#work(frame.commands);
  }

  closed(): void {
    this.node.sessionClosed(this);
  }

  /** The server drops this client. */
  kill(): void {
    this.end.close();
    this.node.sessionClosed(this);
  }

  /** A pause has ended: what it held back is done now. */
  unblock(): void {
    if (this.#blocked.length > 0) this.#work(this.#blocked.splice(0));
  }

  message(channel: string, payload: string): void {
    this.end.send({ kind: 'message', channel, payload });
  }

  authenticate(password: string): boolean {
    this.isAuthenticated = this.node.options.password === password;
    return this.isAuthenticated;
  }

  hello(args: Command): Reply {
    const version = args[1] ?? String(this.protocol);
    if (version !== '2' && version !== '3') return new ErrorReply('NOPROTO unsupported protocol version');
    const auth = args.indexOf('AUTH');
    if (auth > 0 && !this.authenticate(args[auth + 2] ?? '')) return WRONG_PASSWORD;
    if (!this.isAuthenticated) return NEEDS_AUTHENTICATION;
    const name = args.indexOf('SETNAME');
    if (name > 0) this.clientName = args[name + 1] ?? '';
    this.protocol = version === '3' ? 3 : 2;
    return new MapReply([
      ['server', 'redis'],
      ['version', this.node.options.version],
      ['proto', this.protocol],
      ['role', this.node.isMaster ? 'master' : 'replica'],
    ]);
  }

  multi(): Reply {
    if (this.#transaction !== null) return new ErrorReply('ERR MULTI calls can not be nested');
    this.#transaction = { commands: [], isRefused: false };
    return new SimpleString('OK');
  }

  exec(): Reply {
    const transaction = this.#transaction;
    this.#transaction = null;
    if (transaction === null) return new ErrorReply('ERR EXEC without MULTI');
    if (transaction.isRefused) return new ErrorReply('EXECABORT Transaction discarded because of previous errors.');
    return transaction.commands.map((command) => run(this, command));
  }

  #work(commands: readonly Command[]): void {
    for (const command of commands) {
      if (!this.end.isOpen) return;
      if (this.#blocked.length > 0 || this.#isPaused(command)) this.#blocked.push(command);
      else this.#replies.push(this.#execute(command));
    }
    this.flush();
  }

  flush(): void {
    if (this.#replies.length === 0) return;
    this.end.send({ kind: 'replies', replies: this.#replies });
    this.#replies = [];
  }

  #execute(command: Command): Reply {
    const spec = specOf(this.node, command);
    const refusal = spec === null ? null : this.#refusal(spec, command);
    if (spec === null || refusal !== null) {
      if (this.#transaction !== null) this.#transaction.isRefused = true;
      return refusal ?? unknown(command);
    }
    if (this.#transaction !== null && spec.name !== 'EXEC' && spec.name !== 'MULTI') {
      this.#transaction.commands.push(command);
      return QUEUED;
    }
    return spec.run(this, command);
  }

  #refusal(spec: CommandSpec, command: Command): ErrorReply | null {
    if (!this.isAuthenticated && !spec.isAlwaysAllowed) return NEEDS_AUTHENTICATION;
    if (this.protocol === 2 && this.subscriptions.size > 0 && !WHILE_SUBSCRIBED.has(spec.name)) {
      return new ErrorReply(
        `ERR Can't execute '${spec.name.toLowerCase()}': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context`,
      );
    }
    return admit(this, spec, command);
  }

  /** CLIENT PAUSE … WRITE blocks what would change data or reach replicas, PUBLISH included, and all that is queued behind. */
  #isPaused(command: Command): boolean {
    if (!this.node.isPaused || this.follower !== null) return false;
    const spec = specOf(this.node, command);
    if (spec === null) return false;
    if (spec.name !== 'EXEC') return this.#transaction === null && spec.isReplicated;
    return this.#transaction?.commands.some((queued) => specOf(this.node, queued)?.isReplicated === true) ?? false;
  }
}

function unknown(command: Command): ErrorReply {
  const [name = '', ...args] = command;
  const quoted = args.map((arg) => `'${arg}' `).join('');
  return new ErrorReply(`ERR unknown command '${name}', with args beginning with: ${quoted}`);
}
