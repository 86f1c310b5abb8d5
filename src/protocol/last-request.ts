// The request before, to which the bytes of the next one are compared: a client that polls asks the same again, or the same about
// another master. What is the same need not be parsed a second time.
//
// Its bytes stay where they arrived for as long as they are there, and are copied when that memory is given back.

/** Longer requests would only pin memory. Below every limit that depends on who asks: what was accepted once is accepted again. */
const MAX_BYTES = 512;
const MAX_ARGUMENTS = 10;

const NO_BYTES = Buffer.alloc(0);
const NO_WORDS: readonly string[] = [];

export class LastRequest {
  #words: readonly string[] = NO_WORDS;
  #length = 0;
  /** Where its header and each of its arguments end, counted from its beginning; those of the next one while that is being parsed. */
  readonly #ends = new Uint32Array(MAX_ARGUMENTS + 1);
  /** How many ends there are, more than can be kept for a request with many arguments. */
  #parts = 0;
  #bytes: Buffer = NO_BYTES;
  #start = 0;
  #own: Buffer = NO_BYTES;

  /** None if there is nothing to compare with. Nobody can change them. */
  get words(): readonly string[] {
    return this.#words;
  }

  /** Its bytes; 0 if there is nothing to compare with. */
  get length(): number {
    return this.#length;
  }

  /** How many bytes from `from` on, before `end`, are those with which this request begins. */
  commonBytes(bytes: Buffer, from: number, end: number): number {
    const limit = Math.min(this.#length, end - from);
    const mine = this.#bytes;
    const start = this.#start;
    let at = 0;
    while (at < limit && bytes[from + at] === mine[start + at]) at++;
    return at;
  }

  /** How many arguments, behind the header, are whole within that many bytes; −1 if the header is not. */
  argumentsWithin(bytes: number): number {
    if (this.#length === 0) return -1;
    let parts = 0;
    while (parts < this.#parts && (this.#ends[parts] ?? 0) <= bytes) parts++;
    return parts - 1;
  }

  /** Another request is there with a header of so many bytes. */
  begin(headerBytes: number): void {
    this.#forget();
    this.#parts = 0;
    this.add(headerBytes);
  }

  /** Another request is there that begins like this one; returns how many bytes the header and that many arguments have. */
  beginAgain(known: number): number {
    this.#forget();
    this.#parts = known + 1;
    return this.#ends[known] ?? 0;
  }

  /** The request that has begun has one argument more, and so many bytes with it. */
  add(bytes: number): void {
    if (this.#parts < this.#ends.length) this.#ends[this.#parts] = bytes;
    this.#parts++;
  }

  /** It is whole. It cannot be compared with if it is long, or did not come in one piece: then `start` is negative. */
  finish(words: string[], bytes: Buffer, start: number): void {
    if (start < 0 || this.#parts > this.#ends.length) return;
    const length = this.#ends[this.#parts - 1] ?? 0;
    if (length > MAX_BYTES) return;
    this.#words = Object.freeze(words);
    this.#length = length;
    this.#bytes = bytes;
    this.#start = start;
  }

  /** The memory in which it came is about to be used for something else. */
  detach(): void {
    if (this.#length === 0 || this.#bytes === this.#own) return;
    if (this.#own === NO_BYTES) this.#own = Buffer.allocUnsafeSlow(MAX_BYTES);
    for (let at = 0; at < this.#length; at++) this.#own[at] = this.#bytes[this.#start + at] ?? 0;
    this.#bytes = this.#own;
    this.#start = 0;
  }

  #forget(): void {
    this.#words = NO_WORDS;
    this.#length = 0;
    this.#bytes = NO_BYTES;
  }
}
