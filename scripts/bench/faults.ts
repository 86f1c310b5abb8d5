// What happens to the master in a round of the failover benchmark on loopback, and how it comes back afterwards.

import type { Group } from '../../test/support/group.js';
import { MASTER_NAME } from '../../test/support/group.js';
import type { SentinelKind } from '../../test/support/sentinel-process.js';

export interface Fault {
  readonly name: string;
  /** What happens, for a table. */
  readonly title: string;
  /** down-after-milliseconds, unless the command line says otherwise. */
  readonly downAfterMillis: number;
  /** Further lines of the configuration of one kind. */
  directives(kind: SentinelKind): readonly string[];
  /** Makes it happen; resolves when it has. */
  strike(group: Group): Promise<void>;
  /** Makes the old master reachable again; null where it never was away. */
  readonly bringBack: ((group: Group) => Promise<void>) | null;
}

const none = (): readonly string[] => [];
const restart = async (group: Group): Promise<void> => await group.firstMaster.start();

export const FAULTS: readonly Fault[] = [
  {
    name: 'crash',
    title: 'master killed (SIGKILL)',
    downAfterMillis: 1000,
    directives: none,
    strike: async (group) => await group.firstMaster.kill(),
    bringBack: restart,
  },
  {
    name: 'hang',
    title: 'master hangs (SIGSTOP)',
    downAfterMillis: 1000,
    directives: none,
    strike: async (group) => group.firstMaster.freeze(),
    bringBack: async (group) => group.firstMaster.thaw(),
  },
  {
    name: 'refused',
    title: 'master killed, refused detection 200 ms',
    downAfterMillis: 5000,
    directives: (kind) =>
      kind === 'vedette' ? [`sentinel down-after-refused-milliseconds ${MASTER_NAME} 200`] : none(),
    strike: async (group) => await group.firstMaster.kill(),
    bringBack: restart,
  },
  {
    name: 'planned',
    title: 'SENTINEL FAILOVER',
    downAfterMillis: 1000,
    directives: none,
    strike: async (group) => {
      await group.supervisor(0).command('SENTINEL', 'FAILOVER', MASTER_NAME);
    },
    bringBack: null,
  },
  {
    name: 'leader',
    title: 'master killed, and the leader once it is elected',
    downAfterMillis: 1000,
    directives: none,
    strike: killMasterAndLeader,
    bringBack: restart,
  },
];

/** The first Sentinel that is elected dies of it; its successors live. */
async function killMasterAndLeader(group: Group): Promise<void> {
  const tellAll = async (...words: readonly string[]): Promise<void> => {
    const running = group.supervisors.filter(({ isRunning }) => isRunning);
    await Promise.all(running.map((supervisor) => supervisor.command('SENTINEL', 'SIMULATE-FAILURE', ...words)));
  };
  await tellAll('crash-after-election');
  await group.firstMaster.kill();
  await Promise.race(group.supervisors.map(({ program }) => program.ended));
  // Asking for help also forgets what was to be simulated, in the original as well.
  await tellAll('help');
}
