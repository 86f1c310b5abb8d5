// The words that the text formats of this folder have in common: integers, ports, run ids, hosts.
//
// Each reader is strict and total: text from another process is either exactly such a word, or null. Nothing is trimmed,
// rounded or guessed, because two processes that read the same bytes differently disagree about the world.

/** Longest host name that DNS allows; longer words are not addresses. */
const MAX_HOST_LENGTH = 255;

/**
 * A decimal integer as Redis reads arguments: an optional minus, no plus sign, no blanks, no leading zeros. Null for
 * anything else and beyond ±(2^53 − 1), where a double no longer counts by one.
 */
export function parseInteger(text: string): number | null {
  if (!/^(?:0|-?[1-9][0-9]{0,15})$/.test(text)) return null;
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : null;
}

/** An integer of 0 … 2^53 − 1: an epoch, an offset, a count. */
export function parseCount(text: string): number | null {
  const value = parseInteger(text);
  return value === null || value < 0 ? null : value;
}

/** A port that can be connected to: 1 … 65535. */
export function parsePort(text: string): number | null {
  const value = parseInteger(text);
  return value === null || value < 1 || value > 65_535 ? null : value;
}

/** 40 lower-case hexadecimal digits: a run id or a replication id. */
export function isHexadecimalId(text: string): boolean {
  return /^[0-9a-f]{40}$/.test(text);
}

/** Whether the text can be an IPv4 or IPv6 address or a host name. Whether it resolves is another question. */
export function isHost(text: string): boolean {
  return text.length <= MAX_HOST_LENGTH && /^[0-9A-Za-z._:%-]+$/.test(text);
}
