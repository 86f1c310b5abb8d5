// A simulated process: running, stopped (SIGSTOP) or dead, with the connections its kernel keeps for it.
//
// Everything that happens to a process goes through `deliver`: while it is stopped the kernel goes on accepting connections
// and buffering what arrives, and on resume all of it comes at once. Timers belong to one incarnation and die with it.

import type { Millis } from '../../src/core/types.js';
import type { Agenda, Appointment } from './agenda.js';
import type { End, Machine } from './network.js';

interface Pending {
  readonly run: () => void;
  readonly isTimer: boolean;
}

export abstract class Process {
  readonly name: string;
  readonly machine: Machine;
  readonly ends = new Set<End>();
  protected readonly agenda: Agenda;
  /** Whether timers that fell due during a stop run before the input that arrived meanwhile, as in older event loops. */
  timersFirst: boolean;
  #state: 'running' | 'stopped' | 'dead' = 'dead';
  #incarnation = 0;
  #pending: Pending[] = [];

  constructor(name: string, machine: Machine, agenda: Agenda) {
    this.name = name;
    this.machine = machine;
    this.agenda = agenda;
    this.timersFirst = true;
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
    const ordered = this.timersFirst
      ? [...pending.filter((one) => one.isTimer), ...pending.filter((one) => !one.isTimer)]
      : pending;
    for (const { run } of ordered) this.deliver(run);
  }

  /** Lets the process see something, now or when it is resumed; a dead process sees nothing. */
  deliver(run: () => void): void {
    this.#deliver(run, false);
  }

  /** Runs later in the life of this incarnation. */
  later(delay: Millis, run: () => void): Appointment {
    const incarnation = this.#incarnation;
    return this.agenda.after(delay, () => {
      if (this.#incarnation === incarnation) this.#deliver(run, true);
    });
  }

  #deliver(run: () => void, isTimer: boolean): void {
    if (this.#state === 'running') run();
    else if (this.#state === 'stopped') this.#pending.push({ run, isTimer });
  }
}
