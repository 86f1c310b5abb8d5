// A file of 64-bit numbers that a program written in C maps into its memory: steers the program while it runs, and shows what it counts.

import { closeSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs';

const BYTES = 8;

export class NumbersFile {
  readonly path: string;

  /** Creates the file with so many numbers, all 0. */
  constructor(path: string, count: number) {
    this.path = path;
    writeFileSync(path, Buffer.alloc(count * BYTES));
  }

  /** Every program that has mapped the file sees the number at once. */
  set(index: number, value: number): void {
    const number = Buffer.alloc(BYTES);
    number.writeBigInt64LE(BigInt(value));
    const file = openSync(this.path, 'r+');
    writeSync(file, number, 0, BYTES, index * BYTES);
    closeSync(file);
  }

  get(index: number): number {
    return Number(readFileSync(this.path).readBigInt64LE(index * BYTES));
  }
}
