// The rules of the source tree that a compiler and a linter do not know. Every message names what to do instead.
//
// Wire words: the field's terms are the code's (`replica`, `subjectivelyDownSince`); the protocol's own words (`slave`, `sdown`)
// never stand in an identifier. In text they stand where the wire is: `protocol/`, `commands/views.ts`, `config/directives.ts`,
// and in the core as event types and role words. Comments may say what they like. See docs/decisions/0006.

import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { lineAt, readSource, type SourceText } from './support/source-text.js';

/** The tests run compiled; the sources stand in the directory that holds package.json. */
const ROOT = rootOf(dirname(fileURLToPath(import.meta.url)));

function rootOf(start: string): string {
  for (let directory = start; ; directory = dirname(directory)) {
    if (readdirSync(directory).includes('package.json')) return directory;
  }
}

interface SourceFile {
  /** From the root, with slashes. */
  readonly path: string;
  readonly source: SourceText;
}

function filesUnder(folder: string): SourceFile[] {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)).split('\\').join('/'))
    .sort()
    .map((path) => ({ path, source: readSource(readFileSync(join(ROOT, path), 'utf8')) }));
}

function aFile(path: string, text: string): SourceFile {
  return { path, source: readSource(text) };
}

/** What one file violates, as "path:line: what to do". */
type Rule = (file: SourceFile) => string[];

function at(file: SourceFile, line: number, advice: string): string {
  return `${file.path}:${line}: ${advice}`;
}

// Purity

const PURE = /^src\/(core|protocol|commands|config)\//;
const TIME = 'take `now` as a parameter; only io/ reads a clock';
const FORBIDDEN_WORDS: readonly (readonly [RegExp, string])[] = [
  [/\bDate\b/g, TIME],
  [/\bperformance\b/g, TIME],
  [/\b(?:set|clear)(?:Timeout|Interval|Immediate)\b|\bqueueMicrotask\b/g, 'say by `wakeBy` when to look again'],
  [/\bMath\s*\.\s*random\b/g, 'draw from the injected `core.random`'],
  [/\bcrypto\b/g, 'draw from the injected `core.random`'],
  [/\bprocess\s*[.[]/g, 'let the `Host` of commands or the settings bring it in'],
  [/\basync\b|\bawait\b|\bPromise\b/g, 'append an effect to the outbox; its answer arrives as an input'],
  [/\bEventEmitter\b/g, 'append an effect to the outbox'],
  [/\bconsole\b/g, 'announce an event, or log through the `Host`'],
];

const isPure: Rule = (file) => {
  if (!PURE.test(file.path)) return [];
  const found: string[] = [];
  for (const { from, line } of file.source.imports) {
    if (!from.startsWith('.')) found.push(at(file, line, `does not import ${from}: leave that to io/, as an effect`));
  }
  const words = file.path.startsWith('src/protocol/')
    ? FORBIDDEN_WORDS
    : [...FORBIDDEN_WORDS, [/\bBuffer\b/g, 'use a byte string: one character is one byte'] as const];
  for (const [word, instead] of words) {
    for (const match of file.source.code.matchAll(word)) {
      const line = lineAt(file.source.code, match.index);
      found.push(at(file, line, `has no ${match[0].replace(/\W+$/, '')}: ${instead}`));
    }
  }
  return found;
};

// Directions

/** What each layer may import besides itself. */
const LAYERS: ReadonlyMap<string, readonly string[]> = new Map([
  ['protocol', []],
  ['core', ['protocol']],
  ['config', ['core', 'protocol']],
  ['commands', ['core', 'protocol']],
  ['io', ['commands', 'config', 'core', 'protocol']],
  ['cli', ['io', 'commands', 'config', 'core', 'protocol']],
]);

function target(file: SourceFile, from: string): string | null {
  if (!from.startsWith('.')) return null;
  return posix.join(posix.dirname(file.path), from).replace(/\.js$/, '.ts');
}

function layerOf(path: string): string | null {
  return /^src\/([a-z]+)\//.exec(path)?.[1] ?? null;
}

const keepsDirection: Rule = (file) => {
  const layer = layerOf(file.path);
  const allowed = LAYERS.get(layer ?? '');
  if (layer === null) return [];
  if (allowed === undefined) return [at(file, 1, `gives ${layer}/ a place among the layers of this test`)];
  return file.source.imports.flatMap(({ from, line }) => {
    const path = target(file, from);
    const other = path === null ? layer : layerOf(path);
    if (other === layer || (other !== null && allowed.includes(other))) return [];
    const may = ['itself', ...allowed.map((one) => `${one}/`)].join(', ');
    return [at(file, line, `does not import ${from}: ${layer}/ imports only ${may}; pass the value in instead`)];
  });
};

/** The cycles of imports, types included, each as the path around it. */
function cycles(files: readonly SourceFile[]): string[] {
  const imports = new Map(
    files.map((file) => [file.path, file.source.imports.flatMap(({ from }) => target(file, from) ?? [])]),
  );
  const done = new Set<string>();
  const found: string[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    const start = trail.indexOf(path);
    if (start >= 0) {
      const around = [...trail.slice(start), path].join(' → ');
      found.push(`${around}: move what both need into a third file`);
      return;
    }
    if (done.has(path)) return;
    for (const next of imports.get(path) ?? []) visit(next, [...trail, path]);
    done.add(path);
  };
  for (const { path } of files) visit(path, []);
  return found;
}

function unreachable(files: readonly SourceFile[], roots: readonly string[]): string[] {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const reached = new Set<string>();
  const open = [...roots];
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    const file = byPath.get(path);
    if (file === undefined || reached.has(path)) continue;
    reached.add(path);
    for (const { from } of file.source.imports) open.push(target(file, from) ?? path);
  }
  return files
    .filter(({ path }) => !reached.has(path))
    .map(({ path }) => `${path}: is used by nothing that ${roots.join(' or ')} reaches: use it or delete it`);
}

