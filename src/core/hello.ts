// Applies a hello: another Sentinel says where it is, which epoch it lives in, and which configuration it has
// (documentation, section "Sentinels and replicas auto discovery"). A newer configuration is a claim to be confirmed (`claim.ts`).

import { gistOfHello, type Hello, type HelloGist, parseHello } from '../protocol/hello.js';
import { parseCount } from '../protocol/words.js';
import { hearClaim } from './claim.js';
import type { Core } from './core.js';
import { believeEpoch } from './epoch-guard.js';
import type { Master } from './master.js';
import { Peer } from './peer.js';
import { type Address, addressKey, type Epoch, type Millis } from './types.js';
import { meet } from './verification.js';

/** Returns the master to look at again, or null when the hello changed nothing. */
export function receiveHello(core: Core, payload: string, now: Millis): Master | null {
  const gist = gistOfHello(payload);
  // Our own hellos come back to us from every node.
  if (gist?.runId === core.myId) return null;
  const repeated = gist === null ? 'new' : hearAgain(core, gist, now);
  if (repeated !== 'new') return repeated;
  const hello = parseHello(payload);
  if (hello === null) {
    core.counters.hellosIgnored++;
    return null;
  }
  const master = core.topology.masters.get(hello.masterName);
  if (master === undefined || !core.topology.mayUse(hello.masterHost)) {
    core.counters.hellosIgnored++;
    return null;
  }
  const peer = introduce(core, master, hello, now);
  if (peer === 'refused') {
    core.counters.hellosIgnored++;
    return null;
  }
  if (peer === 'unproven') {
    const newcomer = master.newcomers.get(hello.runId);
    if (newcomer === undefined) return null;
    newcomer.lastHello = payload;
    return newcomer.metAt === now ? master : null;
  }
  // Announced from elsewhere, it may move there as soon as its old address falls silent: that needs another look.
  core.topology.rememberHello(master, peer, addressKey(peer.address) === addressKey(hello) ? (gist?.rest ?? '') : '');
  master.wakeAt = now;
  const address = { host: hello.masterHost, port: hello.masterPort };
  noteAnnouncement(peer, hello.configEpoch, address, now);
  if (hello.configEpoch > master.configEpoch) hearClaim(master, peer.runId, hello.configEpoch, address, now);
  return master;
}

/**
 * Most hellos repeat, word for word, what their sender said before, but for the epoch it lives in, and change nothing. With a thousand
 * masters there are thousands of them a second: they are recognised without being read, and a new epoch is looked at once, not once
 * for each master. A claim to a newer configuration is heard each time.
 */
function hearAgain(core: Core, { rest, currentEpoch }: HelloGist, now: Millis): Master | null | 'new' {
  const sender = core.topology.senderOfHello(rest);
  const epoch = parseCount(currentEpoch);
  if (sender === undefined || epoch === null) return 'new';
  const { master, peer } = sender;
  const { announced } = peer;
  if (announced === null || announced.epoch > master.configEpoch || master.heardEpochs !== null) return 'new';
  if (!core.topology.mayUse(announced.address.host)) return 'new';
  peer.lastHelloAt = now;
  if (epoch <= core.currentEpoch) return null;
  believeEpoch(core, master, epoch, now);
  master.wakeAt = now;
  return master;
}

/** What hellos and votes have in common: the sender becomes or stays a known peer, and its epoch is taken over. */
export function introduce(core: Core, master: Master, hello: Hello, now: Millis): Peer | 'unproven' | 'refused' {
  const peer = meet(core, master, hello.runId, { host: hello.host, port: hello.port }, now);
  if (!(peer instanceof Peer)) return peer;
  peer.lastHelloAt = now;
  believeEpoch(core, master, Math.max(hello.currentEpoch, hello.configEpoch), now);
  master.heardEpochs?.set(peer.runId, Math.min(hello.currentEpoch, core.currentEpoch));
  return peer;
}

function noteAnnouncement(peer: Peer, epoch: Epoch, address: Address, now: Millis): void {
  const { announced } = peer;
  const isSame = announced?.epoch === epoch && addressKey(announced.address) === addressKey(address);
  if (isSame) return;
  peer.announced = { epoch, address };
  peer.announcedSince = now;
}
