// The simulated Redis server against what real ones do: roles, histories, resynchronisation, transactions, pauses and refusals.

import { expect } from 'chai';
import { parseInfo } from '../../src/protocol/info.js';
import { ErrorReply, type Reply, SimpleString } from '../../src/protocol/reply.js';
import { Agenda } from './agenda.js';
import { type End, Network } from './network.js';
import { Process } from './process.js';
import { DEFAULT_REDIS_OPTIONS, RedisNode, type RedisOptions } from './redis-node.js';
import { Seed } from './seed.js';
import { Trace } from './trace.js';
import type { Frame } from './wire.js';

class Caller extends Process {
  protected started(): void {
    this.timersFirst = true;
  }

  protected died(): void {
    this.timersFirst = true;
  }
}

/** One connection that remembers what came back. */
class Connection {
  readonly replies: Reply[] = [];
  readonly messages: string[] = [];
  isClosed: boolean;
  readonly #end: End;

  constructor(world: World, node: RedisNode) {
    this.isClosed = false;
    this.#end = world.network.connect(world.caller, node.options.address, {
      received: (frame: Frame) => {
        if (frame.kind === 'replies') this.replies.push(...frame.replies);
        else if (frame.kind === 'message') this.messages.push(frame.payload);
      },
      closed: () => {
        this.isClosed = true;
      },
    });
    world.run(5);
  }

  send(...commands: string[]): void {
    this.#end.send({ kind: 'commands', commands: commands.map((command) => command.split(' ')) });
  }
}

class World {
  readonly agenda = new Agenda();
  readonly network = new Network(this.agenda, new Seed(1), { latency: [0.1, 0.3], jitter: 0.1 });
  readonly caller = new Caller('caller', this.network.machine('10.0.0.1'), this.agenda);
  readonly #seed = new Seed(2);
  #hosts = 1;

  constructor() {
    this.caller.start();
  }

  node(options: Partial<RedisOptions> = {}): RedisNode {
    const name = `redis-${++this.#hosts}`;
    const address = { host: `10.0.0.${this.#hosts}`, port: 6379 };
    const surroundings = {
      agenda: this.agenda,
      network: this.network,
      trace: new Trace(this.agenda, null),
      dice: this.#seed.dice(name),
    };
    const node = new RedisNode(name, { ...DEFAULT_REDIS_OPTIONS, address, ...options }, surroundings);
    node.start();
    return node;
  }

  /** A master and its replicas, synchronised. */
  group(replicas: number, options: Partial<RedisOptions> = {}): [RedisNode, ...RedisNode[]] {
    const master = this.node(options);
    const followers = Array.from({ length: replicas }, () =>
      this.node({ replicaOf: master.options.address, ...options }),
    );
    this.run(3_000);
    for (const node of followers) expect(node.upstream?.isUp).to.equal(true);
    return [master, ...followers];
  }

  connect(node: RedisNode): Connection {
    return new Connection(this, node);
  }

  ask(node: RedisNode, ...commands: string[]): readonly Reply[] {
    const connection = this.connect(node);
    connection.send(...commands);
    this.run(5);
    return connection.replies;
  }

  run(duration: number): void {
    this.agenda.runUntil(this.agenda.now + duration);
  }
}

function info(world: World, node: RedisNode): ReturnType<typeof parseInfo> {
  const [text] = world.ask(node, 'INFO');
  if (typeof text !== 'string') throw new Error('INFO is no text');
  return parseInfo(text);
}

function errorOf(replies: readonly Reply[], index = 0): string {
  const reply = replies[index];
  return reply instanceof ErrorReply ? reply.message : `no error, but ${JSON.stringify(reply)}`;
}

