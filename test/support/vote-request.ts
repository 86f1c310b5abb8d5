// Asks a Sentinel for its vote on the group's master, as a candidate does.

import { PROMISE } from '../../src/core/limits.js';
import { MASTER_NAME } from './group.js';
import type { SentinelProcess } from './sentinel-process.js';
import { waitFor } from './wait.js';

/** Whom the Sentinel supports, `*` for nobody, and in which epoch. */
export interface ToldVote {
  readonly leader: string;
  readonly epoch: number;
}

export async function askForVote(sentinel: SentinelProcess, epoch: number, candidate: string): Promise<ToldVote> {
  const { ip = '', port = '' } = await sentinel.master(MASTER_NAME);
  const reply = await sentinel.command('SENTINEL', 'IS-MASTER-DOWN-BY-ADDR', ip, port, epoch, candidate);
  if (!Array.isArray(reply)) throw new Error(`unexpected reply ${JSON.stringify(reply)}`);
  return { leader: String(reply[1]), epoch: Number(reply[2]) };
}

/** Resolves when the Sentinel has run for so long that nothing an earlier life may have promised keeps it from voting. */
export async function untilFreeToVote(sentinel: SentinelProcess): Promise<void> {
  const seconds = Math.ceil(PROMISE / 1_000) + 1;
  await waitFor(`${sentinel.name} has run for ${seconds} s`, 2 * seconds * 1_000, async () => {
    const { uptime_in_seconds: uptime } = await sentinel.info();
    if (!(Number(uptime) >= seconds)) throw new Error(`for ${uptime} s`);
  });
}
