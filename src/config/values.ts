// How single values are written in a configuration: whole numbers, amounts of memory, yes and no, addresses.
//
// Readers return null for what is not such a value; which words the operator then sees is the directive's business.

const WHOLE_NUMBER = /^[+-]?[0-9]+$/;
const OCTAL_NUMBER = /^[0-7]+$/;
const MEMORY = /^([0-9]+)([a-z]*)$/i;

/** Bytes in each unit; the units without `b` are decimal, as in Redis. */
const MEMORY_UNITS: ReadonlyMap<string, number> = new Map([
  ['', 1],
  ['b', 1],
  ['k', 1000],
  ['kb', 1024],
  ['m', 1000 ** 2],
  ['mb', 1024 ** 2],
  ['g', 1000 ** 3],
  ['gb', 1024 ** 3],
]);
const WRITTEN_UNITS = ['gb', 'mb', 'kb'] as const;

/** A decimal whole number that a double holds exactly. The original ignores what follows the digits; this does not. */
export function parseInteger(text: string): number | null {
  if (!WHOLE_NUMBER.test(text)) return null;
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : null;
}

export function parseOctal(text: string): number | null {
  if (!OCTAL_NUMBER.test(text)) return null;
  const value = Number.parseInt(text, 8);
  return Number.isSafeInteger(value) ? value : null;
}

/** Bytes. */
export function parseMemory(text: string): number | null {
  const [, digits, unit] = MEMORY.exec(text) ?? [];
  const factor = MEMORY_UNITS.get((unit ?? '').toLowerCase());
  if (digits === undefined || factor === undefined) return null;
  const bytes = Number(digits) * factor;
  return Number.isSafeInteger(bytes) ? bytes : null;
}

/** The shortest exact form: `32mb` rather than 33554432. */
export function formatMemory(bytes: number): string {
  for (const unit of WRITTEN_UNITS) {
    const factor = MEMORY_UNITS.get(unit) ?? 1;
    if (bytes !== 0 && bytes % factor === 0) return `${bytes / factor}${unit}`;
  }
  return String(bytes);
}

/** 0 is a port here: it marks an address that is known to be wrong in files of the original. */
export function parsePort(text: string): number | null {
  const port = parseInteger(text);
  return port !== null && port >= 0 && port <= 65535 ? port : null;
}
