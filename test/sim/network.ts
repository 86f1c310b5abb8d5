// Machines and TCP connections between them, with everything that goes wrong on the way.
//
// A connection delivers in order or not at all. What a partition, a stall or a lost packet holds back is retransmitted with
// growing pauses, as kernels do, so an old connection may come back to life long after the path has healed. The two ends are
// told apart: one may be gone while the other believes in it until it sends something.

import type { Address, Millis } from '../../src/core/types.js';
import { addressKey } from '../../src/core/types.js';
import type { Agenda } from './agenda.js';
import type { Process } from './process.js';
import type { Dice, Seed } from './seed.js';
import type { Frame } from './wire.js';

/** What a process does with its end of a connection. */
export interface EndHandlers {
  /** Only for the end that connects. */
  opened?(): void;
  received(frame: Frame): void;
  closed(reason: string, wasRefused: boolean): void;
}

export interface Listener {
  readonly owner: Process;
  accept(end: End): EndHandlers;
}

/** A computer: an IP address, on or off, and the ways from it to others. */
export class Machine {
  readonly host: string;
  isOn = true;
  /** Machines that nothing from here reaches, and how many cuts are the reason. */
  readonly unreachable = new Map<Machine, number>();
  /** Added to every delivery to and from here. */
  extraLatency: Millis = 0;
  /** The chance that a packet to or from here is lost and has to be sent again. */
  loss = 0;
  readonly baseLatency = new Map<Machine, Millis>();

  constructor(host: string) {
    this.host = host;
  }
}

type Parcel = Frame | { readonly kind: 'accepted' } | { readonly kind: 'finished' };

/** One end of a connection. */
export class End {
  readonly owner: Process;
  readonly isClient: boolean;
  readonly remote: Address;
  state: 'connecting' | 'open' | 'closed' = 'connecting';
  handlers: EndHandlers | null;
  peer: End | null = null;
  /** Outgoing parcels that the path holds back, in order. */
  readonly held: Parcel[] = [];
  lastArrival: Millis = 0;
  /** The machine lost its power: nobody is left who would send again what has not arrived. */
  hasPerished = false;
  retransmissionPause: Millis = 0;
  readonly #network: Network;

  constructor(network: Network, owner: Process, isClient: boolean, remote: Address, handlers: EndHandlers | null) {
    this.#network = network;
    this.owner = owner;
    this.isClient = isClient;
    this.remote = remote;
    this.handlers = handlers;
    owner.ends.add(this);
  }

  get isOpen(): boolean {
    return this.state === 'open';
  }

  get localHost(): string {
    return this.owner.machine.host;
  }

  send(frame: Frame): void {
    if (this.state === 'open') this.#network.transmit(this, frame);
  }

  /** Closes our end; the other learns of it when the news arrives. Our handlers are not called any more. */
  close(): void {
    const wasOpen = this.state === 'open';
    this.vanish();
    if (wasOpen) this.#network.transmit(this, { kind: 'finished' });
  }

  /** The machine lost its power: what had not arrived is lost, whether it was held back or under way. */
  perish(): void {
    this.hasPerished = true;
    this.held.length = 0;
    this.vanish();
  }

  /** Our end is gone and nobody tells the other. */
  vanish(): void {
    this.state = 'closed';
    this.handlers = null;
    this.owner.ends.delete(this);
  }

  /** The connection broke under us. */
  break(reason: string, wasRefused = false): void {
    if (this.state === 'closed') return;
    const { handlers } = this;
    this.vanish();
    this.owner.deliver(this, () => handlers?.closed(reason, wasRefused), null);
  }
}

// What a process may see of a connection

function seeOpened(end: End): void {
  end.handlers?.opened?.();
}

function seeFinished(end: End): void {
  end.break('connection closed by the other side');
}

function seeFrame(end: End, frame: Frame): void {
  end.handlers?.received(frame);
}

function seeClient(end: End, listener: Listener): void {
  if (end.isOpen) end.handlers = listener.accept(end);
}

/** Some paths that are broken. Mending twice is mending once. */
export interface Cut {
  mend(): void;
}

