// The simulated network's promises: order, honesty about refusals, silence in partitions, and ends that disagree.

import { expect } from 'chai';
import { Agenda } from './agenda.js';
import { type End, type EndHandlers, type Machine, Network } from './network.js';
import { Process } from './process.js';
import { Seed } from './seed.js';
import type { Frame } from './wire.js';

class Peer extends Process {
  readonly seen: string[] = [];
  readonly accepted: End[] = [];

  protected started(): void {
    this.seen.push('started');
  }

  protected died(): void {
    this.seen.push('died');
  }

  handlers(): EndHandlers {
    return {
      opened: () => this.seen.push('opened'),
      received: (frame: Frame) => this.seen.push(frame.kind === 'message' ? frame.payload : frame.kind),
      closed: (reason, wasRefused) => this.seen.push(wasRefused ? 'refused' : `closed: ${reason}`),
    };
  }
}

const ADDRESS = { host: '10.0.0.2', port: 6379 };

class World {
  readonly agenda = new Agenda();
  readonly network = new Network(this.agenda, new Seed(1), { latency: [1, 1], jitter: 0.5 });
  readonly client = new Peer('client', this.network.machine('10.0.0.1'), this.agenda);
  readonly server = new Peer('server', this.network.machine(ADDRESS.host), this.agenda);

  constructor() {
    this.client.start();
    this.server.start();
    this.server.seen.length = 0;
    this.client.seen.length = 0;
    this.network.listen(ADDRESS, {
      owner: this.server,
      accept: (end) => {
        this.server.accepted.push(end);
        return this.server.handlers();
      },
    });
  }

  connect(): End {
    return this.network.connect(this.client, ADDRESS, this.client.handlers());
  }

  connected(): { readonly near: End; readonly far: End } {
    const near = this.connect();
    this.run(10);
    const far = this.server.accepted.at(-1);
    if (far === undefined || !near.isOpen) throw new Error('not connected');
    this.client.seen.length = 0;
    return { near, far };
  }

  run(duration: number): void {
    this.agenda.runUntil(this.agenda.now + duration);
  }

  get machines(): [Machine, Machine] {
    return [this.client.machine, this.server.machine];
  }
}

function text(payload: string): Frame {
  return { kind: 'message', channel: '', payload };
}

describe('simulated network', () => {
  it('delivers in order even when single packets are delayed', () => {
    const world = new World();
    const { near } = world.connected();
    world.client.machine.loss = 0.3;

    const sent = Array.from({ length: 200 }, (_, index) => String(index));
    for (const payload of sent) near.send(text(payload));
    world.run(100_000);

    expect(world.server.seen).to.deep.equal(sent);
  });

  it('refuses where nobody listens, and is silent where nothing gets through', () => {
    const world = new World();
    const refused = new Peer('refused', world.network.machine('10.0.0.1'), world.agenda);
    refused.start();
    world.network.connect(refused, { host: ADDRESS.host, port: 1 }, refused.handlers());
    world.network.separate([world.client.machine], [world.network.machine('10.0.0.3')]);
    world.network.connect(world.client, { host: '10.0.0.3', port: 1 }, world.client.handlers());

    world.run(5_000);

    expect(refused.seen).to.deep.equal(['started', 'refused']);
    expect(world.client.seen).to.deep.equal([]);
  });

  it('holds back what a partition stops and delivers it in order after healing', () => {
    const world = new World();
    const { near } = world.connected();
    world.network.separate([world.client.machine], [world.server.machine]);

    near.send(text('one'));
    near.send(text('two'));
    world.run(3_000);
    expect(world.server.seen).to.deep.equal([]);
    world.network.heal();
    near.send(text('three'));
    world.run(10_000);

    expect(world.server.seen).to.deep.equal(['one', 'two', 'three']);
  });

  it('lets a one-way cut pass the other way', () => {
    const world = new World();
    const { near, far } = world.connected();
    world.network.cut([world.server.machine], [world.client.machine]);

    near.send(text('there'));
    far.send(text('back'));
    world.run(1_000);

    expect(world.server.seen).to.deep.equal(['there']);
    expect(world.client.seen).to.deep.equal([]);
  });

  it('delivers what a process wrote before it was killed, then the end of the connection', () => {
    const world = new World();
    const { near } = world.connected();

    near.send(text('last words'));
    world.client.kill();
    world.run(100);

    expect(world.server.seen).to.deep.equal(['last words', 'closed: connection closed by the other side']);
  });

  it('leaves the other end of a machine without power in ignorance until it sends something', () => {
    const world = new World();
    const { far } = world.connected();
    const [machine] = world.machines;
    machine.isOn = false;
    world.client.losePower();
    world.run(60_000);
    expect(world.server.seen).to.deep.equal([]);

    machine.isOn = true;
    far.send(text('anybody there?'));
    world.run(1_000);

    expect(world.server.seen).to.deep.equal(['closed: connection reset by peer']);
  });

  it('delivers nothing of a machine without power later: neither what was held back nor what was sent after that', () => {
    const world = new World();
    const { near } = world.connected();
    const [machine] = world.machines;
    const cut = world.network.cut([machine], [world.server.machine]);
    near.send(text('held back'));
    world.run(100);
    near.send(text('under way'));
    machine.isOn = false;
    world.client.losePower();
    world.run(100);
    cut.mend();
    machine.isOn = true;
    world.run(60_000);

    expect(world.server.seen).to.deep.equal([]);
  });

  it('connects to a stopped process, which sees it all when it is resumed', () => {
    const world = new World();
    world.server.stop();
    const near = world.connect();
    world.run(10);
    near.send(text('hello'));
    world.run(1_000);
    expect(world.client.seen).to.deep.equal(['opened']);
    expect(world.server.seen).to.deep.equal([]);

    world.server.resume();

    expect(world.server.seen).to.deep.equal(['hello']);
  });

  it('tells nothing to an end that has been closed on its own side', () => {
    const world = new World();
    const { near, far } = world.connected();

    far.send(text('too late'));
    near.close();
    world.run(1_000);

    expect(world.client.seen).to.deep.equal([]);
    expect(world.server.seen).to.deep.equal(['closed: connection closed by the other side']);
  });
});

describe('simulated process', () => {
  it('runs its overdue timers before the input that arrived during a stop', () => {
    const world = new World();
    const { near } = world.connected();
    world.server.later(50, () => world.server.seen.push('timer'));
    world.server.stop();
    near.send(text('input'));
    world.run(1_000);

    world.server.resume();

    expect(world.server.seen).to.deep.equal(['timer', 'input']);
  });

  it('loses its timers when it dies', () => {
    const world = new World();
    world.server.later(50, () => world.server.seen.push('timer'));

    world.server.kill();
    world.server.start();
    world.run(1_000);

    expect(world.server.seen).to.deep.equal(['died', 'started']);
  });
});
