// Applies a vote message: another Sentinel finds a master subjectively down, or up again, and says so the moment it does.
//
// Whoever may PUBLISH on a data node can forge one. So a message never counts by itself: it makes us ask its sender at once
// over our own link, and only that answer is a verdict. The gain is time: nobody has to wait for the next question.

import { parseVote } from '../protocol/vote.js';
import type { Core } from './core.js';
import { hasVerdictDown } from './down.js';
import { introduce } from './hello.js';
import type { Master } from './master.js';
import type { Millis } from './types.js';

/** Returns the master to look at again, or null when the message changed nothing. */
export function receiveVote(core: Core, payload: string, now: Millis): Master | null {
  const vote = parseVote(payload);
  const master = vote === null ? undefined : core.topology.masters.get(vote.masterName);
  if (vote === null || master === undefined) {
    core.counters.votesIgnored++;
    return null;
  }
  if (vote.runId === core.myId) return null;
  const formerEpoch = core.currentEpoch;
  const peer = introduce(core, master, vote, now);
  if (peer === 'refused') {
    core.counters.votesIgnored++;
    return null;
  }
  if (peer === 'unproven') return master;
  const isFirst = peer.lastVoteMessageAt === null;
  peer.lastVoteMessageAt = now;
  peer.speaksVotes = true;
  const isNews = (vote.verdict === 'sdown') !== hasVerdictDown(core, master, peer, now) && !peer.isAskedAtOnce;
  if (isNews) {
    peer.isAskedAtOnce = true;
    peer.lastAskedAt = null;
    if (vote.verdict === 'sdown') lookAgain(master, now);
  }
  // The others repeat their verdicts while a master is down; where many are, that must not cost a look at each.
  if (!isNews && !isFirst && core.currentEpoch === formerEpoch && master.heardEpochs === null && master.wakeAt > now) {
    return null;
  }
  master.wakeAt = now;
  return master;
}

/** Somebody finds the master down: if we cannot reach it we try at once, and see whether it has come back without its data. */
function lookAgain({ node }: Master, now: Millis): void {
  if (node.link.state === 'closed') node.link.reconnectAt = Math.min(node.link.reconnectAt, now);
}
