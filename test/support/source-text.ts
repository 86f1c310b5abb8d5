// A TypeScript file as the tidiness rules read it: its code without comments and literals, its literals, its imports.
//
// No parser: one pass over the characters that knows comments, quotes, templates and regular expressions. That is enough to ask
// which words stand in code and which in text, and needs no dependency.

export interface Literal {
  readonly text: string;
  readonly line: number;
}

export interface Import {
  readonly from: string;
  readonly line: number;
  /** `export … from`: the file passes on what it imports. */
  readonly isReexport: boolean;
}

export interface SourceText {
  /** The same length as the file, with comments and the insides of literals blanked out. */
  readonly code: string;
  readonly literals: readonly Literal[];
  readonly comments: readonly Literal[];
  readonly imports: readonly Import[];
}

/** After one of these a slash begins a regular expression; after a value it divides. */
const BEFORE_REGULAR_EXPRESSION = /(?:^|[(,=:[!&|?{};+\-*%<>~^]|\b(?:return|typeof|case|in|of))\s*$/;

export function readSource(text: string): SourceText {
  const scanner = new Scanner(text);
  scanner.run();
  const code = scanner.code.join('');
  return { code, literals: scanner.literals, comments: scanner.comments, imports: importsOf(code, scanner.literals) };
}

export function lineAt(text: string, index: number): number {
  let line = 1;
  for (let at = 0; at < index; at++) if (text[at] === '\n') line++;
  return line;
}

class Scanner {
  readonly code: string[];
  readonly literals: Literal[] = [];
  readonly comments: Literal[] = [];
  readonly #text: string;
  #at = 0;
  /** How many braces are open inside each `${` that is being read. */
  readonly #templates: number[] = [];

  constructor(text: string) {
    this.#text = text;
    this.code = [...text];
  }

  run(): void {
    while (this.#at < this.#text.length) this.#next();
  }

  #next(): void {
    const here = this.#text[this.#at];
    const two = this.#text.slice(this.#at, this.#at + 2);
    if (two === '//') this.#comment(this.#end('\n', 0));
    else if (two === '/*') this.#comment(this.#end('*/', 2));
    else if (here === "'" || here === '"') this.#quoted(here);
    else if (here === '`') this.#template();
    else if (here === '/' && this.#beginsRegularExpression()) this.#regularExpression();
    else if (here === '{' || here === '}') this.#brace(here);
    else this.#at++;
  }

  #end(mark: string, beyond: number): number {
    const found = this.#text.indexOf(mark, this.#at + beyond);
    return found < 0 ? this.#text.length : found + beyond;
  }

  #comment(end: number): void {
    this.comments.push(this.#cut(this.#at, end));
    this.#blank(this.#at, end);
    this.#at = end;
  }

  #quoted(quote: string): void {
    const start = this.#at + 1;
    let end = start;
    while (end < this.#text.length && this.#text[end] !== quote) end += this.#text[end] === '\\' ? 2 : 1;
    this.#literal(start, end);
    this.#at = end + 1;
  }

  /** Reads the text of a template up to its end or its next `${`. */
  #template(): void {
    const start = this.#at + 1;
    let end = start;
    while (end < this.#text.length && this.#text[end] !== '`' && this.#text.slice(end, end + 2) !== '${') {
      end += this.#text[end] === '\\' ? 2 : 1;
    }
    this.#literal(start, end);
    if (this.#text[end] === '`') {
      this.#at = end + 1;
      return;
    }
    this.#templates.push(0);
    this.#at = end + 2;
  }

  #brace(brace: '{' | '}'): void {
    const open = this.#templates.pop();
    if (open === undefined || (brace === '}' && open === 0)) {
      if (open === undefined) this.#at++;
      else this.#template();
      return;
    }
    this.#templates.push(open + (brace === '{' ? 1 : -1));
    this.#at++;
  }

  #beginsRegularExpression(): boolean {
    return BEFORE_REGULAR_EXPRESSION.test(this.code.slice(Math.max(0, this.#at - 40), this.#at).join(''));
  }

  #regularExpression(): void {
    const start = this.#at + 1;
    let end = start;
    let isInClass = false;
    while (end < this.#text.length && (this.#text[end] !== '/' || isInClass)) {
      if (this.#text[end] === '[') isInClass = true;
      if (this.#text[end] === ']') isInClass = false;
      end += this.#text[end] === '\\' ? 2 : 1;
    }
    this.#literal(start, end);
    this.#at = end + 1;
  }

  #literal(start: number, end: number): void {
    if (end > start) this.literals.push(this.#cut(start, end));
    this.#blank(start, end);
  }

  #cut(start: number, end: number): Literal {
    return { text: this.#text.slice(start, end), line: lineAt(this.#text, start) };
  }

  #blank(start: number, end: number): void {
    for (let at = start; at < end; at++) if (this.code[at] !== '\n') this.code[at] = ' ';
  }
}

/** Every module that is named by an import or a re-export, types included. */
function importsOf(code: string, literals: readonly Literal[]): Import[] {
  const imports: Import[] = [];
  const statement = /^(?:(import|export)\b[^;'"]*?\bfrom\s*['"]|import\s*['"])|\bimport\s*\(\s*['"]/gm;
  for (const match of code.matchAll(statement)) {
    const line = lineAt(code, match.index + match[0].length);
    const literal = literals.find((candidate) => candidate.line === line);
    if (literal !== undefined) imports.push({ from: literal.text, line, isReexport: match[1] === 'export' });
  }
  return imports;
}
