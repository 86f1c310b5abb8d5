// The table of commands: everything the Sentinel port answers to.

import { aclCommand } from './acl-container.js';
import { auth } from './auth.js';
import { clientCommand } from './client-container.js';
import { commandCommand } from './command-container.js';
import { hello } from './hello.js';
import { info } from './info.js';
import { ping } from './ping.js';
import { publish } from './publish.js';
import { quit } from './quit.js';
import { Registry } from './registry.js';
import { role } from './role.js';
import { sentinelCommand } from './sentinel-container.js';
import { shutdown } from './shutdown.js';
import { psubscribe, punsubscribe, subscribe, unsubscribe } from './subscriptions.js';

export const REGISTRY = new Registry();

for (const command of [
  aclCommand(REGISTRY),
  auth,
  clientCommand,
  commandCommand(REGISTRY),
  hello,
  info,
  ping,
  psubscribe,
  publish,
  punsubscribe,
  quit,
  role,
  sentinelCommand,
  shutdown,
  subscribe,
  unsubscribe,
]) {
  REGISTRY.add(command);
}
