// The rules of PAUSE and FORGET: each is broken on purpose, in a world that is otherwise well, and has to be noticed.

import { expect } from 'chai';
import { describeReplica } from '../../src/core/description.js';
import type { Failover, Master, Purpose } from '../../src/core/master.js';
import type { LinkId } from '../../src/core/types.js';
import { Violation } from './election-record.js';
import type { RedisNode } from './redis-node.js';
import type { SentinelHost } from './sentinel-host.js';
import { Simulation } from './simulation.js';

interface Scene {
  readonly world: Simulation;
  readonly host: SentinelHost;
  readonly master: Master;
}

function aWorld(): Scene {
  const world = new Simulation({ seed: 5, keepsClocks: true }).settled();
  const [host] = world.sentinels;
  const master = host?.sentinel?.core.topology.masters.get('mymaster');
  if (host === undefined || master === undefined) throw new Error('a Sentinel with a master');
  return { world, host, master };
}

function tell({ world, host }: Scene, ...words: string[]): void {
  let isAnswered = false;
  world.operator.tell(host.address, words, () => {
    isAnswered = true;
  });
  world.waitUntil(`${words.join(' ')} is answered`, () => isAnswered, 1_000);
}

function say({ world, host }: Scene, type: string, message: string): void {
  const event = { at: host.now, level: 'warning', type, message, master: 'mymaster' } as const;
  world.checkers.effect(host, { kind: 'event', event });
}

function aCandidacy({ host }: Scene, purpose: Purpose): Failover {
  return { state: 'elect', epoch: 1, startedAt: host.now, purpose, manual: null, firstRequestAt: null };
}

function changeRole({ world, host, master }: Scene): void {
  const [replica] = master.replicas.values();
  if (replica === undefined) throw new Error('a replica');
  const order = { master: 'mymaster', target: master.node.address, attempt: 1, parts: [], whole: true };
  const purpose = { kind: 'change-role', ...order, askedAt: host.now } as const;
  world.checkers.effect(host, { kind: 'send', link: replica.link.id, request: { purpose, commands: [] } });
}

describe('safety checkers of a paused group', () => {
  for (const [type, purpose] of [
    ['+try-failover', 'outage'],
    ['+try-reaffirmation', 'reaffirmation'],
  ] as const) {
    it(`notice an election that nobody asked for (${type})`, () => {
      const scene = aWorld();
      tell(scene, 'SENTINEL', 'PAUSE', 'mymaster', '60');
      scene.master.failover = aCandidacy(scene, purpose);

      expect(() => say(scene, type, 'master mymaster')).to.throw(Violation, 'starts an election although');
    });
  }

  it('notice a role that is changed without a failover', () => {
    const scene = aWorld();
    tell(scene, 'SENTINEL', 'PAUSE', 'mymaster', '60');

    expect(() => changeRole(scene)).to.throw(Violation, 'changes a role although');
  });

  it('let an operator fail over, and a failover under way be finished', () => {
    const scene = aWorld();
    tell(scene, 'SENTINEL', 'PAUSE', 'mymaster', '60');

    scene.master.failover = aCandidacy(scene, 'manual');
    expect(() => say(scene, '+try-failover', 'master mymaster')).not.to.throw();
    scene.master.failover = aCandidacy(scene, 'outage');
    expect(() => changeRole(scene)).not.to.throw();
  });

  it('let what a failover still wanted leave in the step in which it ends, and not later', () => {
    const scene = aWorld();
    tell(scene, 'SENTINEL', 'PAUSE', 'mymaster', '60');

    say(scene, '+failover-end-for-timeout', 'master mymaster');
    expect(() => changeRole(scene)).not.to.throw();
    scene.world.runFor(1);
    expect(() => changeRole(scene)).to.throw(Violation, 'changes a role although');
  });

  it('let everything be done when the pause was ended or is over', () => {
    const scene = aWorld();
    tell(scene, 'SENTINEL', 'PAUSE', 'mymaster', '60');
    tell(scene, 'SENTINEL', 'RESUME', 'mymaster');
    expect(() => changeRole(scene)).not.to.throw();

    tell(scene, 'SENTINEL', 'PAUSE', 'mymaster', '5');
    expect(() => changeRole(scene)).to.throw(Violation, 'is paused');
    scene.world.runFor(5_000);
    expect(() => changeRole(scene)).not.to.throw();
  });

  it('notice a configuration file that has forgotten the pause', () => {
    const scene = aWorld();
    const before = scene.host.disk.text;
    tell(scene, 'SENTINEL', 'PAUSE', 'mymaster', '60');
    scene.host.kill();
    scene.host.disk.text = before;

    expect(() => scene.host.start()).to.throw(Violation, 'forgot');
  });
});

