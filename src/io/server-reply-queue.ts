// What is to be written to one client, in the order of its commands, although some replies are known later than those
// behind them. Text only: no socket, no encoding.

import type { Ticket } from '../core/effect.js';
import type { RespVersion } from '../protocol/resp-encoder.js';

/** A reply that is still owed, and everything that has to wait behind it. */
interface Slot {
  readonly ticket: Ticket;
  /** The version that was agreed when the command came. */
  readonly version: RespVersion;
  text: string | null;
  behind: string;
}

export class ReplyQueue {
  #ready = '';
  #slots: Slot[] = [];
  #heldBytes = 0;

  /** Bytes that may be written now. */
  get readyBytes(): number {
    return this.#ready.length;
  }

  /** Bytes that are known and wait behind a reply that is owed. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** How many replies are owed. */
  get owed(): number {
    return this.#slots.length;
  }

  append(text: string): void {
    const last = this.#slots.length === 0 ? undefined : this.#slots.at(-1);
    if (last === undefined) {
      this.#ready += text;
      return;
    }
    last.behind += text;
    this.#heldBytes += text.length;
  }

  defer(ticket: Ticket, version: RespVersion): void {
    this.#slots.push({ ticket, version, text: null, behind: '' });
  }

  /** Fills a slot with what `encode` makes of the reply; an unknown ticket is ignored. */
  resolve(ticket: Ticket, encode: (version: RespVersion) => string): void {
    const slot = this.#slots.find((candidate) => candidate.ticket === ticket);
    if (slot === undefined) return;
    slot.text = encode(slot.version);
    this.#heldBytes += slot.text.length;
    let filled = 0;
    for (const { text, behind } of this.#slots) {
      if (text === null) break;
      this.#ready += text + behind;
      this.#heldBytes -= text.length + behind.length;
      filled++;
    }
    if (filled > 0) this.#slots.splice(0, filled);
  }

  /** Takes what may be written now. */
  take(): string {
    const text = this.#ready;
    this.#ready = '';
    return text;
  }
}