describe('simulated Redis: replication', () => {
  it('copies writes to its replicas and reports roles, offsets and histories in INFO', () => {
    const world = new World();
    const [master, replica] = world.group(1);

    world.ask(master, 'SET key 1', 'SET key 2');
    world.run(1_500);

    expect(replica?.history.writes).to.deep.equal([1, 2]);
    const ofMaster = info(world, master);
    const ofReplica = info(world, replica ?? master);
    expect(ofMaster.role).to.equal('master');
    expect(ofMaster.replicas).to.have.length(1);
    expect(ofMaster.replicas[0]).to.include({ host: '10.0.0.3', port: 6379, state: 'online' });
    expect(ofReplica).to.include({ role: 'slave', masterHost: '10.0.0.2', masterPort: 6379, masterLinkUp: true });
    expect(ofReplica.offset).to.equal(ofMaster.offset);
    expect(ofReplica.replicationId).to.equal(ofMaster.replicationId);
  });

  it('starts a new history at a promotion that the other replicas continue without losing anything', () => {
    const world = new World();
    const [master, first, second] = world.group(2);
    if (first === undefined || second === undefined) throw new Error('two replicas');
    world.ask(master, 'SET key 1');
    const before = info(world, first);

    master.kill();
    world.ask(first, 'REPLICAOF NO ONE', 'SET key 2');
    world.ask(second, `REPLICAOF ${first.options.address.host} 6379`);
    world.run(3_000);

    const after = info(world, first);
    expect(after.role).to.equal('master');
    expect(after.secondReplicationId).to.equal(before.replicationId);
    expect(after.replicationId).not.to.equal(before.replicationId);
    expect(second.history.writes).to.deep.equal([1, 2]);
    expect(second.history.replicationId).to.equal(after.replicationId);
  });

  it('replaces what a demoted master wrote that nobody else has', () => {
    const world = new World();
    const [master, replica] = world.group(1);
    if (replica === undefined) throw new Error('a replica');
    world.network.separate([master.machine], [replica.machine]);
    world.ask(master, 'SET key 1', 'SET key 2');
    world.ask(replica, 'REPLICAOF NO ONE', 'SET key 3');

    world.network.heal();
    world.ask(master, `REPLICAOF ${replica.options.address.host} 6379`);
    world.run(3_000);

    expect(master.upstream?.isUp).to.equal(true);
    expect(master.history.writes).to.deep.equal([3]);
  });

  it('serves replicas of replicas, and their subscribers hear what is published on the master', () => {
    const world = new World();
    const [master, replica] = world.group(1);
    if (replica === undefined) throw new Error('a replica');
    const leaf = world.node({ replicaOf: replica.options.address });
    world.run(3_000);
    const listener = world.connect(leaf);
    listener.send('SUBSCRIBE news');

    world.ask(master, 'SET key 1', 'PUBLISH news hello');
    world.ask(replica, 'PUBLISH news local');
    world.run(100);

    expect(leaf.history.writes).to.deep.equal([1]);
    expect(listener.messages).to.deep.equal(['hello']);
  });

  it('loses everything with a master that restarts empty', () => {
    const world = new World();
    const [master, replica] = world.group(1);
    world.ask(master, 'SET key 1');

    master.kill();
    master.restart('empty');
    world.run(5_000);

    expect(replica?.upstream?.isUp).to.equal(true);
    expect(replica?.history.writes).to.deep.equal([]);
  });

  it('remembers its role over a restart only if the configuration was rewritten', () => {
    const world = new World();
    const [master, replica] = world.group(1);
    if (replica === undefined) throw new Error('a replica');
    world.ask(replica, 'REPLICAOF NO ONE');
    replica.kill();
    replica.restart('with-data');
    expect(replica.isMaster).to.equal(false);

    world.run(2_000);
    world.ask(replica, 'MULTI', 'REPLICAOF NO ONE', 'CONFIG REWRITE', 'EXEC');
    replica.kill();
    replica.restart('with-data');

    expect(replica.isMaster).to.equal(true);
    expect(master.isMaster).to.equal(true);
  });

  it('keeps its place in the history over a clean shutdown, and loses it in a crash', () => {
    const world = new World();
    const [master, replica] = world.group(1);
    if (replica === undefined) throw new Error('a replica');

    replica.shutDown();
    replica.restart('with-data');
    expect(replica.upstream?.isCached).to.equal(true);
    world.run(3_000);
    replica.kill();
    replica.restart('with-data');

    expect(replica.upstream?.isCached).to.equal(false);
    expect(info(world, replica).replicationId).not.to.equal(master.history.replicationId);
  });

  it('refuses writes with too few replicas', () => {
    const world = new World();
    const [master, replica] = world.group(1, { minReplicasToWrite: 1, minReplicasMaxLag: 1_500 });
    expect(world.ask(master, 'SET key 1')[0]).to.deep.equal(new SimpleString('OK'));

    replica?.stop();
    world.run(3_000);

    expect(errorOf(world.ask(master, 'SET key 2'))).to.match(/^NOREPLICAS /);
  });
});

