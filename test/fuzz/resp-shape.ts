// Where one RESP2 or RESP3 value ends, as strictly as the protocol allows: the judge over everything that is sent to a client.

const LINE_TYPES = '+-:_#,(';
const BODY_TYPES = '$=!';
const LIST_TYPES = '*~>';

/** The position after the value that begins at `start`; null if none is complete and well formed there. */
export function endOfReply(text: string, start: number): number | null {
  const lineEnd = text.indexOf('\r\n', start);
  if (lineEnd === -1) return null;
  const type = text.charAt(start);
  const line = text.slice(start + 1, lineEnd);
  const next = lineEnd + 2;
  if (type !== '' && LINE_TYPES.includes(type)) return isLine(type, line) ? next : null;
  if (!/^(?:0|-1|[1-9][0-9]*)$/.test(line)) return null;
  const length = Number(line);
  if (BODY_TYPES.includes(type)) return endOfBody(text, next, length);
  if (LIST_TYPES.includes(type)) return endOfItems(text, next, length);
  return type === '%' ? endOfItems(text, next, 2 * length) : null;
}

/** How many values the text is; null if it is anything but well formed ones. */
export function countReplies(text: string): number | null {
  let count = 0;
  for (let at = 0; at < text.length; count++) {
    const end = endOfReply(text, at);
    if (end === null) return null;
    at = end;
  }
  return count;
}

function isLine(type: string, line: string): boolean {
  switch (type) {
    case ':':
    case '(':
      return /^-?[0-9]+$/.test(line);
    case '_':
      return line === '';
    case '#':
      return line === 't' || line === 'f';
    case ',':
      return /^(?:-?inf|nan|-?[0-9]+(?:\.[0-9]+)?(?:e[+-]?[0-9]+)?)$/.test(line);
    default:
      return !line.includes('\n') && !line.includes('\r');
  }
}

function endOfBody(text: string, start: number, length: number): number | null {
  if (length < 0) return start;
  const end = start + length;
  return text.slice(end, end + 2) === '\r\n' ? end + 2 : null;
}

function endOfItems(text: string, start: number, count: number): number | null {
  let at = start;
  for (let left = count; left > 0; left--) {
    const end = endOfReply(text, at);
    if (end === null) return null;
    at = end;
  }
  return at;
}
