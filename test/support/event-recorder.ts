// Records every event that one Sentinel publishes on its port, with the moment it arrived.

import { now } from './clock.js';
import { RespConnection, type RespConnectionOptions } from './resp-connection.js';

/** Right after a start there is much to do, and on a busy machine a second is not long. */
const SUBSCRIPTION_LIMIT = 10_000;

export interface RecordedEvent {
  readonly at: number;
  /** The Sentinel that published it. */
  readonly source: string;
  readonly channel: string;
  readonly payload: string;
}

export class EventRecorder {
  readonly events: RecordedEvent[] = [];
  /** When each life of the Sentinel began to be recorded. */
  readonly livesSince: number[] = [];
  readonly #source: string;
  #connection: RespConnection | null = null;

  constructor(source: string) {
    this.#source = source;
  }

  /** Subscribes to everything; what was recorded before is kept. `onEvent` sees each event as it arrives. */
  async subscribe(
    port: number,
    onEvent: (event: RecordedEvent) => void = () => undefined,
    options: RespConnectionOptions = {},
  ): Promise<void> {
    this.close();
    const connection = await RespConnection.open(port, { timeoutMillis: SUBSCRIPTION_LIMIT, ...options });
    connection.onMessage = (channel, payload) => {
      const event = { at: now(), source: this.#source, channel, payload };
      this.events.push(event);
      onEvent(event);
    };
    await connection.command('PSUBSCRIBE', '*');
    this.livesSince.push(now());
    this.#connection = connection;
  }

  /** The events of one channel in the order they came. */
  on(channel: string): readonly RecordedEvent[] {
    return this.events.filter((event) => event.channel === channel);
  }

  close(): void {
    this.#connection?.close();
    this.#connection = null;
  }
}

/** One line an event, each with its milliseconds since `start`, in the order of time. */
export function timeline(events: readonly RecordedEvent[], start: number): string {
  return [...events]
    .sort((a, b) => a.at - b.at)
    .map(
      (event) => `${(event.at - start).toFixed(0).padStart(8)} ms  ${event.source}  ${event.channel} ${event.payload}`,
    )
    .join('\n');
}
