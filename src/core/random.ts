// Randomness as a value: the process seeds it from the operating system, the simulator from its seed.
// The core draws from nothing else, so the same seed and the same inputs give the same decisions.

export interface Random {
  /** An integer, uniformly distributed over 0 … bound − 1. */
  below(bound: number): number;
  /** `digits` lower-case hexadecimal digits. */
  hex(digits: number): string;
}

/**
 * The generator sfc32 (Chris Doty-Humphrey, PractRand): 128 bits of state, fast, and good enough to spread retries.
 * It is not meant for secrets; run ids only need to differ.
 */
export class SeededRandom implements Random {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  constructor(a: number, b = 0x9e3779b9, c = 0x243f6a88) {
    this.#a = a | 0;
    this.#b = b | 0;
    this.#c = c | 0;
    for (let round = 0; round < 12; round++) this.next();
  }

  /** 32 uniformly distributed bits. */
  next(): number {
    const sum = (((this.#a + this.#b) | 0) + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (this.#c << 21) | (this.#c >>> 11);
    this.#c = (this.#c + sum) | 0;
    return sum >>> 0;
  }

  below(bound: number): number {
    return Math.floor((this.next() / 2 ** 32) * bound);
  }

  hex(digits: number): string {
    let text = '';
    while (text.length < digits) text += this.next().toString(16).padStart(8, '0');
    return text.slice(0, digits);
  }
}
