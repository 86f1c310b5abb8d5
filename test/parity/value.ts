// Replies as values, in RESP2 and RESP3, and as texts that two processes can agree on: numbers and run ids in data are masked,
// because they never do; errors and statuses are kept to the letter.

export type Value = Line | Text | Aggregate;

/** A status, an error, a number, a boolean, RESP3's null. */
export interface Line {
  readonly kind: string;
  readonly line: string;
}

export interface Text {
  readonly kind: '$' | '=';
  /** Null as RESP2 says it. A verbatim string keeps its format in front. */
  readonly text: string | null;
}

export interface Aggregate {
  readonly kind: '*' | '~' | '>' | '%';
  /** Names and values of a map take turns. Null as RESP2 says it. */
  readonly items: readonly Value[] | null;
}

export interface Parsed {
  readonly value: Value;
  readonly end: number;
}

/** The value that begins at `start`; null while it is incomplete. */
export function parse(received: string, start: number): Parsed | null {
  const lineEnd = received.indexOf('\r\n', start);
  if (lineEnd === -1) return null;
  const kind = received.charAt(start);
  const line = received.slice(start + 1, lineEnd);
  const body = lineEnd + 2;
  switch (kind) {
    case '$':
    case '=':
      return parseText(received, kind, Number(line), body);
    case '*':
    case '~':
    case '>':
    case '%':
      return parseAll(received, kind, Number(line), body);
    default:
      return { value: { kind, line }, end: body };
  }
}

function parseText(received: string, kind: Text['kind'], length: number, start: number): Parsed | null {
  if (length < 0) return { value: { kind, text: null }, end: start };
  if (received.length < start + length + 2) return null;
  return { value: { kind, text: received.slice(start, start + length) }, end: start + length + 2 };
}

function parseAll(received: string, kind: Aggregate['kind'], count: number, start: number): Parsed | null {
  if (count < 0) return { value: { kind, items: null }, end: start };
  const items: Value[] = [];
  let end = start;
  for (let left = kind === '%' ? 2 * count : count; left > 0; left--) {
    const item = parse(received, end);
    if (item === null) return null;
    items.push(item.value);
    end = item.end;
  }
  return { value: { kind, items }, end };
}

const NUMBERS = new Set([':', ',']);

/** What is compared of a value whose inside nobody looks at. */
export function render(value: Value): string {
  if ('line' in value) return NUMBERS.has(value.kind) ? `${value.kind}#` : value.kind + value.line;
  if ('text' in value)
    return value.text === null ? `${value.kind}nil` : value.kind + JSON.stringify(masked(value.text));
  if (value.items === null) return `${value.kind}nil`;
  const items = value.items.map(render);
  // The members of a set have no order.
  return `${value.kind}[${(value.kind === '~' ? items.sort(byBytes) : items).join(' ')}]`;
}

export function masked(text: string): string {
  return text.replace(/[0-9a-f]{32,}/g, '<hex>').replace(/-?\d+(\.\d+)*/g, '#');
}

export function byBytes(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}
