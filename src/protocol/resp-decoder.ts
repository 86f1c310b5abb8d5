// Turns the bytes a client sends into commands: RESP arrays of bulk strings and inline lines, in any fragmentation.
// It knows nothing of sockets, of commands or of replies; `resp-encoder.ts` is the other direction.
//
// The one idea: bytes stay where they arrived until a whole argument is there, and what was parsed is never parsed again.
// What a client announces reserves nothing; only what it sends takes memory, and an unfinished request is limited.
// Of a request that begins like the one before, as those of every client that polls do, only the rest is parsed.

import { splitWords } from './inline.js';
import { LastRequest } from './last-request.js';

export interface DecoderLimits {
  /** Bytes of one request, headers included. A single argument announced to be longer is refused at once. */
  readonly maxRequestBytes: number;
  readonly maxArguments: number;
}

/**
 * A Sentinel's longest sensible requests are ACL rules and lists of channels, a few kilobytes. One mebibyte leaves room
 * for every odd client, and a thousand clients that send half of it and fall silent do not bring the process down.
 * The number of arguments is the one Redis allowed for a decade.
 */
export const DEFAULT_DECODER_LIMITS: DecoderLimits = { maxRequestBytes: 1024 * 1024, maxArguments: 1024 * 1024 };

/** Redis's limit for an inline request and for the line that announces a length. */
const MAX_LINE_BYTES = 64 * 1024;
/** Redis's limits before authentication, so that a stranger cannot make the server hold much. */
const MAX_UNAUTHENTICATED_ARGUMENTS = 10;
const MAX_UNAUTHENTICATED_BULK_BYTES = 16 * 1024;
/** So much of a pipeline is looked at in one go, whether it is one request again and again; it bounds what is looked at in vain. */
const MAX_REPETITION_BYTES = 2048;
/** Who has repeated a request so often is likely to go on. */
const REPETITIONS_OF_A_PIPELINE = 2;

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const DOLLAR = 0x24;
const ASTERISK = 0x2a;
const MINUS = 0x2d;
const ZERO = 0x30;

const NO_BYTES = Buffer.alloc(0);
const NO_ARGUMENTS: readonly string[] = [];

export class RespDecoder {
  /** Whether the client may send large requests. Takes effect from the next header on. */
  isAuthenticated = false;

  readonly #limits: DecoderLimits;
  #failure: string | null = null;

  #bytes: Buffer = NO_BYTES;
  /** False while `#bytes` is a chunk of the caller's. */
  #isOwned = false;
  #position = 0;
  #end = 0;
  /** No line break stands between `#position` and here: a line that arrives byte by byte is searched only once. */
  #searched = 0;

  /** The array being read: what is complete, how many arguments are missing, how many bytes of it are consumed. */
  #arguments: string[] = [];
  #argumentsLeft = 0;
  #requestBytes = 0;
  /** Length of the argument that is being received; −1 while its header is. */
  #bulkLength = -1;
  readonly #last = new LastRequest();
  /** How often the request before has come again since there was another one. */
  #repetitions = 0;
  /** Up to here the bytes are known to be those of the request before, again and again. */
  #repeatedUntil = 0;

  constructor(limits: DecoderLimits = DEFAULT_DECODER_LIMITS) {
    this.#limits = limits;
  }

  /**
   * The error reply for a client that broke the protocol, beginning with `ERR`; null as long as it has not. After a
   * failure nothing more is decoded: send the reply and close the connection.
   */
  get failure(): string | null {
    return this.#failure;
  }

  /** Bytes received and not yet returned as commands. Stop reading from a client while this is large. */
  get bufferedBytes(): number {
    return this.#end - this.#position + this.#requestBytes;
  }

