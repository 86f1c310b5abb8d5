// A simulated process: running, stopped (SIGSTOP) or dead, with the connections its kernel keeps for it.
//
// Everything that happens to a process goes through `deliver`: while it is stopped the kernel goes on accepting connections
// and buffering what arrives, and on resume all of it comes at once. Timers belong to one incarnation and die with it.

import type { Millis } from '../../src/core/types.js';
import type { Agenda, Appointment } from './agenda.js';
import type { End, Machine } from './network.js';

interface Pending {
  readonly run: () => void;
  /** The connection it came over; null for a timer. */
  readonly source: End | null;
}

export abstract class Process {
  readonly name: string;
  readonly machine: Machine;
  readonly ends = new Set<End>();
  protected readonly agenda: Agenda;
  /** Whether timers that fell due during a stop run before the input that arrived meanwhile, as in older event loops. */
  timersFirst: boolean;
  /**
   * In which order connections are read after a stop. Within a connection the order is that of arrival; between connections
   * nothing promises any, and the worst is that the news comes first.
   */
  readsLatestFirst: boolean;
  /** Out of service for good: nothing starts it again. */
  isRetired: boolean;
  /** Somebody has had it forgotten although it may come back. */
  isGivenUp: boolean;
  #state: 'running' | 'stopped' | 'dead' = 'dead';
  #incarnation = 0;
  #pending: Pending[] = [];

  constructor(name: string, machine: Machine, agenda: Agenda) {
    this.name = name;
    this.machine = machine;
    this.agenda = agenda;
    this.timersFirst = true;
    this.readsLatestFirst = false;
    this.isRetired = false;
    this.isGivenUp = false;
  }

  get isAlive(): boolean {
    return this.#state !== 'dead';
  }

  get isStopped(): boolean {
    return this.#state === 'stopped';
  }

  get isRunning(): boolean {
    return this.#state === 'running';
  }

  /** What a process does first; called with the process running. */
  protected abstract started(): void;
  /** Forgets everything that was only in memory. */
  protected abstract died(): void;

  start(): void {
    if (this.isAlive) throw new Error(`${this.name} runs already`);
    this.#state = 'running';
    this.#incarnation++;
    this.started();
  }

  /** SIGKILL: the kernel closes the connections; what was written before is still delivered. */
  kill(): void {
    if (!this.isAlive) return;
    this.#state = 'dead';
    this.#pending = [];
    for (const end of [...this.ends]) end.close();
    this.died();
  }

  /** The machine loses its power: nobody closes anything, the other ends are left half-open. */
  losePower(): void {
    if (!this.isAlive) return;
    this.#state = 'dead';
    this.#pending = [];
    for (const end of [...this.ends]) end.perish();
    this.died();
  }

  /** SIGSTOP. */
  stop(): void {
    if (this.#state === 'running') this.#state = 'stopped';
  }

  /** SIGCONT: what piled up happens now, in this very moment. */
  resume(): void {
    if (this.#state !== 'stopped') return;
    this.#state = 'running';
    const pending = this.#pending;
    this.#pending = [];
    const timers = pending.filter(({ source }) => source === null);
    const input = byConnection(pending, this.readsLatestFirst);
    for (const one of this.timersFirst ? [...timers, ...input] : [...input, ...timers]) this.#catchUp(one);
  }

  /**
   * Lets the process see what came over one of its connections, now or when it is resumed; a dead process sees nothing. What there is
   * to see is an argument, because nearly always it is seen at once: a closure for each message would be made for nothing.
   */
  deliver<T>(source: End, see: (source: End, what: T) => void, what: T): void {
    if (this.#state === 'running') see(source, what);
    else if (this.#state === 'stopped') this.#pending.push({ run: () => see(source, what), source });
  }

  /** Runs later in the life of this incarnation. */
  later(delay: Millis, run: () => void): Appointment {
    const incarnation = this.#incarnation;
    return this.agenda.after(delay, () => {
      if (this.#incarnation === incarnation) this.#deliver(run);
    });
  }

  #deliver(run: () => void): void {
    if (this.#state === 'running') run();
    else if (this.#state === 'stopped') this.#pending.push({ run, source: null });
  }

  /** What happens first may stop the process again, or end it. */
  #catchUp(pending: Pending): void {
    if (this.#state === 'running') pending.run();
    else if (this.#state === 'stopped') this.#pending.push(pending);
  }
}

/** Connection by connection: all that one has, then all that the next has. */
function byConnection(pending: readonly Pending[], isLatestFirst: boolean): Pending[] {
  const groups = new Map<End, Pending[]>();
  for (const one of pending) {
    if (one.source === null) continue;
    const group = groups.get(one.source) ?? [];
    groups.delete(one.source);
    groups.set(one.source, [...group, one]);
  }
  const ordered = [...groups.values()];
  return (isLatestFirst ? ordered.reverse() : ordered).flat();
}
