// How much memory a process has in use.

import { readFileSync } from 'node:fs';

export const MEGABYTES = 1024 * 1024;

export function residentBytes(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1];
  return Number(kilobytes) * 1024;
}
