// Known wrong changes to what operators say: a pause that does not hold, and Sentinels that are forgotten although they count.

import { type Mutation, SEEDS, tests } from './mutation.js';

export const ORDERS: readonly Mutation[] = [
  {
    name: 'stands for election although an operator has paused the group',
    file: 'core/election.ts',
    text: 'if (isHeld(master, now)) {',
    replacement: 'if (isHeld(master, now) && now < 0) {',
    killer: SEEDS,
  },
  {
    name: 'puts nodes right although an operator has paused the group',
    file: 'core/stale-master.ts',
    text: 'if (isHeld(master, now) && master.failover === null) return false;',
    replacement: 'if (isHeld(master, now) && now < 0) return false;',
    killer: tests('core/hold'),
  },
  {
    name: 'forgets a Sentinel that it cannot reach, but hears',
    file: 'core/forget.ts',
    text: 'if (now < heardAt + silence) return',
    replacement: 'if (now < heardAt) return',
    killer: tests('core/forget'),
  },
  {
    name: 'lowers the majority as a minority, by forgetting',
    file: 'core/forget.ts',
    text: 'if (peer === null || alive >= majority(master)) return null;',
    replacement: 'if (peer === null || alive > 0) return null;',
    killer: tests('core/forget'),
  },
  {
    name: 'forgets a replica that answers',
    file: 'core/forget.ts',
    text: 'if (!node.isSubjectivelyDown) return lasting(NOT_DOWN);',
    replacement: '',
    killer: tests('core/forget', 'Forgetting a replica'),
  },
  {
    name: 'forgets a replica that the master lists',
    file: 'core/forget.ts',
    text: "return isFollowing ? passing('the master still lists it as a replica') : null;",
    replacement: "return isFollowing && master.wakeAt < 0 ? passing('the master still lists it as a replica') : null;",
    killer: SEEDS,
  },
  {
    name: 'forgets a replica while the master is down',
    file: 'core/forget.ts',
    text: "if (master.node.isSubjectivelyDown) return lasting('the master is down, every replica may be needed');",
    replacement: '',
    killer: tests('core/forget'),
  },
  {
    name: 'refuses for good what it is only too early for',
    file: 'core/forget.ts',
    text: 'else if (objection.isPassing && now < until) patient.push(forgetting);',
    replacement: 'else if (objection.isPassing && until < now) patient.push(forgetting);',
    killer: tests('core/forget', 'Forgetting a Sentinel'),
  },
];