describe('safety checkers of what is forgotten', () => {
  it('notice that a Sentinel is forgotten that was heard a moment ago', () => {
    const scene = aWorld();
    const other = scene.world.sentinels[1]?.runId ?? '';
    const forgotten = `sentinel ${other} 10.0.0.2 26379 @ mymaster`;

    expect(() => say(scene, '-sentinel', forgotten)).to.throw(Violation, `forgets ${other.slice(0, 8)}`);
  });

  it('let a Sentinel be forgotten that has been silent for five hello periods', () => {
    const scene = aWorld();
    const [, gone] = scene.world.sentinels;
    const runId = gone?.runId ?? '';
    gone?.kill();
    scene.world.runFor(10_500);

    expect(() => say(scene, '-sentinel', `sentinel ${runId} 10.0.0.2 26379 @ mymaster`)).not.to.throw();
  });
});

describe('safety checkers of replicas that are forgotten', () => {
  interface Replica {
    readonly node: RedisNode;
    readonly link: LinkId;
    readonly event: string;
  }

  function aReplica({ world, host, master }: Scene): Replica {
    const [known] = master.replicas.values();
    const node = known === undefined ? null : (world.groups[0]?.nodeAt(known.address) ?? null);
    if (known === undefined || node === null || host.sentinel === null) throw new Error('a replica');
    return { node, link: known.link.id, event: describeReplica(host.sentinel.core, master, known) };
  }

  function promote({ world, host }: Scene, { link }: Replica): void {
    const order = { master: 'mymaster', target: null, attempt: 1, parts: [], whole: true };
    const purpose = { kind: 'change-role', ...order, askedAt: host.now } as const;
    world.checkers.effect(host, { kind: 'send', link, request: { purpose, commands: [] } });
  }

  /** It is dead, and the master has noticed. */
  function aLostReplica(scene: Scene): Replica {
    const replica = aReplica(scene);
    replica.node.kill();
    scene.world.runFor(12_000);
    return replica;
  }

  it('notice one that has just answered', () => {
    const scene = aWorld();

    expect(() => say(scene, '-slave', aReplica(scene).event)).to.throw(Violation, 'which answered');
  });

  it('notice one that the master lists, though this Sentinel cannot reach it', () => {
    const scene = aWorld();
    const replica = aReplica(scene);
    scene.world.network.separate([scene.host.machine], [replica.node.machine]);
    scene.world.runFor(12_000);

    expect(() => say(scene, '-slave', replica.event)).to.throw(Violation, 'which the master lists');
  });

  it('let one be forgotten that is gone, and notice that it is promoted', () => {
    const scene = aWorld();
    const replica = aLostReplica(scene);

    expect(() => say(scene, '-slave', replica.event)).not.to.throw();
    expect(() => promote(scene, replica)).to.throw(Violation, 'has forgotten and not found again');
  });

  for (const [how, undo] of [
    ['found again', (scene: Scene, { event }: Replica) => say(scene, '+slave', event)],
    [
      'adopted as the master',
      (scene: Scene, { node }: Replica) => {
        const { host, port } = node.options.address;
        say(scene, '+switch-master', `mymaster 10.1.0.1 6379 ${host} ${port}`);
      },
    ],
  ] as const) {
    it(`forget that as soon as it is ${how}`, () => {
      const scene = aWorld();
      const replica = aLostReplica(scene);
      say(scene, '-slave', replica.event);

      undo(scene, replica);

      expect(() => promote(scene, replica)).to.throw(Violation, 'without having been elected');
    });
  }

  it('remember it across a restart that the disk has forgotten it, too', () => {
    const scene = aWorld();
    const replica = aLostReplica(scene);
    const { host, port } = replica.node.options.address;
    tell(scene, 'SENTINEL', 'FORGET', 'mymaster', 'REPLICA', host, String(port));
    scene.host.kill();
    scene.host.start();
    const link = 4_711;
    scene.world.checkers.effect(scene.host, {
      kind: 'open',
      link,
      address: replica.node.options.address,
      credentials: null,
      clientName: 'sentinel',
    });

    expect(() => promote(scene, { ...replica, link })).to.throw(Violation, 'has forgotten and not found again');
  });
});
