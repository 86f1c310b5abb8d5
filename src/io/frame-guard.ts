// Bounds what one reply of another server may cost, before ioredis's decoder sees its bytes.
//
// The decoder allocates an array of the length that a reply announces and collects bulk strings of any size, so a server that
// has been taken over could exhaust our memory with a dozen bytes. The guard follows the framing of RESP2 and RESP3 only: where
// each value ends and how many are still to come. It decodes nothing and keeps at most one header line.

/** No reply we ask for comes near: INFO has some 5 KB, and 256 replicas make it 30 KB. */
export const MAX_REPLY_BYTES = 4 * 1024 * 1024;
/** Elements announced by all arrays, maps and sets of one reply, nested ones included. */
export const MAX_REPLY_ELEMENTS = 65_536;

/** Longer than every header that carries a length; of other lines only the type matters. */
const HEADER_BYTES = 24;
const LINE_FEED = 10;
const LINE_END_BYTES = 2;
const TOO_LONG = `a reply of more than ${MAX_REPLY_BYTES} bytes`;
const MALFORMED = 'a reply with a malformed length';

export class FrameGuard {
  /** Bytes of a bulk string, with its line end, that are still to come. */
  #bodyLeft = 0;
  #header = '';
  /** Values missing until the reply is complete; 0 between replies. */
  #valuesLeft = 0;
  #bytes = 0;
  #elements = 0;
  #completed = 0;

  /**
   * Follows the next bytes of the stream. Returns null while they keep within the limits, otherwise why they do not; after that
   * the guard has lost its place and the connection must be dropped.
   */
  inspect(chunk: Buffer): string | null {
    let offset = 0;
    while (offset < chunk.length) {
      const start = offset;
      if (this.#bodyLeft > 0) {
        offset = Math.min(chunk.length, start + this.#bodyLeft);
        this.#bodyLeft -= offset - start;
        if (this.#bodyLeft === 0) this.#completeValue();
      } else {
        const lineFeed = chunk.indexOf(LINE_FEED, start);
        offset = lineFeed === -1 ? chunk.length : lineFeed + 1;
        const length = this.#header === '' ? plainLength(chunk, start + 1, lineFeed - 1) : null;
        let violation: string | null = null;
        if (length !== null) violation = this.#beginValue(String.fromCharCode(chunk[start] ?? 0), length);
        else {
          this.#collectHeader(chunk, start, offset);
          if (lineFeed !== -1) violation = this.#beginCollected();
        }
        if (violation !== null) return violation;
      }
      if (this.#valuesLeft > 0 || this.#header !== '') this.#bytes += offset - start;
      if (this.#bytes > MAX_REPLY_BYTES) return TOO_LONG;
    }
    return null;
  }

  /** How many whole replies and messages have gone by since this was last asked. */
  takeCompleted(): number {
    const completed = this.#completed;
    this.#completed = 0;
    return completed;
  }

  #collectHeader(chunk: Buffer, start: number, end: number): void {
    const missing = HEADER_BYTES - this.#header.length;
    if (missing > 0) this.#header += chunk.toString('latin1', start, Math.min(end, start + missing));
  }

  #beginCollected(): string | null {
    const type = this.#header.charAt(0);
    const length = Number.parseInt(this.#header.slice(1), 10);
    this.#header = '';
    return this.#beginValue(type, length);
  }

  /** A header line is complete: a whole value, or the announcement of a longer one. */
  #beginValue(type: string, length: number): string | null {
    if (this.#valuesLeft === 0) this.#valuesLeft = 1;
    switch (type) {
      case '$':
      case '=':
      case '!':
        return this.#beginBody(length);
      case '*':
      case '~':
      case '>':
        return this.#beginElements(length);
      case '%':
        return this.#beginElements(length * 2);
      default:
        this.#completeValue();
        return null;
    }
  }

  #beginBody(length: number): string | null {
    if (length === -1) this.#completeValue();
    else if (!(length >= 0)) return MALFORMED;
    else if (length > MAX_REPLY_BYTES) return TOO_LONG;
    else this.#bodyLeft = length + LINE_END_BYTES;
    return null;
  }

  #beginElements(length: number): string | null {
    if (!(length >= -1)) return MALFORMED;
    const elements = Math.max(length, 0);
    this.#elements += elements;
    if (this.#elements > MAX_REPLY_ELEMENTS) return `a reply of more than ${MAX_REPLY_ELEMENTS} elements`;
    this.#valuesLeft += elements;
    this.#completeValue();
    return null;
  }

  #completeValue(): void {
    this.#valuesLeft -= 1;
    if (this.#valuesLeft > 0) return;
    this.#completed++;
    this.#bytes = 0;
    this.#elements = 0;
  }
}

/**
 * The number that the bytes from `start` up to the carriage return at `end` are, if they are a few digits and nothing else, as nearly
 * all lengths are: then no text has to be made of them. Otherwise null.
 */
function plainLength(chunk: Buffer, start: number, end: number): number | null {
  if (end <= start || end - start > MAX_PLAIN_DIGITS || chunk[end] !== CARRIAGE_RETURN) return null;
  let length = 0;
  for (let at = start; at < end; at++) {
    const digit = (chunk[at] ?? 0) - ZERO;
    if (digit < 0 || digit > 9) return null;
    length = length * 10 + digit;
  }
  return length;
}
const MAX_PLAIN_DIGITS = 9;
const ZERO = 48;
const CARRIAGE_RETURN = 13;
