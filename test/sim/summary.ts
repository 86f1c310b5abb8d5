// What many runs came to, in a few lines.

import type { Report } from './swarm.js';

const MILLIS_PER_HOUR = 3_600_000;

export class Summary {
  failures = 0;
  readonly #reports: Report[] = [];
  readonly #startedAt = performance.now();

  get seeds(): number {
    return this.#reports.length;
  }

  add(report: Report): void {
    this.#reports.push(report);
    if (report.failure !== null) this.failures++;
  }

  lines(): string[] {
    const seconds = (performance.now() - this.#startedAt) / 1000;
    const hours = this.#sum((report) => report.virtualTime) / MILLIS_PER_HOUR;
    const events = this.#sum((report) => report.events);
    const faults = ['crashes', 'partitions', 'stalls'].map((kind) => {
      return `${this.#sum((report) => report.faults.get(kind) ?? 0)} ${kind}`;
    });
    const acknowledged = this.#sum((report) => report.acknowledgedWrites);
    const lost = this.#sum((report) => report.lostWrites);
    const healings = this.#reports.flatMap(({ healing }) => (healing === null ? [] : [healing])).sort((a, b) => a - b);
    const median = healings[Math.floor(healings.length / 2)] ?? 0;
    const lines = [
      `${this.seeds} seeds, ${this.failures} failed; ${hours.toFixed(1)} virtual hours in ${seconds.toFixed(1)} s (${Math.round(events / seconds)} events/s)`,
      `${this.#sum((report) => report.elections)} elections, ${this.#sum((report) => report.failovers)} failovers, ${faults.join(', ')}`,
      `${acknowledged} writes acknowledged, ${lost} of them lost (${((100 * lost) / Math.max(1, acknowledged)).toFixed(2)} %)`,
      `healed after ${Math.round(median)} ms (median), ${Math.round(healings.at(-1) ?? 0)} ms at most`,
    ];
    const [only] = this.#reports;
    if (this.#reports.length === 1 && only !== undefined) lines.push(`fingerprint ${only.fingerprint}`);
    return lines;
  }

  #sum(of: (report: Report) => number): number {
    return this.#reports.reduce((sum, report) => sum + of(report), 0);
  }
}
