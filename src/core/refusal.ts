// Tells operators whose gossip was not believed and why. Gossip is anybody's to send, so an event for each message would itself
// be a weapon: a sender is told of once for each reason, and a flood of invented senders is cut off.

import type { Core } from './core.js';
import { describeMaster } from './description.js';
import type { Master } from './master.js';
import type { Address, Millis, RunId } from './types.js';

/** The same is told again after this. */
const TOLD_LIFE: Millis = 3_600_000;
/** Different refusals told within that time; further ones are only counted. */
const MAX_TOLD = 32;

export interface Sender {
  readonly runId: RunId;
  readonly address: Address;
}

/** The event for gossip of this sender that is not believed; counting it is the caller's business. */
export function reportRefusal(core: Core, master: Master, sender: Sender, reason: string, now: Millis): void {
  const { runId, address } = sender;
  if (!isNewRefusal(core, `${master.name} ${runId} ${reason}`, now)) return;
  const message = `${describeMaster(core, master)} from ${runId} ${address.host} ${address.port}: ${reason}`;
  core.announce('warning', '-gossip-refused', master, message, now);
}

/** Whether this refusal is to be told; remembers that it was. */
export function isNewRefusal(core: Core, key: string, now: Millis): boolean {
  const { toldRefusals: told } = core;
  const at = told.get(key);
  if (at !== undefined && now < at + TOLD_LIFE) return false;
  if (told.size >= MAX_TOLD) for (const [other, since] of told) if (now >= since + TOLD_LIFE) told.delete(other);
  if (told.size >= MAX_TOLD) return false;
  told.set(key, now);
  return true;
}
