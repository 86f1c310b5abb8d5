// Every parser that reads what others have written, and the whole behind them.

import { configurations } from './configurations.js';
import { gossip } from './gossip.js';
import { replies } from './replies.js';
import { reports } from './reports.js';
import { requests } from './requests.js';
import { sessions } from './sessions.js';
import type { Target } from './target.js';

export const TARGETS: readonly Target[] = [requests, replies, reports, gossip, configurations, sessions];
