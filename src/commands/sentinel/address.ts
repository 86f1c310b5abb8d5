// SENTINEL GET-MASTER-ADDR-BY-NAME: the question that clients ask, before every connection to a master.

import { NULL_ARRAY } from '../../protocol/reply.js';
import type { Description } from '../command.js';
import { ADMIN, MASTER_NAME } from './common.js';

export const getMasterAddress: Description = {
  name: 'get-master-addr-by-name',
  arity: 3,
  since: '2.8.4',
  summary: 'The IP address and the port of this master.',
  complexity: 'O(1)',
  flags: ADMIN,
  isRepeatable: true,
  arguments: MASTER_NAME,
  run({ sentinel }, words) {
    const { topology } = sentinel.core;
    const address = topology.masters.get(words[2] ?? '')?.advertisedAddress;
    return address === undefined ? NULL_ARRAY : [topology.announced(address), String(address.port)];
  },
};

export const getPrimaryAddress: Description = { ...getMasterAddress, name: 'get-primary-addr-by-name', since: '8.0.0' };
