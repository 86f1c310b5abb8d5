// The client libraries of Node.js, each set up for Sentinel as its documentation says, with nothing else than an application has
// to give it. Only what the tests of `clients.test.ts` use is wrapped.

import type { ConnectionOptions } from 'node:tls';

import { Redis } from 'ioredis';
import { Redis as Valkey } from 'iovalkey';
import { createSentinel } from 'redis';

import { type Group, MASTER_NAME } from '../support/group.js';

/** What an application has to show; nothing of it where left out. */
export interface Access {
  /** Who it is on the nodes, and who on the Sentinels. */
  readonly onNodes?: { readonly username: string; readonly password: string };
  readonly onSentinels?: { readonly username: string; readonly password: string };
  readonly tls?: ConnectionOptions;
}

export interface Client {
  write(key: string, value: string): Promise<unknown>;
  /** The port of the node that answers commands, asked of the node itself. */
  port(): Promise<number>;
  /** Ends it, whatever it waits for. */
  end(): void | Promise<void>;
}

export interface Library {
  readonly name: string;
  connect(group: Group, access?: Access): Promise<Client>;
  /** A client that reads from a replica, and says that node's port. */
  portOfReplica(group: Group): Promise<number>;
}

const ioredis: Library = {
  name: 'ioredis',
  connect: async (group, access) => wrapped(new Redis(optionsOf(group, access))),
  portOfReplica: (group) => portOf(new Redis({ ...optionsOf(group), role: 'slave' as const })),
};

const iovalkey: Library = {
  name: 'iovalkey',
  connect: async (group, access) => wrapped(new Valkey(optionsOf(group, access))),
  portOfReplica: (group) => portOf(new Valkey({ ...optionsOf(group), role: 'slave' as const })),
};

const nodeRedis: Library = {
  name: 'node-redis',
  async connect(group, access) {
    const client = createSentinel(sentinelOptionsOf(group, access));
    client.on('error', () => undefined);
    await client.connect();
    return {
      write: (key, value) => client.set(key, value),
      port: async () => portIn(await client.info('server')),
      end: () => client.destroy(),
    };
  },
  async portOfReplica(group) {
    const client = createSentinel({ ...sentinelOptionsOf(group), replicaPoolSize: 1 });
    client.on('error', () => undefined);
    await client.connect();
    try {
      // A command that only reads is what goes to replicas.
      return portIn(String(await client.sendCommand(true, ['INFO', 'server'])));
    } finally {
      await client.destroy();
    }
  },
};

export const LIBRARIES: readonly Library[] = [ioredis, iovalkey, nodeRedis];

function endpoints(group: Group): { host: string; port: number }[] {
  return group.supervisors.map(({ host, port }) => ({ host, port }));
}

function optionsOf(group: Group, { onNodes, onSentinels, tls }: Access = {}) {
  return {
    sentinels: endpoints(group),
    name: MASTER_NAME,
    // A write that finds no master waits for one.
    maxRetriesPerRequest: null,
    ...onNodes,
    ...(onSentinels === undefined
      ? {}
      : { sentinelUsername: onSentinels.username, sentinelPassword: onSentinels.password }),
    ...(tls === undefined ? {} : { tls, sentinelTLS: tls, enableTLSForSentinelMode: true }),
  };
}

function wrapped(client: Redis | Valkey): Client {
  client.on('error', () => undefined);
  return {
    write: (key, value) => client.set(key, value),
    port: async () => portIn(await client.info('server')),
    end: () => client.disconnect(),
  };
}

/** The port with TLS where there is only that. */
function portIn(info: string): number {
  return Number(/^tcp_port:(\d+)\r$/m.exec(info)?.[1]);
}

async function portOf(client: Redis | Valkey): Promise<number> {
  const { port, end } = wrapped(client);
  try {
    return await port();
  } finally {
    await end();
  }
}

function sentinelOptionsOf(
  group: Group,
  { onNodes, onSentinels, tls }: Access = {},
): Parameters<typeof createSentinel>[0] {
  const socket = tls === undefined ? {} : { socket: { tls: true as const, ...tls } };
  return {
    name: MASTER_NAME,
    sentinelRootNodes: endpoints(group),
    nodeClientOptions: { ...onNodes, ...socket },
    sentinelClientOptions: { ...onSentinels, ...socket },
  };
}