function mend(pairs: [Machine, Machine][]): void {
  for (const [source, target] of pairs.splice(0)) {
    const cuts = source.unreachable.get(target) ?? 0;
    if (cuts > 1) source.unreachable.set(target, cuts - 1);
    else source.unreachable.delete(target);
  }
}

export interface NetworkOptions {
  /** The least and the greatest base latency between two machines, one way. */
  readonly latency: readonly [Millis, Millis];
  /** Added to each delivery, at most. */
  readonly jitter: Millis;
}

const LOOPBACK_LATENCY: Millis = 0.03;
/** The first retransmission and the longest pause between two, as Linux has them. */
const FIRST_RETRANSMISSION: Millis = 200;
const LONGEST_RETRANSMISSION: Millis = 120_000;
/** Pauses between attempts to connect. */
const FIRST_CONNECT_RETRY: Millis = 1_000;
const CONNECT_ATTEMPTS = 7;
const MAX_LOSSES_IN_A_ROW = 6;

export class Network {
  readonly machines = new Map<string, Machine>();
  readonly #agenda: Agenda;
  readonly #options: NetworkOptions;
  readonly #seed: Seed;
  readonly #dice: Dice;
  readonly #listeners = new Map<string, Listener>();

  constructor(agenda: Agenda, seed: Seed, options: NetworkOptions) {
    this.#agenda = agenda;
    this.#seed = seed;
    this.#dice = seed.dice('deliveries');
    this.#options = options;
  }

  machine(host: string): Machine {
    const known = this.machines.get(host);
    if (known !== undefined) return known;
    const machine = new Machine(host);
    this.machines.set(host, machine);
    return machine;
  }

  listen(address: Address, listener: Listener): void {
    this.#listeners.set(addressKey(address), listener);
  }

  unlisten(address: Address): void {
    this.#listeners.delete(addressKey(address));
  }

  /** Connects; `handlers.opened` or `handlers.closed` follows, or nothing at all while the other side is silent. */
  connect(owner: Process, address: Address, handlers: EndHandlers): End {
    const end = new End(this, owner, true, address, handlers);
    this.#knock(end, CONNECT_ATTEMPTS, FIRST_CONNECT_RETRY);
    return end;
  }

  // Paths

  /** Nothing from any of `from` reaches any of `to` until the cut is mended. One way; cuts add up. */
  cut(from: Iterable<Machine>, to: Iterable<Machine>): Cut {
    const pairs: [Machine, Machine][] = [];
    const targets = [...to];
    for (const source of from) for (const target of targets) if (source !== target) pairs.push([source, target]);
    for (const [source, target] of pairs) source.unreachable.set(target, (source.unreachable.get(target) ?? 0) + 1);
    return { mend: () => mend(pairs) };
  }

  /** Cuts both ways between two groups. */
  separate(one: readonly Machine[], other: readonly Machine[]): Cut {
    const cuts = [this.cut(one, other), this.cut(other, one)];
    return {
      mend: () => {
        for (const cut of cuts) cut.mend();
      },
    };
  }

  /** Every path is free, every latency as drawn, nothing is lost. */
  heal(): void {
    for (const machine of this.machines.values()) {
      machine.unreachable.clear();
      machine.extraLatency = 0;
      machine.loss = 0;
    }
  }

  passes(from: Machine, to: Machine): boolean {
    if (from === to) return true;
    return from.isOn && to.isOn && (from.unreachable.size === 0 || !from.unreachable.has(to));
  }

  // Breaking connections

