// Appends lines to a file or to standard output without ever holding up the event loop.
//
// One write is in flight at a time; what comes meanwhile leaves together with the next. The file is opened for each write and
// closed after it, so a file that was moved away by a log rotation simply begins anew. A disk that is full or a reader that has
// gone costs lines, never the process: how many is told as soon as writing works again.

import { appendFile, appendFileSync, write, writeSync } from 'node:fs';

/** What may wait for a slow disk. Beyond it the newest lines are given up: the oldest tell how the trouble began. */
const MAX_WAITING_BYTES = 4 * 1024 * 1024;
const STANDARD_OUTPUT = 1;

export class LineWriter {
  readonly #path: string | null;
  #waiting: string[] = [];
  #waitingBytes = 0;
  #isBusy: boolean = false;
  #lost = 0;
  #lastFailure = '';
  readonly #lostNotice: (lost: number, reason: string) => string;

  /**
   * @param path the file, or null for standard output
   * @param lostNotice words the line that stands in for lines that could not be written
   */
  constructor(path: string | null, lostNotice: (lost: number, reason: string) => string) {
    this.#path = path;
    this.#lostNotice = lostNotice;
  }

  /** Takes one line without its line end, as a byte string. It is written in this turn of the event loop or a later one. */
  write(line: string): void {
    if (this.#waitingBytes + line.length > MAX_WAITING_BYTES) {
      this.#lost++;
      this.#lastFailure = 'too much was waiting';
      return;
    }
    this.#waiting.push(line);
    this.#waitingBytes += line.length + 1;
    if (this.#isBusy) return;
    this.#isBusy = true;
    setImmediate(() => this.#writeWaiting());
  }

  /** Writes what is still waiting before it returns. For the last words of a process. */
  flush(): void {
    const { bytes, count } = this.#take();
    if (count === 0) return;
    try {
      if (this.#path === null) writeSync(STANDARD_OUTPUT, bytes);
      else appendFileSync(this.#path, bytes);
    } catch (error) {
      this.#lose(count, error);
    }
  }

  #take(): { bytes: Buffer; count: number } {
    const lines = this.#waiting;
    if (this.#lost > 0 && lines.length > 0) {
      lines.unshift(this.#lostNotice(this.#lost, this.#lastFailure));
      this.#lost = 0;
    }
    this.#waiting = [];
    this.#waitingBytes = 0;
    return { bytes: Buffer.from(lines.map((line) => `${line}\n`).join(''), 'latin1'), count: lines.length };
  }

  #writeWaiting(): void {
    const { bytes, count } = this.#take();
    if (count === 0) {
      this.#isBusy = false;
      return;
    }
    const finish = (error: Error | null) => {
      if (error !== null) this.#lose(count, error);
      this.#writeWaiting();
    };
    if (this.#path === null) writeAll(bytes, finish);
    else appendFile(this.#path, bytes, finish);
  }

  #lose(count: number, error: unknown): void {
    this.#lost += count;
    this.#lastFailure = error instanceof Error ? error.message : String(error);
  }
}

/** Writes to standard output, however small the pieces it takes. */
function writeAll(bytes: Buffer, finish: (error: Error | null) => void): void {
  write(STANDARD_OUTPUT, bytes, (error, written) => {
    if (error?.code === 'EAGAIN') setTimeout(() => writeAll(bytes, finish), RETRY_AFTER);
    else if (error === null && written < bytes.length) writeAll(bytes.subarray(written), finish);
    else finish(error);
  });
}
/** Somebody else made our standard output non-blocking, and its reader is slow. */
const RETRY_AFTER = 20;
