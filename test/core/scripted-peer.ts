// Another Sentinel reduced to its answers: who it is, whether it finds the master down, whom it votes for, what it believes.

import type { Address } from '../../src/core/types.js';
import { formatHello } from '../../src/protocol/hello.js';
import { ErrorReply, OK, type Reply, SimpleString } from '../../src/protocol/reply.js';
import { formatVote } from '../../src/protocol/vote.js';
import type { Party } from './stage.js';

export interface PeerConfigurationScript {
  address: Address;
  epoch: number;
  promisedEpoch: number;
  isReconfiguring: boolean;
}

export interface PeerScript {
  /** What it answers to `SENTINEL MYID`; null: it has no such command. */
  answersAs: string | null;
  /** A stock Sentinel refuses vote messages and knows no `SENTINEL CONFIGURATION`. */
  isStock: boolean;
  findsMasterDown: boolean;
  /** The candidate, nobody (`*`: its vote is not on disk yet), or a run id of somebody else. */
  votesFor: 'the candidate' | 'nobody' | string;
  configuration: PeerConfigurationScript;
  /** The stamp and the remaining milliseconds of the pause it knows; null: whatever it is told. */
  hold: readonly [stamp: number, remaining: number] | null;
  /** What it answers to `SENTINEL FORGET`. */
  forgetReply: Reply;
  /** Whom it lists as the other Sentinels it knows, and with which flags. */
  lists: { readonly runId: string; readonly address: Address; readonly flags: string }[];
  /** What it answers to `SENTINEL CONFIGURATION` instead of that; null: nothing else. */
  configurationReply: Reply | null;
}

export class ScriptedPeer implements Party {
  readonly runId: string;
  readonly address: Address;
  condition: Party['condition'] = 'up';
  readonly script: PeerScript;

  constructor(runId: string, address: Address, masterAddress: Address, script: Partial<PeerScript> = {}) {
    this.runId = runId;
    this.address = address;
    this.script = {
      answersAs: runId,
      isStock: false,
      findsMasterDown: false,
      votesFor: 'the candidate',
      configuration: { address: masterAddress, epoch: 0, promisedEpoch: 0, isReconfiguring: false },
      configurationReply: null,
      lists: [],
      forgetReply: OK,
      hold: null,
      ...script,
    };
  }

  /** The payload of a hello of this peer. */
  hello(
    told: Partial<{ masterName: string; currentEpoch: number; configEpoch: number; master: Address }> = {},
  ): string {
    return formatHello(this.#fields(told));
  }

  vote(
    verdict: 'sdown' | 'up',
    told: Partial<{ masterName: string; currentEpoch: number; configEpoch: number; master: Address }> = {},
  ): string {
    return formatVote({ ...this.#fields(told), verdict });
  }

  #fields(told: Partial<{ masterName: string; currentEpoch: number; configEpoch: number; master: Address }>) {
    const { configuration } = this.script;
    const { host, port } = told.master ?? configuration.address;
    return {
      host: this.address.host,
      port: this.address.port,
      runId: this.runId,
      currentEpoch: told.currentEpoch ?? configuration.epoch,
      masterName: told.masterName ?? 'mymaster',
      masterHost: host,
      masterPort: port,
      configEpoch: told.configEpoch ?? configuration.epoch,
    };
  }

  respond(commands: readonly (readonly string[])[]): Reply[] {
    return commands.map((command) => this.#answer(command));
  }

  #answer(command: readonly string[]): Reply {
    const [name = '', second = ''] = command;
    switch (name.toUpperCase()) {
      case 'PING':
        return new SimpleString('PONG');
      case 'PUBLISH':
        return this.script.isStock && second === '__sentinel__:vote'
          ? new ErrorReply('ERR Only HELLO messages are accepted by Sentinel instances.')
          : 1;
      case 'SENTINEL':
        return this.#sentinel(command);
      default:
        return new ErrorReply(`ERR unknown command '${name}', with args beginning with: `);
    }
  }

  #sentinel(command: readonly string[]): Reply {
    const { configuration, isStock, answersAs } = this.script;
    const [, subcommand = ''] = command;
    switch (subcommand.toUpperCase()) {
      case 'MYID':
        return answersAs ?? new ErrorReply("ERR unknown subcommand 'MYID'. Try SENTINEL HELP.");
      case 'SENTINELS':
        return this.script.lists.map(({ runId, address: { host, port }, flags }) => [
          ...['name', runId, 'ip', host, 'port', String(port), 'runid', runId, 'flags', flags],
        ]);
      case 'FORGET':
        return this.script.forgetReply;
      case 'HOLD':
        return isStock
          ? new ErrorReply("ERR unknown subcommand 'HOLD'. Try SENTINEL HELP.")
          : (this.script.hold ?? [Number(command[3]), Number(command[4])]);
      case 'IS-MASTER-DOWN-BY-ADDR':
        return this.#isMasterDown(command);
      case 'GET-MASTER-ADDR-BY-NAME':
        return [configuration.address.host, String(configuration.address.port)];
      case 'MASTER': {
        const flags = configuration.isReconfiguring ? 'master,failover_in_progress' : 'master';
        return ['name', 'mymaster', 'flags', flags, 'config-epoch', String(configuration.epoch)];
      }
      case 'CONFIGURATION': {
        if (isStock) return new ErrorReply("ERR unknown subcommand 'CONFIGURATION'. Try SENTINEL HELP.");
        if (this.script.configurationReply !== null) return this.script.configurationReply;
        const { address, epoch, promisedEpoch, isReconfiguring } = configuration;
        return [address.host, address.port, epoch, promisedEpoch, epoch, isReconfiguring ? 1 : 0];
      }
      default:
        return OK;
    }
  }

  #isMasterDown(command: readonly string[]): Reply {
    const { votesFor, findsMasterDown } = this.script;
    const [, , , , epochText = '0', candidate = '*'] = command;
    const down = findsMasterDown ? 1 : 0;
    if (candidate === '*' || votesFor === 'nobody') return [down, '*', 0];
    return [down, votesFor === 'the candidate' ? candidate : votesFor, Number(epochText)];
  }
}
