// A configuration file line by line: what each line is, without applying any of it.
//
// Reading never fails here; a line that says nothing intelligible is a line, too. The parser decides what stops the start,
// the writer what is kept. Both work on the same lines, so they cannot disagree about what a line is.

import { joinArguments, splitArguments, writeArgument } from './arguments.js';
import type { MasterDirective, MonitorDirective, ProcessDirective, SentinelDirective } from './directive-kinds.js';
import { BAD_DIRECTIVE, PRESERVED_DIRECTIVES, SENTINEL_DIRECTIVES } from './directives.js';
import type { Reason } from './draft.js';
import type { Fact } from './facts.js';
import { factHead, factValues, parseFact } from './facts.js';
import type { ServerDirective } from './server-directives.js';
import { SERVER_DIRECTIVES } from './server-directives.js';

export type Meaning =
  /** A comment or an empty line. */
  | { readonly kind: 'text' }
  | { readonly kind: 'fact'; readonly fact: Fact }
  | { readonly kind: 'malformed-fact' }
  /** `name` is the word that stands there, in lower case: the directive's own or an alias. */
  | {
      readonly kind: 'sentinel';
      readonly directive: SentinelDirective;
      readonly name: string;
      readonly values: readonly string[];
    }
  | { readonly kind: 'unknown-sentinel' }
  | { readonly kind: 'server'; readonly directive: ServerDirective; readonly values: readonly string[] }
  | { readonly kind: 'include'; readonly pattern: string }
  /** A server directive that is kept and means nothing here; the reason tells what is wrong with it, if anything. */
  | { readonly kind: 'preserved'; readonly reason: Reason | null }
  | { readonly kind: 'invalid'; readonly reason: Reason };

export interface FileLine {
  /** Without blanks at either end. */
  readonly text: string;
  readonly meaning: Meaning;
  /** What it states, if that is something the writer renews. */
  readonly statement: Statement | null;
}

/** The lines of a configuration file; the first is line 1. Empty lines at the end are left out. */
export interface ConfigurationFile {
  readonly lines: readonly FileLine[];
  /** The indexes of the lines that make a statement, by its text: most of them say the same after every rewrite. */
  readonly statements: ReadonlyMap<string, readonly number[]>;
}

/** A statement that a line makes, or that is to be written: what decides which line it replaces. */
export interface Statement {
  /** Statements with the same key are written over each other. */
  readonly key: string;
  /** Which of the lines with that key: the master's name, the class of clients; null where there can be only one. */
  readonly subject: string | null;
  /** Both of them in one text; null without a subject. */
  readonly place: string | null;
  /** How the line begins: the directive. */
  readonly head: string;
  /** The whole line as it is written. */
  readonly text: string;
}

const SENTINEL_BY_NAME: ReadonlyMap<string, SentinelDirective> = new Map(
  SENTINEL_DIRECTIVES.flatMap((directive) => [directive.name, ...directive.aliases].map((name) => [name, directive])),
);
const SERVER_BY_NAME: ReadonlyMap<string, ServerDirective> = new Map(
  SERVER_DIRECTIVES.map((directive) => [directive.name, directive]),
);

/** How the lines of each directive begin, put together once: there are as many lines as a thousand masters need. */
const HEADS: ReadonlyMap<string, string> = new Map(
  [...SENTINEL_BY_NAME.keys()].map((name) => [name, `sentinel ${name}`]),
);

export function readFile(text: string): ConfigurationFile {
  const lines = text.split('\n').map(readLine);
  while (lines.at(-1)?.text === '') lines.pop();
  const statements = new Map<string, number[]>();
  for (const [at, { statement }] of lines.entries()) {
    if (statement === null) continue;
    const same = statements.get(statement.text);
    if (same === undefined) statements.set(statement.text, [at]);
    else same.push(at);
  }
  return { lines, statements };
}

export function factStatement(fact: Fact): Statement {
  const head = factHead(fact.kind);
  return {
    key: head,
    subject: fact.master,
    place: placeOf(head, fact.master),
    head,
    text: `${head} ${factValues(fact)}`,
  };
}

