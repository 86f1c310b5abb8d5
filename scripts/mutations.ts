// The known wrong changes: what the issue "Proof under faults" names, each repair of the design review left out, and what clients could
// take from each other.
// Whoever changes a line that stands here changes it here, too: a text that is not found exactly once is an error.

import type { Mutation } from './mutation.js';
import { CLIENTS } from './mutations-of-clients.js';
import { VERDICTS, VOTES } from './mutations-of-elections.js';
import { NAMES } from './mutations-of-names.js';
import { ORDERS } from './mutations-of-operators.js';
import { DEMOTIONS, PROMOTIONS } from './mutations-of-roles.js';
import { SPEECH } from './mutations-of-speech.js';

export const MUTATIONS: readonly Mutation[] = [
  ...VOTES,
  ...VERDICTS,
  ...PROMOTIONS,
  ...DEMOTIONS,
  ...ORDERS,
  ...NAMES,
  ...SPEECH,
  ...CLIENTS,
];
