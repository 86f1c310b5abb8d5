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
  /** What may be written now is this, and then `#last` as often as `#times` says: the same again and again is put together at once. */
  #ready = '';
  #last = '';
  #times = 0;
  #slots: Slot[] = [];
  #heldBytes = 0;

  /** Bytes that may be written now. */
  get readyBytes(): number {
    return this.#ready.length + this.#last.length * this.#times;
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
      this.#append(text);
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
      this.#append(text);
      this.#append(behind);
      this.#heldBytes -= text.length + behind.length;
      filled++;
    }
    if (filled > 0) this.#slots.splice(0, filled);
  }

  /** Takes what may be written now. */
  take(): string {
    this.#append('');
    const text = this.#ready;
    this.#ready = '';
    return text;
  }

  #append(text: string): void {
    if (text !== this.#last) {
      this.#ready += this.#times === 1 ? this.#last : this.#last.repeat(this.#times);
      this.#last = text;
      this.#times = 0;
    }
    this.#times++;
  }
}
