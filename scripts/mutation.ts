// One known wrong change to the sources, and who has to notice it. The table of all stands in `mutations.ts`, the trial of one
// in `mutation-trial.ts`.

/** Who must notice: tests by file (below `test/`) and title, or the simulator within its first seeds. */
export type Killer =
  | { readonly kind: 'tests'; readonly file: string; readonly title: string | null }
  | { readonly kind: 'seeds'; readonly isMixed: boolean };

export interface Mutation {
  /** What is wrong with it, in words. */
  readonly name: string;
  /** Below `src/`. */
  readonly file: string;
  /** Has to be found exactly once in the file. */
  readonly text: string;
  readonly replacement: string;
  readonly killer: Killer;
}

/** Any test of this file, or those whose title begins with this word. */
export function tests(file: string, title: string | null = null): Killer {
  return { kind: 'tests', file, title };
}

/** A scenario named after a hole of the design review. */
export function scenario(file: string, title: string): Killer {
  return { kind: 'tests', file: `scenarios/${file}`, title };
}

export const SEEDS: Killer = { kind: 'seeds', isMixed: false };

/** The source with the mutation in it; throws where its text is not found exactly once. */
export function mutate(source: string, { name, file, text, replacement }: Mutation): string {
  const parts = source.split(text);
  if (parts.length !== 2) throw new Error(`'${name}': its text stands ${parts.length - 1} times in ${file}, not once`);
  return parts.join(replacement);
}
