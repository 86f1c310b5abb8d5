// How much memory a process has in use, and had at most.

import { readFileSync } from 'node:fs';

export const MEGABYTES = 1024 * 1024;

export function residentBytes(pid: number): number {
  const bytes = field(pid, 'VmRSS');
  if (bytes === null) throw new Error(`process ${pid} has ended`);
  return bytes;
}

/** The most it ever had in use; null once it has ended. */
export function peakResidentBytes(pid: number): number | null {
  return field(pid, 'VmHWM');
}

/** A process that has ended but was not waited for yet has a status without these fields. */
function field(pid: number, name: string): number | null {
  let status: string;
  try {
    status = readFileSync(`/proc/${pid}/status`, 'latin1');
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ESRCH')) return null;
    throw error;
  }
  const kilobytes = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1];
  return kilobytes === undefined ? null : Number(kilobytes) * 1024;
}
