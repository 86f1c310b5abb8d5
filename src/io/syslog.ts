// The system's log, through the program `logger` of util-linux: one child process is kept, and gets every message as a line.
//
// Node.js has no Unix datagram sockets. Nothing here ever holds up the event loop or ends the process: what a slow log does not
// take is bounded, a child that dies is replaced after a pause that doubles, and how many messages were lost is told in the
// first message after that.

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import type { Socket } from 'node:net';

import type { SyslogFacility } from '../config/server-settings.js';
import type { EventLevel } from '../core/event.js';
import type { Millis } from '../core/types.js';
import { now } from './clock.js';
import { toByteString, toNative } from './native-text.js';

export interface SyslogOptions {
  /** A byte string. */
  readonly ident: string;
  readonly facility: SyslogFacility;
  /** Hears once about each failure of the child. Never called from within a method. */
  warn(message: string): void;
}

const HELPER = 'logger';
/** What may wait for a log that does not read, or for the next child. */
const MAX_WAITING_BYTES = 1024 * 1024;
const FIRST_PAUSE: Millis = 1_000;
const LONGEST_PAUSE: Millis = 600_000;
/** After so long the next failure is a new one. */
const SETTLED_AFTER: Millis = 60_000;
/** How long the last words may take. */
const FLUSH_LIMIT: Millis = 1_000;
/** Longer messages are divided. The program's own limit is 1 KiB. */
const MESSAGE_BYTES = 8 * 1024;
const MAX_COMPLAINT = 200;

/** RFC 5424, 6.2.1: the priority is eight times the facility plus the severity. */
const FACILITIES: Record<SyslogFacility, number> = {
  user: 1,
  local0: 16,
  local1: 17,
  local2: 18,
  local3: 19,
  local4: 20,
  local5: 21,
  local6: 22,
  local7: 23,
};
/** As Redis maps its levels. */
const SEVERITIES: Record<EventLevel, number> = { warning: 4, notice: 5, verbose: 6, debug: 7 };

export class Syslog {
  readonly #options: SyslogOptions;
  readonly #words: readonly string[];
  #child: ChildProcess | null = null;
  #startedAt: Millis = 0;
  #pause: Millis = FIRST_PAUSE;
  /** Lines for the next child. */
  #waiting: string[] = [];
  #waitingBytes = 0;
  #lost = 0;

  constructor(options: SyslogOptions) {
    this.#options = options;
    this.#words = [
      '--prio-prefix',
      `--priority=${options.facility}.notice`,
      `--tag=${toNative(options.ident)}`,
      `--id=${process.pid}`,
      `--size=${MESSAGE_BYTES}`,
    ];
    this.#start();
  }

  /** Takes one message, a byte string without control characters. */
  write(level: EventLevel, message: string): void {
    const line = this.#line(level, message);
    const pipe = this.#child?.stdin ?? null;
    const waitingBytes = pipe === null ? this.#waitingBytes : pipe.writableLength;
    if (waitingBytes + line.length > MAX_WAITING_BYTES) {
      this.#lost++;
      return;
    }
    if (pipe !== null) {
      this.#confessLosses();
      pipe.write(line, 'latin1');
      return;
    }
    this.#waiting.push(line);
    this.#waitingBytes += line.length;
  }

  /** For the last words of a process. What a child was given already it writes also after our end. */
  flush(): void {
    if (this.#child !== null || this.#waiting.length === 0) return;
    // If this fails, too, the failure was warned of before.
    spawnSync(HELPER, this.#words, {
      input: this.#takeWaiting(),
      stdio: ['pipe', 'ignore', 'ignore'],
      timeout: FLUSH_LIMIT,
    });
  }

  #line(level: EventLevel, message: string): string {
    return `<${FACILITIES[this.#options.facility] * 8 + SEVERITIES[level]}>${message}\n`;
  }

  #confessLosses(): void {
    if (this.#lost === 0) return;
    const line = this.#line(
      'warning',
      `${this.#lost} messages are missing here: the system's log did not take them in time`,
    );
    this.#lost = 0;
    this.#child?.stdin?.write(line, 'latin1');
  }

  #takeWaiting(): Buffer {
    const bytes = Buffer.from(this.#waiting.join(''), 'latin1');
    this.#waiting = [];
    this.#waitingBytes = 0;
    return bytes;
  }

  #start(): void {
    this.#startedAt = now();
    // A session of its own, so that Ctrl-C in a terminal does not end it before it has our last words.
    const child = spawn(HELPER, this.#words, { stdio: ['pipe', 'ignore', 'pipe'], detached: true });
    let complaint = '';
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      complaint = (complaint + chunk).slice(0, MAX_COMPLAINT);
    });
    // The end of the child tells the same, and why.
    child.stdin.on('error', () => undefined);
    child.once('error', (error) => {
      complaint = error.message;
    });
    child.once('close', (code, signal) =>
      this.#replace(toByteString(complaint.trim()) || (signal ?? `status ${code}`)),
    );
    // A log keeps nobody alive.
    for (const handle of [child, child.stdin as Socket, child.stderr as Socket]) handle.unref();
    if (child.pid === undefined) return;
    this.#child = child;
    if (this.#waiting.length === 0) return;
    const waiting = this.#takeWaiting();
    this.#confessLosses();
    child.stdin.write(waiting);
  }

  #replace(reason: string): void {
    this.#child = null;
    if (now() - this.#startedAt > SETTLED_AFTER) this.#pause = FIRST_PAUSE;
    const seconds = this.#pause / 1000;
    this.#options.warn(`The program '${HELPER}' for the system's log ended (${reason}); next attempt in ${seconds} s`);
    setTimeout(() => this.#start(), this.#pause).unref();
    this.#pause = Math.min(LONGEST_PAUSE, this.#pause * 2);
  }
}
