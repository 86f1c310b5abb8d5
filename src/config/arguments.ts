// One line of configuration as words, and words as a line again, with Redis's quoting rules.
//
// It knows nothing of directives. Lines are byte strings: one character is one byte, so a name of any bytes survives
// reading and writing unchanged.

const HEX_PAIR = /^[0-9a-fA-F]{2}$/;
/** What may stand in a word without quotes: printable ASCII other than space, quotes and backslash, and bytes above it. */
const PLAIN_WORD = /^[!#-&(-[\]-~\x80-\xff]+$/;

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['b', '\b'],
  ['a', '\x07'],
]);
const ESCAPED: ReadonlyMap<string, string> = new Map([
  ['\\', '\\\\'],
  ['"', '\\"'],
  ...[...ESCAPES].map(([letter, byte]): [string, string] => [byte, `\\${letter}`]),
]);

/** A piece of the line that has been read, and where the next one begins. */
interface Piece {
  readonly text: string;
  readonly end: number;
}

/**
 * Splits a line into words. A word may contain one quoted part, which ends it: `"…"` understands `\n \r \t \b \a`,
 * `\xHH` and a backslash before any other character; `'…'` understands only `\'`.
 *
 * Returns null when a quote is not closed, or is closed in the middle of a word.
 */
export function splitArguments(line: string): string[] | null {
  const words: string[] = [];
  let at = skipBlanks(line, 0);
  while (at < line.length) {
    const word = readWord(line, at);
    if (word === null) return null;
    words.push(word.text);
    at = skipBlanks(line, word.end);
  }
  return words;
}

/** The line that `splitArguments` turns back into the same words; a word is quoted only if it must be. */
export function joinArguments(words: readonly string[]): string {
  return words.map(writeArgument).join(' ');
}

/** A word as it stands in a line: as it is where that is safe, otherwise in quotes. */
export function writeArgument(word: string): string {
  return PLAIN_WORD.test(word) ? word : quoteArgument(word);
}

/** A word in double quotes, every byte outside printable ASCII escaped. */
export function quoteArgument(word: string): string {
  let quoted = '"';
  for (const character of word) {
    const escaped = ESCAPED.get(character);
    if (escaped !== undefined) quoted += escaped;
    else if (character >= ' ' && character <= '~') quoted += character;
    else quoted += `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
  }
  return `${quoted}"`;
}

function skipBlanks(line: string, from: number): number {
  let at = from;
  while (at < line.length && isBlank(line.charAt(at))) at++;
  return at;
}

function isBlank(character: string): boolean {
  return endsWord(character) || character === '\v' || character === '\f';
}

/** Vertical tabs and form feeds separate words, but do not end one: as in Redis. */
function endsWord(character: string): boolean {
  return character === ' ' || character === '\t' || character === '\r' || character === '\n';
}

function readWord(line: string, from: number): Piece | null {
  let at = from;
  while (at < line.length) {
    const character = line.charAt(at);
    if (endsWord(character)) break;
    if (character === '"' || character === "'") return readQuoted(line, line.slice(from, at), character, at + 1);
    at++;
  }
  return { text: line.slice(from, at), end: at };
}

function readQuoted(line: string, prefix: string, quote: '"' | "'", from: number): Piece | null {
  let text = prefix;
  let at = from;
  while (at < line.length) {
    const character = line.charAt(at);
    if (character === quote) {
      const next = at + 1;
      return next === line.length || isBlank(line.charAt(next)) ? { text, end: next } : null;
    }
    const sequence = character === '\\' ? readEscape(line, quote, at) : null;
    text += sequence === null ? character : sequence.text;
    at = sequence === null ? at + 1 : sequence.end;
  }
  return null;
}

/** The escape sequence whose backslash stands at `at`, or null where the backslash stands for itself. */
function readEscape(line: string, quote: '"' | "'", at: number): Piece | null {
  const next = line.charAt(at + 1);
  if (quote === "'") return next === "'" ? { text: "'", end: at + 2 } : null;
  if (next === '') return null;
  const pair = line.slice(at + 2, at + 4);
  if (next === 'x' && HEX_PAIR.test(pair)) {
    return { text: String.fromCharCode(Number.parseInt(pair, 16)), end: at + 4 };
  }
  return { text: ESCAPES.get(next) ?? next, end: at + 2 };
}
