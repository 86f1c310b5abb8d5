// The log in Redis's format: `pid:X 22 Nov 2026 17:33:11.123 # message`, so that the tools that read Redis's logs read ours.
//
// winston filters by level and formats; `line-writer.ts` writes. winston is loaded when the first messages have waited a moment: its
// loading is not to stand between a start and the first answer of the port. Nothing is ever written to standard error. Whoever logs takes
// care that no secret is in the message; what is taken care of here is that a message stays one line.

import { createRequire } from 'node:module';
import { Writable } from 'node:stream';
import type * as winston from 'winston';

import type { EventLevel } from '../core/event.js';
import type { Millis } from '../core/types.js';
import { LineWriter } from './line-writer.js';
import { toByteString } from './native-text.js';
import type { Syslog } from './syslog.js';

export type LogLevel = EventLevel | 'nothing';

/** Takes messages, which are byte strings without secrets. */
export interface Logger {
  level: LogLevel;
  write(level: EventLevel, message: string): void;
  /** Returns when everything taken so far is written. */
  flush(): void;
}

/** Where and how much is logged. */
export interface LogOptions {
  /** An absolute path, or null for standard output. */
  readonly path: string | null;
  readonly level: LogLevel;
  /** Gets every message, too, if given. */
  readonly syslog?: Syslog;
}

const SEVERITIES: Record<EventLevel, number> = { warning: 0, notice: 1, verbose: 2, debug: 3 };
const MARKS: Record<EventLevel, string> = { debug: '.', verbose: '-', notice: '*', warning: '#' };
/** The letter by which Redis's logs tell a Sentinel (X) from a master, a replica and a saving child. */
const ROLE = 'X';
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
/** Where winston keeps the finished line of a record. */
const MESSAGE = Symbol.for('message');

/** How long the first messages wait for winston: within this time a start on an idle machine is done. */
const LOADING_DELAY: Millis = 100;

interface Message {
  readonly level: EventLevel;
  readonly message: string;
  readonly at: Date;
}

export class Log implements Logger {
  readonly #writer: LineWriter;
  readonly #syslog: Syslog | null;
  /** Null until it is needed: winston takes a while to load, and the port is to answer before. */
  #logger: winston.Logger | null = null;
  /** What waits for the logger, in order. */
  #early: Message[] = [];
  #level: LogLevel;

  constructor({ path, level, syslog }: LogOptions) {
    this.#writer = new LineWriter(path, (lost, reason) =>
      logLine('warning', `${lost} lines of this log are missing: ${toByteString(reason)}`, new Date()),
    );
    this.#syslog = syslog ?? null;
    this.#level = level;
  }

  get level(): LogLevel {
    return this.#level;
  }

  set level(level: LogLevel) {
    // What was written before keeps to the level of that time.
    this.#writeEarly();
    this.#level = level;
    if (this.#logger !== null) applyLevel(this.#logger, level);
  }

  /** Logs one message, a byte string. */
  write(level: EventLevel, message: string): void {
    const at = new Date();
    if (this.#logger !== null) {
      this.#logger.log({ level, message, at });
      return;
    }
    if (this.#early.length === 0) setTimeout(() => this.#writeEarly(), LOADING_DELAY);
    this.#early.push({ level, message, at });
  }

  /** Writes what is still waiting, at once: the process is about to end. */
  flush(): void {
    this.#writeEarly();
    this.#writer.flush();
    this.#syslog?.flush();
  }

  #writeEarly(): void {
    if (this.#early.length === 0) return;
    this.#logger ??= makeLogger(this.#level, this.#writer, this.#syslog);
    for (const message of this.#early.splice(0)) this.#logger.log(message);
  }
}

/** Loads winston within this turn of the event loop: whoever ends the process has no other. */
function makeLogger(level: LogLevel, writer: LineWriter, syslog: Syslog | null): winston.Logger {
  const { createLogger, format, transports } = createRequire(import.meta.url)('winston') as typeof winston;
  const logger = createLogger({
    levels: SEVERITIES,
    format: format((info) => {
      const { at } = info;
      info[MESSAGE] = logLine(levelOf(info.level), String(info.message), at as Date);
      return info;
    })(),
    transports: [new transports.Stream({ stream: streamTo(writer), eol: '' })],
  });
  if (syslog !== null) logger.add(new transports.Stream({ stream: recordsTo(syslog) }));
  applyLevel(logger, level);
  return logger;
}

function applyLevel(logger: winston.Logger, level: LogLevel): void {
  logger.silent = level === 'nothing';
  if (level !== 'nothing') logger.level = level;
}

/** Takes each record at once, so that winston has nothing left to say when the process ends. */
function streamTo(writer: LineWriter): Writable {
  return new Writable({
    decodeStrings: false,
    write(line: string, _encoding, done) {
      writer.write(line);
      done();
    },
  });
}

/** Takes the records themselves: the system's log puts time, name and process id in front by itself. */
function recordsTo(syslog: Syslog): Writable {
  return new Writable({
    objectMode: true,
    write(info: { readonly level: string; readonly message: unknown }, _encoding, done) {
      syslog.write(levelOf(info.level), oneLine(String(info.message)));
      done();
    },
  });
}

function levelOf(text: string): EventLevel {
  return text === 'debug' || text === 'verbose' || text === 'notice' ? text : 'warning';
}

/** One line of the log without its line end. */
export function logLine(level: EventLevel, message: string, at: Date): string {
  return `${process.pid}:${ROLE} ${timestamp(at)} ${MARKS[level]} ${oneLine(message)}`;
}

function timestamp(at: Date): string {
  const day = `${pad(at.getDate())} ${MONTHS[at.getMonth()]} ${at.getFullYear()}`;
  const time = `${pad(at.getHours())}:${pad(at.getMinutes())}:${pad(at.getSeconds())}`;
  return `${day} ${time}.${String(at.getMilliseconds()).padStart(3, '0')}`;
}

function pad(number: number): string {
  return String(number).padStart(2, '0');
}

/** Names come from other processes; a line end in one must not forge a line of the log. */
function oneLine(message: string): string {
  let line = '';
  for (const character of message) line += isControl(character) ? escaped(character) : character;
  return line;
}

function isControl(character: string): boolean {
  return character < ' ' || character === '\x7f';
}

function escaped(character: string): string {
  return `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
}
