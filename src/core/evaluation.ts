// One look at one master: ask what is due, judge, act, speak. It runs after every input that concerns the master and whenever
// one of its deadlines passes, and leaves in `wakeAt` the moment it must run again.

import { considerClaim } from './claim.js';
import type { Core } from './core.js';
import { judge } from './down.js';
import { noticeDualMaster } from './dual-master.js';
import { standIfDue } from './election.js';
import { advance } from './failover.js';
import { fenceIfIsolated } from './fencing.js';
import { attendForgetting } from './forget.js';
import { settleRecord } from './history.js';
import { attendHold } from './hold.js';
import type { Master } from './master.js';
import { beginPingTurn, monitorNode } from './monitoring.js';
import { speak } from './speech.js';
import { repairWrongNodes } from './stale-master.js';
import type { Millis } from './types.js';
import { reviewNewcomers } from './verification.js';

/** A decision may make another one due at once; more rounds than this would mean that two rules undo each other. */
const MAX_ROUNDS = 8;

export function evaluateMaster(core: Core, master: Master, now: Millis): void {
  for (let round = 0; round < MAX_ROUNDS; round++) {
    master.wakeAt = Number.POSITIVE_INFINITY;
    beginPingTurn(core, master, now);
    for (const node of master.nodes()) monitorNode(core, master, node, now);
    reviewNewcomers(core, master, now);
    considerClaim(core, master, now);
    judge(core, master, now);
    noticeDualMaster(core, master, now);
    attendForgetting(core, master, now);
    attendHold(core, master, now);
    standIfDue(core, master, now);
    advance(core, master, now);
    settleRecord(core, master, now);
    repairWrongNodes(core, master, now);
    fenceIfIsolated(core, master, now);
    speak(core, master, now);
    if (master.wakeAt > now) return;
  }
}