// Shape

const RE_EXPORTING = new Set(['src/index.ts']);

const hasGoodShape: Rule = (file) => {
  const found: string[] = [];
  const defaultExport = /\bexport\s+default\b|\bas\s+default\b/.exec(file.source.code);
  if (defaultExport !== null) {
    found.push(at(file, lineAt(file.source.code, defaultExport.index), 'exports by name, not by default'));
  }
  const exportList = /^export\s+(?:type\s+)?\{[^}]*\}\s*;/m.exec(file.source.code);
  if (exportList !== null && !RE_EXPORTING.has(file.path)) {
    found.push(at(file, lineAt(file.source.code, exportList.index), 'exports a thing where it is declared'));
  }
  if (/(^|\/)(utils?|helpers?|misc|common-utils)\.ts$/.test(file.path)) {
    found.push(at(file, 1, 'is named after what it is responsible for, not "utils" or "helpers"'));
  }
  for (const { from, line, isReexport } of file.source.imports) {
    if (isReexport && !RE_EXPORTING.has(file.path)) {
      found.push(at(file, line, `does not pass on ${from}: import it where it is used; only src/index.ts is a barrel`));
    }
  }
  return found;
};

/** An example of use is indented further than a sentence; code that was put out of action is not. */
const hasNoDeadComment: Rule = (file) =>
  file.source.comments
    .filter(({ text }) =>
      /^\/\/ ?(?:(?:const|let|return|import|export|if|for|await)\b.*[;{]|\}|[\w.]+\(.*\);)\s*$/.test(text),
    )
    .map(({ line }) => at(file, line, 'has no code in comments: delete it, the history keeps it'));

// Words of the wire

