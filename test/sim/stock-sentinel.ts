// A model of an original Redis Sentinel process: enough of it to vote, lead, follow, gossip and answer, with the classic timing.
// Mixed groups are simulated with it. It saves inside its event loop, as the original does, so nothing of it is ever unsaved.

import type { Address, Epoch, Millis } from '../../src/core/types.js';
import { HELLO_CHANNEL } from '../../src/core/types.js';
import { formatHello, parseHello } from '../../src/protocol/hello.js';
import { parseInfo } from '../../src/protocol/info.js';
import { ErrorReply, MapReply, NULL_ARRAY, OK, type Reply, SimpleString } from '../../src/protocol/reply.js';
import type { Agenda } from './agenda.js';
import type { Checkers } from './checkers.js';
import type { End, EndHandlers, Network } from './network.js';
import { Pipe, type PipeListener } from './pipe.js';
import { Process } from './process.js';
import type { Dice } from './seed.js';
import type { StockInstance } from './stock-instance.js';
import { StockMaster } from './stock-master.js';
import type { SavedStockMaster, StockSettings } from './stock-state.js';
import type { Trace } from './trace.js';
import type { Command } from './wire.js';

export interface StockWorld {
  readonly agenda: Agenda;
  readonly network: Network;
  readonly trace: Trace;
  readonly dice: Dice;
  readonly checkers: Checkers;
}

export interface StockOptions {
  readonly name: string;
  readonly address: Address;
  readonly masters: readonly (StockSettings & { readonly address: Address })[];
}

const RUN_ID_DIGITS = 40;
const TILT_TRIGGER: Millis = 2_000;
const TILT_PERIOD: Millis = 30_000;
/** The timer runs ten to nineteen times a second, drawn anew each time. */
const TIMER_FREQUENCY: readonly [number, number] = [10, 19];

export class StockSentinel extends Process {
  readonly address: Address;
  readonly runId: string;
  currentEpoch: Epoch = 0;
  readonly #options: StockOptions;
  readonly #world: StockWorld;
  readonly #masters = new Map<string, StockMaster>();
  #disk: { currentEpoch: Epoch; masters: Map<string, SavedStockMaster> };
  #timerAt: Millis = 0;
  #tiltSince: Millis | null = null;

