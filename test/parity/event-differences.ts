// Which events Vedette publishes otherwise on purpose, and why. Everything else that differs fails the test.

export interface EventDifference {
  /** `leader` led the failover; everybody else, and everybody where there was none, is an `observer`. */
  readonly who: 'leader' | 'observer';
  /** Matches the event as the comparison shows it, from its channel on. */
  readonly event: RegExp;
  /** `ours` and `theirs`: only there; `order`: both publish it, but not at the same place. */
  readonly kind: 'ours' | 'theirs' | 'order';
  /** Depends on which of two messages is faster, so that a run may do without it. */
  readonly isOccasional?: true;
  readonly reason: string;
}

const AT_ONCE = 'the leader switches when the promotion is observed, not when the replicas have followed';
const NEW_NAME = `${AT_ONCE}: what follows names the master that it has announced`;
const DEMOTED =
  'the old master is demoted at once, so that who asks it later never saw it; there it stays a master for 10 s';
const ONE_CONVERTS = 'who is first turns the old master into a replica, and the others see a replica';

export const EVENT_DIFFERENCES: readonly EventDifference[] = [
  {
    who: 'leader',
    event: /^\+(slave-reconf-\w+ slave OTHER @ NEW|failover-end master NEW)$/,
    kind: 'ours',
    reason: NEW_NAME,
  },
  {
    who: 'leader',
    event: /^\+(slave-reconf-\w+ slave OTHER @ OLD|failover-end master OLD)$/,
    kind: 'theirs',
    reason: NEW_NAME,
  },
  {
    who: 'leader',
    event: /^-failover-abort-not-elected master OLD$/,
    kind: 'ours',
    isOccasional: true,
    reason: 'who has lost the first election tries again within seconds; there only after twice failover-timeout',
  },
  { who: 'leader', event: /^-odown master OLD$/, kind: 'theirs', isOccasional: true, reason: AT_ONCE },
  {
    who: 'observer',
    event: /^\+odown master OLD #quorum$/,
    kind: 'order',
    isOccasional: true,
    reason: 'votes are gossiped, so that observers find a quorum when the leader does; there they ask once a second',
  },
  {
    who: 'observer',
    event: /^-role-change (slave NEW @ OLD new reported role is master|master OLD new reported role is slave)$/,
    kind: 'ours',
    isOccasional: true,
    reason: 'seen by those whose INFO is faster than the hello with the new configuration, there too',
  },
  {
    who: 'observer',
    event: /^-role-change (slave NEW @ OLD new reported role is master)$/,
    kind: 'theirs',
    isOccasional: true,
    reason: 'seen by those whose INFO is faster than the hello with the new configuration',
  },
  ...(['ours', 'theirs'] as const).map(
    (kind): EventDifference => ({
      who: 'observer',
      event: /^(\+try-failover|-failover-abort-not-elected) master OLD$/,
      kind,
      isOccasional: true,
      reason: 'two may stand at the same time, and one loses',
    }),
  ),
  ...(['leader', 'observer'] as const).flatMap((who): EventDifference[] => [
    {
      who,
      event: /^\+reboot slave OLD @ NEW$/,
      kind: 'ours',
      reason: 'what is known of a node outlives a change of its role (decision 0002), so that its restart is noticed',
    },
    {
      who,
      event: /^-sdown slave OLD @ NEW$/,
      kind: 'order',
      isOccasional: true,
      reason: 'a reply is judged when it arrives, not at the next tick',
    },
    {
      who,
      event: /^\+failover-phases master NEW #epoch=\d+ reason=\S+ result=\w+( \w+=(\d+|-)){8}$/,
      kind: 'ours',
      reason: 'what each phase of a failover took is told at its end',
    },
    {
      who,
      event: /^[+-]dual-master master NEW #masters (OLD NEW|NEW OLD)$/,
      kind: 'ours',
      isOccasional: true,
      reason: 'a returned master is told as what it is until it has been demoted, by those who see it in time',
    },
    { who, event: /^\+convert-to-slave slave OLD @ NEW$/, kind: 'ours', isOccasional: true, reason: ONE_CONVERTS },
    { who, event: /^\+convert-to-slave slave OLD @ NEW$/, kind: 'theirs', isOccasional: true, reason: ONE_CONVERTS },
    {
      who,
      event: /^[+-]role-change slave OLD @ NEW new reported role is (master|slave)$/,
      kind: 'theirs',
      isOccasional: true,
      reason: DEMOTED,
    },
  ]),
  {
    who: 'leader',
    event: /^\+failover-state-handover slave NEW @ OLD$/,
    kind: 'ours',
    reason: 'a planned failover waits for the replica to have every write, which is a state of its own',
  },
  {
    who: 'observer',
    event: /^\+vote-for-leader SENTINEL 1$/,
    kind: 'ours',
    reason: 'a planned failover asks for votes, because two of them in one epoch would split the group',
  },
];
