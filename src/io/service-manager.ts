// The directive `supervised`: telling the service manager that started us when we are ready and when we end.
//
// systemd listens on a Unix datagram socket, which Node.js has none of, so its own helper `systemd-notify` carries the messages.
// They come from another process then: the unit needs `NotifyAccess=all`. upstart waits for a process to stop itself.

import { spawn, spawnSync } from 'node:child_process';

import type { Supervised } from '../config/server-settings.js';
import type { Millis } from '../core/types.js';
import type { Logger } from './log.js';
import { toByteString } from './native-text.js';

export interface Supervision {
  /** Who is to be told; null for nobody. */
  readonly manager: 'systemd' | 'upstart' | null;
  /** Why somebody who was asked for is not told; a byte string. */
  readonly complaint: string | null;
}

const HELPER = 'systemd-notify';
/** A manager that takes no message within this time gets none. */
const READY_LIMIT: Millis = 10_000;
/** The end is held up by no more than this. */
const STOPPING_LIMIT: Millis = 1_000;
const UNSUPERVISED: Supervision = { manager: null, complaint: null };

/** Whom the directive means in this environment, by the same signs as Redis: NOTIFY_SOCKET and UPSTART_JOB. */
export function superviseBy(directive: Supervised, environment: NodeJS.ProcessEnv): Supervision {
  const { UPSTART_JOB, NOTIFY_SOCKET } = environment;
  const hasUpstart = Boolean(UPSTART_JOB);
  const hasSystemd = Boolean(NOTIFY_SOCKET);
  switch (directive) {
    case 'no':
      return UNSUPERVISED;
    case 'auto':
      if (hasUpstart) return { manager: 'upstart', complaint: null };
      return hasSystemd ? { manager: 'systemd', complaint: null } : UNSUPERVISED;
    case 'upstart':
      if (hasUpstart) return { manager: 'upstart', complaint: null };
      return { manager: null, complaint: 'upstart supervision requested, but UPSTART_JOB not found!' };
    case 'systemd':
      if (hasSystemd) return { manager: 'systemd', complaint: null };
      return { manager: null, complaint: 'systemd supervision requested, but NOTIFY_SOCKET not found!' };
  }
}

export class ServiceManager {
  readonly #manager: Supervision['manager'];
  readonly #log: Logger;

  constructor({ manager, complaint }: Supervision, log: Logger) {
    this.#manager = manager;
    this.#log = log;
    if (complaint !== null) log.write('warning', `WARNING ${complaint}`);
  }

  /** Everything listens. Returns at once; whether the message arrived is told in the log. */
  ready(): void {
    switch (this.#manager) {
      case null:
        return;
      case 'upstart':
        this.#log.write('notice', 'supervised by upstart, will stop to signal readiness');
        process.kill(process.pid, 'SIGSTOP');
        return;
      case 'systemd':
        return this.#tellReady();
    }
  }

  /** The process ends within this turn of the event loop: waits until the message is on its way, within limits. */
  stopping(): void {
    if (this.#manager !== 'systemd') return;
    const { error } = spawnSync(HELPER, ['--no-block', 'STOPPING=1'], { stdio: 'ignore', timeout: STOPPING_LIMIT });
    if (error !== undefined) this.#log.write('verbose', `systemd was not told about the end: ${error.message}`);
  }

  #tellReady(): void {
    // The helper says whose message it is, and stays until systemd has looked: only then can it be told whom it belongs to.
    const words = [`--pid=${process.pid}`, '--ready', '--status=Ready to accept connections'];
    const helper = spawn(HELPER, words, { stdio: ['ignore', 'ignore', 'pipe'], timeout: READY_LIMIT });
    let complaint = '';
    helper.stderr.setEncoding('latin1').on('data', (chunk: string) => {
      complaint += chunk;
    });
    helper.once('error', (error) => this.#warn(toByteString(error.message)));
    helper.once('close', (code, signal) => {
      if (code !== 0 && helper.pid !== undefined) this.#warn(`${signal ?? `status ${code}`} ${complaint.trim()}`);
    });
  }

  #warn(reason: string): void {
    const consequence = 'it may believe that the start has failed';
    this.#log.write('warning', `WARNING systemd was not told that we are ready (${reason}): ${consequence}`);
  }
}