  constructor(options: StockOptions, world: StockWorld) {
    super(options.name, world.network.machine(options.address.host), world.agenda);
    this.#options = options;
    this.#world = world;
    this.address = options.address;
    this.runId = world.dice.hex(RUN_ID_DIGITS);
    const fresh = { configEpoch: 0, leaderEpoch: 0, replicas: [], sentinels: [] };
    this.#disk = {
      currentEpoch: 0,
      masters: new Map(options.masters.map(({ name, address }) => [name, { ...fresh, address }])),
    };
  }

  get now(): Millis {
    return this.agenda.now;
  }

  /** Whom it names master; null for a name it does not watch. */
  addressOf(name: string): Address | null {
    return this.#masters.get(name)?.announcedAddress ?? null;
  }

  master(name: string): StockMaster | null {
    return this.#masters.get(name) ?? null;
  }

  draw(most: Millis): Millis {
    return this.#world.dice.between(0, most);
  }

  note(what: string, details: string): void {
    this.#world.trace.line(this.name, what, details);
  }

  // Life and death

  protected started(): void {
    this.currentEpoch = this.#disk.currentEpoch;
    for (const settings of this.#options.masters) {
      const saved = this.#disk.masters.get(settings.name);
      if (saved !== undefined) this.#masters.set(settings.name, new StockMaster(this, settings, saved));
    }
    this.note('start', `epoch ${this.currentEpoch} id ${this.runId.slice(0, 8)} (stock)`);
    this.#timerAt = this.now;
    this.#tiltSince = null;
    this.#world.network.listen(this.address, { owner: this, accept: (end) => this.#accept(end) });
    this.#timer();
  }

  protected died(): void {
    this.#world.network.unlisten(this.address);
    this.#masters.clear();
    this.note('died', '');
  }

  save(): void {
    const masters = new Map([...this.#masters].map(([name, master]) => [name, master.saved]));
    this.#disk = { currentEpoch: this.currentEpoch, masters };
  }

  #timer(): void {
    const elapsed = this.now - this.#timerAt;
    this.#timerAt = this.now;
    if (elapsed > TILT_TRIGGER) {
      this.#tiltSince = this.now;
      this.note('+tilt', '');
    } else if (this.#tiltSince !== null && this.now - this.#tiltSince > TILT_PERIOD) {
      this.#tiltSince = null;
      this.note('-tilt', '');
    }
    for (const master of [...this.#masters.values()]) master.attend(this.#tiltSince !== null);
    this.later(1000 / this.#world.dice.integer(...TIMER_FREQUENCY), () => this.#timer());
  }

  // Epochs

  adoptEpoch(epoch: Epoch): void {
    if (epoch <= this.currentEpoch) return;
    this.currentEpoch = epoch;
    this.save();
    this.note('+new-epoch', String(epoch));
  }

  nextEpoch(): Epoch {
    this.adoptEpoch(this.currentEpoch + 1);
    return this.currentEpoch;
  }

  voted(name: string, epoch: Epoch, leader: string): void {
    this.note('+vote-for-leader', `${name} ${leader} ${epoch}`);
    this.#world.checkers.stockVoted(name, epoch, this.runId, leader);
  }

  elected(name: string, epoch: Epoch): void {
    this.#world.checkers.stockElected(name, epoch, this.runId);
  }

  judged(name: string, isDown: boolean): void {
    this.#world.checkers.judged(name, this.name, isDown);
  }

  // Its own connections

  connect(address: Address, listener: PipeListener): Pipe {
    const options = {
      address,
      credentials: null,
      clientName: `sentinel-${this.runId.slice(0, 8)}-cmd`,
      wantsResp3: false,
    };
    return new Pipe(this, this.#world.network, options, listener);
  }

  helloFor(master: StockMaster): string {
    const { host, port } = this.address;
    const { host: masterHost, port: masterPort } = master.announcedAddress;
    const { settings, configEpoch } = master;
    const { runId, currentEpoch } = this;
    return formatHello({
      host,
      port,
      runId,
      currentEpoch,
      masterName: settings.name,
      masterHost,
      masterPort,
      configEpoch,
    });
  }

  heard(payload: string): void {
    const hello = parseHello(payload);
    if (hello === null || hello.runId === this.runId) return;
    this.#masters.get(hello.masterName)?.heard(hello);
  }

  informed(instance: StockInstance, reply: Reply): void {
    if (typeof reply !== 'string') return;
    for (const master of this.#masters.values()) {
      const isTheirs = master.instance === instance || [...master.replicas.values()].includes(instance);
      if (isTheirs) master.informed(instance, parseInfo(reply), this.#tiltSince !== null);
    }
  }

  // The port

  #accept(end: End): EndHandlers {
    return {
      received: (frame) => {
        if (frame.kind !== 'commands') throw new Error(`a stock Sentinel got ${frame.kind}`);
        end.send({ kind: 'replies', replies: frame.commands.map((words) => this.#answer(words)) });
      },
      closed: () => undefined,
    };
  }

  #answer(words: Command): Reply {
    switch (words[0]?.toUpperCase()) {
      case 'PING':
        return new SimpleString('PONG');
      case 'HELLO':
        return new MapReply([['server', 'redis']]);
      case 'AUTH':
      case 'CLIENT':
        return OK;
      case 'INFO':
        return '# Server\r\nredis_version:7.0.15\r\nredis_mode:sentinel\r\n';
      case 'PUBLISH':
        if (words[1] !== HELLO_CHANNEL) {
          return new ErrorReply('ERR Only HELLO messages are accepted by Sentinel instances.');
        }
        this.heard(words[2] ?? '');
        return 1;
      case 'SENTINEL':
        return this.#answerSentinel(words);
      default:
        return new ErrorReply(`ERR unknown command '${words[0] ?? ''}', with args beginning with: `);
    }
  }

  #answerSentinel(words: Command): Reply {
    const [, subcommand = '', name = ''] = words;
    const master = this.#masters.get(name);
    switch (subcommand.toUpperCase()) {
      case 'MYID':
        return this.runId;
      case 'IS-MASTER-DOWN-BY-ADDR':
        return this.#answerVote(words);
      case 'GET-MASTER-ADDR-BY-NAME':
        return master === undefined ? NULL_ARRAY : [master.announcedAddress.host, String(master.announcedAddress.port)];
      case 'MASTER':
        return master === undefined ? NO_SUCH_MASTER : view(master);
      case 'FAILOVER':
        return master === undefined ? NO_SUCH_MASTER : FAILOVER_REPLIES[master.forceFailover()];
      default:
        return new ErrorReply(`ERR unknown subcommand '${subcommand}'. Try SENTINEL HELP.`);
    }
  }

  #answerVote(words: Command): Reply {
    const [, , host, port, epoch, candidate = '*'] = words;
    for (const master of this.#masters.values()) {
      const { address, downSince } = master.instance;
      if (address.host !== host || address.port !== Number(port)) continue;
      const isDown = downSince !== null && this.#tiltSince === null ? 1 : 0;
      if (candidate === '*') return [isDown, '*', 0];
      const vote = master.voteFor(candidate, Number(epoch));
      return [isDown, vote.leader ?? '*', vote.epoch];
    }
    return [0, '*', 0];
  }
}

const NO_SUCH_MASTER = new ErrorReply('ERR No such master with that name');
const FAILOVER_REPLIES: Readonly<Record<'OK' | 'INPROG' | 'NOGOODSLAVE', Reply>> = {
  OK,
  INPROG: new ErrorReply('INPROG Failover already in progress'),
  NOGOODSLAVE: new ErrorReply('NOGOODSLAVE No suitable replica to promote'),
};

/** The part of SENTINEL MASTER that others read. The address is the old one until the failover has ended. */
function view(master: StockMaster): MapReply {
  const { host, port } = master.instance.address;
  const flags = ['master'];
  if (master.instance.downSince !== null) flags.push('s_down');
  if (master.isObjectivelyDown) flags.push('o_down');
  if (master.failover !== null) flags.push('failover_in_progress');
  return new MapReply([
    ['name', master.settings.name],
    ['ip', host],
    ['port', String(port)],
    ['flags', flags.join(',')],
    ['config-epoch', String(master.configEpoch)],
  ]);
}
