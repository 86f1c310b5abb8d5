// What happened, one line each in fixed columns, readable by eye: time, who, what, details.
//
// Lines are always folded into the hash and shown only on request, so that runs with and without a trace can be compared.

import type { Agenda } from './agenda.js';
import { hash } from './seed.js';

const TIME_WIDTH = 12;
const WHO_WIDTH = 12;
const WHAT_WIDTH = 36;
const MILLIS_DIGITS = 3;

export class Trace {
  readonly #agenda: Agenda;
  readonly #show: ((line: string) => void) | null;
  #hash = 0;

  constructor(agenda: Agenda, show: ((line: string) => void) | null) {
    this.#agenda = agenda;
    this.#show = show;
  }

  line(who: string, what: string, details: string): void {
    const { now } = this.#agenda;
    this.#hash = hash(`${now} ${who} ${what} ${details}`, this.#hash);
    if (this.#show === null) return;
    const time = (now / 1000).toFixed(MILLIS_DIGITS).padStart(TIME_WIDTH);
    this.#show(`${time}  ${who.padEnd(WHO_WIDTH)}${what.padEnd(WHAT_WIDTH)}${details}`.trimEnd());
  }

  /** Equal for two runs that took the same course. */
  get fingerprint(): string {
    return `${word(this.#hash)}${word(this.#agenda.course)}`;
  }
}

function word(value: number): string {
  return (value >>> 0).toString(16).padStart(8, '0');
}
