// What Sentinel tells the world about its decisions. Types and payload formats are Redis Sentinel's
// (documentation, section "Pub/Sub messages"): clients subscribe to them and parse them.

import type { Millis } from './types.js';

/** Debug events are logged only; warnings also start the notification script. */
export type EventLevel = 'debug' | 'verbose' | 'notice' | 'warning';

export interface SentinelEvent {
  readonly at: Millis;
  readonly level: EventLevel;
  /** The channel it is published on, such as `+switch-master`. */
  readonly type: string;
  /** The payload, byte for byte as Redis Sentinel words it. */
  readonly message: string;
  /** The name of the master concerned; null for events of the whole process. */
  readonly master: string | null;
}