export function serverStatement({ name }: ServerDirective, values: string, subject: string | null): Statement {
  return { key: name, subject, place: placeOf(name, subject), head: name, text: `${name} ${values}` };
}

export function processStatement(directive: ProcessDirective, values: string): Statement {
  const head = headOf(directive.name);
  return { key: head, subject: null, place: null, head, text: `${head} ${values}` };
}

/** `name` is the word that a line uses where it is an alias that stays. */
export function masterStatement(
  directive: MonitorDirective | MasterDirective,
  master: string,
  values: readonly string[],
  name: string = directive.name,
): Statement {
  const key = headOf(directive.name);
  const head = directive.keepsAlias ? headOf(name) : key;
  return {
    key,
    subject: master,
    place: placeOf(key, master),
    head,
    text: `${head} ${writeArgument(master)} ${joinArguments(values)}`,
  };
}

function placeOf(key: string, subject: string | null): string | null {
  return subject === null ? null : `${key} ${subject}`;
}

function headOf(name: string): string {
  return HEADS.get(name) ?? `sentinel ${name}`;
}

function statementOf(meaning: Meaning): Statement | null {
  switch (meaning.kind) {
    case 'fact':
      return factStatement(meaning.fact);
    case 'server': {
      const { directive, values } = meaning;
      const subject = directive.hasSubject ? (values[0] ?? null) : null;
      return serverStatement(directive, joinArguments(values), subject);
    }
    case 'sentinel': {
      const { directive, name, values } = meaning;
      if (directive.scope === 'process') return processStatement(directive, joinArguments(values));
      return masterStatement(directive, values[0] ?? '', values.slice(1), name);
    }
    case 'text':
    case 'malformed-fact':
    case 'unknown-sentinel':
    case 'include':
    case 'preserved':
    case 'invalid':
      return null;
  }
}

function readLine(untrimmed: string): FileLine {
  const text = untrimmed.replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, '');
  const meaning = text === '' || text.startsWith('#') ? readComment(text) : readDirective(text);
  return { text, meaning, statement: statementOf(meaning) };
}

function readComment(text: string): Meaning {
  const fact = parseFact(text);
  if (fact === null) return { kind: 'text' };
  return fact === 'malformed' ? { kind: 'malformed-fact' } : { kind: 'fact', fact };
}

function readDirective(text: string): Meaning {
  const words = splitArguments(text);
  if (words === null) return { kind: 'invalid', reason: 'Unbalanced quotes in configuration line' };
  const [first, ...values] = words;
  if (first === undefined) return { kind: 'text' };
  const name = first.toLowerCase();
  if (name === 'sentinel') return readSentinelDirective(values);
  const directive = SERVER_BY_NAME.get(name);
  if (directive !== undefined) return { kind: 'server', directive, values };
  const [pattern] = values;
  if (name === 'include' && pattern !== undefined && values.length === 1) return { kind: 'include', pattern };
  return readPreservedDirective(name, values.length);
}

function readSentinelDirective(words: readonly string[]): Meaning {
  const [first, ...values] = words;
  if (first === undefined) return { kind: 'preserved', reason: null };
  const name = first.toLowerCase();
  const directive = SENTINEL_BY_NAME.get(name);
  return directive === undefined ? { kind: 'unknown-sentinel' } : { kind: 'sentinel', directive, name, values };
}

function readPreservedDirective(name: string, count: number): Meaning {
  const arity = PRESERVED_DIRECTIVES.get(name);
  if (arity !== undefined) {
    const isAccepted = count >= arity.minimum && count <= arity.maximum;
    return { kind: 'preserved', reason: isAccepted ? null : arity.reason };
  }
  if (!name.includes('.')) return { kind: 'invalid', reason: BAD_DIRECTIVE };
  return { kind: 'preserved', reason: count > 0 ? null : 'Module config specified without value' };
}
