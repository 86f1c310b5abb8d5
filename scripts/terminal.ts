// How the scripts speak to people: colours and a progress line on a terminal, plain lines everywhere else.

import { styleText } from 'node:util';

export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan' | 'magenta';

const SPINNER = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'] as const;
const SPINNER_PERIOD = 80;
const ERASE_LINE = '\r\u001b[2K';

export class Terminal {
  readonly #stream: NodeJS.WriteStream;
  readonly #isInteractive: boolean;
  readonly #hasColours: boolean;
  #progress: { readonly text: string; readonly since: number; readonly timer: NodeJS.Timeout } | null = null;

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
    const { TERM, NO_COLOR = '' } = process.env;
    this.#isInteractive = stream.isTTY === true && TERM !== 'dumb';
    this.#hasColours = this.#isInteractive && NO_COLOR === '';
  }

  style(style: Style, text: string): string {
    return this.#hasColours ? styleText(style, text) : text;
  }

  /** Prints a line, above the progress line if there is one. */
  line(text = ''): void {
    this.#stream.write(`${this.#progress === null ? '' : ERASE_LINE}${text}\n`);
    this.#drawProgress();
  }

  heading(text: string): void {
    this.line();
    this.line(this.style('bold', text));
    this.line();
  }

  /** Shows that something is under way, and for how long already, until `work` settles. Silent without a terminal. */
  async during<T>(text: string, work: Promise<T>): Promise<T> {
    if (!this.#isInteractive) return await work;
    this.#progress = {
      text,
      since: performance.now(),
      timer: setInterval(() => this.#drawProgress(), SPINNER_PERIOD),
    };
    this.#drawProgress();
    try {
      return await work;
    } finally {
      clearInterval(this.#progress.timer);
      this.#progress = null;
      this.#stream.write(ERASE_LINE);
    }
  }

  #drawProgress(): void {
    if (this.#progress === null) return;
    const elapsed = performance.now() - this.#progress.since;
    const frame = SPINNER[Math.floor(elapsed / SPINNER_PERIOD) % SPINNER.length] ?? SPINNER[0];
    const seconds = (elapsed / 1000).toFixed(1);
    this.#stream.write(
      `${ERASE_LINE}  ${this.style('cyan', frame)} ${this.#progress.text} ${this.style('dim', `${seconds} s`)}`,
    );
  }
}

/** `text` in a column of `width` characters. Styles are to be applied afterwards, since they count as characters. */
export function column(text: string, width: number): string {
  return text.padEnd(width);
}

/** A duration for people: whole milliseconds up to ten seconds, seconds above. */
export function duration(millis: number): string {
  return millis < 10_000 ? `${Math.round(millis)} ms` : `${(millis / 1000).toFixed(1)} s`;
}
