// The values that travel in RESP, in both directions, as plain data.
//
// JavaScript's own types carry the common cases: a string is a bulk string, a number an integer, null a null bulk string,
// an array an array. The classes below name what JavaScript cannot: simple strings, errors, null arrays and RESP3's types.
// How each is written for RESP2 and RESP3 is the encoder's business (`resp-encoder.ts`).

export type Reply =
  | string
  | number
  | bigint
  | boolean
  | null
  | SimpleString
  | ErrorReply
  | NullArray
  | MapReply
  | SetReply
  | PushReply
  | DoubleReply
  | VerbatimReply
  | readonly Reply[];

/** `+OK`: a short status without line breaks. */
export class SimpleString {
  readonly value: string;
  constructor(value: string) {
    this.value = value;
  }
}

/** `-ERR …`: the whole message including its code (`ERR`, `NOAUTH`, `INPROG`…), without the leading minus. */
export class ErrorReply {
  readonly message: string;
  constructor(message: string) {
    this.message = message;
  }
}

/** `*-1` in RESP2, `_` in RESP3: "there is no such thing", where an array was asked for. */
export class NullArray {
  readonly kind = 'null-array';
}

/** A map: flattened to an array of alternating names and values in RESP2. */
export class MapReply {
  readonly entries: readonly (readonly [Reply, Reply])[];
  constructor(entries: readonly (readonly [Reply, Reply])[]) {
    this.entries = entries;
  }
}

/** A set: an array in RESP2. */
export class SetReply {
  readonly members: readonly Reply[];
  constructor(members: readonly Reply[]) {
    this.members = members;
  }
}

/** Out-of-band data such as a published message: an array in RESP2. */
export class PushReply {
  readonly items: readonly Reply[];
  constructor(items: readonly Reply[]) {
    this.items = items;
  }
}

/** A floating point number: a bulk string in RESP2. */
export class DoubleReply {
  readonly value: number;
  constructor(value: number) {
    this.value = value;
  }
}

/** Text with a three letter format, such as the reply to INFO: a bulk string in RESP2. */
export class VerbatimReply {
  readonly text: string;
  readonly format: 'txt' | 'mkd';
  constructor(text: string, format: 'txt' | 'mkd' = 'txt') {
    this.text = text;
    this.format = format;
  }
}

export const OK = new SimpleString('OK');
export const NULL_ARRAY = new NullArray();
