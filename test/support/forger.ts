// Somebody who wants to mislead a group of Sentinels and cannot give commands: a client with the permission to PUBLISH on the
// data nodes and nothing else, and one that reaches the Sentinel ports. It knows what everybody can know: run ids, addresses, epochs.

import { type Group, MASTER_NAME } from './group.js';
import { RespConnection } from './resp-connection.js';

export type Channel = '__sentinel__:hello' | '__sentinel__:vote';

/** What a hello says, by default what a real supervisor of the group says. */
export interface Announcement {
  readonly host: string;
  readonly port: string | number;
  readonly runId: string;
  readonly currentEpoch: string | number;
  readonly masterName: string;
  readonly masterHost: string;
  readonly masterPort: string | number;
  readonly configEpoch: string | number;
}

const USER = 'application';
const PASSWORD = 'guessed';

export class Forger {
  /** What the group's supervisors say of themselves and of the master. */
  readonly truths: readonly Announcement[];
  readonly #nodes: readonly RespConnection[];
  readonly #sentinels: readonly RespConnection[];

  private constructor(
    truths: readonly Announcement[],
    nodes: readonly RespConnection[],
    sentinels: readonly RespConnection[],
  ) {
    this.truths = truths;
    this.#nodes = nodes;
    this.#sentinels = sentinels;
  }

  static async of(group: Group): Promise<Forger> {
    const nodes: RespConnection[] = [];
    for (const node of group.nodes) {
      await node.command('ACL', 'SETUSER', USER, 'on', `>${PASSWORD}`, '&*', '+publish');
      const connection = await RespConnection.open(node.port, { timeoutMillis: 5_000 });
      await connection.command('AUTH', USER, PASSWORD);
      nodes.push(connection);
    }
    const sentinels = await Promise.all(
      group.supervisors.map(({ port }) => RespConnection.open(port, { timeoutMillis: 5_000 })),
    );
    const truths = await Promise.all(
      group.supervisors.map(async (supervisor) => {
        const { 'config-epoch': configEpoch = '0', port = '' } = await supervisor.master(MASTER_NAME);
        return {
          host: '127.0.0.1',
          port: supervisor.port,
          runId: await supervisor.runId(),
          currentEpoch: configEpoch,
          masterName: MASTER_NAME,
          masterHost: '127.0.0.1',
          masterPort: port,
          configEpoch,
        };
      }),
    );
    return new Forger(truths, nodes, sentinels);
  }

  /** What the first of them says of itself. */
  get truth(): Announcement {
    const [first] = this.truths;
    if (first === undefined) throw new Error('the group has no supervisor');
    return first;
  }

  /** In the name of each supervisor: what it says itself, but for these fields. */
  inEveryName(lie: Partial<Announcement>): Announcement[] {
    return this.truths.map((truth) => ({ ...truth, ...lie }));
  }

  /** Publishes on every data node that still lives and at every Sentinel port that takes it, in order. */
  async publish(channel: Channel, payloads: readonly string[]): Promise<void> {
    const listeners = [...this.#nodes, ...this.#sentinels].filter(({ isClosed }) => !isClosed);
    await Promise.all(
      listeners.map((listener) =>
        // A node that dies meanwhile, or a Sentinel that refuses the channel, is no concern of a forger's.
        Promise.allSettled(payloads.map((payload) => listener.command('PUBLISH', channel, payload))),
      ),
    );
  }

  /** Gives one command at every Sentinel port and returns the replies, errors among them. */
  async ask(...words: readonly (string | number)[]): Promise<unknown[]> {
    return await Promise.all(this.#sentinels.map((one) => one.command(...words).catch((error: Error) => error)));
  }

  close(): void {
    for (const connection of [...this.#nodes, ...this.#sentinels]) connection.close();
  }
}

export function helloOf(said: Announcement): string {
  return [
    ...[said.host, said.port, said.runId, said.currentEpoch],
    ...[said.masterName, said.masterHost, said.masterPort, said.configEpoch],
  ].join(',');
}