const WIRE_WORD = /slave|(?<![a-z])[so]_?down(?![a-z])|(?<![a-z])reconf_/i;
const WIRE_WORD_PART = new Set(['slave', 'slaves', 'slaveof', 'sdown', 'odown']);
/** Where text may contain them, and why. */
const WIRE_TEXT: readonly (readonly [RegExp, string])[] = [
  [/^src\/protocol\//, 'this is the wire'],
  [/^src\/core\//, 'event types, role words and commands; see `knowsOnlyWireTerms`'],
  [/^src\/commands\/views\.ts$/, 'fields and flags of the replies'],
  [/^src\/config\/directives\.ts$/, 'directives of the file'],
  [/^src\/commands\/sentinel\/failover\.ts$/, 'the error code NOGOODSLAVE'],
  [/^src\/cli\/status\.ts$/, 'flags in replies that it reads'],
];
/** In the core: an event type, a role as INFO says it, the older command, our vote message's verdict, instance details. */
const CORE_TERM = /^[+-][a-z-]+$|^slave ?$|^SLAVEOF$|^sdown$|neither REPLICAOF nor SLAVEOF/;

const namesByTheField: Rule = (file) => {
  const found: string[] = [];
  for (const match of file.source.code.matchAll(/[A-Za-z_$][\w$]*/g)) {
    const parts = match[0].split(/_|(?<=[a-z])(?=[A-Z])/).map((part) => part.toLowerCase());
    if (!parts.some((part) => WIRE_WORD_PART.has(part)) && !/^[so]_down$/.test(match[0])) continue;
    const line = lineAt(file.source.code, match.index);
    found.push(at(file, line, `names nothing "${match[0]}": say replica, subjectivelyDown or objectivelyDown`));
  }
  const isCore = file.path.startsWith('src/core/');
  const isWire = WIRE_TEXT.some(([path]) => path.test(file.path));
  for (const { text, line } of file.source.literals) {
    if (!WIRE_WORD.test(text) || (isWire && (!isCore || CORE_TERM.test(text)))) continue;
    const where = isCore ? 'as an event type or a role' : 'in protocol/, commands/views.ts or config/directives.ts';
    found.push(at(file, line, `writes ${JSON.stringify(text)}, a word of the wire, only ${where}`));
  }
  return found;
};

// Tests

const runsEveryTest: Rule = (file) =>
  [
    ...file.source.code.matchAll(/\b(?:describe|context|it|specify)\s*\.\s*(?:only|skip)\b|\bx(?:it|describe)\s*\(/g),
  ].map((match) => at(file, lineAt(file.source.code, match.index), `has no ${match[0].trim()}: run it or delete it`));

describe('Tidiness', () => {
  const sources = filesUnder('src');
  const tests = filesUnder('test');
  const all = (rule: Rule, files: readonly SourceFile[]) => expect(files.flatMap(rule)).to.deep.equal([]);

  it('keeps the pure folders pure', () => all(isPure, sources));
  it('keeps the direction of imports', () => all(keepsDirection, sources));
  it('has no cycle of imports, types included', () => expect(cycles(sources)).to.deep.equal([]));
  it('reaches every file from main.ts or index.ts', () =>
    expect(unreachable(sources, ['src/main.ts', 'src/index.ts'])).to.deep.equal([]));
  it('exports by name and names files by their task', () => all(hasGoodShape, [...sources, ...tests]));
  it('has no code in comments', () => all(hasNoDeadComment, [...sources, ...tests]));
  it("says the field's terms, and the wire's only at the wire", () => all(namesByTheField, sources));
  it('runs every test', () => all(runsEveryTest, tests));
});

describe('The rules of tidiness', () => {
  const core = (text: string) => aFile('src/core/some.ts', text);

  for (const text of [
    "import { join } from 'node:path';",
    "import Redis from 'ioredis';",
    'const now = Date.now();',
    'const now = performance.now();',
    'setTimeout(() => {}, 1);',
    'const dice = Math.random();',
    'const id = crypto.randomUUID();',
    'const home = process.env;',
    'async function later() {}',
    'const soon: Promise<void> = later;',
    'class Node extends EventEmitter {}',
    'console.log(1);',
    'const bytes = Buffer.alloc(1);',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the sample is a template
    'const text = `at ${Date.now()}`;',
  ]) {
    it(`find in a pure file: ${text}`, () => {
      expect(isPure(core(text))).to.have.length(1);
      expect(isPure(aFile('src/io/some.ts', text))).to.deep.equal([]);
    });
  }

  for (const text of [
    '// no Date, no process.env, no console here',
    '/* async, await, Promise */',
    "const word = 'console.log, Date and process.exit';",
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the sample is a template
    'const word = `Date.now() and ${"process.env"}`;',
    'const pattern = /[/"]Date.now\\/process.env/;',
    'const update = candidate; const processes = dateOf(update) / 2;',
  ]) {
    it(`find nothing in a pure file: ${text}`, () => expect(isPure(core(text))).to.deep.equal([]));
  }

  it('name the line and what to do instead', () => {
    expect(isPure(core('\n\nconst now = Date.now();'))).to.deep.equal([
      'src/core/some.ts:3: has no Date: take `now` as a parameter; only io/ reads a clock',
    ]);
  });

  it('find an import against the direction, of types as well', () => {
    const advice = 'core/ imports only itself, protocol/; pass the value in instead';
    expect(keepsDirection(core("import type { Host } from '../commands/host.js';"))).to.deep.equal([
      `src/core/some.ts:1: does not import ../commands/host.js: ${advice}`,
    ]);
    expect(keepsDirection(core("import {\n  createSentinel,\n} from '../index.js';"))).to.have.length(1);
    expect(keepsDirection(core("import { parseInfo } from '../protocol/info.js';"))).to.deep.equal([]);
    expect(keepsDirection(aFile('src/extra/some.ts', ''))).to.have.length(1);
  });

  it('find a cycle, through types and re-exports as well', () => {
    const one = aFile('src/core/one.ts', "import type { Two } from './two.js';");
    const two = aFile('src/core/two.ts', "export { three } from './three.js';");
    const three = aFile('src/core/three.ts', "import { one } from './one.js';");
    expect(cycles([one, two, three])).to.deep.equal([
      'src/core/one.ts → src/core/two.ts → src/core/three.ts → src/core/one.ts: move what both need into a third file',
    ]);
    expect(cycles([one, two])).to.deep.equal([]);
  });

  it('find a file that nothing reaches', () => {
    const main = aFile('src/main.ts', "const { start } = await import('./cli/start.js');");
    const start = aFile('src/cli/start.ts', '');
    const orphan = aFile('src/cli/orphan.ts', "import './start.js';");
    expect(unreachable([main, start, orphan], ['src/main.ts'])).to.deep.equal([
      'src/cli/orphan.ts: is used by nothing that src/main.ts reaches: use it or delete it',
    ]);
  });

  it('find default exports, barrels and files named after nothing', () => {
    expect(hasGoodShape(core('export default class {}'))).to.have.length(1);
    expect(hasGoodShape(core("export { one } from './one.js';"))).to.have.length(1);
    expect(hasGoodShape(core("import { one } from './one.js';\nexport { one };"))).to.have.length(1);
    expect(hasGoodShape(aFile('src/io/utils.ts', ''))).to.have.length(1);
    expect(hasGoodShape(core("import { one } from './one.js';\nexport const two = one;"))).to.deep.equal([]);
  });

  it('find code in comments, and leave sentences alone', () => {
    expect(hasNoDeadComment(core('// const old = 1;'))).to.have.length(1);
    expect(hasNoDeadComment(core('// if (isDown) {'))).to.have.length(1);
    expect(hasNoDeadComment(core('// promote(node);'))).to.have.length(1);
    expect(hasNoDeadComment(core('//     const example = start();'))).to.deep.equal([]);
    expect(hasNoDeadComment(core('// if it is down, let others know; return later'))).to.deep.equal([]);
  });

  it('find words of the wire in names anywhere, and in text where the wire is not', () => {
    for (const text of ['const slaveCount = 1;', 'const sdown = true;', 'let NUM_SLAVES = 1;', 'node.s_down = 1;']) {
      expect(namesByTheField(core(text)), text).to.have.length(1);
    }
    expect(namesByTheField(core('const isDown = saysDown; const slow = reconfigure;'))).to.deep.equal([]);
    expect(namesByTheField(core("say('+slave-reconf-sent'); is(role === 'slave');"))).to.deep.equal([]);
    expect(namesByTheField(core("say('the slave is down');"))).to.have.length(1);
    expect(namesByTheField(aFile('src/io/some.ts', "say('+slave');"))).to.have.length(1);
    expect(namesByTheField(aFile('src/protocol/some.ts', "say('the slave is down');"))).to.deep.equal([]);
  });

  it('find tests that are singled out or left out', () => {
    const file = (text: string) => aFile('test/some.test.ts', text);
    for (const text of ["it.only('x')", "describe.skip('x')", "xit ('x')", "context . only('x')"]) {
      expect(runsEveryTest(file(text)), text).to.have.length(1);
    }
    expect(runsEveryTest(file("it('runs only x'); exit('x');"))).to.deep.equal([]);
  });
});