describe('simulated Redis: role changes', () => {
  it('refuses a port that is none, in the words that a probe looks for', () => {
    const world = new World();
    const node = world.node();

    const replies = world.ask(node, 'REPLICAOF 127.0.0.1 not-a-port', 'SLAVEOF 127.0.0.1 99999');

    expect(errorOf(replies)).to.equal('ERR Invalid master port');
    expect(errorOf(replies, 1)).to.equal('ERR Invalid master port');
    expect(node.isMaster).to.equal(true);
  });

  it('executes a transaction whole and drops normal clients and subscribers, but not the caller', () => {
    const world = new World();
    const [, replica] = world.group(1);
    if (replica === undefined) throw new Error('a replica');
    const normal = world.connect(replica);
    const listener = world.connect(replica);
    listener.send('SUBSCRIBE news');
    world.run(5);

    const replies = world.ask(
      replica,
      'MULTI',
      'REPLICAOF NO ONE',
      'CONFIG REWRITE',
      'CLIENT KILL TYPE normal',
      'CLIENT KILL TYPE pubsub',
      'EXEC',
      'INFO',
    );

    expect(replies[5]).to.deep.equal([new SimpleString('OK'), new SimpleString('OK'), 1, 1]);
    expect(parseInfo(String(replies[6])).role).to.equal('master');
    expect([normal.isClosed, listener.isClosed]).to.deep.equal([true, true]);
    expect(replica.savedMaster).to.equal(null);
  });

  it('does nothing of a transaction of which one part is not permitted', () => {
    const world = new World();
    const [, replica] = world.group(1, { denied: new Set(['CLIENT|KILL']) });
    if (replica === undefined) throw new Error('a replica');

    const replies = world.ask(replica, 'MULTI', 'REPLICAOF NO ONE', 'CLIENT KILL TYPE normal', 'EXEC');

    expect(errorOf(replies, 2)).to.match(/^NOPERM .*'client\|kill'/);
    expect(errorOf(replies, 3)).to.match(/^EXECABORT /);
    expect(replica.isMaster).to.equal(false);
  });

  it('leaves a connection that is still in the accept queue alone', () => {
    const world = new World();
    const node = world.node();
    const killer = world.connect(node);
    node.stop();
    killer.send('CLIENT KILL TYPE normal');
    world.run(10);
    const queued = world.connect(node);
    queued.send('PING');
    world.run(10);

    node.resume();
    world.run(10);

    expect(queued.isClosed).to.equal(false);
    expect(queued.replies).to.deep.equal([new SimpleString('PONG')]);
  });
});

describe('simulated Redis: refusals and delays', () => {
  it('holds back writes, publications and all that is queued behind them during CLIENT PAUSE WRITE', () => {
    const world = new World();
    const node = world.node();
    const writer = world.connect(node);
    const reader = world.connect(node);
    world.ask(node, 'CLIENT PAUSE 1000 WRITE');

    writer.send('PUBLISH news hello', 'PING');
    reader.send('PING');
    world.run(500);
    expect(writer.replies).to.deep.equal([]);
    expect(reader.replies).to.deep.equal([new SimpleString('PONG')]);
    world.run(600);

    expect(writer.replies).to.deep.equal([0, new SimpleString('PONG')]);
  });

  it('answers PING with its condition', () => {
    const world = new World();
    const [master, replica] = world.group(1, { servesStaleData: false });
    if (replica === undefined) throw new Error('a replica');

    master.isBusy = true;
    expect(errorOf(world.ask(master, 'PING'))).to.match(/^BUSY /);
    expect(world.ask(master, 'SCRIPT KILL', 'PING')[1]).to.deep.equal(new SimpleString('PONG'));
    master.isMisconfigured = true;
    expect(errorOf(world.ask(master, 'PING'))).to.match(/^MISCONF /);
    master.startLoading(() => undefined);
    master.isMisconfigured = false;
    expect(errorOf(world.ask(master, 'PING'))).to.match(/^LOADING /);
    master.kill();
    world.run(100);
    expect(errorOf(world.ask(replica, 'PING'))).to.match(/^MASTERDOWN /);
  });

  it('refuses what access rules or renamed commands withhold', () => {
    const world = new World();
    const node = world.node({
      denied: new Set(['REPLICAOF', '__sentinel__:vote']),
      renamed: new Map([['INFO', 'secret-info']]),
    });

    const replies = world.ask(node, 'REPLICAOF NO ONE', 'SUBSCRIBE __sentinel__:vote', 'INFO', 'secret-info');

    expect(errorOf(replies)).to.match(/^NOPERM .*'replicaof'/);
    expect(errorOf(replies, 1)).to.match(/^NOPERM .*channels/);
    expect(errorOf(replies, 2)).to.match(/^ERR unknown command 'INFO'/);
    expect(replies[3]).to.be.a('string');
  });

  it('knows no HELLO when it is old', () => {
    const world = new World();
    const node = world.node({ isResp2Only: true });

    expect(errorOf(world.ask(node, 'HELLO 3'))).to.match(/^ERR unknown command 'HELLO'/);
  });
});
