// A simulated operator: connects to a Sentinel's port, gives one command, and notes the answer in the trace.

import { type Address, addressKey } from '../../src/core/types.js';
import { ErrorReply, type Reply, SimpleString } from '../../src/protocol/reply.js';
import type { Agenda } from './agenda.js';
import type { Machine, Network } from './network.js';
import { Pipe } from './pipe.js';
import { Process } from './process.js';
import type { Trace } from './trace.js';
import type { Command } from './wire.js';

export class Operator extends Process {
  readonly #network: Network;
  readonly #trace: Trace;

  constructor(machine: Machine, agenda: Agenda, network: Network, trace: Trace) {
    super('operator', machine, agenda);
    this.#network = network;
    this.#trace = trace;
  }

  protected started(): void {
    this.#trace.line(this.name, 'start', '');
  }

  protected died(): void {
    this.#trace.line(this.name, 'died', '');
  }

  /** Nobody waits for the answer; a lost connection is noted and no more. */
  tell(address: Address, command: Command, answered: (reply: Reply) => void = () => undefined): void {
    const options = { address, credentials: null, clientName: this.name, wantsResp3: false };
    const pipe: Pipe = new Pipe(this, this.#network, options, {
      opened: () => {
        pipe.send([command], ([reply = null]) => {
          pipe.close();
          this.#trace.line(this.name, command.join(' '), `${addressKey(address)} says ${words(reply)}`);
          answered(reply);
        });
        pipe.flush();
      },
      closed: (reason) => this.#trace.line(this.name, command.join(' '), `${addressKey(address)}: ${reason}`),
      message: () => undefined,
    });
  }
}

const MAX_WORDS = 80;

function words(reply: Reply): string {
  if (reply instanceof ErrorReply) return reply.message;
  if (reply instanceof SimpleString) return reply.value;
  return JSON.stringify(reply).slice(0, MAX_WORDS);
}