  /** Both ends see a reset, each in its own moment. */
  reset(end: End): void {
    const { peer } = end;
    end.break('connection reset by peer');
    if (peer !== null)
      this.#agenda.after(this.#latency(end.owner.machine, peer.owner.machine), () =>
        peer.break('connection reset by peer'),
      );
  }

  /** One end is reset and the other not told: it finds out when it sends something. */
  halve(end: End): void {
    end.break('connection reset by peer');
  }

  // Delivery

  transmit(from: End, parcel: Parcel): void {
    const to = from.peer;
    if (to === null) return;
    const latency = this.#latency(from.owner.machine, to.owner.machine);
    from.lastArrival = Math.max(from.lastArrival, this.#agenda.now + latency);
    this.#agenda.at(from.lastArrival, () => this.#arrive(from, to, parcel));
  }

  #arrive(from: End, to: End, parcel: Parcel): void {
    if (from.hasPerished) return;
    if (from.held.length > 0) {
      from.held.push(parcel);
    } else if (this.passes(from.owner.machine, to.owner.machine)) {
      this.#hand(from, to, parcel);
    } else {
      from.held.push(parcel);
      from.retransmissionPause = FIRST_RETRANSMISSION;
      this.#agenda.after(from.retransmissionPause, () => this.#retransmit(from, to));
    }
  }

  #retransmit(from: End, to: End): void {
    if (to.state === 'closed' && from.state === 'closed') {
      from.held.length = 0;
    } else if (this.passes(from.owner.machine, to.owner.machine)) {
      for (const parcel of from.held.splice(0)) this.#hand(from, to, parcel);
    } else {
      from.retransmissionPause = Math.min(from.retransmissionPause * 2, LONGEST_RETRANSMISSION);
      this.#agenda.after(from.retransmissionPause, () => this.#retransmit(from, to));
    }
  }

  #hand(from: End, to: End, parcel: Parcel): void {
    if (to.state === 'closed') {
      if (parcel.kind !== 'finished') this.#answerWithReset(to, from);
      return;
    }
    switch (parcel.kind) {
      case 'accepted':
        to.state = 'open';
        to.owner.deliver(to, seeOpened, null);
        return;
      case 'finished':
        to.owner.deliver(to, seeFinished, null);
        return;
      default:
        to.owner.deliver(to, seeFrame, parcel);
    }
  }

  #answerWithReset(from: End, to: End): void {
    this.#agenda.after(this.#latency(from.owner.machine, to.owner.machine), () => {
      if (this.passes(from.owner.machine, to.owner.machine)) to.break('connection reset by peer');
    });
  }

  #knock(end: End, attemptsLeft: number, pause: Millis): void {
    if (end.state !== 'connecting') return;
    if (attemptsLeft === 0) {
      end.break('connection timed out');
      return;
    }
    const there = this.machine(end.remote.host);
    const latency = this.#latency(end.owner.machine, there);
    this.#agenda.after(latency, () => {
      if (end.state !== 'connecting') return;
      if (this.passes(end.owner.machine, there) && there.isOn) this.#admit(end, there);
      else this.#agenda.after(pause, () => this.#knock(end, attemptsLeft - 1, pause * 2));
    });
  }

  /** The kernel of the other machine accepts or refuses, whatever its process is busy with. */
  #admit(client: End, there: Machine): void {
    const listener = this.#listeners.get(addressKey(client.remote));
    if (listener === undefined) {
      this.#agenda.after(this.#latency(there, client.owner.machine), () => {
        if (this.passes(there, client.owner.machine)) client.break('connection refused', true);
        else this.#knock(client, 1, FIRST_CONNECT_RETRY);
      });
      return;
    }
    const server = new End(this, listener.owner, false, { host: client.localHost, port: 0 }, null);
    server.state = 'open';
    server.peer = client;
    client.peer = server;
    listener.owner.deliver(server, seeClient, listener);
    this.transmit(server, { kind: 'accepted' });
  }

  #latency(from: Machine, to: Machine): Millis {
    if (from === to) return LOOPBACK_LATENCY;
    const random = this.#dice.next() / 2 ** 32;
    const latency = this.#baseLatency(from, to) + random * this.#options.jitter + from.extraLatency + to.extraLatency;
    const loss = from.loss + to.loss;
    return loss === 0 ? latency : latency + this.#timeLost(loss);
  }

  #timeLost(loss: number): Millis {
    let lost: Millis = 0;
    for (let losses = 0; losses < MAX_LOSSES_IN_A_ROW && this.#dice.chance(loss); losses++) {
      lost += FIRST_RETRANSMISSION * 2 ** losses;
    }
    return lost;
  }

  #baseLatency(from: Machine, to: Machine): Millis {
    const known = from.baseLatency.get(to);
    if (known !== undefined) return known;
    const [least, greatest] = this.#options.latency;
    const drawn = this.#seed.dice(`latency ${from.host} ${to.host}`).between(least, greatest);
    from.baseLatency.set(to, drawn);
    return drawn;
  }
}
