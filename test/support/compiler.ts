// The C compiler, for the few lines that Node.js cannot do: standing between a process and the C library, and being a network cable.

import { execFileSync } from 'node:child_process';

/** Why nothing can be compiled here; null if it can. */
export function obstacleToCompiling(): string | null {
  if (process.platform !== 'linux') return 'what is compiled here is written for Linux only';
  try {
    execFileSync('cc', ['--version'], { stdio: 'ignore' });
    return null;
  } catch (error) {
    return `there is no C compiler (cc): ${error instanceof Error ? error.message : error}`;
  }
}

/** Compiles a C program, or a library with `-shared -fPIC` among the flags, to `target`. */
export function compile(source: string, target: string, flags: readonly string[] = []): void {
  const all = ['-O1', '-U_FORTIFY_SOURCE', '-xc', '-', '-o', target, ...flags];
  execFileSync('cc', all, { input: source, stdio: ['pipe', 'ignore', 'pipe'] });
}
