// Epochs are believed within limits, because anybody's gossip can raise them and nothing ever lowers them again: one forged
// hello with the greatest number would end all elections for good.
//
// Real groups open a few epochs an hour. A greater jump is believed only as far as a majority of the Sentinels, asked over our
// own links, lives in such an epoch itself.

import { send } from './connection.js';
import type { Core } from './core.js';
import { describeMaster } from './description.js';
import { adoptEpoch } from './durable.js';
import { majority } from './electorate.js';
import type { Master } from './master.js';
import { isNewRefusal } from './refusal.js';
import type { Epoch, Millis } from './types.js';
import { askConfiguration } from './wire.js';

const HOUR: Millis = 3_600_000;
/** How far others may raise our epoch within an hour by their word alone. */
const GROWTH_PER_HOUR: Epoch = 2 ** 20;
/** While an epoch is doubted the peers are asked this often. */
const ASK_PERIOD: Millis = 1_000;

/** Takes over a greater epoch if it may be believed; returns whether ours is now at least as great. */
export function believeEpoch(core: Core, master: Master, epoch: Epoch, now: Millis): boolean {
  if (epoch <= core.currentEpoch) return true;
  const { epochGrowth: growth } = core;
  if (now >= growth.since + HOUR) {
    growth.since = now;
    growth.from = core.currentEpoch;
  }
  if (epoch <= growth.from + GROWTH_PER_HOUR) {
    adoptEpoch(core, master, epoch, now);
    return true;
  }
  return isConfirmed(core, master, epoch, now);
}

function isConfirmed(core: Core, master: Master, epoch: Epoch, now: Millis): boolean {
  const reported = [...master.peers.values()].map((peer) => peer.configuration?.reportedEpoch ?? 0);
  reported.push(core.currentEpoch);
  reported.sort((one, other) => other - one);
  const common = reported[majority(master) - 1] ?? 0;
  if (epoch <= common + GROWTH_PER_HOUR && common > core.epochGrowth.from) {
    core.epochGrowth.from = common;
    adoptEpoch(core, master, epoch, now);
    return true;
  }
  doubt(core, master, epoch, now);
  return false;
}

function doubt(core: Core, master: Master, epoch: Epoch, now: Millis): void {
  core.counters.epochsRefused++;
  if (now < master.epochDoubtedAt + ASK_PERIOD) return;
  master.epochDoubtedAt = now;
  if (isNewRefusal(core, `${master.name} epoch`, now)) {
    const message = `${describeMaster(core, master)} epoch ${epoch} is too far above ${core.currentEpoch}`;
    core.announce('warning', '-epoch-refused', master, message, now);
  }
  for (const peer of master.peers.values())
    send(core, peer.link, askConfiguration(master, peer, master.staleCheckRound));
}
