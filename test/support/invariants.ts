// What must hold after every fault, whatever it was: checked from the events of all supervisors and from what everybody
// answers afterwards. The numbers are those of the list of invariants in docs/fault-suite.md.

import { expect } from 'chai';

import type { RecordedEvent } from './event-recorder.js';
import { type Group, MASTER_NAME } from './group.js';
import { MEGABYTES } from './process-memory.js';
import type { RedisServer } from './redis-server.js';
import type { SentinelProcess } from './sentinel-process.js';
import { waitFor } from './wait.js';

/** What only a defect logs: exceptions nobody handled, warnings of Node.js, lines of a stack trace. */
const DEFECT = /unhandled|uncaught|^\(node:\d+\)|^\s+at .+:\d+:\d+\)?$/im;
const ALARMS = ['+sdown', '+odown', '+try-failover', '+tilt'];

/**
 * The most that a Vedette may ever have had in use (I10). Measured: 70 to 80 MB with a small group, nearly all of it Node.js and the code it
 * has loaded; 106 MB at most with hostile nodes or 30 masters that die at once. The rest is for other machines and versions of
 * Node.js; what is kept without bound passes it all the same, at the latest in the long variants.
 */
export const MEMORY_LIMIT = 200 * MEGABYTES;

interface Epochs {
  readonly current: number;
  readonly configuration: number;
}

export interface SettlingOptions {
  /** 20 s unless given. */
  readonly withinMillis?: number;
  /** Nodes that stay dead. */
  readonly absent?: readonly RedisServer[];
}

export class Invariants {
  readonly #group: Group;
  readonly #epochs = new Map<string, Epochs>();

  constructor(group: Group) {
    this.#group = group;
  }

  /**
   * Waits for I5: every running supervisor names one master, it is the only node that says `master`, and all others
   * replicate it. Then checks everything that must have held all the time. Resolves with the master.
   */
  async settle({ withinMillis = 20_000, absent = [] }: SettlingOptions = {}): Promise<RedisServer> {
    const master = await waitFor('one master, and everybody agrees', withinMillis, () => this.#agreed());
    for (const node of this.#group.nodes) {
      if (node !== master && !absent.includes(node)) await this.#group.waitForReplica(node, master, withinMillis);
    }
    await this.check();
    return master;
  }

  /** I1 to I4 from the events so far and the saved state, and that no process complained. */
  async check(): Promise<void> {
    this.#checkLeaders();
    for (const supervisor of this.#group.supervisors) {
      this.#checkVotes(supervisor);
      await this.#checkEpochs(supervisor);
      checkOutput(supervisor);
    }
    expectModestMemory(this.#group.supervisors);
  }

  /** I9: nobody found a live master down, stood for election or distrusted itself since `moment`. */
  expectNoAlarmSince(moment: number): void {
    const about = (event: RecordedEvent) => event.channel === '+tilt' || event.payload.startsWith(`master `);
    const alarms = this.#group.events.filter(
      (event) => event.at >= moment && ALARMS.includes(event.channel) && about(event),
    );
    expect(alarms.map(({ source, channel, payload }) => `${source} ${channel} ${payload}`)).to.deep.equal([]);
  }

  async #agreed(): Promise<RedisServer> {
    const running = this.#group.supervisors.filter(({ isRunning }) => isRunning);
    const ports = await Promise.all(running.map((supervisor) => supervisor.masterPort(MASTER_NAME)));
    const [port = 0, ...others] = ports;
    expect(others, `addresses, the first supervisor's being ${port}`).to.deep.equal(others.map(() => port));
    const alive = this.#group.nodes.filter(({ isRunning }) => isRunning);
    const roles = await Promise.all(alive.map(async (node) => ({ node, ...(await node.role()) })));
    const masters = roles.filter(({ role }) => role === 'master').map(({ node }) => node);
    expect(
      masters.map((node) => node.port),
      'nodes that say master',
    ).to.deep.equal([port]);
    return this.#group.nodeAt(port);
  }

  /** I1, I4: whoever was elected had the votes of a majority and of the quorum, and alone in its epoch. */
  #checkLeaders(): void {
    const votes = this.#group.events.filter(({ channel }) => channel === '+vote-for-leader');
    const leaders = new Map<string, string>();
    for (const { source, at } of this.#group.events.filter(({ channel }) => channel === '+elected-leader')) {
      const own = votes.findLast((vote) => vote.source === source && vote.at <= at);
      if (own === undefined) throw new Error(`${source} was elected without having stood`);
      const [leader = '', epoch = ''] = own.payload.split(' ');
      const other = leaders.get(epoch);
      expect(other ?? leader, `I1: the leader of epoch ${epoch}`).to.equal(leader);
      leaders.set(epoch, leader);
      const voters = new Set(votes.filter(({ payload }) => payload === own.payload).map((vote) => vote.source));
      expect(voters.size, `I4: voters for ${leader} in epoch ${epoch}`).to.be.at.least(this.#group.majority);
    }
  }

  /** I2 within each life; the tests that end lives in the middle of a vote compare what was answered. */
  #checkVotes({ name, recorder }: SentinelProcess): void {
    for (const [index, since] of recorder.livesSince.entries()) {
      const until = recorder.livesSince[index + 1] ?? Number.POSITIVE_INFINITY;
      const given = new Map<string, string>();
      for (const { payload } of recorder.on('+vote-for-leader').filter(({ at }) => at >= since && at < until)) {
        const [leader = '', epoch = ''] = payload.split(' ');
        expect(given.get(epoch) ?? leader, `I2: the vote of ${name} in epoch ${epoch}`).to.equal(leader);
        given.set(epoch, leader);
      }
    }
  }

  /** I3: neither epoch is lower than it was at the last check. */
  async #checkEpochs(supervisor: SentinelProcess): Promise<void> {
    if (!supervisor.isRunning) return;
    const { 'config-epoch': configuration } = await supervisor.master(MASTER_NAME);
    const epochs = { configuration: Number(configuration), current: savedCurrentEpoch(supervisor) };
    const before = this.#epochs.get(supervisor.name) ?? { configuration: 0, current: 0 };
    expect(epochs.configuration, `I3: configuration epoch of ${supervisor.name}`).to.be.at.least(before.configuration);
    expect(epochs.current, `I3: current epoch of ${supervisor.name}`).to.be.at.least(before.current);
    this.#epochs.set(supervisor.name, epochs);
  }
}

/** The current epoch on the disk. */
export function savedCurrentEpoch({ configuration }: SentinelProcess): number {
  return Number(/^sentinel current-epoch (\d+)$/m.exec(configuration)?.[1] ?? 0);
}

/** I10: no Vedette has ever had more in use than it may. Also for groups that have no `Invariants`. */
export function expectModestMemory(supervisors: readonly SentinelProcess[]): void {
  for (const { name, kind, isRunning, peakResidentBytes } of supervisors) {
    // Of one that ended by itself nothing may be known.
    const least = isRunning ? 1 : 0;
    if (kind === 'vedette') expect(peakResidentBytes, `I10: the memory of ${name}`).to.be.within(least, MEMORY_LIMIT);
  }
}

function checkOutput({ name, kind, log, stderr }: SentinelProcess): void {
  expect(stderr, `standard error of ${name}`).to.equal('');
  if (kind === 'vedette') expect(DEFECT.exec(log)?.[0] ?? '', `log of ${name}`).to.equal('');
}
