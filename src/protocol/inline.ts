// Splits one line into words by the quoting rules that Redis uses for inline commands and for its configuration file.
//
// Words are separated by blanks. In double quotes `\n \r \t \b \a \xHH` stand for bytes and `\` before anything else for
// that character; in single quotes only `\'` is special. A quote may open in the middle of a word, but a closing one
// must end it. The line is a byte string without its line break.

const DOUBLE_QUOTE = 0x22;
const SINGLE_QUOTE = 0x27;
const BACKSLASH = 0x5c;

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', a: '\x07' };

interface Word {
  readonly text: string;
  /** Where the line goes on. */
  readonly next: number;
}

/** The words of the line; none for a blank line, null when a quote is not closed or is followed by more of the word. */
export function splitWords(line: string): string[] | null {
  const words: string[] = [];
  let at = 0;
  for (;;) {
    while (at < line.length && isBlank(line.charCodeAt(at))) at++;
    if (at === line.length) return words;
    const word = readWord(line, at);
    if (word === null) return null;
    words.push(word.text);
    at = word.next;
  }
}

function readWord(line: string, start: number): Word | null {
  let at = start;
  while (at < line.length && !endsPlainText(line.charCodeAt(at))) at++;
  const plain = line.slice(start, at);
  const stop = line.charCodeAt(at);
  if (stop !== DOUBLE_QUOTE && stop !== SINGLE_QUOTE) return { text: plain, next: at };
  const quoted = stop === DOUBLE_QUOTE ? readDoubleQuoted(line, at + 1) : readSingleQuoted(line, at + 1);
  if (quoted === null) return null;
  if (quoted.next < line.length && !isBlank(line.charCodeAt(quoted.next))) return null;
  return { text: plain + quoted.text, next: quoted.next };
}

function readDoubleQuoted(line: string, start: number): Word | null {
  let text = '';
  for (let at = start; at < line.length; at++) {
    const code = line.charCodeAt(at);
    if (code === DOUBLE_QUOTE) return { text, next: at + 1 };
    if (code !== BACKSLASH || at + 1 === line.length) {
      text += line.charAt(at);
      continue;
    }
    const hexadecimal = line.slice(at + 2, at + 4);
    if (line.charAt(at + 1) === 'x' && /^[0-9a-f]{2}$/i.test(hexadecimal)) {
      text += String.fromCharCode(Number.parseInt(hexadecimal, 16));
      at += 3;
    } else {
      at++;
      text += ESCAPES[line.charAt(at)] ?? line.charAt(at);
    }
  }
  return null;
}

function readSingleQuoted(line: string, start: number): Word | null {
  let text = '';
  for (let at = start; at < line.length; at++) {
    const code = line.charCodeAt(at);
    if (code === SINGLE_QUOTE) return { text, next: at + 1 };
    if (code === BACKSLASH && line.charCodeAt(at + 1) === SINGLE_QUOTE) at++;
    text += line.charAt(at);
  }
  return null;
}

/** What C's `isspace` calls a space: blank, tab, line feed, vertical tab, form feed, carriage return. */
function isBlank(code: number): boolean {
  return code === 0x20 || (code >= 0x09 && code <= 0x0d);
}

/** A word ends at fewer characters than separate words: a vertical tab or a form feed inside it belongs to it. */
function endsPlainText(code: number): boolean {
  return (
    code === 0x20 || code === 0x09 || code === 0x0a || code === 0x0d || code === DOUBLE_QUOTE || code === SINGLE_QUOTE
  );
}
