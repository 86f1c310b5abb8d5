// Turns replies into bytes as Redis types them, for clients of RESP2 and of RESP3. `reply.ts` says what the values mean.
//
// The result is a byte string: write it to the socket as latin1. One string is built for the whole reply, which is
// cheaper in JavaScript than a list of buffers, and the caller can append replies to a pipeline's into one write.

import {
  DoubleReply,
  ErrorReply,
  MapReply,
  NullArray,
  PushReply,
  type Reply,
  SetReply,
  SimpleString,
  VerbatimReply,
} from './reply.js';

/** What HELLO negotiates; a client that never says HELLO speaks 2. */
export type RespVersion = 2 | 3;

/** The beginnings of short bulk strings and arrays, which is what nearly all of them are. */
const BULK_HEADERS = headersOf('$');
const ARRAY_HEADERS = headersOf('*');

/**
 * The reply as it goes on the wire. Fractions of integers are cut off, because ages are differences of a clock that has
 * them. Throws a RangeError for an integer that is not finite: that is a mistake of ours, and no byte of it may be sent.
 */
export function encode(reply: Reply, version: RespVersion): string {
  if (typeof reply === 'string') return encodeBulk(reply);
  if (Array.isArray(reply)) return encodeItems('*', reply, version);
  if (typeof reply === 'number') return encodeInteger(reply);
  if (reply === null) return version === 2 ? '$-1\r\n' : '_\r\n';
  if (typeof reply === 'bigint') return `:${reply}\r\n`;
  if (typeof reply === 'boolean') return encodeBoolean(reply, version);
  if (reply instanceof SimpleString) return `+${singleLine(reply.value)}\r\n`;
  if (reply instanceof ErrorReply) return `-${singleLine(reply.message)}\r\n`;
  if (reply instanceof NullArray) return version === 2 ? '*-1\r\n' : '_\r\n';
  if (reply instanceof MapReply) return encodeMap(reply, version);
  if (reply instanceof SetReply) return encodeItems(version === 2 ? '*' : '~', reply.members, version);
  if (reply instanceof PushReply) return encodeItems(version === 2 ? '*' : '>', reply.items, version);
  if (reply instanceof DoubleReply) return encodeDouble(reply.value, version);
  if (reply instanceof VerbatimReply) return encodeVerbatim(reply, version);
  return encodeItems('*', reply, version);
}

function encodeItems(type: string, items: readonly Reply[], version: RespVersion): string {
  let text = (type === '*' ? ARRAY_HEADERS[items.length] : undefined) ?? `${type}${items.length}\r\n`;
  for (const item of items) text += typeof item === 'string' ? encodeBulk(item) : encode(item, version);
  return text;
}

function headersOf(type: string): readonly string[] {
  return Array.from({ length: 128 }, (_, length) => `${type}${length}\r\n`);
}

function encodeBulk(text: string): string {
  const header = BULK_HEADERS[text.length] ?? `$${text.length}\r\n`;
  return `${header}${text}\r\n`;
}

function encodeInteger(value: number): string {
  if (!Number.isFinite(value)) throw new RangeError(`not an integer: ${value}`);
  // BigInt, because a great number would be written with an exponent, and what is left of −0.5 with its sign.
  return Number.isSafeInteger(value) ? `:${value}\r\n` : `:${BigInt(Math.trunc(value))}\r\n`;
}

function encodeBoolean(value: boolean, version: RespVersion): string {
  if (version === 2) return value ? ':1\r\n' : ':0\r\n';
  return value ? '#t\r\n' : '#f\r\n';
}

function encodeMap(map: MapReply, version: RespVersion): string {
  let text = version === 2 ? `*${2 * map.entries.length}\r\n` : `%${map.entries.length}\r\n`;
  for (const [name, value] of map.entries) text += encode(name, version) + encode(value, version);
  return text;
}

function encodeDouble(value: number, version: RespVersion): string {
  const text = doubleText(value);
  return version === 2 ? encodeBulk(text) : `,${text}\r\n`;
}

function doubleText(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (value === Number.POSITIVE_INFINITY) return 'inf';
  if (value === Number.NEGATIVE_INFINITY) return '-inf';
  return String(value);
}

function encodeVerbatim({ text, format }: VerbatimReply, version: RespVersion): string {
  return version === 2 ? encodeBulk(text) : `=${text.length + 4}\r\n${format}:${text}\r\n`;
}

/** A line break inside a simple string or an error would begin another reply; Redis replaces it with blanks, too. */
function singleLine(text: string): string {
  return text.includes('\n') || text.includes('\r') ? text.replace(/[\r\n]/g, ' ') : text;
}
