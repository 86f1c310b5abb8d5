// Which changes the disk has, and which it must have before others hear of them.
//
// Every change that must survive a restart bumps `version`. Changes that another process may act upon (an epoch, a vote, a
// configuration) also raise `spoken`: until the disk has that version, nothing that would tell of them leaves the process.
// Nothing is queued meanwhile. What is to be said is derived from the state again once the save completes.

import { CASUAL_SAVE_PERIOD, SAVE_RETRY } from './limits.js';
import type { Millis } from './types.js';

export class Durability {
  version = 0;
  saved = 0;
  /** The reason the last save failed; null once one has succeeded. */
  failure: string | null = null;
  consecutiveFailures = 0;
  saves = 0;
  /** How long the last successful save took. */
  lastDuration: Millis = 0;
  #spoken = 0;
  #inFlight: number | null = null;
  #begunAt: Millis = 0;
  #notBefore: Millis = 0;
  #urgent = 0;

  /** Something changed that should survive a restart, but that nobody acts upon. */
  touch(): void {
    this.version++;
  }

  /** Something changed that must be on disk before anybody is told. */
  touchBeforeSpeaking(): void {
    this.version++;
    this.#spoken = this.version;
    this.#urgent = this.version;
  }

  /** A client waits for this version: its save is not to be delayed. */
  hasten(version: number): void {
    this.#urgent = Math.max(this.#urgent, version);
  }

  /** Whether messages that mention epochs, votes or configurations may leave. */
  get canSpeak(): boolean {
    return this.saved >= this.#spoken;
  }

  get isDirty(): boolean {
    return this.saved < this.version;
  }

  /** The version to save now, or null: nothing to save, a save is in flight, or it is too early. */
  begin(now: Millis): number | null {
    if (this.#inFlight !== null || !this.isDirty || now < this.dueAt) return null;
    this.#inFlight = this.version;
    this.#begunAt = now;
    this.#notBefore = now + CASUAL_SAVE_PERIOD;
    return this.version;
  }

  /** When `begin` will have something to do. */
  get dueAt(): Millis {
    if (this.#inFlight !== null || !this.isDirty) return Number.POSITIVE_INFINITY;
    return this.failure === null && this.#urgent > this.saved ? 0 : this.#notBefore;
  }

  succeeded(version: number, now: Millis): void {
    if (this.#inFlight !== version) return;
    this.lastDuration = now - this.#begunAt;
    this.#inFlight = null;
    this.saved = version;
    this.failure = null;
    this.consecutiveFailures = 0;
    this.saves++;
  }

  failed(version: number, reason: string, now: Millis): void {
    if (this.#inFlight !== version) return;
    this.#inFlight = null;
    this.failure = reason;
    this.consecutiveFailures++;
    this.#notBefore = now + SAVE_RETRY;
  }
}
