// A DNS server for the hosts of a test: it knows one address for every name, and can be told to answer nothing or that nothing exists.

import { createSocket, type Socket } from 'node:dgram';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { removeAtExit } from './leftovers.js';
import type { Host } from './network.js';

export type NameServerMode = 'answers' | 'hangs' | 'denies';

const PORT = 53;
const HEADER_BYTES = 12;
const [TYPE_A, CLASS_IN, LIFETIME_SECONDS] = [1, 1, 0];
const [RESPONSE, NO_SUCH_NAME] = [0x8180, 0x8183];

export class NameServer {
  mode: NameServerMode = 'answers';
  /** How many questions came in the present mode or an earlier one. */
  questions = 0;
  readonly #socket: Socket;
  readonly #answer: Buffer;
  readonly #configurations: { readonly directory: string; readonly forget: () => void }[] = [];

  private constructor(socket: Socket, address: string) {
    this.#socket = socket;
    this.#answer = Buffer.from(address.split('.').map(Number));
    socket.on('message', (question, sender) => {
      this.questions++;
      if (this.mode !== 'hangs') socket.send(this.#reply(question), sender.port, sender.address);
    });
  }

  /** Serves at `at`, the harness's own address among the hosts; every name has the address `answer`. */
  static async start(at: string, answer: string): Promise<NameServer> {
    const socket = createSocket('udp4');
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.bind(PORT, at, resolve);
    });
    return new NameServer(socket, answer);
  }

  /** Processes that enter the host from now on ask this server; `ip netns exec` puts the file in place. */
  configure({ namespace }: Host): void {
    const directory = join('/etc/netns', namespace);
    mkdirSync(directory, { recursive: true });
    const forget = removeAtExit({ directory }, () => rmSync(directory, { recursive: true, force: true }));
    this.#configurations.push({ directory, forget });
    writeFileSync(join(directory, 'resolv.conf'), `nameserver ${this.#socket.address().address}\n`);
  }

  close(): void {
    for (const { directory, forget } of this.#configurations) {
      rmSync(directory, { recursive: true, force: true });
      forget();
    }
    this.#socket.close();
  }

  /** The question with an answer behind it, for IPv4 addresses; other types exist and have none. */
  #reply(question: Buffer): Buffer {
    const end = question.indexOf(0, HEADER_BYTES) + 5;
    const reply = Buffer.from(question.subarray(0, end));
    const isKnown = this.mode === 'answers' && question.readUInt16BE(end - 4) === TYPE_A;
    reply.writeUInt16BE(this.mode === 'denies' ? NO_SUCH_NAME : RESPONSE, 2);
    reply.writeUInt16BE(isKnown ? 1 : 0, 6);
    reply.writeUInt32BE(0, 8);
    if (!isKnown) return reply;
    const record = Buffer.alloc(HEADER_BYTES);
    record.writeUInt16BE(0xc000 | HEADER_BYTES, 0);
    record.writeUInt16BE(TYPE_A, 2);
    record.writeUInt16BE(CLASS_IN, 4);
    record.writeUInt32BE(LIFETIME_SECONDS, 6);
    record.writeUInt16BE(this.#answer.length, 10);
    return Buffer.concat([reply, record, this.#answer]);
  }
}
