// The only clock of a simulation: what happens next, ordered by (time, sequence).
//
// Nothing else knows the time and nothing waits: time jumps straight to the next appointment. Two appointments of the same
// moment happen in the order they were made, so a run depends on nothing but its seed.

import type { Millis } from '../../src/core/types.js';

/** Something that will happen; `cancel` makes it not happen. */
export class Appointment {
  readonly at: Millis;
  /** The same in units of the resolution: whole numbers are compared faster, and most comparisons are of these. */
  readonly units: number;
  readonly sequence: number;
  run: (() => void) | null;

  constructor(units: number, sequence: number, run: () => void) {
    this.units = units;
    this.at = units / RESOLUTION;
    this.sequence = sequence;
    this.run = run;
  }

  cancel(): void {
    this.run = null;
  }
}

/** Times are kept to the microsecond, so that traces show them whole. */
const RESOLUTION = 1000;

export class Agenda {
  now: Millis = 0;
  /** How many appointments have been kept. */
  kept = 0;
  /** Folds the order of everything that happened into one number: two runs with the same value took the same course. */
  course = 0;
  readonly #heap: Appointment[] = [];
  #sequence = 0;

  /** Never earlier than now. */
  at(time: Millis, run: () => void): Appointment {
    const units = Math.round(Math.max(time, this.now) * RESOLUTION);
    const appointment = new Appointment(units, this.#sequence++, run);
    this.#push(appointment);
    return appointment;
  }

  after(delay: Millis, run: () => void): Appointment {
    return this.at(this.now + delay, run);
  }

  /** Keeps all appointments up to and including `end`, then stands at `end`. */
  runUntil(end: Millis): void {
    for (;;) {
      const next = this.#heap[0];
      if (next === undefined || next.at > end) break;
      this.#keep(next);
    }
    this.now = Math.max(this.now, end);
  }

  get size(): number {
    return this.#heap.length;
  }

  #keep(appointment: Appointment): void {
    this.#pop();
    const { run } = appointment;
    if (run === null) return;
    this.now = appointment.at;
    this.kept++;
    this.course =
      (Math.imul(this.course ^ appointment.sequence, 0x01000193) + Math.floor(appointment.at * RESOLUTION)) | 0;
    run();
  }

  #push(appointment: Appointment): void {
    const heap = this.#heap;
    let index = heap.length;
    heap.push(appointment);
    while (index > 0) {
      const parentIndex = (index - 1) >> 1;
      const parent = heap[parentIndex];
      if (parent === undefined || isEarlier(parent, appointment)) break;
      heap[index] = parent;
      index = parentIndex;
    }
    heap[index] = appointment;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let index = 0;
    for (;;) {
      const leftIndex = 2 * index + 1;
      const left = heap[leftIndex];
      if (left === undefined) break;
      const right = heap[leftIndex + 1];
      const isRightEarlier = right !== undefined && isEarlier(right, left);
      const child = isRightEarlier ? right : left;
      if (isEarlier(last, child)) break;
      heap[index] = child;
      index = isRightEarlier ? leftIndex + 1 : leftIndex;
    }
    heap[index] = last;
  }
}

function isEarlier(one: Appointment, other: Appointment): boolean {
  return one.units < other.units || (one.units === other.units && one.sequence < other.sequence);
}
