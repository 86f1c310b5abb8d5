// What a process has used, from /proc; Linux only.

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

import { now } from '../../test/support/clock.js';
import { MEGABYTES, residentBytes } from '../../test/support/process-memory.js';

/** The share of one processor that each process uses within the next seconds, in percent. */
export async function shares(pids: readonly number[], seconds: number): Promise<readonly number[]> {
  const before = pids.map(processorSeconds);
  const since = now();
  await delay(seconds * 1000);
  const elapsed = (now() - since) / 1000;
  return pids.map((pid, index) => ((processorSeconds(pid) - (before[index] ?? 0)) / elapsed) * 100);
}

/** User and system time of a process so far; fields 14 and 15 of its stat file, in clock ticks. */
export function processorSeconds(pid: number): number {
  const ticksPerSecond = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'latin1' }));
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}

export function residentMegabytes(pid: number): number {
  return residentBytes(pid) / MEGABYTES;
}
