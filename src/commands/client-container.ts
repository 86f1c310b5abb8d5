// CLIENT: connections to this port, one's own and those of others. What concerns keys, tracking and blocking commands does
// not exist on a Sentinel and is an unknown subcommand.

import { kill } from './client/kill.js';
import { clientInfo, id, list } from './client/list.js';
import { noEvict, reply } from './client/modes.js';
import { getName, setInfo, setName } from './client/name.js';
import { defineContainer } from './command.js';

export const clientCommand = defineContainer('connection', {
  name: 'client',
  arity: -2,
  since: '2.4.0',
  summary: 'Connections to this port.',
  complexity: 'Depends on subcommand.',
  subcommands: [getName, id, clientInfo, kill, list, noEvict, reply, setInfo, setName],
  help: { since: '5.0.0', categories: ['connection'] },
});
