// CLIENT: connections to this port, one's own and those of others. What concerns keys and commands that wait is understood and
// has no effect, because a Sentinel has neither.

import { kill } from './client/kill.js';
import { clientInfo, id, list } from './client/list.js';
import { noEvict, reply } from './client/modes.js';
import { getName, setInfo, setName } from './client/name.js';
import { pause, unblock, unpause } from './client/pause.js';
import { caching, getRedirect, tracking, trackingInfo } from './client/tracking.js';
import { defineContainer } from './command.js';

export const clientCommand = defineContainer('connection', {
  name: 'client',
  arity: -2,
  since: '2.4.0',
  summary: 'Connections to this port.',
  complexity: 'Depends on subcommand.',
  subcommands: [
    caching,
    getName,
    getRedirect,
    id,
    clientInfo,
    kill,
    list,
    noEvict,
    pause,
    reply,
    setInfo,
    setName,
    tracking,
    trackingInfo,
    unblock,
    unpause,
  ],
  help: { since: '5.0.0', categories: ['connection'] },
});
