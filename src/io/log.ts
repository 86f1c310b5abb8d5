// The log in Redis's format: `pid:X 22 Nov 2026 17:33:11.123 # message`, so that the tools that read Redis's logs read ours.
//
// winston filters by level and formats; `line-writer.ts` writes. winston takes a tenth of a start to load, so that happens when the
// port answers already (`load`), and the lines of the start go to the writer without it. Nothing is ever written to standard error.
// Whoever logs takes care that no secret is in the message; what is taken care of here is that a message stays one line.

import { createRequire } from 'node:module';
import { Writable } from 'node:stream';
import type * as winston from 'winston';

import type { EventLevel } from '../core/event.js';
import { LineWriter } from './line-writer.js';
import { toByteString } from './native-text.js';
import { incompleteInstallation } from './start-failure.js';
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

export class Log implements Logger {
  readonly #writer: LineWriter;
  readonly #syslog: Syslog | null;
  /** Null until `load`. */
  #logger: winston.Logger | null = null;
  #level: LogLevel;

  constructor({ path, level, syslog }: LogOptions) {
    this.#writer = new LineWriter(path, (lost, reason) =>
      logLine('warning', `${lost} lines of this log are missing: ${toByteString(reason)}`, new Date()),
    );
    this.#syslog = syslog ?? null;
    this.#level = level;
  }

  /** Loads winston and leaves the messages to it from now on. Throws `StartFailure` when it is missing or broken. */
  load(): void {
    this.#logger = makeLogger(this.#level, this.#writer, this.#syslog);
  }

  get level(): LogLevel {
    return this.#level;
  }

  set level(level: LogLevel) {
    this.#level = level;
    if (this.#logger !== null) applyLevel(this.#logger, level);
  }

  /** Logs one message, a byte string. */
  write(level: EventLevel, message: string): void {
    if (this.#logger === null) this.#writeEarly(level, message);
    else this.#logger.log(level, message);
  }

  /** Writes what is still waiting, at once: the process is about to end. */
  flush(): void {
    this.#writer.flush();
    this.#syslog?.flush();
  }

  /** Does what winston will do, with the same writers: the lines keep their order. */
  #writeEarly(level: EventLevel, message: string): void {
    if (this.#level === 'nothing' || SEVERITIES[level] > SEVERITIES[this.#level]) return;
    this.#writer.write(logLine(level, message, new Date()));
    this.#syslog?.write(level, oneLine(message));
  }
}

/** By `require`, because an `import` would search the files of a CommonJS package for exported names that nobody needs. */
function loadWinston(): typeof winston {
  try {
    return createRequire(import.meta.url)('winston') as typeof winston;
  } catch (error) {
    throw incompleteInstallation(error);
  }
}

function makeLogger(level: LogLevel, writer: LineWriter, syslog: Syslog | null): winston.Logger {
  const { createLogger, format, transports } = loadWinston();
  const logger = createLogger({
    levels: SEVERITIES,
    format: format((info) => {
      info[MESSAGE] = logLine(levelOf(info.level), String(info.message), new Date());
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