  /**
   * Takes the next bytes: the first `length` of the chunk, all unless given. It is used in place: leave it unchanged until `next` has
   * returned null or `release` has been called; what is left of it then is copied, so that a small rest does not keep a large chunk
   * alive.
   */
  feed(chunk: Uint8Array, length = chunk.length): void {
    if (this.#failure !== null || length === 0) return;
    const unread = this.#end - this.#position;
    if (unread === 0) {
      this.#last.detach();
      this.#bytes = chunk instanceof Buffer ? chunk : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
      this.#isOwned = false;
      this.#position = 0;
      this.#searched = 0;
      this.#repeatedUntil = 0;
      this.#end = length;
      return;
    }
    if (!this.#isOwned || this.#end + length > this.#bytes.length) this.#moveUnread(unread, unread + length);
    this.#bytes.set(length === chunk.length ? chunk : chunk.subarray(0, length), this.#end);
    this.#end += length;
  }

  /**
   * The next complete command as byte strings, never an empty one; null when more bytes are needed or after a failure. One that has
   * the same bytes as the one before is mostly the same array, which therefore nobody can change.
   */
  next(): readonly string[] | null {
    while (this.#position < this.#end) {
      const isArray = this.#argumentsLeft > 0 || this.#bytes[this.#position] === ASTERISK;
      const command = isArray ? this.#readArray() : this.#readInline();
      if (command === null) break;
      if (command.length > 0) return command;
    }
    this.release();
    return null;
  }

  /** Leaves the caller's chunk, and drops a buffer of our own that has been read to its end. */
  release(): void {
    const unread = this.#end - this.#position;
    if (unread === 0) {
      this.#last.detach();
      this.#bytes = NO_BYTES;
      this.#isOwned = false;
      this.#position = 0;
      this.#searched = 0;
      this.#end = 0;
    } else if (!this.#isOwned) {
      this.#moveUnread(unread, unread);
    }
  }

  #readArray(): readonly string[] | null {
    if (this.#argumentsLeft === 0) {
      const again = this.#readLikeLast();
      if (again !== null) return again;
      if (this.#argumentsLeft === 0) {
        const count = this.#readArrayHeader();
        if (count === null) return null;
        if (count <= 0) return NO_ARGUMENTS;
        this.#argumentsLeft = count;
        this.#last.begin(this.#requestBytes);
      }
    }
    while (this.#argumentsLeft > 0) {
      if (this.#bulkLength === -1) {
        const length = this.#readBulkHeader();
        if (length === null) return null;
        this.#bulkLength = length;
      }
      const next = this.#position + this.#bulkLength + 2;
      if (next > this.#end) return null;
      this.#arguments.push(this.#bytes.toString('latin1', this.#position, this.#position + this.#bulkLength));
      this.#consumeTo(next);
      this.#last.add(this.#requestBytes);
      this.#bulkLength = -1;
      this.#argumentsLeft--;
    }
    const command = this.#arguments;
    // Negative when the request came in pieces: its beginning is gone.
    this.#last.finish(command, this.#bytes, this.#position - this.#requestBytes);
    this.#repetitions = 0;
    this.#repeatedUntil = 0;
    this.#arguments = [];
    this.#requestBytes = 0;
    return command;
  }

  /** Takes what is next as it was in the request before: all of it, which is returned, or its beginning, which is skipped. */
  #readLikeLast(): readonly string[] | null {
    const { length, words } = this.#last;
    if (length === 0) return null;
    const end = this.#position + length;
    if (end > this.#repeatedUntil) {
      const common = this.#last.commonBytes(this.#bytes, this.#position, this.#end);
      if (common < length) {
        this.#beginLikeLast(common);
        return null;
      }
      this.#repetitions++;
      if (this.#repetitions >= REPETITIONS_OF_A_PIPELINE) this.#repeatedUntil = this.#lookAhead(length, end);
    }
    this.#position = end;
    return words;
  }

  /** Skips what has been parsed as the beginning of the request before, if so many bytes have its header in them. */
  #beginLikeLast(common: number): void {
    const { words } = this.#last;
    const known = this.#last.argumentsWithin(common);
    if (known < 0) return;
    this.#argumentsLeft = words.length - known;
    // `slice` of a frozen array takes a slow way.
    for (let index = 0; index < known; index++) this.#arguments.push(words[index] ?? '');
    this.#consumeTo(this.#position + this.#last.beginAgain(known));
  }

  /**
   * How far the request that ends at `end` is known to repeat itself. Bytes do if each is the one that stands a request's length
   * before it: a whole pipeline is recognised by comparing it with itself, once.
   */
  #lookAhead(length: number, end: number): number {
    const until = Math.min(this.#end, end + MAX_REPETITION_BYTES);
    const isRepetition = this.#bytes.compare(this.#bytes, end - length, until - length, end, until) === 0;
    return isRepetition ? until : end;
  }

  /** The announced number of arguments; zero and less mean an empty request, which Redis ignores. */
  #readArrayHeader(): number | null {
    const lineEnd = this.#findLineEnd(CARRIAGE_RETURN, 'too big mbulk count string');
    if (lineEnd === -1) return null;
    const count = parseLength(this.#bytes, this.#position + 1, lineEnd);
    if (count === null || count > this.#limits.maxArguments) return this.#fail('invalid multibulk length');
    if (!this.isAuthenticated && count > MAX_UNAUTHENTICATED_ARGUMENTS) {
      return this.#fail('unauthenticated multibulk length');
    }
    if (count > 0) this.#consumeTo(lineEnd + 2);
    else this.#position = lineEnd + 2;
    return count;
  }

  #readBulkHeader(): number | null {
    const lineEnd = this.#findLineEnd(CARRIAGE_RETURN, 'too big bulk count string');
    if (lineEnd === -1) return null;
    const first = this.#bytes[this.#position];
    if (first !== DOLLAR) return this.#fail(`expected '$', got '${String.fromCharCode(first ?? 0)}'`);
    const length = parseLength(this.#bytes, this.#position + 1, lineEnd);
    if (length === null || length < 0 || length > this.#limits.maxRequestBytes)
      return this.#fail('invalid bulk length');
    if (!this.isAuthenticated && length > MAX_UNAUTHENTICATED_BULK_BYTES) {
      return this.#fail('unauthenticated bulk length');
    }
    this.#consumeTo(lineEnd + 2);
    if (this.#requestBytes + length > this.#limits.maxRequestBytes) return this.#fail('too big request');
    return length;
  }

  #readInline(): readonly string[] | null {
    const lineFeed = this.#findLineEnd(LINE_FEED, 'too big inline request');
    if (lineFeed === -1) return null;
    const hasReturn = lineFeed > this.#position && this.#bytes[lineFeed - 1] === CARRIAGE_RETURN;
    const words = splitWords(this.#bytes.toString('latin1', this.#position, hasReturn ? lineFeed - 1 : lineFeed));
    if (words === null) return this.#fail('unbalanced quotes in request');
    this.#position = lineFeed + 1;
    return words;
  }

  /**
   * Where the current line ends, or −1 if that has not arrived or the line is too long. Like Redis, a header ends at its
   * carriage return, and the byte after it is skipped whatever it is.
   */
  #findLineEnd(terminator: number, tooLong: string): number {
    const bytes = this.#bytes;
    const bound = Math.min(this.#end, this.#position + MAX_LINE_BYTES + 1);
    let at = Math.max(this.#position, this.#searched);
    while (at < bound && bytes[at] !== terminator) at++;
    this.#searched = at;
    if (at < bound) return terminator === LINE_FEED || at + 1 < this.#end ? at : -1;
    if (at - this.#position > MAX_LINE_BYTES) this.#fail(tooLong);
    return -1;
  }

  #consumeTo(position: number): void {
    this.#requestBytes += position - this.#position;
    this.#position = position;
  }

  #fail(reason: string): null {
    this.#failure = `ERR Protocol error: ${reason}`;
    this.#position = this.#end;
    this.#arguments = [];
    this.#argumentsLeft = 0;
    this.#requestBytes = 0;
    return null;
  }

  /** Moves what is unread to the front of our own buffer, with room for `needed` bytes: doubled, so that copying stays linear. */
  #moveUnread(unread: number, needed: number): void {
    const target =
      this.#isOwned && needed <= this.#bytes.length && this.#position >= unread
        ? this.#bytes
        : Buffer.allocUnsafeSlow(this.#isOwned ? Math.max(needed, 2 * unread) : needed);
    this.#last.detach();
    this.#bytes.copy(target, 0, this.#position, this.#end);
    this.#bytes = target;
    this.#isOwned = true;
    this.#searched = Math.max(0, this.#searched - this.#position);
    this.#repeatedUntil = 0;
    this.#position = 0;
    this.#end = unread;
  }
}

/** The decimal between two positions as Redis reads lengths: no plus sign, no blanks, no leading zeros; null otherwise. */
function parseLength(bytes: Uint8Array, start: number, end: number): number | null {
  const isNegative = bytes[start] === MINUS;
  const firstDigit = isNegative ? start + 1 : start;
  if (firstDigit >= end) return null;
  if (bytes[firstDigit] === ZERO) return end - start === 1 ? 0 : null;
  let value = 0;
  for (let at = firstDigit; at < end; at++) {
    const digit = (bytes[at] ?? 0) - ZERO;
    if (digit < 0 || digit > 9) return null;
    value = value * 10 + digit;
  }
  if (value > Number.MAX_SAFE_INTEGER) return null;
  return isNegative ? -value : value;
}
