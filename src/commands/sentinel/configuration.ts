// SENTINEL CONFIGURATION: what this Sentinel believes about a master and has promised to candidates. Vedettes ask each other
// before they demote a stale master. It is no part of Redis's commands, so COMMAND and HELP do not mention it.

import { promiseUntil } from '../../core/election.js';
import type { Description } from '../command.js';
import { ADMIN, MASTER_NAME, withMaster } from './common.js';

export const configuration: Description = {
  name: 'configuration',
  arity: 3,
  since: '7.2.4',
  summary: 'Address, configuration epoch, promised epoch, current epoch, and whether replicas are being reconfigured.',
  complexity: 'O(1)',
  flags: ADMIN,
  arguments: MASTER_NAME,
  isListed: false,
  run: withMaster(({ sentinel, now }, master) => {
    const { core } = sentinel;
    const { advertisedAddress: address, configEpoch, failover, vote } = master;
    const promisedEpoch = promiseUntil(master, core.myId) > now ? vote.epoch : 0;
    const isReconfiguring = failover?.state === 'reconfigure-replicas';
    const host = core.topology.announced(address);
    return [host, address.port, configEpoch, promisedEpoch, core.currentEpoch, isReconfiguring ? 1 : 0];
  }),
};
