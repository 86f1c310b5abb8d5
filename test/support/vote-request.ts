// Asks a Sentinel for its vote on the group's master, as a candidate does.

import { MASTER_NAME } from './group.js';
import type { SentinelProcess } from './sentinel-process.js';

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
